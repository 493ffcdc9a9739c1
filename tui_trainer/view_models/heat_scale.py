"""Values as few levels of colour around zero; a value keeps its level until it is clearly in another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_trainer.themes.inks import HEAT_EMPTY, HEAT_STEPS
from tui_trainer.view_models.axes import round_up

Levels = NDArray[np.int8]
Matrix = NDArray[np.floating[Any]]

RELUCTANCE = 0.2
"""How far beyond the edge of its level, in levels, a value must be before its colour changes."""


class HeatScale:
    """Turns values into levels −7 … 7; a value keeps its level until it is clearly in another.

    Args:
        steps: How many of the levels on either side of zero are used: fewer where every value changes all the time.
        patience: For how many matrices in a row the bound must be too large before it shrinks.
    """

    def __init__(self, steps: int = HEAT_STEPS, patience: int = 1) -> None:
        self.bound = 0.0
        self._steps = steps
        self._patience = patience
        self._too_large = 0
        self._levels = np.zeros((0, 0), np.int8)

    def levels(self, matrix: Matrix, largest: float | None = None) -> Levels:
        """Return the level of each value; ``bound``, the value of the outermost level, follows the largest one.

        What is not finite is a hole. ``largest`` is that of all values on this scale, where these are not all of them.
        """
        previous_bound, is_finite = self.bound, np.isfinite(matrix)
        self._follow(largest_of(matrix) if largest is None else largest)
        exact = np.zeros(matrix.shape, np.float32)
        np.divide(matrix, self.bound, out=exact, where=is_finite, casting="same_kind")
        exact *= self._steps
        levels = np.rint(exact).astype(np.int8)
        if self._levels.shape == matrix.shape and previous_bound == self.bound:
            np.subtract(exact, self._levels, out=exact)
            np.copyto(levels, self._levels, where=np.abs(exact, out=exact) <= 0.5 + RELUCTANCE)
        self._levels = np.clip(levels, -self._steps, self._steps, out=levels)
        inked_levels: Levels = np.rint(levels * np.float32(HEAT_STEPS / self._steps)).astype(np.int8)
        inked_levels[~is_finite] = HEAT_EMPTY
        return inked_levels

    def _follow(self, largest: float) -> None:
        self._too_large = self._too_large + 1 if largest < self.bound * 0.3 else 0
        if largest > self.bound or self._too_large >= self._patience or not self.bound:
            self.bound = round_up(largest) if largest > 0 else 1.0
            self._too_large = 0


def largest_of(matrix: Matrix) -> float:
    """Return how far from zero the finite values of a matrix go."""
    ends = matrix.max(initial=0), matrix.min(initial=0)
    if not np.isfinite(ends).all():
        is_finite = np.isfinite(matrix)
        ends = matrix.max(initial=0, where=is_finite), matrix.min(initial=0, where=is_finite)
    return float(max(ends[0], -ends[1]))
