"""Runs kept in order from the command line: listed, sorted, renamed, deleted, pruned; nothing is lost unasked."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Sequence

import numpy as np
import pytest

import presets
from engine.store.runs import Run, RunStore
from engine.sweep.store import Sweep, SweepStore
from tests.engine.sweep.small import small_sweep
from tests.engine.worker.reported import make_reported
from tui_trainer.cli import main

DAY = 86_400


def make(name: str, *, days: float = 0, losses: Sequence[float] = (), parent: str | None = None, **set_: object) -> Run:
    """Return a finished run, last written to so many days ago, with these validation losses and scores of a tenth."""
    spec = presets.load("xor", set={path.replace("__", "."): value for path, value in set_.items()})
    run = RunStore().create(spec, [1], name=name, parent=parent)
    if losses:
        rows = np.array([[[loss, loss / 10, loss, loss / 10, 0.1]] for loss in losses])
        run.metrics.append(1, rows)
        run.metrics.record_state(state="finished")
        run.metrics.close()
    for path in run.path.iterdir():
        os.utime(path, (time.time() - days * DAY,) * 2)
    return run


def call(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> tuple[list[str], list[str]]:
    """Return what the program printed, by lines, to stdout and to stderr."""
    assert main(arguments) == status
    captured = capsys.readouterr()
    return captured.out.splitlines(), captured.err.splitlines()


def names() -> set[str]:
    return {run.name for run in RunStore().all_runs()}


def test_the_list_says_what_tells_runs_apart(capsys: pytest.CaptureFixture[str]) -> None:
    make("first", days=3, losses=[0.5, 0.25])
    make("second", parent="first@30", training__epochs=5, network__units=[4])
    (head, *rows), _ = call(capsys, "runs")
    listed = {row.split()[0]: row for row in rows}
    assert head.split()[:4] == ["run", "preset", "state", "epoch"]
    assert listed["first"].split() == [
        *("first", "xor", "finished", "2", "200", "0.2500", "0.0250", "3", "days"),
        *(f"{-(-RunStore().open('first').size() // 1000)}", "kB"),
    ]
    assert listed["second"].split()[-3:] == ["units=[4,1]", "epochs=5", "first@30"]


def test_an_end_that_is_not_known_is_left_open(capsys: pytest.CaptureFixture[str]) -> None:
    make_reported(RunStore(), "theirs")
    make("ours", losses=[0.5])
    make("forward-only", training__epochs=0)
    (head, *rows), _ = call(capsys, "runs")
    at = head.index(" epochs ") + 1
    ends = {row.split()[0]: row[at : at + len("epochs")] for row in rows}
    assert ends == {"theirs": "     —", "ours": "   200", "forward-only": "     0"}


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("age", ["a", "c", "b"]),
        ("name", ["a", "b", "c"]),
        ("loss", ["b", "c", "a"]),
        ("score", ["c", "b", "a"]),
    ],
)
def test_it_is_sorted_as_wished(order: str, expected: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    make("a")
    make("b", days=2, losses=[0.1])
    make("c", days=1, losses=[0.3])
    (_, *rows), _ = call(capsys, "runs", "--sort", order)
    assert [row.split()[0] for row in rows] == expected


def test_a_run_gets_another_name(capsys: pytest.CaptureFixture[str]) -> None:
    make("a")
    assert call(capsys, "rename", "a", "b") == (["b"], [])
    assert call(capsys, "rename", "b", "b") == (["b"], [])
    assert names() == {"b"}
    _, (line,) = call(capsys, "rename", "b", "My_Run", status=2)
    assert "my-run would do" in line


def make_sweep(name: str, *, days: float = 0) -> Sweep:
    """Return a sweep nobody has worked on, made so many days ago."""
    sweep = small_sweep(name=name)
    os.utime(sweep.path / "sweep.json", (time.time() - days * DAY,) * 2)
    return sweep


def test_sweeps_stand_below_the_runs_and_not_among_the_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    make_sweep("b-sweep", days=1)
    make_sweep("a-sweep")
    out, errors = call(capsys, "runs")
    assert [line.split()[0] for line in out] == ["sweep", "a-sweep", "b-sweep"]
    assert errors == ["there are no runs yet; tui-trainer starts one"]
    make("first", losses=[0.5])
    out, _ = call(capsys, "runs", "--sort", "name")
    assert [line.split()[:1] for line in out] == [["run"], ["first"], [], ["sweep"], ["a-sweep"], ["b-sweep"]]
    assert out[4].split()[1:6] == ["iris", "stopped", "0", "6", "2"]
    assert [json.loads(line)["run"] for line in call(capsys, "runs", "--json")[0]] == ["first"]
    (SweepStore().open("a-sweep").path / "sweep.json").write_text("{}")
    assert call(capsys, "runs")[1][0].startswith("tui-trainer: sweep a-sweep: sweep.json: damaged")


def test_a_sweep_gets_another_name_that_neither_run_nor_sweep_has(capsys: pytest.CaptureFixture[str]) -> None:
    sweep, _ = make_sweep("a"), make("b")
    trials = sweep.description().trials()
    for taken in ("b", "A b"):
        _, (line,) = call(capsys, "rename", "a", taken, status=2)
        assert "taken" in line or "a-b would do" in line
    with sweep.lock():
        assert "a process works on it" in call(capsys, "rename", "a", "c", status=1)[1][0]
    assert call(capsys, "rename", "a", "c") == (["c"], [])
    renamed = SweepStore().open("c").description()
    assert (renamed.sweep, renamed.trials()) == ("c", trials)
    assert not SweepStore().has("a")
    assert "there is none of this name" in call(capsys, "rename", "a", "d", status=2)[1][0]


def test_prune_takes_sweeps_in_one_order_with_runs(capsys: pytest.CaptureFixture[str]) -> None:
    make("new")
    make_sweep("second", days=1)
    make("third", days=2)
    make_sweep("fourth", days=3)
    (make_sweep("fifth").path / "sweep.json").write_text("{}")
    os.utime(SweepStore().find("fifth").path / "sweep.json", (time.time() - 4 * DAY,) * 2)
    with make_sweep("sixth", days=5).lock():
        out, errors = call(capsys, "prune", "--keep", "2")
    assert [line.split(":")[0] for line in out] == ["run third", "sweep fourth"]
    assert errors[0].startswith("sweep fifth: left, as it is damaged (")
    assert errors[1] == "sweep sixth: left, as a process works on it; tui-trainer stop sixth ends it"
    assert errors[2].startswith("1 run and 1 sweep, ")
    left = names() | {sweep.name for sweep in SweepStore().all_sweeps()}
    assert left == {"new", "second", "fifth", "sixth"}


def test_deleting_takes_a_yes(capsys: pytest.CaptureFixture[str]) -> None:
    for name in "abc":
        make(name)
    _, (line,) = call(capsys, "delete", "a", status=2)
    assert line == "tui-trainer: delete: expected --yes, where there is no terminal to ask at"
    _, (line,) = call(capsys, "delete", "--yes", "a", "none", status=2)
    assert "run none: there is none of this name" in line
    assert names() == {"a", "b", "c"}
    assert call(capsys, "delete", "--yes", "a", "b", "a") == (["run a: deleted", "run b: deleted"], [])
    assert names() == {"c"}


class Terminal(io.StringIO):
    """Someone at the keys."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "status", "left"), [("n\n", 130, {"a"}), ("\n", 130, {"a"}), ("y\n", 0, set())])
