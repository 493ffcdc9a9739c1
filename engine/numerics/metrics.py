"""Metrics of outputs against targets. Outputs are (S, K, B): S seeds, K outputs, B rows; targets likewise or (1, K, B)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.numerics.losses import Exit

Floats = NDArray[np.floating[Any]]
Counts = NDArray[np.int64]


def predicted_classes(p: Floats) -> Counts:
    """Return (…, B) class numbers: the largest output, or for a single output 1 where p ≥ 0.5."""
    if p.shape[-2] == 1:
        return (p[..., 0, :] >= 0.5).astype(np.int64)
    return np.asarray(p.argmax(axis=-2), np.int64)


class Sums:
    """What is added up over rows to become loss and score, weighting every row alike.

    Args:
        exit_: Last activation and loss.
        seeds: S.
        classification: Whether targets are classes; else the score is r².
    """

    def __init__(self, exit_: Exit, seeds: int, *, classification: bool) -> None:
        self._exit = exit_
        self._classification = classification
        self.rows = 0
        self._loss = np.zeros(seeds)
        self._correct = np.zeros(seeds)
        # For r²: over each of the K outputs, Σ(p − y)², Σy and Σy²; they begin as scalars and take K's shape.
        self._squared_error: Floats = np.zeros((seeds, 1))
        self._y: Floats = np.zeros((seeds, 1))
        self._y_squared: Floats = np.zeros((seeds, 1))

    def add(self, z: Floats, y: Floats) -> None:
        """Add rows with exit z (S, K, B) and targets y."""
        self.rows += z.shape[-1]
        self._loss += self._exit.rows(z, y).sum(axis=-1, dtype=np.float64)
        p = self._exit.value(z)
        if self._classification:
            self._correct += (predicted_classes(p) == predicted_classes(y)).sum(axis=-1)
            return
        y = y.astype(np.float64)
        self._squared_error = self._squared_error + ((p - y) ** 2).sum(axis=-1)
        self._y = self._y + y.sum(axis=-1)
        self._y_squared = self._y_squared + (y * y).sum(axis=-1)

    def loss(self) -> Floats:
        """Return (S,) mean row losses."""
        return self._loss / self.rows

    def score(self) -> Floats:
        """Return (S,) accuracies, or r² (the mean over outputs; NaN where the targets do not vary)."""
        if self._classification:
            return self._correct / self.rows
        spread = self._y_squared - self._y**2 / self.rows
        with np.errstate(divide="ignore", invalid="ignore"):
            r2 = np.where(spread > 0, 1 - self._squared_error / spread, np.nan)
        scores: Floats = r2.mean(axis=-1)
        return scores

    def state(self) -> Floats:
        """Return the sums as one array, for a save in the middle of an epoch."""
        seeds, outputs = self._squared_error.shape
        totals = np.stack([self._loss, self._correct, np.full(seeds, self.rows)], axis=1)
        spreads = [np.broadcast_to(part, (seeds, outputs)) for part in (self._squared_error, self._y, self._y_squared)]
        return np.concatenate([totals, *spreads], axis=1)

    def restore(self, state: Floats) -> None:
        """Put back what ``state`` gave."""
        self._loss, self._correct = state[:, 0].copy(), state[:, 1].copy()
        self.rows = int(state[0, 2])
        self._squared_error, self._y, self._y_squared = (part.copy() for part in np.split(state[:, 3:], 3, axis=1))


def confusion(p: Floats, y: Floats, classes: int) -> Counts:
    """Return (classes, classes) counts [true][predicted] of one network's outputs (K, B)."""
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (predicted_classes(y), predicted_classes(p)), 1)
    return table


def roc_auc(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve: the chance that a positive scores above a negative, ties counting half.

    By ranks (Mann–Whitney U); NaN where one of the classes is missing.
    """
    n_positive = int(positive.sum())
    n_negative = len(positive) - n_positive
    if not n_positive or not n_negative:
        return float("nan")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_ranks = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = mean_ranks[place][positive].sum()
    return float((rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))
