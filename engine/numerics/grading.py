"""Running metrics of a window of rows, compiled as a step is: the same losses as ``Exit.rows``, without new arrays.

Where an epoch is a single step, grading it the plain way would take as long as a third of the step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.numerics.losses import Exit
from engine.numerics.metrics import Sums
from engine.numerics.optimizers import Op

Floats = NDArray[np.floating[Any]]


class Grader:
    """Grades what lies in fixed buffers; for sigmoid with BCE and a single output.

    Args:
        z: (…, B) of the exit.
        y: (…, B) targets, −1 to 1, as ``kernels.encode_targets`` gives them.
        excess: By how much z is larger than the true one.
    """

    def __init__(self, z: Floats, y: Floats, excess: float) -> None:
        self._losses = np.empty_like(z)
        self._right, true = np.empty(z.shape, np.bool_), np.empty(z.shape, np.bool_)
        half = z if excess == 0.5 else np.empty_like(z)
        losses, part = self._losses, np.empty_like(z)
        halved: list[Op] = [] if half is z else [(np.multiply, (z, np.array(0.5 / excess, z.dtype), half))]
        # ln(1 + e^z) − (y + 1)/2 · z = |z/2| − y · z/2 + ln(1 + e^−|z|), whose exponent is never positive
        self._program: list[Op] = [
            (np.greater_equal, (z, np.zeros_like(z), self._right)),
            (np.greater_equal, (y, np.zeros_like(y), true)),
            (np.equal, (self._right, true, self._right)),
            *halved,
            (np.multiply, (half, y, losses)),
            (np.absolute, (half, part)),
            (np.subtract, (part, losses, losses)),
            (np.multiply, (part, np.array(-2, z.dtype), part)),
            (np.exp, (part, part)),
            (np.log1p, (part, part)),
            (np.add, (losses, part, losses)),
        ]

    @staticmethod
    def suits(exit_: Exit, outputs: int) -> bool:
        """Return whether rows of such a network can be graded here."""
        return exit_.name == "sigmoid+bce" and outputs == 1

    def add_to(self, sums: Sums) -> None:
        """Add the rows, as the buffers now hold them."""
        for function, arguments in self._program:
            function(*arguments)
        sums.add_graded(self._losses, self._right)
