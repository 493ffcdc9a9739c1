"""Metrics of outputs against targets.

Outputs are (S, K, B), targets likewise or (1, K, B); letters as in ``engine.numerics.axes``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.numerics.losses import OutputHead

Counts = NDArray[np.int64]
Classes = NDArray[np.int64 | np.bool_]

ZERO = np.float64(0)


def predicted_classes(p: Floats) -> Counts:
    """Return (…, B) class numbers from p (…, K, B): the largest output's, or for a single output 1 where p ≥ 0.5."""
    if p.shape[-2] == 1:
        return (p[..., 0, :] >= 0.5).astype(np.int64)
    return np.asarray(p.argmax(axis=-2), np.int64)


def true_classes(y: Floats) -> Classes:
    """Return (…, B) the classes that targets (…, K, B) stand for: numbers, or for a single output whether it is 1."""
    return np.asarray(y.argmax(axis=-2) if y.shape[-2] > 1 else y[..., 0, :] >= 0.5)


def total_sum_of_squares(y: Floats) -> Floats:
    """Return (K,) Σ(y − ȳ)² over the rows of targets y (N, K): the denominator in r² = 1 − Σ(p − y)² / Σ(y − ȳ)²."""
    y = y.astype(np.float64)
    total: Floats = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    return total


class MetricAccumulator:
    """Sums over rows, added block by block, that become mean loss and score; every row weighs alike.

    Sums are (S,), or plain numbers for one network whose rows come without the seed axis: numbers cost less than arrays
    of one element.

    Args:
        head: Last activation and loss.
        seeds: S.
        total_sum_of_squares: Of the whole part's targets, (K,), for regression; None for classification.
    """

    def __init__(self, head: OutputHead, seeds: int, total_sum_of_squares: Floats | None) -> None:
        self._head = head
        self._seeds = seeds
        self._total_sum_of_squares = total_sum_of_squares
        self.clear()

    def clear(self) -> None:
        """Set all sums to zero."""
        self._rows = 0
        self._loss: Any = ZERO
        self._correct: Any = ZERO
        self._squared_error: Any = ZERO

    def add(self, z: Floats, y: Floats, classes: Classes | None = None, weights: Floats | None = None) -> None:
        """Add rows with z (S, K, B) of the output and targets y (S or 1, K, B).

        Args:
            z: Of the output, unscaled.
            y: Targets.
            classes: (S or 1, B) ``true_classes`` of y, where the caller has them already.
            weights: (B,) or (S, B) what the rows' losses are multiplied by.
        """
        losses = self._head.row_losses(z, y)
        if weights is not None:
            losses = losses * weights
        if self._total_sum_of_squares is None:
            self.add_losses(losses, self._head.classes(z) == (true_classes(y) if classes is None else classes))
        else:
            self._add_row_losses(losses)
            error = self._head.value(z) - y
            self._squared_error = self._squared_error + np.add.reduce(np.square(error, dtype=np.float64), axis=-1)

    def add_losses(self, losses: Floats, correct: NDArray[np.bool_]) -> None:
        """Add rows of a classification by their losses (…, B), and whether each was classified correctly (…, B)."""
        self._add_row_losses(losses)
        # A count over an axis costs six times as much.
        self._correct = self._correct + (
            np.count_nonzero(correct) if correct.ndim == 1 else np.add.reduce(correct, axis=-1)
        )

    def _add_row_losses(self, losses: Floats) -> None:
        self._rows += losses.shape[-1]
        if losses.ndim > 1:
            losses = losses.astype(np.float64, copy=False)  # else a buffer's end may divide a row, and round otherwise
        # Not in place: what the first sum brings may be an array or a number.
        self._loss = self._loss + np.add.reduce(losses, -1, np.float64)

    def loss(self) -> Floats:
        """Return the mean row loss of each network, (S,) or ()."""
        loss: Floats = self._loss / self._rows
        return loss

    def score(self) -> Floats:
        """Return accuracy or r² of each network, (S,) or ().

        Of several outputs r² is the mean (scikit-learn's "uniform_average"); NaN where a target does not vary.
        """
        if self._total_sum_of_squares is None:
            accuracy: Floats = self._correct / self._rows
            return accuracy
        with np.errstate(divide="ignore", invalid="ignore"):
            r2 = np.where(self._total_sum_of_squares > 0, 1 - self._squared_error / self._total_sum_of_squares, np.nan)
        scores: Floats = r2.mean(axis=-1)
        return scores

    def state(self) -> Floats:
        """Return the sums as one array, for a checkpoint within an epoch: (S, 3), of a regression (S, 3 + K)."""
        state: Floats = np.zeros(
            (self._seeds, 3 + (1 if self._total_sum_of_squares is None else len(self._total_sum_of_squares)))
        )
        state[:, 0], state[:, 1], state[:, 2] = self._loss, self._correct, self._rows
        state[:, 3:] = self._squared_error
        return state

    def restore(self, state: Floats) -> None:
        """Take over what ``state`` gave, (S, 3) or (S, 3 + K)."""
        self._loss, self._correct = state[:, 0].copy(), state[:, 1].copy()
        self._rows, self._squared_error = int(state[0, 2]), state[:, 3:].copy()


def confusion(p: Floats, y: Floats, classes: int) -> Counts:
    """Return counts [true][predicted], (classes, classes), of one network's outputs p and targets y, both (K, B)."""
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (predicted_classes(y), predicted_classes(p)), 1)
    return table


def roc_auc(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve: the chance that a positive scores above a negative, ties counting half.

    By ranks, as the Mann–Whitney U (Hanley & McNeil 1982).

    Args:
        scores: (B,) of any scale.
        positive: (B,) which rows are positive.

    Returns:
        0 to 1; NaN where one of the classes is missing.
    """
    n_positive = int(positive.sum())
    n_negative = len(positive) - n_positive
    if not n_positive or not n_negative:
        return float("nan")
    _, rank_index, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_ranks = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = float(mean_ranks[rank_index][positive].sum())
    return (rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)