def test_at_a_terminal_it_asks(
    answer: str,
    status: int,
    left: set[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make("a")
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    _, errors = call(capsys, "delete", "a", status=status)
    assert errors[0].startswith("Delete a (")
    assert names() == left


def test_a_damaged_run_can_be_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    (make("a").path / "run.json").write_text("{")
    call(capsys, "delete", "--yes", "a")
    assert names() == set()


def test_a_run_at_work_is_neither_deleted_renamed_nor_pruned(capsys: pytest.CaptureFixture[str]) -> None:
    run = make("a", days=9)
    make("b")
    with run.lock():
        for command in (("delete", "--yes", "b", "a"), ("rename", "a", "c")):
            _, (line,) = call(capsys, *command, status=1)
            assert line == "tui-trainer: run a is held by its worker; attach to it, or stop it first"
        told, errors = call(capsys, "prune", "--older-than", "0")
        assert told[0].startswith("run b: deleted")
        assert errors[0] == "run a: left, as its worker is there; tui-trainer stop a ends it"
    assert names() == {"a"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--keep", "1"), {"new"}),
        (("--older-than", "5"), {"new", "middle"}),
        (("--older-than", "1.5", "--keep", "2"), {"new", "middle"}),
        (("--older-than", "99"), {"new", "middle", "old"}),
        (("--keep", "0"), set()),
    ],
)
def test_prune_takes_what_both_options_speak_of(
    options: tuple[str, ...], expected: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    make("old", days=30)
    make("middle", days=2)
    make("new")
    everything = names()
    would, _ = call(capsys, "prune", *options, "--dry-run")
    assert names() == everything
    done, _ = call(capsys, "prune", *options)
    assert names() == expected
    assert [line.replace("would be ", "") for line in would] == done
    assert len(done) == len(everything - expected)


def test_prune_leaves_what_is_damaged_and_asks_for_a_limit(capsys: pytest.CaptureFixture[str]) -> None:
    (make("a", days=9).path / "run.json").write_text("{")
    assert call(capsys, "prune", "--keep", "0")[1][0].startswith("run a: left, as it is damaged (")
    assert names() == {"a"}
    assert call(capsys, "prune", status=2)[1] == ["tui-trainer: prune: expected --older-than DAYS, --keep N, or both"]
    assert "expected a number of days" in call(capsys, "prune", "--older-than", "x", status=2)[1][0]
