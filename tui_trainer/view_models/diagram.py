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


def columns_of(widths: Sequence[int], width: int, height: int, across: int = 1, down: int = 1) -> list[Column]:
    """Return where the neurons of layers of these widths stand in a drawing of this size.

    Where not all layers have room the first ones are drawn, and of a layer as many neurons as fit.

    Args:
        widths: Neurons of each layer.
        width: Cells across.
        height: Cells down.
        across: Cells of a neuron, around its column.
        down: Cells of a neuron, around its row; where they are several there is a free one between two neurons.
    """
    drawn = widths[: max(2, width // max(6, across + 3))]
    edge = max(1, across // 2)
    stride = (width - across - 1 - (across == 1)) / max(1, len(drawn) - 1)
    return [_column(round(edge + index * stride), units, height, down) for index, units in enumerate(drawn)]


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


def _column(x: int, units: int, height: int, down: int) -> Column:
    if down > 1:
        return _column_of_pictures(x, units, height, down)
    room = max(1, height)
    count = units if units <= min(MOST_NEURONS, room) else max(1, min(MOST_NEURONS - 1, room - 2))
    span = room if count == units else max(1, room - 1)  # the mark stands below the last one
    step = min(WIDEST_STEP, max(1, (span - 1) // max(1, count - 1)))
    top = (span - (count - 1) * step - 1) // 2
    return Column(x, tuple(top + step * index for index in range(count)), count == units)


def _column_of_pictures(x: int, units: int, height: int, down: int) -> Column:
    """Return a column of neurons that are ``down`` cells high, a free one between two, and room for a mark below."""
    fitting = max(1, (height + 1) // (down + 1))
    count = units if units <= min(MOST_NEURONS, fitting) else max(1, min(MOST_NEURONS - 1, fitting - 1, units))
    taken = count * (down + 1) - 1
    step = down + 1 + (1 if taken + count - 1 <= height - 1 else 0)
    top = max(0, (height - (count * step - (step - down))) // 2)
    return Column(x, tuple(top + down // 2 + step * index for index in range(count)), count == units)
