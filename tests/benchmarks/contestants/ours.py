"""The engine, through its public calls: running metrics and validation every epoch."""

from __future__ import annotations

from collections.abc import Callable

from engine.training.trainer import Trainer
from tests.benchmarks.workloads import Workload


def prepare(workload: Workload) -> Callable[[int], None]:
    """Return a function that trains so many epochs more."""
    epochs = Trainer(workload.spec, data=workload.data).epochs()

    def train(count: int) -> None:
        for _ in range(count):
            next(epochs)

    return train
