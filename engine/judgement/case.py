"""What a judge is told of a training: recipe, data, history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Rows
from engine.data.dataset import Dataset
from engine.run.metrics import METRICS
from engine.run.series import EpochSeries, median_over_seeds
from engine.spec import Spec

Floats = NDArray[np.float64]

MOST_POINTS = 2**12
"""Epochs that are looked at one by one; of a longer training every 3rd, 9th and so on."""
THINNED_BY = 3
"""Odd, so that a loss that is up in one epoch and down in the next is still so from sample to sample."""
PORTION = 20_000
"""Epochs whose rows are read at once."""
HALF = 0.5
"""Share of a layer's neurons from which on it is ill."""
LARGEST_LOSS = 1e300
"""What stands for a loss that overflowed."""
MOST_VALUES = 10**5
"""Numbers of the training rows up to which they are asked whether a line separates their classes."""


class ColumnScale(NamedTuple):
    """How large the numbers of one column are, as the network sees them."""

    name: str
    mean: float
    deviation: float


@dataclass(frozen=True)
class DataOfCase:
    """What of the training rows a judge has to know.

    Attributes:
        rows: N.
        classes: Names of the classes; empty for values.
        class_counts: Rows of each class.
        uninformed_loss: The smallest loss of answers that do not depend on the input: what there is to get below.
        largest_column: The column with the largest numbers.
        has_exam: Whether rows are set aside for an exam.
    """

    rows: int
    classes: tuple[str, ...]
    class_counts: tuple[int, ...]
    uninformed_loss: float
    largest_column: ColumnScale
    has_exam: bool


def data_of_case(data: Dataset, spec: Spec) -> DataOfCase:
    """Return what a judge has to know of a run's data."""
    X, targets = data.train.X, data.train.y
    classes = data.table.classes
    numbers = data.table.y[data.train.rows].astype(np.intp) if classes else np.empty(0, np.intp)
    with np.errstate(all="ignore"):
        means, deviations = X.mean(axis=0, dtype=np.float64), X.std(axis=0, dtype=np.float64)
    place = int(np.argmax(np.abs(means) + deviations))
    name = data.table.feature_names[place] if place < len(data.table.feature_names) else f"x{place + 1}"
    return DataOfCase(
        rows=len(data.train),
        classes=classes,
        class_counts=tuple(np.bincount(numbers, minlength=len(classes)).tolist()),
        uninformed_loss=_uninformed_loss(targets.astype(np.float64), spec),
        largest_column=ColumnScale(name, float(means[place]), float(deviations[place])),
        has_exam=data.test is not None,
    )


def _uninformed_loss(targets: Floats, spec: Spec) -> float:
    """Return the loss of the best constant answer: of the class frequencies, the mean or the median of the targets."""
    loss, columns = spec.training.loss, targets.reshape(len(targets), -1)
    if loss == "mse":
        return float(columns.var(axis=0).mean())
    if loss == "mae":
        return float(np.abs(columns - np.median(columns, axis=0)).mean())
    shares = columns.mean(axis=0)
    if spec.training.class_weight is not None:
        shares = np.full(len(shares), 1 / max(2, len(shares)))
    if loss == "bce":
        return float(np.mean(_entropy(shares) + _entropy(1 - shares)))
    return float(_entropy(shares).sum())


def _entropy(shares: Floats) -> Floats:
    return np.asarray(-shares * np.log(np.where(shares > 0, shares, 1.0)))


@dataclass(frozen=True)
class Curves:
    """A training's losses and scores, medians over its seeds, at k epochs.

    Attributes:
        epochs: (k,) rising.
        train_loss: (k,) finite.
        train_score: (k,), NaN where undefined.
        validation_loss: (k,), NaN where undefined.
        learning_rate: (k,).
    """

    epochs: NDArray[np.int64]
    train_loss: Floats
    train_score: Floats
    validation_loss: Floats
    learning_rate: Floats

    def __len__(self) -> int:
        return len(self.epochs)


