"""``tui-trainer sweep`` and what resume, stop and delete do with a sweep."""

from __future__ import annotations

import csv
import json
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from engine.store.runs import RunStore
from engine.sweep import launcher
from engine.sweep.runner import Runner
from engine.sweep.store import Sweep, SweepStore
from tests.patience import PATIENCE
from tui_trainer.cli import main

SMALL = ("sweep", "iris", "--epochs", "4", "--seeds", "3", "--workers", "1")
GRID = (*SMALL, "--over", "training.learning_rate=.1,.001", "--over", "network.units=[2],[4, 3]")


@pytest.fixture
def worked_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process work on sweeps, which spares the start of another one for each."""

    def launch(sweep: Sweep, **_: object) -> Ended:
        with sweep.lock():
            Runner(sweep, None).run()
        return Ended()

    monkeypatch.setattr(launcher, "launch", launch)


class Ended:
    """A process that has ended."""

    def poll(self) -> int:
        return 0


def call(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert main(arguments) == status
    return capsys.readouterr().out


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.usefixtures("worked_here")
def test_the_json_lines_are_those_of_the_contract_and_their_numbers_those_of_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    head, *trials, last = lines(call(capsys, *GRID, "--name", "mine", "--json"))
    assert head == {"kind": "sweep", "trials": 4, "seeds": [42, 43, 44]}
    cells = [(rate, units) for rate in (0.1, 0.001) for units in ([2], [4, 3])]
    assert [tuple(trial["values"].values()) for trial in trials] == cells
    assert set(trials[0]) == {"kind", "values", "train", "validation"}
    run = ("run", "iris", "--headless", "--json", "--epochs", "4", "--seeds", "3")
    changes = ("--set", "training.learning_rate=.001", "--set", "network.units=[4, 3]")
    epoch = [line for line in lines(call(capsys, *run, *changes)) if line["kind"] == "epoch"][-1]
    assert trials[3]["train"] == epoch["train"]
    assert trials[3]["validation"] == epoch["validation"]
    best = min(trials, key=lambda trial: statistics.median(trial["validation"]["loss"]))
    assert last == {"kind": "finished", "best": best["values"], "by": "validation.loss"}
    assert lines(call(capsys, "sweep", "mine", "--json")) == [head, *trials, last]
    assert lines(call(capsys, "resume", "mine", "--json")) == [head, *trials, last]


@pytest.mark.usefixtures("worked_here")
def test_the_table_has_the_best_first_and_says_how_far_seeds_lie_apart(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "results.csv"
    out = call(capsys, *GRID, "--output", str(table))
    head, *body = out.splitlines()
    assert head.split()[:3] == ["trial", "learning_rate", "units"]
    losses = [float(line.split()[3]) for line in body[:4]]
    assert losses == sorted(losses)
    assert "its 3 seeds alone reach from" in out
    assert "too few to tell it from the seeds' own spread" in out
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert len(rows) == 4 * 3
    assert {row["seed"] for row in rows} == {"42", "43", "44"}
    assert {row["network.units"] for row in rows} == {"[2]", "[4, 3]"}


@pytest.mark.usefixtures("worked_here")
def test_a_sweep_is_listed_extended_and_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    draws = (*SMALL, "--over", "training.learning_rate=1e-4..1e-1:log", "--json")
    *before, _ = lines(call(capsys, *draws, "--trials", "2"))
    *after, _ = lines(call(capsys, "sweep", "iris-sweep-1", "--trials", "4", "--json"))
    assert [trial["values"] for trial in after[1:3]] == [trial["values"] for trial in before[1:]]
    assert len(after) == 1 + 4
    call(capsys, "sweep", "iris-sweep-1", "--trials", "4", status=2)
    (listed,) = lines(call(capsys, "sweep", "--json"))
    assert (listed["sweep"], listed["state"], listed["trials"], listed["ended"]) == ("iris-sweep-1", "finished", 4, 4)
    assert "iris-sweep-1" in call(capsys, "sweep")
    assert call(capsys, "delete", "iris-sweep-1", "--yes") == "sweep iris-sweep-1: deleted\n"
    assert SweepStore().all_sweeps() == []


@pytest.mark.usefixtures("worked_here")
def test_the_boundaries_of_two_columns_are_drawn_and_others_have_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    picture = tmp_path / "moons.svg"
    moons = (
        "sweep",
        "plants-moons",
        "--epochs",
        "2",
        "--seeds",
        "1",
        "--workers",
        "1",
        "--over",
        "network.units=[1],[2]",
    )
    assert "nothing to choose by: the recipe sets no validation rows aside" in call(
        capsys, *moons, "--output", str(picture)
    )
    assert picture.read_text().count("<path") > 4
    call(capsys, *SMALL, "--over", "training.l2=0", "--output", str(tmp_path / "iris.svg"), status=2)
    assert not (tmp_path / "iris.svg").exists()


@pytest.mark.usefixtures("worked_here")
def test_further_values_of_a_grid_cross_with_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    call(capsys, *GRID, "--name", "mine")
    call(capsys, "sweep", "mine", "--over", "training.learning_rate=.01", "--workers", "1")
    trials = SweepStore().open("mine").description().trials()
    assert [tuple(trial.values()) for trial in trials[4:]] == [(0.01, [2]), (0.01, [4, 3])]


def test_ctrl_c_stops_it_and_resume_ends_with_the_lines_of_an_undisturbed_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for epochs in (3_000, 30_000, 300_000):  # where the machine let nobody interrupt it in time, a longer one
        over = ("--over", f"training.epochs=5,{epochs},6")  # it is at the second one when it is told to end
        slow = ("sweep", "iris", "--seeds", "2", "--workers", "1", "--json", *over)
        told = interrupted_after_a_trial(*slow, "--name", f"cut-{epochs}")
        if "goes on" in told:
            break
    assert f"tui-trainer resume cut-{epochs} goes on" in told
    assert not SweepStore().open(f"cut-{epochs}").is_locked()
    resumed = call(capsys, "resume", f"cut-{epochs}", "--json")
    assert resumed == call(capsys, *slow, "--name", "whole")


def interrupted_after_a_trial(*arguments: str) -> str:
    """Interrupt a sweep once a trial of it has ended; return what it says on stderr."""
    command = [sys.executable, "-m", "tui_trainer", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while json.loads(process.stdout.readline())["kind"] != "trial":
        pass
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return told


def test_stop_ends_a_sweep_that_nobody_looks_at(capsys: pytest.CaptureFixture[str]) -> None:
    endless = ("sweep", "xor", "--seeds", "1", "--workers", "1", "--over", "training.epochs=3,100000000")
    assert call(capsys, *endless, "--detach") == "xor-sweep-1\n"
    sweep = SweepStore().open("xor-sweep-1")
    deadline = time.monotonic() + PATIENCE
    while not sweep.trials.ended()[0]:
        assert time.monotonic() < deadline, sweep.log_path.read_text()
        time.sleep(0.01)
    assert main(["delete", "xor-sweep-1", "--yes"]) == 1
    assert "stopped after 1 of 2 trials; tui-trainer resume xor-sweep-1 goes on" in call(capsys, "stop", "xor-sweep-1")
    call(capsys, "stop", "xor-sweep-1", status=2)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("iris",), "expected --over PATH=VALUES"),
        (("nonsense",), "there is neither a preset nor a sweep 'nonsense'"),
        (("iris", "--over", "training.nope=1"), "--over training.nope: there is no 'nope'"),
        (("iris", "--over", "training.learning_rate=-1,1"), "learning_rate: expected a number above 0 (got -1)"),
        (
            ("iris", "--over", "training.learning_rate=1e-4..1:log"),
            "a range is drawn from; expected a number of trials",
        ),
        (("iris", "--over", "training.l2=0", "--name", "iris"), "a preset has this name"),
        (("iris", "--over", "training.l2=0", "--name", "Mine"), "mine would do"),
        (("iris", "--over", "training.l2=0", "--output", "x.txt"), "expected a file that ends in .csv or .json"),
        (("iris", "--over", "training.l2=0", "--workers", "2", "--dask", "x"), "expected one of them"),
        (("loan-neuron", "--over", "network.layers.0.units=1"), "training.epochs: expected at least 1"),
    ],
)
def test_what_cannot_be_swept_is_one_line_and_leaves_nothing_behind(
    arguments: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", *arguments]) == 2
    told = capsys.readouterr().err
    assert complaint in told
    assert told.count("\n") == 1
    assert SweepStore().all_sweeps() == []
    assert RunStore().all_runs() == []


@pytest.mark.usefixtures("worked_here")
def test_an_error_of_the_data_fails_each_trial_and_the_sweep(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    recipe = tmp_path / "gone.toml"
    text = call(capsys, "presets", "iris").replace('source = "iris"', 'source = "gone.csv"\ntarget = "kind"')
    recipe.write_text(text)
    out = call(capsys, "sweep", str(recipe), "--over", "training.l2=0,.1", "--seeds", "1", "--workers", "1", status=1)
    assert "gone.csv: cannot be read" in out
    assert "nothing to choose from" in out
