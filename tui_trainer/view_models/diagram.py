"""A drawn network: columns of neurons, and lines between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

DOTS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint32)
"""The bits of the eight dots in a braille cell, four rows of two."""

BRAILLE: Final = 0x2800

MOST_NEURONS: Final = 10
"""Neurons of a layer that are drawn at most: more make the lines between them a plain surface."""

WIDEST_STEP: Final = 4
"""Rows from one neuron to the next at most."""


@dataclass(frozen=True)
class Column:
    """A layer in the drawing.

    Attributes:
        x: Its column of cells.
        rows: The row of cells of each neuron drawn, the uppermost first.
        whole: Whether that is all of them.
    """

    x: int
    rows: tuple[int, ...]
    whole: bool


def columns_of(widths: Sequence[int], width: int, height: int) -> list[Column]:
    """Return where the neurons of layers of these widths stand in a drawing of this size.

    Where not all layers have room the first ones are drawn, and of a layer as many neurons as fit.
    """
    drawn = widths[: max(2, width // 6)]
    stride = (width - 2) / max(1, len(drawn) - 1)
    return [_column(round(1 + index * stride), units, height) for index, units in enumerate(drawn)]


def lines_between(columns: Sequence[Column], width: int, height: int) -> NDArray[np.uint32]:
    """Return (height, width) code points: a line from each neuron to each one of the next column, in braille."""
    dots = np.zeros((height * 4, width * 2), bool)
    for left, right in pairwise(columns):
        xs = np.arange(2 * left.x + 3, 2 * right.x - 1)
        share = (xs - xs[0]) / max(1, len(xs) - 1) if len(xs) else xs
        for start in left.rows:
            for end in right.rows:
                ys = np.rint(4 * start + 1.5 + share * 4 * (end - start)).astype(int)
                dots[ys.clip(0, height * 4 - 1), xs.clip(0, width * 2 - 1)] = True
    cells = dots.reshape(height, 4, width, 2).swapaxes(1, 2)
    codes: NDArray[np.uint32] = (cells * DOTS).sum(axis=(2, 3), dtype=np.uint32)
    return np.where(codes, codes + BRAILLE, ord(" ")).astype(np.uint32)


def _column(x: int, units: int, height: int) -> Column:
    room = max(1, height)
    count = units if units <= min(MOST_NEURONS, room) else max(1, min(MOST_NEURONS - 1, room - 2))
    span = room if count == units else max(1, room - 1)  # the mark stands below the last one
    step = min(WIDEST_STEP, max(1, (span - 1) // max(1, count - 1)))
    top = (span - (count - 1) * step - 1) // 2
    return Column(x, tuple(top + step * index for index in range(count)), count == units)
