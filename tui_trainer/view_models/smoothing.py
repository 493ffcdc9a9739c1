"""The exponential moving average, for curves that jump about."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FACTORS = (0.0, 0.6, 0.9, 0.97)
"""What the key goes through; 0 leaves a curve as it is."""


def smoothed(values: Floats, factor: float) -> Floats:
    """Return the mean of each value and those before it, (n,), each counting ``factor`` times as much as the next.

    The weights of a mean come to 1 from the first value on, so that a curve does not start out from zero. A value that
    is NaN stays so, and has no part in the means after it.
    """
    return np.fromiter(_means(values.tolist(), factor), np.float64, len(values))


def _means(values: list[float], factor: float) -> Iterator[float]:
    total = weight = 0.0
    for value in values:
        if math.isnan(value):
            yield value
            continue
        total, weight = factor * total + value, factor * weight + 1
        yield total / weight


def next_factor(factor: float) -> float:
    """Return the factor after this one; after the last comes the first."""
    return next((following for following in FACTORS if following > factor), FACTORS[0])
