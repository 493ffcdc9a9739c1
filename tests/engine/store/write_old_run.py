"""Writes a tiny run in today's format, to be checked in and opened for ever after.

``python -m tests.engine.store.write_old_run`` writes ``old_runs/format-N`` beside this file, where N is the newest
format. Run it once when a format version changes, and leave what it wrote for the older formats as it is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from engine.run import description
from engine.run.changes import TurnDial
from engine.spec import validate
from engine.store import checkpoints, schema
from engine.store.checkpoints import Checkpoint
from engine.store.records import RunEvent
from engine.store.runs import RunStore
from tests.exams import exam_of

OLD_RUNS = Path(__file__).with_name("old_runs")
NEWEST = f"format-{max(checkpoints.FORMAT, schema.FORMAT, description.FORMAT)}"

SPEC = {
    "name": "breast-cancer",
    "data": {"source": "breast-cancer"},
    "split": {"validation": 0.2, "test": 0.2},
    "scaler": {"kind": "standard"},
    "network": {
        "layers": [{"units": 2, "activation": "relu", "dropout": 0.5}, {"units": 1, "activation": "sigmoid"}],
    },
    "training": {"loss": "bce", "epochs": 3},
}


def write(root: Path) -> None:
    """Write one run of two seeds and three epochs, with something in every table."""
    run = RunStore(root).create(validate(SPEC, where="old run"), [42, 43], name="breast-cancer-1", pace=20.0)
    now = datetime.now(UTC)
    with run.lock():
        run.metrics.record_state(state="running", epochs=3, socket="/tmp/x.sock", version="0.1.0", protocol=1, pid=7)
        run.checkpoints.save(Checkpoint(0, {"W": np.zeros((2, 3), np.float32)}, {"rng": 2**127 + 1}), keep="first")
        rows = np.arange(30, dtype=np.float64).reshape(3, 2, 5) / 8
        rows[2, 1, 2:4] = np.nan, np.inf
        run.metrics.append(1, rows)
        run.metrics.append_point("gradient_norm.0", 15, 3, [0.5, np.nan])
        run.metrics.record_change(
            TurnDial(number=1, epoch=2, step=0, path="training.learning_rate", value=0.01, before=0.001)
        )
        run.metrics.record_event(RunEvent(at=now, kind="non-finite", epoch=3, details={"layer": 1}))
        run.metrics.record_exam(exam_of(epoch=3, loss=[0.5, 0.25], accuracy=[0.75, None]), at=now)
        run.checkpoints.save(Checkpoint(3, {"W": np.ones((2, 3), np.float32)}, {"rng": 2**127 + 2}), keep="best")
        run.metrics.record_state(state="finished", reason="epochs")
        run.metrics.close()
    (run.path / "worker.lock").unlink(missing_ok=True)


if __name__ == "__main__":
    write(OLD_RUNS / NEWEST)
