from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tui_trainer.cli.help_text import HELP
from tui_trainer.cli.program import program
from tui_trainer.cli.worker_need import WITHOUT_WORKER

WRITE_AGAIN = "the commands have changed: run `python docs/help_text.py`"
AS_A_USER = ("-P", "-m", "tui_trainer", "--help")
BY_CLICK = ("-c", "from tui_trainer.cli.program import main; main(['--help'])")


def printed(arguments: tuple[str, ...], columns: int) -> str:
    command = [sys.executable, *arguments]
    environment = os.environ | {"COLUMNS": str(columns)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_the_help_is_what_click_prints_in_any_width(columns: int) -> None:
    assert printed(AS_A_USER, columns) == printed(BY_CLICK, columns), WRITE_AGAIN


def test_the_help_is_printed_without_importing_click() -> None:
    code = "import sys; from tui_trainer.cli import main; main(['-h']); sys.exit('click' in sys.modules)"
    printed_at_once = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed_at_once == HELP


def test_each_command_either_starts_a_worker_or_is_known_to_need_none() -> None:
    assert set(program.commands) - WITHOUT_WORKER == {"attach", "learn", "resume", "run"}
    assert set(program.commands) >= WITHOUT_WORKER
