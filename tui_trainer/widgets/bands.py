"""Bands as braille cells: two edges and a thin fill, so that several can lie over one another."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_trainer.widgets.grid import Cells
from tui_trainer.widgets.plot import BRAILLE_BLANK, DOTS_ACROSS, DOTS_DOWN

DOT_BITS: Final[NDArray[Any]] = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], "<u4")
"""(4, 2) bits of a braille character's dots, as they stand in it."""

EVERY: Final = 4
"""Of so many dots of a band's inside one is drawn; those of the next band are others."""


class Band(NamedTuple):
    """The cells (H, W) of a band, 0 where nothing is drawn."""

    edges: Cells
    inside: Cells


def hollowed(cells: Cells, number: int) -> Band:
    """Return a solid band as its upper and lower edge, and the dots of band ``number`` between them."""
    dots = _dots(cells)
    above = np.pad(dots, ((1, 0), (0, 0)), constant_values=True)[:-1]
    below = np.pad(dots, ((0, 1), (0, 0)), constant_values=True)[1:]
    inside = dots & above & below
    rows, columns = np.indices(dots.shape)
    drawn = (rows + 2 * columns + 2 * number + number // 2) % EVERY == 0
    return Band(_cells(dots & ~inside), _cells(inside & drawn))


def _dots(cells: Cells) -> NDArray[np.bool_]:
    """Return (4 H, 2 W) dots of (H, W) cells."""
    height, width = cells.shape
    lit = (cells[:, :, None, None] & DOT_BITS) != 0
    return np.asarray(lit.transpose(0, 2, 1, 3).reshape(height * DOTS_DOWN, width * DOTS_ACROSS))


def _cells(dots: NDArray[np.bool_]) -> Cells:
    """Return (H, W) cells of (4 H, 2 W) dots."""
    height, width = dots.shape[0] // DOTS_DOWN, dots.shape[1] // DOTS_ACROSS
    by_cell = dots.reshape(height, DOTS_DOWN, width, DOTS_ACROSS).transpose(0, 2, 1, 3)
    bits = (by_cell * DOT_BITS).sum(axis=(2, 3)).astype("<u4")
    return np.where(bits, BRAILLE_BLANK + bits, 0).astype("<u4")
