"""A worker's habits with its store, without the training: it writes until it is killed.

``python endless_writer.py STORE RUN`` takes the run's lock and goes on from where the run stands. It prints a line
whenever it has committed something: the epoch up to which everything is promised to be in the store.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.run.changes import TurnDial
from engine.run.metrics import METRICS
from engine.store.checkpoints import Checkpoint
from engine.store.runs import Run, RunStore

COMMIT_EVERY = 3
CHANGE_EVERY = 30


def metrics_of(epoch: int) -> NDArray[np.float64]:
    """Return the (1, 1, 5) metrics that this writer gives an epoch."""
    return epoch + np.arange(len(METRICS), dtype=np.float64).reshape(1, 1, -1) / 8


def change_at(epoch: int) -> TurnDial:
    """Return the change that this writer records after an epoch."""
    number = max(1, epoch // CHANGE_EVERY)
    return TurnDial(number=number, epoch=epoch + 1, step=0, path="training.learning_rate", value=1 / epoch)


def write(run: Run) -> None:
    """Write for ever."""
    latest = run.checkpoints.latest()
    start = latest.epoch if latest else 0
    run.metrics.record_state(state="running", pid=os.getpid(), epoch=start)
    for epoch in itertools.count(start + 1):
        run.metrics.append(epoch, metrics_of(epoch))
        if epoch % CHANGE_EVERY == 0:
            run.metrics.record_change(change_at(epoch))
            run.checkpoints.save(Checkpoint(epoch, {"W": metrics_of(epoch)}, {}), keep="change")
        if epoch % COMMIT_EVERY == 0:
            run.metrics.flush()
            sys.stdout.write(f"{epoch}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    run = RunStore(Path(sys.argv[1])).open(sys.argv[2])
    with run.lock():
        write(run)
