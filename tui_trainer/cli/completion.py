"""``tui-trainer completion``: what makes a shell complete our commands; click writes it, and answers it."""

from __future__ import annotations

import click

from tui_trainer.cli.worker_need import COMPLETION_VARIABLE

SHELLS = ("bash", "zsh", "fish")
HOW_TO = """\b
bash: echo 'eval "$(tui-trainer completion bash)"' >> ~/.bashrc
zsh:  echo 'eval "$(tui-trainer completion zsh)"' >> ~/.zshrc
fish: tui-trainer completion fish > ~/.config/fish/completions/tui-trainer.fish
"""


@click.command(epilog=HOW_TO)
@click.argument("shell", type=click.Choice(SHELLS), metavar="|".join(SHELLS))
def completion(shell: str) -> None:
    """Print what makes a shell complete what you type."""
    from click.shell_completion import ShellComplete, get_completion_class

    program = click.get_current_context().find_root()
    maker = get_completion_class(shell)
    if maker is None:
        raise click.UsageError(f"completion: click knows no {shell}")
    # Not bash's own source(): that starts the bash at hand to learn its version, which need not be the user's.
    script = ShellComplete.source(maker(program.command, {}, "tui-trainer", COMPLETION_VARIABLE))
    click.echo(_WITHOUT_SPACE[shell](script) if shell in _WITHOUT_SPACE else script)


def _without_space_in_bash(script: str) -> str:
    """Let no space follow a path of ``--set``, whose value comes next."""
    no_space = "    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n\n    return 0"
    return script.replace("    return 0", no_space, 1)


def _without_space_in_zsh(script: str) -> str:
    """Let no space follow a path of ``--set``, whose value comes next."""
    all_alike = "        compadd -U -V unsorted -a completions"
    paths = "        compadd -U -V unsorted -S '' -- ${(M)completions:#*=}"
    return script.replace(all_alike, f"{paths}\n        compadd -U -V unsorted -- ${{completions:#*=}}", 1)


_WITHOUT_SPACE = {"bash": _without_space_in_bash, "zsh": _without_space_in_zsh}
"""What a shell's script needs for it; fish adds none after an equals sign."""
