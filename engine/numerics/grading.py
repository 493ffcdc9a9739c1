"""Running metrics of a window of rows, compiled as a step is: the same losses as ``Exit.rows``, without new arrays.

Where an epoch is a single step, grading it the plain way would take as long as a third of the step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.numerics.losses import Exit
from engine.numerics.metrics import Classes, Sums
from engine.numerics.optimizers import Op

Floats = NDArray[np.floating[Any]]


class Grader:
    """Grades what lies in fixed buffers; for sigmoid with BCE and a single output.

    Args:
        z: (S, B) of the exit.
        y: (S, B) targets, 0 to 1.
        excess: By how much z is larger than the true one.
    """

    def __init__(self, z: Floats, y: Floats, excess: float) -> None:
        self._losses = np.empty_like(z)
        self._positive = np.empty(z.shape, np.bool_)
        true, part, zeros = np.empty_like(z), np.empty_like(z), np.zeros_like(z)
        losses, minus, factor = self._losses, np.array(-1, z.dtype), np.array(1 / excess, z.dtype)
        # ln(1 + e^z) − y·z = max(z, 0) − y·z + ln(1 + e^−|z|), whose exponent is never positive
        self._program: list[Op] = [
            (np.greater_equal, (z, zeros, self._positive)),
            (np.multiply, (z, factor, true)),
            (np.multiply, (true, y, losses)),
            (np.fmax, (true, zeros, part)),
            (np.subtract, (part, losses, losses)),
            (np.copysign, (true, minus, true)),
            (np.exp, (true, true)),
            (np.log1p, (true, true)),
            (np.add, (losses, true, losses)),
        ]

    @staticmethod
    def suits(exit_: Exit, outputs: int) -> bool:
        """Return whether rows of such a network can be graded here."""
        return exit_.name == "sigmoid+bce" and outputs == 1

    def add_to(self, sums: Sums, classes: Classes) -> None:
        """Add the rows, as the buffers now hold them, whose ``true_classes`` (S, B) are given."""
        for function, arguments in self._program:
            function(*arguments)
        sums.add_graded(self._losses, self._positive == classes)
