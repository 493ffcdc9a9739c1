"""A run that is only looked at, and when a worker leaves by itself."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from engine.protocol.commands import Goodbye, NextEpoch, NextStep, OpenExam, Resume, SetDial, Stop
from engine.store.runs import Run
from engine.worker.server import FORGET_AFTER, SILENT_AFTER
from engine.worker.worker import LINGER
from tests.engine.worker.conftest import Clock, MakeRun, Serve, Served
from tests.engine.worker.oracle import Undisturbed, told
from tests.engine.worker.peers import Peer


def recorded(run: Run) -> tuple[Any, ...]:
    state = Run(run.path).metrics.state()
    return state.state, state.reason, state.message, state.epoch, state.epochs, state.pace


def stopped_run(make_run: MakeRun, serve: Serve, epochs: int = 2, **values: Any) -> Run:
    """Return a run that was stopped after so many epochs."""
    run = make_run(**values)
    served = serve(run)
    watcher = served.watch()
    for epoch in range(1, epochs + 1):
        watcher.do(NextEpoch())
        watcher.until(epoch=epoch, state="paused")
    watcher.send(Stop())
    served.join()
    return run


def pretend_death(run: Run, **values: Any) -> None:
    """Record a state that only a worker that was killed leaves behind."""
    log = Run(run.path).metrics
    log.record_state(**values)
    log.close()


# Looking


@pytest.mark.parametrize(
    ("left_in", "shown_as", "after"),
    [
        ({"state": "stopped"}, "stopped", "stopped"),
        ({"state": "running", "reason": None}, "paused", "died"),
        ({"state": "paused", "reason": None}, "paused", "died"),
    ],
    ids=["stopped", "died while it trained", "died while it rested"],
)
def test_a_run_that_is_looked_at_keeps_the_state_in_which_it_was_left(
    make_run: MakeRun, serve: Serve, left_in: dict[str, Any], shown_as: str, after: str
) -> None:
    run = stopped_run(make_run, serve)
    pretend_death(run, **left_in)
    assert run.summary().state == after
    before = recorded(run)
    served = serve(run)
    watcher = served.watch(views=("weights",))
    frame = watcher.until(state="paused")
    assert (frame.epoch, frame.reason, len(told(watcher))) == (2, None, 2)
    assert run.summary().state == shown_as
    assert run.summary().socket == str(run.socket_path)
    watcher.do(OpenExam())
    watcher.leave()
    served.join()
    assert run.summary().state == after
    assert run.summary().socket is None
    assert recorded(run)[1:] == before[1:]


def test_a_run_that_died_before_it_trained_is_stopped_for_whoever_looks(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    served = serve(run)
    watcher = served.watch()
    assert watcher.until(state="paused").epoch == 0
    assert run.summary().state == "stopped"
    watcher.leave()
    served.join()
    assert run.summary().state == "stopped"


def test_a_finished_run_is_shown_as_finished(make_run: MakeRun, serve: Serve) -> None:
    run = stopped_run(make_run, serve, epochs=0)
    served = serve(run)
    watcher = served.watch()
    watcher.do(Resume())
    watcher.until(state="finished")
    watcher.leave()
    served.join()
    before = recorded(run)
    served = serve(run)
    watcher = served.watch()
    frame = watcher.until(state="finished")
    assert (frame.reason, frame.epoch) == ("epochs", 6)
    watcher.leave()
    served.join()
    assert recorded(run) == before


def test_asked_to_it_trains_to_where_it_would_have_come(make_run: MakeRun, serve: Serve) -> None:
    run = stopped_run(make_run, serve)
    alone = Undisturbed(run).finish()
    pretend_death(run, state="running", reason=None)
    watcher = serve(run).watch()
    watcher.do(Resume())
    watcher.until(state="finished")
    np.testing.assert_array_equal(told(watcher), alone.rows)
    assert run.summary().state == "finished"


def test_an_epoch_count_that_runs_ahead_of_the_checkpoint_is_put_right_when_the_run_goes_on(
    make_run: MakeRun, serve: Serve
) -> None:
    run = stopped_run(make_run, serve)
    pretend_death(run, state="running", reason=None, epoch=5)  # the last checkpoint is that of epoch 2
    served = serve(run)
    watcher = served.watch()
    watcher.do(NextStep())
    assert run.summary().epoch == 2


def test_a_dial_turned_while_looking_is_kept(make_run: MakeRun, serve: Serve) -> None:
    run = stopped_run(make_run, serve)
    alone = Undisturbed(run, [((2, 0), "training.learning_rate", 0.1), ((2, 0), "training.epochs", 9)]).finish()
    served = serve(run)
    watcher = served.watch()
    watcher.do(SetDial(path="training.learning_rate", value=0.1))
    watcher.do(SetDial(path="training.epochs", value=9))
    watcher.leave()
    served.join()
    assert (run.summary().state, run.summary().epochs) == ("stopped", 9)
    watcher = serve(run, attach_only=False).watch()
    watcher.until(state="finished")
    np.testing.assert_array_equal(told(watcher), alone.rows)


# Leaving


def test_a_finished_worker_stays_for_its_watchers_and_leaves_with_the_last(make_run: MakeRun, serve: Serve) -> None:
    served = serve(make_run())
    first, second = served.watch(), served.watch()
    first.do(Resume())
    first.until(state="finished")
    first.leave()
    second.until(state="finished")
    served.go_round()
    assert not served.has_ended()
    second.send(Goodbye())
    served.join()
    assert not served.run.socket_path.exists()
    assert served.run.summary().state == "finished"


def finished_before_a_silent_watcher(make_run: MakeRun, serve: Serve, clock: Clock) -> tuple[Served, Peer]:
    served = serve(make_run(), clock=clock)
    watcher = served.watch()
    watcher.do(Resume())
    watcher.until(state="finished")
    watcher.ping()
    clock.skip(SILENT_AFTER + 1)
    served.go_round()
    assert not served.has_ended()
    return served, watcher


def test_a_silent_watcher_keeps_a_finished_worker_while_it_is_connected(make_run: MakeRun, serve: Serve) -> None:
    clock = Clock()
    served, watcher = finished_before_a_silent_watcher(make_run, serve, clock)
    watcher.close()
    for _ in range(int(FORGET_AFTER / SILENT_AFTER / 2)):  # that a connection is gone shows when it is used
        clock.skip(SILENT_AFTER + 1)
        with suppress(TimeoutError):
            served.join(0.2)
            return
    raise AssertionError("it stayed")


def test_but_not_for_ever(make_run: MakeRun, serve: Serve) -> None:
    clock = Clock()
    served, _ = finished_before_a_silent_watcher(make_run, serve, clock)
    clock.skip(FORGET_AFTER + 1)
    served.join()


def test_a_finished_worker_waits_a_while_for_a_first_watcher(make_run: MakeRun, serve: Serve) -> None:
    clock = Clock()
    clock.stop()
    served = serve(make_run(), attach_only=False, clock=clock)
    stranger = served.connect()
    stranger.ping()
    served.go_round()
    assert not served.has_ended()
    clock.skip(LINGER + 1)
    served.join()


def test_a_run_that_was_paused_is_kept_for_whoever_comes_back(make_run: MakeRun, serve: Serve) -> None:
    run, clock = make_run(), Clock()
    served = serve(run, clock=clock)
    watcher = served.watch()
    watcher.do(NextStep())
    watcher.leave()
    clock.skip(LINGER + 1)
    watcher.frames.clear()
    watcher.greet()
    assert watcher.until(state="paused").step == 1
    assert run.summary().state == "paused"
