"""Training one trial: a recipe with its band of seeds, to its end, or until its end is asked for."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.array_types import Rows
from engine.data.dataset import Dataset
from engine.errors import TrainerError, sanitize
from engine.run.metrics import METRICS
from engine.run.status import EndReason
from engine.spec import Spec, validate
from engine.sweep import field
from engine.sweep.requests import Requests
from engine.sweep.results import PartMetrics, TrialResult, TrialState
from engine.sweep.trials import Ended
from engine.training.results import NonFinite
from engine.training.seed_pool import SeedPool, finite_seeds
from engine.training.trainer import Trainer

BLOCK_SECONDS = 0.2
"""How long is trained before the requests are looked at."""
PROGRESS_SECONDS = 0.5
CURVE_POINTS = 60
PARENT_LOOKS = 1.0
"""Seconds between two looks whether the process that gives out the trials is still there."""
TRAIN_LOSS, TRAIN_SCORE, VALIDATION_LOSS, VALIDATION_SCORE = range(4)


@dataclass(frozen=True)
class Task:
    """A trial to train; what it holds crosses to other processes, perhaps on other machines.

    Attributes:
        trial: Its number.
        document: Its recipe, as JSON has it.
        seeds: Its band.
        requests: The folder in which its end may be asked for.
        progress: The folder to write its epoch to, where that folder exists.
        give_up: Seconds after which it is given up, as it takes too long here; None for never.
    """

    trial: int
    document: dict[str, Any]
    seeds: tuple[int, ...]
    requests: str
    progress: str
    give_up: float | None = None


def run_task(task: Task) -> Ended | int:
    """Train a trial; return what came of it, or its number where it was broken off and is to be trained again."""
    from threadpoolctl import threadpool_limits

    start = time.perf_counter()
    try:
        with threadpool_limits(1), np.errstate(all="ignore"):  # what is not finite is a result
            return _train(task, start) or task.trial
    except MemoryError as error:
        message = f"out of memory: {sanitize(error or 'there is none left')}"
    except TrainerError as error:
        message = str(error)
    return Ended(task.trial, TrialResult(state="failed", seconds=time.perf_counter() - start, message=message))


def run_task_in_pool(task: Task) -> Ended | int:
    """As ``run_task``, in a process that ends when the one that gave it the task does."""
    _end_with_parent()
    return run_task(task)


def _train(task: Task, start: float) -> Ended | None:
    """Return what came of a trial; None where it was broken off."""
    spec, requests = validate(task.document, f"trial {task.trial}"), Requests(Path(task.requests))
    bands = [[seed] for seed in task.seeds] if spec.training.streams == "legacy-shared" else [list(task.seeds)]
    progress = _Progress(Path(task.progress) / str(task.trial))
    trained: list[_Band] = []
    try:
        for seeds in bands:
            band = _Band(spec, seeds, _DATA.of(spec))
            _DATA.keep(spec, band.trainer.data)
            trained.append(band)
            while band.trainer.ended is None and not requests.is_stopped(task.trial):
                if requests.is_stopped() or (task.give_up is not None and time.perf_counter() - start > task.give_up):
                    return None
                band.advance()
                progress.tell(band.trainer.epoch)
    finally:
        progress.close()
    state: TrialState = "finished" if all(band.trainer.ended is not None for band in trained) else "stopped"
    result = _result(trained, state, time.perf_counter() - start)
    measured = None
    if state == "finished" and len(trained) == 1:
        measured = field.measure(trained[0].trainer, trained[0].places)
    return Ended(task.trial, result, None if measured is None else measured.encode())


class _Band:
    """A band that is trained, and the last epoch that each of its seeds has learned.

    A seed that is not finite any more is left out, and the others go on.

    Attributes:
        seeds: S.
        trainer: Of the seeds that are still trained.
        places: (s,) where these stand among ``seeds``.
        last: (S, 5) metrics of that epoch.
        epochs: (S,) its number.
        best_losses: (S,) lowest validation loss; NaN of a seed that was left out.
        best_epochs: (S,) its epoch.
        non_finite: Why seeds were left out, by their places.
        curve: Medians over the seeds, by epoch, of the loss that tells most.
    """

    def __init__(self, spec: Spec, seeds: list[int], data: Dataset | None) -> None:
        self.seeds = seeds
        self.trainer = Trainer(spec, seeds=seeds, data=data)
        self.places = np.arange(len(seeds))
        self.last = np.full((len(seeds), len(METRICS)), np.nan)
        self.epochs = np.zeros(len(seeds), np.int64)
        self.best_losses = np.full(len(seeds), np.inf)
        self.best_epochs = np.zeros(len(seeds), np.int64)
        self.non_finite: dict[int, NonFinite] = {}
        self.curve: list[float] = []
        self._pool = SeedPool(self.trainer, processes=1)

    def advance(self) -> None:
        """Train for a moment."""
        first, places = self.trainer.epoch, self.places
        rows = self._pool.advance(self._pool.epochs_within(BLOCK_SECONDS))
        stopping = self.trainer.state.stopping
        learned = np.where(stopping.stopped > 0, np.minimum(stopping.stopped, self.trainer.epoch), self.trainer.epoch)
        for seed in np.flatnonzero(learned > self.epochs[places]):
            self.last[places[seed]] = rows[learned[seed] - first - 1, seed]
        self.epochs[places] = np.maximum(self.epochs[places], learned)
        self.best_losses[places], self.best_epochs[places] = stopping.best_loss, stopping.best_epoch
        self.curve += _medians(rows)
        if self.trainer.non_finite is not None:
            self._leave_out(self.trainer.non_finite)

    def _leave_out(self, found: NonFinite) -> None:
        """Note the seeds that are not finite, and go on with the others."""
        is_left_out = np.isin(self.trainer.seeds, found.seeds)
        for place in self.places[is_left_out]:
            self.non_finite[int(place)] = found
            self.best_losses[place] = math.nan
        if (rest := finite_seeds(self.trainer)) is not None:
            self.trainer, self.places = rest, self.places[~is_left_out]
            self._pool = SeedPool(rest, processes=1)


def _medians(rows: Rows) -> list[float]:
    """Return by epoch the median over the seeds that learn of validation loss, else training loss; infinite for NaN."""
    losses = rows[..., VALIDATION_LOSS]
    if np.isnan(losses).all():
        losses = rows[..., TRAIN_LOSS]
    return [float(np.median(finite)) if len(finite := of[np.isfinite(of)]) else math.inf for of in losses]


def _result(bands: list[_Band], state: TrialState, seconds: float) -> TrialResult:
    trainer = bands[0].trainer
    last, spec = np.concatenate([band.last for band in bands]), trainer.spec
    validates, patient = trainer.data.validation is not None, spec.training.stopping.patience > 0
    best = np.concatenate([band.best_losses for band in bands])
    non_finite = [band.non_finite.get(place) for band in bands for place in range(len(band.seeds))]
    return TrialResult(
        state=state,
        seconds=round(seconds, 3),
        reason=_reason([band.trainer.ended for band in bands]),
        regression=not trainer.classification,
        epochs=tuple(int(epoch) for band in bands for epoch in band.epochs),
        train=_part(last, TRAIN_LOSS, TRAIN_SCORE),
        validation=_part(last, VALIDATION_LOSS, VALIDATION_SCORE) if validates else None,
        best_epochs=tuple(int(e) for band in bands for e in band.best_epochs) if validates and patient else None,
        best=_numbers(best) if validates and patient else None,
        curve=_thinned([median for band in bands[:1] for median in band.curve]),
        non_finite=tuple(found.epoch if found else None for found in non_finite) if any(non_finite) else None,
        message=_message([seed for band in bands for seed in band.seeds], non_finite),
    )


def _reason(ends: list[EndReason | None]) -> EndReason | None:
    """Return why the finite seeds ended, or that no seed is finite; None where one has not ended."""
    finite = [end for end in ends if end != "non_finite"]
    return None if None in ends else finite[0] if finite else "non_finite"


def _message(seeds: list[int], non_finite: list[NonFinite | None]) -> str | None:
    """Return which seeds are not finite, since when and why, of the first one of them."""
    non_finite_seeds = [(each.epoch, seed, each.cause) for seed, each in zip(seeds, non_finite, strict=True) if each]
    if not non_finite_seeds:
        return None
    epoch, seed, cause = min(non_finite_seeds)
    if len(non_finite_seeds) == len(seeds):
        return f"epoch {epoch}: {cause}"
    more = f" (and {len(non_finite_seeds) - 1} more of {len(seeds)})" if len(non_finite_seeds) > 1 else ""
    return f"seed {seed} is left out{more}: {cause}"


def _part(last: Rows, loss: int, score: int) -> PartMetrics:
    return PartMetrics(loss=_numbers(last[:, loss]), score=_numbers(last[:, score]))


def _numbers(values: Rows) -> tuple[float | None, ...]:
    return tuple(float(value) if math.isfinite(value) else None for value in values)


def _thinned(curve: list[float]) -> tuple[float | None, ...]:
    """Return at most ``CURVE_POINTS`` of the points of a curve, the first and the last among them."""
    chosen = np.unique(np.linspace(0, max(0, len(curve) - 1), min(len(curve), CURVE_POINTS)).astype(int))
    return tuple(curve[index] if math.isfinite(curve[index]) else None for index in chosen)


class _Progress:
    """Writes a trial's epoch where those who watch the sweep find it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = 0.0

    def tell(self, epoch: int) -> None:
        """Write the epoch, now and then."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + PROGRESS_SECONDS
            with suppress(OSError):  # on another machine there is no such folder
                self._path.write_bytes(str(epoch).encode())

    def close(self) -> None:
        """Take the file away."""
        with suppress(OSError):
            self._path.unlink()


class _DataKept:
    """The data of the last recipe: most trials learn from the same."""

    def __init__(self) -> None:
        self._kept: tuple[str, Dataset] | None = None

    def of(self, spec: Spec) -> Dataset | None:
        """Return the data of a recipe, where they are the last one's."""
        return self._kept[1] if self._kept is not None and self._kept[0] == self._key(spec) else None

    def keep(self, spec: Spec, data: Dataset) -> None:
        """Keep the data of a recipe."""
        if spec.training.streams != "legacy-shared":  # there they follow from the seed
            self._kept = self._key(spec), data

    @staticmethod
    def _key(spec: Spec) -> str:
        """Return all of a recipe that its data follow from; the exit's shape decides that of the targets."""
        head = spec.network.layers[-1].model_dump_json(), spec.training.loss, spec.training.dtype
        return "\n".join(
            [spec.data.model_dump_json(), spec.split.model_dump_json(), spec.scaler.model_dump_json(), *head]
        )


_DATA = _DataKept()
_WATCHING = threading.Event()


def _end_with_parent(exit_process: Callable[[int], None] = os._exit) -> None:
    """See to it, once, that this process does not go on when its parent has died, which waits for its answers."""
    if _WATCHING.is_set():
        return
    _WATCHING.set()
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_LOOKS)
        exit_process(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
