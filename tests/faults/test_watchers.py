"""What becomes of a run when those who watch it die, stop, or are many."""

from __future__ import annotations

import signal

import numpy as np

from engine.protocol.commands import Pause, Resume, SetDial, SetPace
from engine.store.runs import Run
from tests.engine.worker.oracle import Undisturbed, told
from tests.faults.conftest import MakeRun, Processes, Watch, kill, resident_bytes
from tests.faults.watcher import digest
from tests.patience import PATIENCE

FOREVER = 10**6


def test_a_watcher_that_is_killed_disturbs_nothing(make_run: MakeRun, processes: Processes, watch: Watch) -> None:
    run = make_run(training__epochs=300, pace=1.0)
    worker = processes.worker(run)
    watcher = watch(run)  # first: who finds no worker starts one
    kill(processes.watcher(run))
    watcher.do(SetPace(pace=None))
    watcher.until(state="finished")
    np.testing.assert_array_equal(told(watcher), Undisturbed(run).finish().rows)
    watcher.leave()
    assert worker.poll() is None or worker.returncode == 0
    np.testing.assert_array_equal(Run(run.path).metrics.rows(), told(watcher))


def test_a_stopped_watcher_costs_next_to_nothing_and_then_hears_everything(
    make_run: MakeRun, processes: Processes, watch: Watch
) -> None:
    run = make_run(training__epochs=FOREVER, training__batch_size="full")
    worker = processes.worker(run, attach_only=True)
    driver = watch(run)  # first: who finds no worker starts one
    sleeper = processes.watcher(run)
    driver.do(Resume())
    while driver.frame()[0].epoch < 200:
        pass
    sleeper.send_signal(signal.SIGSTOP)
    before, start = resident_bytes(worker.pid), driver.frames[-1][0].epoch
    while (frame := driver.frame()[0]).epoch < start + 4_000:
        pass
    grown = resident_bytes(worker.pid) - before
    assert grown < 8 * 2**20, f"{grown / 2**20:.1f} MB for {frame.epoch - start} epochs"
    frame = driver.do(Pause())
    sleeper.send_signal(signal.SIGCONT)
    driver.do(SetDial(path="training.epochs", value=frame.epoch + 5))
    driver.do(Resume())
    driver.until(state="finished")
    output, _ = sleeper.communicate(timeout=PATIENCE)
    rows = Run(run.path).metrics.rows()
    assert len(rows) == frame.epoch + 5
    assert output == f"{digest(rows)}\n"
