"""Training a band of seeds on several processor cores.

A batched band already shares the overhead of its steps, so more processes pay only for large bands or large networks.
``SeedPool`` decides by three rules:

1. The first block of epochs is trained in this process, the second one in several; both are timed.
2. From then on each block is trained in the way that took less time an epoch.
3. To divide a block costs about as much as ten epochs of a small band. So where several processes were slower, they are
   timed again on the first block that is at least twice as long as the longest one they have had.

Either way the numbers are the same, because each seed has its own streams and its own slice of every array.

joblib's loky pool is used because it restarts dead processes, reuses live ones, and starts them without ``fork``, which
would copy the sockets of the worker.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from engine.array_types import Rows
from engine.data.dataset import Dataset
from engine.store.checkpoints import Checkpoint
from engine.training import layer_norms
from engine.training.checkpoint_contents import is_of_all_seeds
from engine.training.layer_norms import LayerNorms
from engine.training.trainer import Trainer

FEWEST_SEEDS = 8
"""Below this a band is not worth dividing."""
IDLE_PATIENCE = 60
"""Seconds that a process waits for the next block: those of a worker that was killed are gone after that."""


class SeedPool:
    """Trains whole epochs of one trainer's band, by the faster of two ways.

    Args:
        trainer: The band; between two blocks it is as if it had trained alone.
        processes: How many to use; by default one per core this process may run on.
    """

    def __init__(self, trainer: Trainer, processes: int | None = None) -> None:
        self.trainer = trainer
        self.processes = min(processes or len(os.sched_getaffinity(0)), len(trainer.seeds))
        self._seconds: dict[bool, float] = {}
        self._longest_parallel = 0
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._dumped: Dataset | None = None

    @property
    def useful(self) -> bool:
        """Whether there is anything to divide, and nothing that couples the seeds."""
        return (
            self.processes > 1
            and len(self.trainer.seeds) >= FEWEST_SEEDS
            and self.trainer.spec.training.stopping.patience == 0
        )

    @property
    def parallel_is_faster(self) -> bool | None:
        """Whether several processes were measured to be faster; None before both ways have been tried."""
        if len(self._seconds) < 2:
            return None
        return self._seconds[True] < self._seconds[False]

    def advance(self, epochs: int) -> Rows:
        """Train up to ``epochs`` epochs from an epoch's start; fewer where the run ends before.

        Returns:
            (k, S, 5) metrics of the epochs done.
        """
        parallel = self._choose(epochs)
        start = time.perf_counter()
        rows = self._advance_in_parallel(epochs) if parallel else None
        if rows is None:
            parallel = False
            rows = self.trainer.advance(epochs)
        if parallel:
            self._longest_parallel = max(self._longest_parallel, epochs)
        if len(rows):
            self._seconds[parallel] = (time.perf_counter() - start) / len(rows)
        return rows

    def epochs_within(self, seconds: float) -> int:
        """Return how many epochs take about so long, at least one; a few before that has been measured."""
        if not self._seconds:
            return 4
        return max(1, round(seconds / min(self._seconds.values())))

    def forget(self) -> None:
        """Measure anew: the network or its recipe has changed."""
        self._seconds.clear()
        self._longest_parallel = 0

    def close(self) -> None:
        """Remove what the processes read."""
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = self._dumped = None

    def _choose(self, epochs: int) -> bool:
        if not self.useful or False not in self._seconds:
            return False
        if True not in self._seconds:
            self._warm_up()
            return True
        return bool(self.parallel_is_faster) or epochs >= 2 * self._longest_parallel

    def _warm_up(self) -> None:
        """Start the processes and let them load the data, which the measurement should not count."""
        self._run(0, self._chunks())

    def _chunks(self) -> list[range]:
        bounds = np.linspace(0, len(self.trainer.seeds), self.processes + 1).astype(int)
        return [range(start, stop) for start, stop in pairwise(bounds)]

    def _advance_in_parallel(self, epochs: int) -> Rows | None:
        """Return the rows, or None where a chunk ended before the others and the block must be done alone."""
        done = self._run(epochs, self._chunks())
        if any(len(part.rows) != epochs for part in done):
            return None
        self.trainer.restore(join_seeds([part.checkpoint for part in done]))
        self.trainer.layer_norms.add(layer_norms.join_seeds([part.layer_norms for part in done]))
        return np.concatenate([part.rows for part in done], axis=1)

    def _run(self, epochs: int, chunks: Sequence[range]) -> list[_Trained]:
        import joblib  # takes longer than most runs' first epochs, and only divided bands need it

        checkpoint, measures = self.trainer.checkpoint(), self.trainer.layer_norms.enabled
        tasks = [
            joblib.delayed(_train)(str(self._data()), select_seeds(checkpoint, chunk), epochs, measures=measures)
            for chunk in chunks
        ]
        parallel = joblib.Parallel(n_jobs=self.processes, inner_max_num_threads=1, idle_worker_timeout=IDLE_PATIENCE)
        done: list[_Trained] = parallel(tasks)
        return done

    def _data(self) -> Path:
        """Return the file that the processes read the data from, once each; large arrays are mapped, not copied."""
        if self._dumped is not self.trainer.data:
            import joblib

            self.close()
            self._dumped = self.trainer.data
            self._directory = tempfile.TemporaryDirectory(prefix="tui-trainer-")
            joblib.dump(self.trainer.data, Path(self._directory.name) / "data")
        return Path(self._directory.name if self._directory else "") / "data"


_TRAINERS: dict[tuple[str, tuple[int, ...]], Trainer] = {}
"""In the pool's processes: the trainers of the latest pool, by file of data and seeds."""


