"""Verdicts of runs in the store, and how the command prints them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import presets
from engine.judgement.stored import stored_verdicts
from engine.store.runs import Run, RunStore
from engine.training.trainer import Trainer
from tui_trainer.cli import main

SETTINGS = {"training.epochs": 3}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that was trained for three epochs on inputs that are not scaled."""
    monkeypatch.setenv("TUI_TRAINER_HOME", str(tmp_path))
    spec = presets.load("mistake-unscaled", set=SETTINGS)
    run = RunStore(tmp_path).create(spec, [42], name="unscaled")
    run.metrics.append(1, Trainer(spec).advance(3)[:, :, :])
    run.metrics.record_state(state="finished", epoch=3)
    run.metrics.close()
    return run


def test_a_stored_run_is_judged_as_far_as_its_history_reaches(run: Run) -> None:
    first = stored_verdicts(run)[0]
    assert (first.name, first.since, first.until) == ("unscaled-inputs", 0, None)


def test_the_command_prints_a_line_a_verdict(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verdicts", run.name, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["name"] for line in lines] == [verdict.name for verdict in stored_verdicts(run)]
    assert list(lines[0]) == ["kind", "name", "since", "until", "evidence", "try"]


def test_the_command_says_what_to_try(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verdicts", run.name]) == 0
    assert "try: scale the inputs" in capsys.readouterr().out
