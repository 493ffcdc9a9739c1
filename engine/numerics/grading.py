"""What probabilities are worth: curves over all thresholds, their areas, and whether they are shares."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats, Indices

BINS = 10
"""Of a reliability diagram."""


class Points(NamedTuple):
    """A curve (m,) over (m,), and the area below it."""

    x: Floats
    y: Floats
    area: float


class Reliability(NamedTuple):
    """Bins that have rows: how many (m,), their mean probability (m,), the share of which it was true (m,)."""

    rows: Indices
    predicted: Floats
    observed: Floats

    @property
    def error(self) -> float:
        """Mean distance of predicted and observed, weighted by rows (expected calibration error)."""
        return float((self.rows * np.abs(self.predicted - self.observed)).sum() / self.rows.sum())


def _counts(scores: Floats, positive: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return how many positives and negatives (m,) score at least as much as each of m different scores, falling."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(positive[order], dtype=np.float64)[ends]
    return hits, ends + 1 - hits


def roc_curve(scores: Floats, positive: NDArray[np.bool_]) -> Points | None:
    """Return the share of positives found over that of negatives taken for them, from (0, 0) to (1, 1).

    Args:
        scores: (B,) of any scale.
        positive: (B,) which rows are positive.

    Returns:
        Without points inside straight stretches; None where one of the classes is missing.
    """
    if positive.all() or not positive.any():
        return None
    hits, false = _counts(scores, positive)
    x, y = np.append(0, false / false[-1]), np.append(0, hits / hits[-1])
    area = float((np.diff(x) * (y[1:] + y[:-1])).sum() / 2)
    counts = np.append(0, false), np.append(0, hits)
    bends = np.append(np.append(True, np.any(np.diff(counts, 2) != 0, axis=0)), True)
    return Points(x[bends], y[bends], area)


def precision_recall_curve(scores: Floats, positive: NDArray[np.bool_]) -> Points | None:
    """Return precision over recall, from (0, 1) to (1, share of positives), and the average precision.

    That is Σ (Rₙ − Rₙ₋₁) Pₙ over falling thresholds: no straight lines between points, which would flatter.

    Args:
        scores: (B,) of any scale.
        positive: (B,) which rows are positive.

    Returns:
        Without points inside level stretches; None where one of the classes is missing.
    """
    if positive.all() or not positive.any():
        return None
    hits, false = _counts(scores, positive)
    recall, precision = hits / hits[-1], hits / (hits + false)
    area = float((np.diff(recall, prepend=0.0) * precision).sum())
    last = int(np.argmax(recall >= 1))  # farther thresholds only lose precision
    x, y = np.append(0, recall[: last + 1]), np.append(1, precision[: last + 1])
    level = np.append(np.append(False, (y[1:-1] == y[:-2]) & (y[1:-1] == y[2:])), False)
    return Points(x[~level], y[~level], area)


def thinned(points: Points, most: int) -> Points:
    """Return at most so many of the points, as far apart along the curve as they can be; the area stays."""
    x, y, area = points
    if len(x) <= most:
        return points
    length = np.append(0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    chosen = np.unique(np.searchsorted(length, np.linspace(0, length[-1], most)).clip(0, len(x) - 1))
    chosen[-1] = len(x) - 1
    return Points(x[chosen], y[chosen], area)


def reliability(probabilities: Floats, happened: NDArray[np.bool_]) -> Reliability:
    """Return probabilities (B,) beside the shares in which they came true, in tenths; each reaches to its upper end."""
    place = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], probabilities)
    rows = np.bincount(place, minlength=BINS)
    has_rows = rows > 0
    predicted = np.bincount(place, probabilities, minlength=BINS)[has_rows] / rows[has_rows]
    observed = np.bincount(place, happened, minlength=BINS)[has_rows] / rows[has_rows]
    return Reliability(rows[has_rows], predicted, observed)


def are_probabilities(p: Floats) -> bool:
    """Return whether outputs (K, B) are probabilities of classes: of one, or of all, which then add up to 1."""
    if not bool(((p >= 0) & (p <= 1)).all()):
        return False
    return len(p) == 1 or bool((np.abs(p.sum(axis=0, dtype=np.float64) - 1) < 1e-3).all())


def brier(p: Floats, y: Floats) -> float:
    """Return the mean squared error of probabilities p against targets y, both (K, B), summed over K outputs."""
    return float(np.square(p.astype(np.float64) - y).sum(axis=0).mean())
