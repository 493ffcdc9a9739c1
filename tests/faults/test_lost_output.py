"""Stdout that cannot be written, no home directory, a store on a full disk: one line, and nothing goes on alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.store.runs import RunStore
from engine.worker import launcher
from presets import load
from tests.patience import PATIENCE
from tests.stories.runs import wait_for

PROGRAM = [sys.executable, "-P", "-m", "tui_trainer"]
ENDLESS = ["run", "breast-cancer", "--json", "--epochs", "100000", "--pace", "50"]


def told(arguments: list[str], *, stdout: str = "> /dev/full", **environment: str) -> tuple[int, list[str]]:
    """Run the program with its stdout led elsewhere by a shell; return its status and its lines on stderr."""
    command = ["sh", "-c", f'exec "$@" {stdout}', "sh", *PROGRAM, *arguments]
    ended = subprocess.run(
        command, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False, env={**os.environ, **environment}
    )
    return ended.returncode, ended.stderr.splitlines()


def test_a_run_whose_lines_find_no_room_is_stopped() -> None:
    status, lines = told(ENDLESS)
    assert (status, lines[-1]) == (1, "tui-trainer: stdout cannot be written (No space left on device)")
    (run,) = RunStore().runs()
    wait_for(lambda: not run.is_locked())
    assert run.summary().state == "stopped"


def test_a_closed_stdout_begins_nothing() -> None:
    assert told(ENDLESS, stdout=">&-") == (1, ["tui-trainer: stdout is closed: there is nothing to print to"])
    assert RunStore().runs() == []


@pytest.mark.parametrize("arguments", [["runs", "--json"], ["presets"], ["--help"]])
def test_other_commands_say_so_too(arguments: list[str]) -> None:
    RunStore().create(load("xor"), [1])
    assert told(arguments) == (1, ["tui-trainer: stdout cannot be written (No space left on device)"])


def test_an_exam_counts_when_it_was_shown() -> None:
    status, _ = told(["run", "breast-cancer", "--json", "--epochs", "1"], stdout="> /dev/null")
    assert status == 0
    (run,) = RunStore().runs()
    for arguments in (["exam", run.name], ["exam", run.name, "--json"]):
        assert told(arguments)[0] == 1
        assert run.metrics.exams() == []
    shown = subprocess.run([*PROGRAM, "exam", run.name, "--json"], capture_output=True, timeout=PATIENCE, check=True)
    assert "loss" in json.loads(shown.stdout)
    assert len(run.metrics.exams()) == 1


def test_a_character_that_the_terminal_has_not_is_replaced() -> None:
    arguments = ["run", "breast-cancer", "--headless", "--epochs", "1"]
    status, lines = told(arguments, stdout="> /dev/null", PYTHONIOENCODING="latin-1:strict")
    assert status == 0
    assert all("Traceback" not in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "variable"), [(["runs"], "TUI_TRAINER_HOME"), (["presets"], "TUI_TRAINER_CONFIG")]
)
def test_an_unknown_home_is_one_line_with_the_cure(arguments: list[str], variable: str) -> None:
    status, (line,) = told(arguments, stdout="> /dev/null", **{variable: "~nosuchuser/x"})
    assert status == 2
    assert line.startswith("tui-trainer: no home directory is known")
    assert variable in line


def test_a_run_that_finds_the_disk_full_at_its_start_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run = RunStore(tmp_path).create(load("xor"), [1])
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=20_000))
    error = launcher.exit_error(run, 1)
    assert isinstance(error, InputError)  # with which what begun a run deletes it again
    assert "no space left" in str(error)
    assert "20 kB are free" in str(error)
