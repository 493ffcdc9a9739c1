"""A run that another program reports, as it is left in the store."""

from __future__ import annotations

import numpy as np

from engine.array_types import Rows
from engine.run.description import Reported
from engine.run.metrics import Metric, MetricSet
from engine.store.runs import Run, RunStore

EPOCHS = 60
SOURCE = "PyTorch Lightning"
COLUMNS = MetricSet(
    [
        Metric(name="loss", part="train", better="lower"),
        Metric(name="val_loss", part="validation"),
        Metric(name="val_accuracy", part="validation", better="higher"),
        Metric(name="gpu memory"),
    ]
)


def reported_rows() -> Rows:
    """Return the metrics (EPOCHS, 1, 4); the accuracy was not measured in every epoch."""
    epochs = np.arange(1, EPOCHS + 1)
    rows = np.stack([2 / epochs, 2 / epochs + 0.5, 1 - 1 / epochs, 1e9 + epochs], axis=1)[:, None, :]
    rows[::2, 0, 2] = np.nan
    return rows


def make_reported(store: RunStore, name: str = "resnet", columns: MetricSet = COLUMNS) -> Run:
    """Return a finished run with a metric of every column, and a sparse series."""
    run = store.create_reported(Reported(source=SOURCE, config={"lr": 3e-4}, seeds=(0,)), columns, name=name)
    run.metrics.append(1, reported_rows()[:, :, : len(columns)])
    for step in range(0, 600, 10):
        run.metrics.append_point("grad_norm", step, 1 + step // 10, [1 + step / 600])
    run.metrics.record_state(state="finished")
    run.metrics.close()
    return run
