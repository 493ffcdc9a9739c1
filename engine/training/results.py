"""What training reports: metrics and epochs.

Numbers are floats for a trainer of one seed, and arrays (S,) for a trainer of several. What comes with every epoch is a
named tuple, which is made in a fraction of the time that a frozen dataclass takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.run.metrics import METRICS

Number = float | Floats


class Metrics(NamedTuple):
    """Loss and score of one part of the data.

    Attributes:
        loss: Mean row loss, without penalties.
        accuracy: Share of rows in the right class; None for regression.
        r2: Coefficient of determination; None for classification.
    """

    loss: Number
    accuracy: Number | None
    r2: Number | None = None

    @property
    def score(self) -> Number:
        """The accuracy of a classification, the r² of a regression."""
        score = self.accuracy if self.accuracy is not None else self.r2
        return float("nan") if score is None else score

    @property
    def finite(self) -> NDArray[np.bool_]:
        """Whether these are numbers, () or (S,). An r² may be undefined (NaN), where targets do not vary."""
        return np.isfinite(self.loss) & ~np.isinf(self.score)


class EpochResult(NamedTuple):
    """One epoch.

    Attributes:
        epoch: Counted from 1.
        train: Running: measured on each batch before its update, dropout on, weighted by rows.
        validation: Evaluated at the epoch's end, dropout off; None where there is no such part.
        learning_rate: The rate of the epoch's last step.
    """

    epoch: int
    train: Metrics
    validation: Metrics | None
    learning_rate: float

    def row(self) -> NDArray[np.float64]:
        """Return (S, 5): train loss and score, validation loss and score, learning rate; NaN where undefined."""
        train, validation = self.train, self.validation
        columns = (
            train.loss,
            train.score,
            validation.loss if validation else np.nan,
            validation.score if validation else np.nan,
            self.learning_rate,
        )
        return np.stack(np.broadcast_arrays(*map(np.atleast_1d, columns)), axis=1)


def rows(losses: Floats, scores: Floats, validation: Sequence[Metrics], rates: Sequence[float]) -> NDArray[np.float64]:
    """Return (k, S, 5), the rows of k epochs.

    Args:
        losses: (k, S) of the training part.
        scores: (k, S), likewise.
        validation: Of each epoch; empty where there is no such part.
        rates: Learning rates.
    """
    table = np.full((*losses.shape, len(METRICS)), np.nan)
    table[..., 0], table[..., 1] = losses, scores
    if validation:
        table[..., 2] = [np.atleast_1d(metrics.loss) for metrics in validation]
        table[..., 3] = [np.atleast_1d(metrics.score) for metrics in validation]
    table[..., 4] = np.array(rates)[:, None]
    return table


@dataclass(frozen=True)
class NonFinite:
    """A value that is not finite any more.

    Attributes:
        epoch: The epoch in which it was found.
        layer: The first layer (from 0) with such a weight; None where only the loss is affected.
        seeds: The seeds concerned.
        cause: One line: what it was, and what usually brings it about.
    """

    epoch: int
    layer: int | None
    seeds: tuple[int, ...]
    cause: str
