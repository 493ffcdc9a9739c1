"""How sure an interval is, wherever one is told, and Wilson's interval of a share."""

from __future__ import annotations

import math
from typing import Final

Interval = tuple[float, float]
"""Lower and upper end."""
NORMAL_95: Final = 1.959963984540054
"""What 95 % of a normal distribution lie within, in standard deviations."""


def wilson(successes: float, trials: int) -> Interval | None:
    """Return where a share lies with 95 %, by Wilson's score interval (1927); None without trials.

    Args:
        successes: How many of the trials succeeded; of a mean of shares it need not be whole.
        trials: How many there were.
    """
    if not trials:
        return None
    share, square = successes / trials, NORMAL_95**2 / trials
    middle = (share + square / 2) / (1 + square)
    half = NORMAL_95 / (1 + square) * math.sqrt(share * (1 - share) / trials + square / trials / 4)
    return (max(0.0, middle - half) if successes else 0.0), (min(1.0, middle + half) if successes < trials else 1.0)