class _Trained(NamedTuple):
    """What a process returns of its seeds: metrics (k, S, 5), the state they are in, and what was measured."""

    rows: Rows
    checkpoint: Checkpoint
    layer_norms: Sequence[LayerNorms]


def _train(data: str, checkpoint: Checkpoint, epochs: int, *, measures: bool) -> _Trained:
    trainer = _trainer(data, checkpoint)
    trainer.layer_norms.enabled = measures
    rows = SeedPool(trainer, processes=1).advance(epochs)
    return _Trained(rows, trainer.checkpoint(), trainer.layer_norms.take())


def _trainer(data: str, checkpoint: Checkpoint) -> Trainer:
    """Return a trainer that stands at ``checkpoint``, the one of the block before where its recipe is the same."""
    import joblib

    key = data, tuple(checkpoint.meta["seeds"])
    trainer = _TRAINERS.get(key)
    if trainer is not None and trainer.spec.model_dump(mode="json") == checkpoint.meta["spec"]:
        trainer.restore(checkpoint)
        return trainer
    if any(file != data for file, _ in _TRAINERS):
        _TRAINERS.clear()
    loaded: Dataset = trainer.data if trainer is not None else joblib.load(data, mmap_mode="r")
    _TRAINERS[key] = Trainer.from_checkpoint(checkpoint, data=loaded)
    return _TRAINERS[key]


def select_seeds(checkpoint: Checkpoint, places: Sequence[int]) -> Checkpoint:
    """Return the checkpoint of the seeds at some places of a band; every array leads with S, but for the data's."""
    meta = dict(checkpoint.meta)
    meta["seeds"] = [meta["seeds"][place] for place in places]
    meta["streams"] = {name: [states[place] for place in places] for name, states in meta["streams"].items()}
    arrays = {
        name: array if is_of_all_seeds(name) else array[list(places)] for name, array in checkpoint.arrays.items()
    }
    return replace(checkpoint, arrays=arrays, meta=meta)


def finite_seeds(trainer: Trainer) -> Trainer | None:
    """Return a trainer of those seeds of a band that are finite, where training ended as another one is not.

    It goes on as they would have alone: each seed has its own streams and its own slice of every array.

    Returns:
        None where no seed is left, or all are finite.
    """
    non_finite = trainer.non_finite
    places = [
        place for place, seed in enumerate(trainer.seeds) if non_finite is not None and seed not in non_finite.seeds
    ]
    if not places:
        return None
    checkpoint = select_seeds(trainer.checkpoint(), places)
    has_stopped = bool((checkpoint.arrays["stopping.stopped"] > 0).all())
    meta = {**checkpoint.meta, "non_finite": None, "ended_early": has_stopped}
    return Trainer.from_checkpoint(replace(checkpoint, meta=meta), data=trainer.data)


def join_seeds(parts: Sequence[Checkpoint]) -> Checkpoint:
    """Return the checkpoint of the whole band from those of its parts, all at the same epoch."""
    first = parts[0]
    meta: dict[str, Any] = dict(first.meta)
    meta["seeds"] = [seed for part in parts for seed in part.meta["seeds"]]
    meta["streams"] = {
        name: [state for part in parts for state in part.meta["streams"][name]] for name in first.meta["streams"]
    }
    arrays = {
        name: array if is_of_all_seeds(name) else np.concatenate([part.arrays[name] for part in parts])
        for name, array in first.arrays.items()
    }
    return replace(first, arrays=arrays, meta=meta)
