"""The engine, through its public calls: running metrics and, where there is such a part, validation of every epoch."""

from __future__ import annotations

from collections.abc import Callable

from engine.training.seed_pool import SeedPool
from engine.training.trainer import Trainer
from tests.benchmarks.workloads import Workload


def prepare(workload: Workload) -> Callable[[int], None]:
    """Return a function that trains so many epochs more."""
    trainer = Trainer(workload.spec, data=workload.data)

    def train(count: int) -> None:
        trainer.advance(count)

    return train


def prepare_band(workload: Workload, seeds: int, processes: int) -> Callable[[int], None]:
    """Return a function that trains a band so many epochs more, in the way that was measured to be the faster."""
    pool = SeedPool(Trainer(workload.spec, seeds=range(seeds), data=workload.data), processes=processes)
    for _ in range(2):  # its first two blocks measure
        pool.advance(20)

    def train(count: int) -> None:
        pool.advance(count)

    return train
