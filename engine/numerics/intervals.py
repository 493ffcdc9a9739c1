"""Where a score on other rows of the same kind lies with 95 %, told from the rows that were asked.

ROC areas and R² are no shares of rows, so that Wilson's interval does not fit them. Each is computed on a scale on
which it has no end (log-odds of an area, the logarithm of the unexplained part of the variance) and taken back from
there: no interval reaches beyond what is possible. Nothing is drawn, so the same rows always give the same bounds.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.declarations.confidence import NORMAL_95, Interval, wilson


def roc_area_interval(scores: Floats, positive: NDArray[np.bool_]) -> Interval | None:
    """Return where the area below a ROC curve lies, by DeLong, DeLong and Clarke-Pearson (1988), on log-odds.

    Where all pairs are in order their variance is 0; then the rarer class, all of it right, bounds the area: chance
    makes an order without fault at most as often as it makes all those rows right.

    Args:
        scores: (B,) of any scale.
        positive: (B,) which rows are positive.

    Returns:
        The bounds; None where a class has fewer than two rows.
    """
    own, others = np.sort(scores[positive]), np.sort(scores[~positive])
    if min(len(own), len(others)) < 2:
        return None
    above = _shares_below(own, others)  # of each positive row, the share of negatives that score less
    below = 1 - _shares_below(others, own)
    area = float(above.mean())
    variance = float(above.var(ddof=1) / len(own) + below.var(ddof=1) / len(others))
    if area in {0.0, 1.0}:
        rows = min(len(own), len(others))
        return wilson(area * rows, rows)
    return _by_log_odds(area, math.sqrt(variance))


def average_precision_interval(area: float, positives: int) -> Interval | None:
    """Return where an average precision lies, taken for a share of the positives, by Wilson.

    That it may be taken for one is found in simulations by Boyd, Eng and Page (2013). Of the class's rows it holds the
    truth rather too often than too seldom.

    Args:
        area: The average precision.
        positives: Rows of the class; None without any.
    """
    return wilson(area * positives, positives)


def r2_interval(true: Floats, predicted: Floats) -> Interval | None:
    """Return where 1 − Σ(p − y)² / Σ(y − ȳ)² lies, by the delta method on the logarithm of the quotient.

    The quotient's relative error is the standard error of mean(uᵢ), uᵢ = (pᵢ − yᵢ)²/mean − (yᵢ − ȳ)²/mean; that ȳ is
    known from the same rows is no error of first order. Errors need not be normal, nor of one size.

    Args:
        true: (B,) true values y.
        predicted: (B,) predicted values p.

    Returns:
        The bounds; None of fewer than three rows, of targets that do not vary, and of predictions without an error.
    """
    with np.errstate(all="ignore"):
        squares, deviations = np.square(predicted - true), np.square(true - true.mean())
        missed, spread = float(squares.mean()), float(deviations.mean())
        if len(true) < 3 or not (0 < missed < math.inf and 0 < spread < math.inf):
            return None
        error = float((squares / missed - deviations / spread).std(ddof=1)) / math.sqrt(len(true))
        ends = 1 - missed / spread * np.exp(np.array([1, -1]) * NORMAL_95 * error)
    return (float(ends[0]), float(ends[1])) if np.isfinite(ends).all() else None


def _shares_below(scores: Floats, others: Floats) -> Floats:
    """Return (k,) of each score the share of the others, sorted, that are less; a tie counts as half of one."""
    less, up_to = (np.searchsorted(others, scores, side=side) for side in ("left", "right"))
    return np.asarray((less + up_to) / (2 * len(others)))


def _by_log_odds(area: float, error: float) -> Interval:
    """Return area ± 1.96 standard errors on the scale of its log-odds."""
    middle, half = math.log(area / (1 - area)), NORMAL_95 * error / (area * (1 - area))
    low, high = (math.tanh((middle + sign * half) / 2) / 2 + 0.5 for sign in (-1, 1))
    return low, high
