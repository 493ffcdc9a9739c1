"""The README's promises that a machine can check."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import pytest

from tui_trainer.cli.program import program

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def commands() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", section("Quick start"), re.DOTALL | re.MULTILINE)


def test_the_quick_start_is_two_commands_of_one_line_each() -> None:
    assert section("Quick start").count("```") == 4
    install, test = commands()
    assert install.endswith(".venv/bin/tui-trainer\n")
    assert test.endswith("-m pytest\n")
    assert (install + test).count("\n") == 2


def test_ci_calls_the_second_word_for_word() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    extract = re.search(r"^tests=\$\(.*?README\.md\)$", script, re.DOTALL | re.MULTILINE)
    assert extract
    done = subprocess.run(
        ["bash", "-c", f'{extract[0]}; echo "$tests"'], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == commands()[1]


@pytest.mark.parametrize("name", sorted(name for name, command in program.commands.items() if not command.hidden))
def test_every_command_is_listed_with_its_arguments(name: str) -> None:
    command = program.commands[name]
    (line,) = re.findall(rf"^tui-trainer ({name}\b.*?)  ", section("Commands"), re.MULTILINE)
    shown = [
        parameter.make_metavar(click.Context(command))
        for parameter in command.params
        if isinstance(parameter, click.Argument)
    ]
    assert re.sub(r"[\s.\[\]]|toml", "", line) == re.sub(r"[\s.\[\]]|toml", "", " ".join([name, *shown]))


def test_what_it_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([\w./]+)\)", README):
        assert (ROOT / target).exists()
