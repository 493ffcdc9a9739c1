"""Verdicts as a worker records and tells them: once, with begin and end, and the same however the run went."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from engine.errors import InputError
from engine.judgement.stored import stored_verdicts
from engine.protocol.commands import NextEpoch, Resume, SetDial
from engine.run.verdicts import Verdict
from engine.store.branches import branch
from engine.store.runs import Run, RunStore
from engine.training.stored import open_trainer
from engine.worker.judge import Judge
from engine.worker.trained import TrainedRun
from tests.engine.worker.conftest import MakeRun, Serve

RINGING = {"training.learning_rate": 3.0, "training.epochs": 120, "scaler.kind": "standard", "scaler.fit": "all"}


def recorded(run: Run) -> list[Verdict]:
    return [each.model_copy(update={"lately": ""}) for each in Run(run.path).metrics.verdicts()]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_run_that_was_paused_and_one_that_died_have_the_verdicts_of_one_that_was_left_alone(
    make_run: MakeRun, serve: Serve
) -> None:
    alone, disturbed = make_run(**RINGING), make_run(**RINGING)
    watcher = serve(alone).watch()
    watcher.do(Resume())
    watcher.until(state="finished")
    served = serve(disturbed)
    watcher = served.watch()
    for _ in range(30):
        watcher.do(NextEpoch())
        watcher.until(state="paused")
    dead = Run(shutil.copytree(disturbed.path, disturbed.path.with_name("dead")))
    again = serve(dead).watch()
    again.do(Resume())
    again.until(state="finished")
    expected = recorded(alone)
    assert len(expected) > 1
    assert recorded(dead) == expected


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_frames_tell_each_verdict_once_and_welcomes_all_of_them(make_run: MakeRun, serve: Serve) -> None:
    served = serve(make_run(**RINGING))
    watcher = served.watch()
    watcher.do(Resume())
    watcher.until(state="finished", judged=120)
    told = [verdict for frame, _ in watcher.frames for verdict in frame.verdicts]
    latest = {verdict.number: verdict for verdict in told}
    welcome = served.connect().greet()
    assert {verdict.number: verdict for verdict in welcome.verdicts}.keys() >= latest.keys()
    begun = [verdict.number for verdict in told if not verdict.lately and verdict.until is None]
    assert len(begun) == len(set(begun))


def test_a_change_ends_what_it_cures_and_the_run_says_when(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(**{"training.epochs": 50})
    watcher = serve(run).watch()
    watcher.do(NextEpoch())
    watcher.until(state="paused")
    edit = {"kind": "set-activation", "layer": 2, "activation": "relu"}
    watcher.do(SetDial(path="network.edit", value=edit))
    watcher.do(NextEpoch())
    watcher.until(state="paused", epoch=2)
    watcher.do(SetDial(path="network.edit", value={**edit, "activation": "sigmoid"}))
    watcher.do(NextEpoch())
    watcher.until(state="paused", epoch=3)
    watcher.do(NextEpoch())
    watcher.until(state="paused", epoch=4)
    [verdict] = [each for each in recorded(run) if each.name == "wrong-exit"]
    assert 1 <= verdict.since < (verdict.until or 0) <= 3


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_branch_has_the_verdicts_of_its_past(make_run: MakeRun, serve: Serve, store: RunStore) -> None:
    run = make_run(**RINGING)
    watcher = serve(run).watch()
    for _ in range(3):
        watcher.do(NextEpoch())
        watcher.until(state="paused")
    new = branch(store, run, 0)
    assert [verdict.name for verdict in new.metrics.verdicts()] == ["leaky-scaler"]


def test_a_flipped_bit_of_a_verdict_is_noticed(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(**RINGING)
    served = serve(run)
    watcher = served.watch()
    watcher.do(NextEpoch())
    watcher.until(state="paused")
    served.stop()
    assert stored_verdicts(Run(run.path))[0].name == "leaky-scaler"
    with closing(sqlite3.connect(run.metrics.path)) as connection, connection:
        connection.execute("UPDATE verdicts SET body = replace(body, 'leaky', 'leaky ')")
    with pytest.raises(InputError, match="damaged"):
        Run(run.path).metrics.verdicts()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_run_that_nobody_judged_is_shown_before_it_is_judged_and_one_that_was_is_not_judged_again(
    make_run: MakeRun, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(**RINGING)
    watcher = serve(run).watch()
    watcher.do(Resume())
    watcher.until(state="finished")
    served_again = {name: Run(shutil.copytree(run.path, run.path.with_name(name))) for name in ("judged", "unjudged")}
    with closing(sqlite3.connect(served_again["unjudged"].metrics.path)) as connection, connection:
        connection.execute("DELETE FROM verdicts")
        connection.execute("DELETE FROM state WHERE key IN ('judged', 'convergence')")
    judged = _shown(served_again["judged"])
    assert [verdict.name for verdict in judged.status.verdicts.all] == [verdict.name for verdict in recorded(run)]
    assert (judged.status.verdicts.judged, judged.status.verdicts.convergence is None) == (120, False)
    unjudged = _shown(served_again["unjudged"])
    assert (unjudged.status.verdicts.all, unjudged.status.verdicts.judged) == ((), 0)
    looks: list[str] = []
    look = Judge.look

    def noted(judge: Judge) -> list[Verdict]:
        looks.append("look")
        return look(judge)

    monkeypatch.setattr(Judge, "look", noted)
    for live, rests in ((judged, 3), (unjudged, 1)):
        for _ in range(rests):
            live.advance(0.0)
    assert looks == []
    unjudged.advance(0.0)
    unjudged.advance(0.0)
    assert looks == ["look"]
    assert "leaky-scaler" in {verdict.name for verdict in unjudged.status.verdicts.all}
    assert unjudged.status.verdicts.judged == 120
    assert recorded(served_again["unjudged"]) == []


def _shown(run: Run) -> TrainedRun:
    """Return a run as a worker has it that is only to show it."""
    live = TrainedRun(run, open_trainer(run), pace=None, attach_only=True, clock=lambda: 0.0)
    live.open()
    return live
