"""Lines of any course as braille dots: back and forth, closed, dashed.

``plot.draw_lines`` has plotext draw what grows to the right, and keeps what it drew last; a curve of two hundred points
that is another with every turn of a dial takes that 10 to 40 ms, this 0.2.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tui_trainer.widgets.grid import Cells
from tui_trainer.widgets.plot import BRAILLE_BLANK, DOTS_ACROSS, DOTS_DOWN

Points = NDArray[np.float64]
Dash = tuple[int, int]
"""How many dots are drawn, and how many then are not."""

_BITS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], "<u4")
"""The bits of a cell's dots, by row and column."""


def draw_polyline(width: int, height: int, line: Points, dash: Dash | None = None) -> Cells:
    """Return (height, width) code points, 0 where nothing is drawn.

    Args:
        width: Columns of cells.
        height: Rows of cells.
        line: (n, 2) dot columns from the left and heights from 0 (bottom row of dots) to 1; what lies outside of the
            picture is cut off.
        dash: Dots drawn and left out in turn, None for all of them.
    """
    if not len(line):
        return _cells(width, height, np.empty(0, int), np.empty(0, int))
    across, down = width * DOTS_ACROSS, height * DOTS_DOWN
    columns, rows = _samples(line[:, 0], (1 - line[:, 1]) * (down - 1), max(1, 2 * (across + down)))
    if dash:
        kept = np.arange(len(columns)) % sum(dash) < dash[0]
        columns, rows = columns[kept], rows[kept]
    return _cells(width, height, columns, rows)


def draw_points(width: int, height: int, points: Points) -> Cells:
    """Return the same for points with nothing between them, a dot each."""
    rows = np.floor((1 - points[:, 1]) * (height * DOTS_DOWN - 1) + 0.5).astype(int)
    return _cells(width, height, np.floor(points[:, 0] + 0.5).astype(int), rows)


def _cells(width: int, height: int, columns: NDArray[np.int64], rows: NDArray[np.int64]) -> Cells:
    """Return the cells of dots, as far as those lie inside."""
    across, down = max(0, width) * DOTS_ACROSS, max(0, height) * DOTS_DOWN
    cells = np.zeros((max(0, height), max(0, width)), "<u4")
    inside = (columns >= 0) & (columns < across) & (rows >= 0) & (rows < down)
    columns, rows = columns[inside], rows[inside]
    bits = _BITS[rows % DOTS_DOWN, columns % DOTS_ACROSS]
    np.bitwise_or.at(cells, (rows // DOTS_DOWN, columns // DOTS_ACROSS), bits)
    return np.where(cells, cells | BRAILLE_BLANK, 0).astype("<u4")


def cells_of(width: int, height: int, line: Points) -> list[tuple[int, int]]:
    """Return the column and row of the cells that a line's points lie in, each once, as far as they are inside."""
    columns = np.floor(line[:, 0] + 0.5).astype(int) // DOTS_ACROSS
    rows = np.floor((1 - line[:, 1]) * (height * DOTS_DOWN - 1) + 0.5).astype(int) // DOTS_DOWN
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    return list(dict.fromkeys(zip(columns[inside].tolist(), rows[inside].tolist(), strict=True)))


def _samples(x: Points, y: Points, most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the dots of a line's segments one after the other, each dot once where two segments meet."""
    lengths = np.maximum(np.abs(np.diff(x)), np.abs(np.diff(y)))
    counts = np.clip(np.ceil(lengths), 1, most).astype(int)
    segment = np.repeat(np.arange(len(counts)), counts)
    share = (np.arange(len(segment)) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[segment]
    between = [value[segment] + share * np.diff(value)[segment] for value in (x, y)]
    dots = [np.floor(np.append(part, value[-1]) + 0.5).astype(int) for part, value in zip(between, (x, y), strict=True)]
    keep = np.append(True, (np.diff(dots[0]) != 0) | (np.diff(dots[1]) != 0))
    return dots[0][keep], dots[1][keep]
