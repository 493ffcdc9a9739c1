"""The program ``tui-trainer``: which commands there are, and what becomes of their errors."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from engine.errors import InputError, TrainerError, nearest, sanitize
from tui_trainer.cli import suggestions, terminal
from tui_trainer.cli.attach import attach
from tui_trainer.cli.check import check
from tui_trainer.cli.compare import compare
from tui_trainer.cli.completion import completion
from tui_trainer.cli.doctor import doctor
from tui_trainer.cli.exam import exam
from tui_trainer.cli.explain import explain
from tui_trainer.cli.export import export
from tui_trainer.cli.lab import lab
from tui_trainer.cli.learn import learn
from tui_trainer.cli.predict import predict
from tui_trainer.cli.presets import presets
from tui_trainer.cli.resume import resume
from tui_trainer.cli.run import run
from tui_trainer.cli.serve import serve
from tui_trainer.cli.stop import stop
from tui_trainer.cli.stored_runs import delete, prune, rename, runs
from tui_trainer.cli.sweep import sweep
from tui_trainer.cli.verdicts import verdicts
from tui_trainer.cli.watch import watch

NAME = "tui-trainer"
FAILED, BAD_INPUT, FORCED = 1, 2, 130


class Program(click.Group):
    """Commands; anything else is the preset of a ``run``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read ``tui-trainer x`` as ``tui-trainer run x`` unless x is a command or one of the program's options."""
        words = (*self.commands, *(option for parameter in self.get_params(ctx) for option in parameter.opts))
        if not args or args[0] not in words:
            if ctx.resilient_parsing and not args:  # a first word is being completed: a command, or what run takes
                return super().parse_args(ctx, args)
            if args and not ctx.resilient_parsing:
                self._check_word(args[0], wants_help=not set(ctx.help_option_names).isdisjoint(args))
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what the first word may become: a command, an option, a preset, a file."""
        words = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            return words
        words += suggestions.presets(ctx, None, incomplete)
        return words or suggestions.recipes(ctx, None, incomplete)

    def _check_word(self, word: str, *, wants_help: bool) -> None:
        """Refuse a word that is neither a command nor a preset where it looks like a command, or is asked for help.

        Raises:
            click.UsageError: One line with the nearest command or preset.
        """
        close = difflib.get_close_matches(word, self.commands, n=1)
        if word.startswith("-") or os.sep in word or Path(word).suffix or not (close or wants_help):
            return
        import presets

        names = presets.names()
        if word not in names and not presets.is_data(word):
            near = f"; did you mean the command {close[0]}?" if close else nearest(word, names)
            hint = near or "; tui-trainer --help lists the commands, tui-trainer presets the presets"
            raise click.UsageError(f"there is no command or preset {sanitize(repr(word), 60)}{hint}")


@click.group(
    cls=Program,
    commands=[
        run,
        learn,
        presets,
        check,
        lab,
        runs,
        attach,
        watch,
        resume,
        stop,
        exam,
        verdicts,
        compare,
        sweep,
        explain,
        predict,
        export,
        rename,
        delete,
        prune,
        doctor,
        completion,
        serve,
    ],
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="",
    subcommand_metavar="[PRESET | FILE.toml | DATA | COMMAND …]",
    epilog="A preset or a file opens and trains at once, as `run` does; without either, breast-cancer.",
)
@click.version_option(package_name=NAME, message="%(prog)s %(version)s")
def program() -> None:
    """Watch and steer a neural network while it learns, from a terminal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status; an error is one line on stderr, never a traceback.

    A reader of stdout that has left (``| head``) is no error: click then exits quietly, with status 1.
    """
    if not terminal.prepare_streams():
        return _complain("stdout is closed: there is nothing to print to", FAILED)
    try:
        return program.main(arguments, prog_name=NAME, standalone_mode=False) or 0
    except (click.ClickException, TrainerError, OSError) as error:
        return _complain(*_line_and_status(error))
    except (click.Abort, KeyboardInterrupt):
        return FORCED


def _line_and_status(error: click.ClickException | TrainerError | OSError) -> tuple[object, int]:
    if isinstance(error, click.ClickException):
        return error.format_message(), BAD_INPUT
    if isinstance(error, TrainerError):
        return error, BAD_INPUT if isinstance(error, InputError) else FAILED
    if error.filename is not None:
        return f"{error.filename}: {error.strerror}", FAILED
    terminal.forget_stdout()
    return f"stdout cannot be written ({error.strerror})", FAILED


def _complain(error: object, status: int) -> int:
    click.echo(f"{NAME}: {sanitize(error, 1000)}", err=True)
    return status
