"""Signals: which end a run, saved, and which do not reach it."""

from __future__ import annotations

import signal

import numpy as np
import pytest

from engine.protocol.commands import NextEpoch, NextStep
from engine.store.runs import Run
from tests.engine.worker.oracle import Undisturbed, shown_weights, weights_of
from tests.faults.conftest import MakeRun, Processes, Watch
from tests.patience import PATIENCE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("steps", [0, 6])
def test_these_save_in_the_middle_of_an_epoch_and_the_run_goes_on_bit_for_bit(
    make_run: MakeRun, processes: Processes, watch: Watch, number: signal.Signals, steps: int
) -> None:
    run = make_run()
    worker = processes.worker(run, attach_only=True)
    watcher = watch(run)
    watcher.frame()
    for _ in range(steps):
        watcher.do(NextStep())
    worker.send_signal(number)
    frame = watcher.until(final=True)
    assert (frame.state, frame.reason, frame.epoch, frame.step) == ("stopped", "stopped", steps // 4, steps % 4)
    assert worker.wait(PATIENCE) == 0
    assert run.summary().state == "stopped"
    assert not run.socket_path.exists()
    assert run.log_path.read_text() == ""
    processes.worker(run)
    watcher = watch(run, views=("weights",))
    watcher.until(state="finished")
    alone = Undisturbed(run).finish()
    assert shown_weights(watcher) == weights_of(alone.trainer)
    np.testing.assert_array_equal(Run(run.path).metrics.rows(), alone.rows)


def test_one_in_full_flight_loses_nothing(make_run: MakeRun, processes: Processes, watch: Watch) -> None:
    run = make_run(training__epochs=1_000)
    for _ in range(3):
        worker = processes.worker(run)
        watcher = watch(run)
        watcher.frame()
        worker.send_signal(signal.SIGTERM)
        frame = watcher.until(final=True)
        assert worker.wait(PATIENCE) == 0
        assert len(Run(run.path).metrics.rows()) == frame.epoch == run.summary().epoch
    processes.worker(run)
    watch(run).until(state="finished", epoch=1_000)
    np.testing.assert_array_equal(Run(run.path).metrics.rows(), Undisturbed(run).finish().rows)


def test_a_closed_terminal_is_nothing_to_a_worker(make_run: MakeRun, processes: Processes, watch: Watch) -> None:
    run = make_run()
    worker = processes.worker(run, attach_only=True)
    watcher = watch(run)
    worker.send_signal(signal.SIGHUP)
    watcher.do(NextEpoch())
    assert watcher.until(epoch=1).state == "paused"
    assert worker.poll() is None