class CurveSamples:
    """A training's curves as they grow, sampled so thinly that a judge can look at all of them at once.

    Every epoch at first; when there are ``MOST_POINTS``, two of three are dropped, and only every 3rd, 9th and so on is
    taken from then on. What was sampled up to an epoch does not depend on when anybody looked.

    Attributes:
        epochs: How many epochs have been added.
    """

    def __init__(self) -> None:
        self.epochs = 0
        self._width = 1
        self._count = 0
        self._points = np.empty((MOST_POINTS, len(METRICS)))

    @classmethod
    def of(cls, history: EpochSeries) -> CurveSamples:
        """Return the samples of a history.

        Raises:
            TrainerError: Rows that it has folded cannot be read.
        """
        samples = cls()
        for first in range(1, len(history) + 1, PORTION):
            rows = np.asarray(history.rows(first, PORTION), np.float64)
            while len(rows):
                samples.thin_out()
                now, rows = rows[: samples.room], rows[samples.room :]
                samples.extend(now)
        return samples

    @property
    def room(self) -> int:
        """Epochs that can be added before samples have to be dropped."""
        return MOST_POINTS * self._width - self.epochs

    def thin_out(self) -> None:
        """Drop two of three samples, once there is no room."""
        if not self.room:
            self._width *= THINNED_BY
            kept = self._points[THINNED_BY - 1 : self._count : THINNED_BY].copy()
            self._count = len(kept)
            self._points[: self._count] = kept

    def extend(self, rows: Rows) -> None:
        """Add the rows (k, S, C) of the next k epochs, for which there is room."""
        ends = np.arange((self._count + 1) * self._width - 1 - self.epochs, len(rows), self._width)
        self._points[self._count : self._count + len(ends)] = median_over_seeds(rows[ends])
        self._count += len(ends)
        self.epochs += len(rows)

    def curves(self) -> Curves:
        """Return the samples as curves."""
        columns = self._points[: self._count].T
        train, score, validation, _, rate = (columns[METRICS.index(name)] for name in METRICS)
        return Curves(
            epochs=self._width * np.arange(1, self._count + 1),
            train_loss=_bounded(np.where(np.isnan(train), LARGEST_LOSS, train)),
            train_score=score,
            validation_loss=_bounded(validation),
            learning_rate=rate,
        )


def _bounded(losses: Floats) -> Floats:
    return np.clip(losses, -LARGEST_LOSS, LARGEST_LOSS)


class LayerGradients(NamedTuple):
    """Gradient norms, medians over the seeds, at m of the epochs.

    Attributes:
        epochs: (m,) rising.
        norms: (m, L).
    """

    epochs: NDArray[np.int64]
    norms: Floats


NO_GRADIENTS = LayerGradients(np.empty(0, np.int64), np.empty((0, 0)))


class NeuronCount(NamedTuple):
    """How many of a hidden layer's neurons can no longer learn, after an epoch."""

    epoch: int
    layer: int
    units: int
    dead: int
    saturated: int

    @property
    def is_dead(self) -> bool:
        """Whether too many fire for no row: half of the layer, and two at least."""
        return self.dead >= max(2, HALF * self.units)

    @property
    def is_saturated(self) -> bool:
        """Whether as many stay at their limits."""
        return self.saturated >= max(2, HALF * self.units)


class Overflow(NamedTuple):
    """Where a value was not finite any more."""

    epoch: int
    cause: str


@dataclass(frozen=True)
class Case:
    """All that a judge is told.

    Attributes:
        spec: The recipe as it stands.
        data: The training rows, in numbers.
        curves: Losses and scores.
        gradients: Gradient norms of each layer.
        neurons: The latest counts of dead and saturated neurons, layer by layer.
        parameters: (L,) how many parameters each layer has.
        overflow: Where a value was not finite, if one was.
        separable: Whether a line separates the classes of the training rows; None where that is not known.
    """

    spec: Spec
    data: DataOfCase
    curves: Curves
    gradients: LayerGradients = NO_GRADIENTS
    neurons: tuple[NeuronCount, ...] = ()
    parameters: tuple[int, ...] = ()
    overflow: Overflow | None = None
    separable: bool | None = None
