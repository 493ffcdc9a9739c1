"""Curves as braille cells: straight lines from point to point, dot by dot.

plotext drew them before, dot for dot the same but where two lines met in a cell: 5.3 takes twenty times as long and has
to be parsed, 6 is another library of the same name, with a compiled kernel and no wheels for some systems.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tui_trainer.widgets.grid import Cells

Points = NDArray[np.float64]

DOTS_ACROSS = 2
DOTS_DOWN = 4
BRAILLE_BLANK = 0x2800

_DOT_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], "<u4")
"""(DOTS_DOWN, DOTS_ACROSS) what each dot adds to the code point of a braille cell."""
_FARTHEST = 8
"""Heights of the picture within which a line's points are drawn where they are; farther ones only lead out of it."""


def draw_lines(width: int, height: int, lines: Sequence[Points]) -> Cells:
    """Return (height, width) code points, 0 where nothing is drawn.

    Args:
        width: Columns of cells.
        height: Rows of cells.
        lines: Each (n, 2): dot columns from the left, and heights from 0 (bottom row of dots) to 1 (top row). All
            finite; what lies outside is cut off.
    """
    dots = np.zeros((max(0, height) * DOTS_DOWN, max(0, width) * DOTS_ACROSS), bool)
    lines = [line for line in lines if len(line)]
    if dots.size and lines:
        columns, rows = _dots_along(lines, len(dots))
        inside = (columns >= 0) & (columns < dots.shape[1]) & (rows >= 0) & (rows < len(dots))
        dots[len(dots) - 1 - rows[inside], columns[inside]] = True
    return _braille(dots)


def _dots_along(lines: Sequence[Points], height: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return columns and rows, from below, of the dots from each point up to the next one of its line."""
    points = np.concatenate(lines)
    share = np.clip(points[:, 1], -_FARTHEST, _FARTHEST)
    x = np.floor(points[:, 0] + 0.5).astype(np.int64)
    # Rounded first, so that 3.4999999 is 3.5 and heights that are meant to be equal stay in one row.
    y = np.floor(np.round(share * (height - 1) + 0.5, 8)).astype(np.int64)
    ends = np.cumsum([len(line) for line in lines]) - 1
    across, up = np.diff(x, append=0), np.diff(y, append=0)
    across[ends] = up[ends] = 0
    counts = np.maximum(np.abs(across), np.abs(up))
    counts[ends] = 1  # a line's last point, which leads nowhere
    point = np.repeat(np.arange(len(points)), counts)
    nth = np.arange(len(point)) - np.repeat(np.cumsum(counts) - counts, counts)
    return x[point] + nth * across[point] // counts[point], y[point] + nth * up[point] // counts[point]


def _braille(dots: NDArray[np.bool_]) -> Cells:
    """Return (height, width) code points of (height × DOTS_DOWN, width × DOTS_ACROSS) dots, 0 where none is set."""
    height, width = len(dots) // DOTS_DOWN, dots.shape[1] // DOTS_ACROSS
    cells = dots.reshape(height, DOTS_DOWN, width, DOTS_ACROSS)
    bits = np.einsum("ydxa,da->yx", cells, _DOT_BITS)
    return np.where(bits, bits + np.uint32(BRAILLE_BLANK), 0).astype("<u4")
