"""Curves as braille cells, drawn by plotext.

plotext draws the curve and nothing else: axes, labels and colours are the chart's, so that they hold still and cost
nothing. It puts the lower and upper limit of an axis into the middle of the first and the last cell; limits half a cell
farther in make its axes count dots.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_trainer.widgets.grid import Cells

Points = NDArray[np.float64]

_MANUAL = "plotext._doc.doc"
"""The module by which plotext 6.1 reads in its manual when it is imported."""
DOTS_ACROSS = 2
DOTS_DOWN = 4
BRAILLE_BLANK = 0x2800

_FARTHEST = 8
"""Widths and heights of the picture within which a line's points are drawn where they are; farther ones only lead out
of it, and plotext's kernel would follow them dot by dot until there is no memory left."""


class Trace:
    """One curve of a chart from one drawing to the next.

    A curve that grows changes at its end. The columns before that are kept from the last time: plotext makes several
    objects of each point, which costs milliseconds for a whole curve.
    """

    def __init__(self) -> None:
        self._points: Points = np.empty((0, 2))
        self._cells: Cells = np.zeros((0, 0), "<u4")

    def draw(self, width: int, height: int, lines: Sequence[Points]) -> Cells:
        """Return the same as ``draw_lines``, in cells that are not to be written to."""
        points = _joined(lines)
        if self._cells.shape != (height, width):
            self._points, self._cells = np.empty((0, 2)), np.zeros((max(0, height), max(0, width)), "<u4")
        kept = self._kept_columns(points)
        if kept < width:
            rest = draw_lines(width, height, [_reaching_into(line, kept) for line in lines])
            self._cells = np.hstack([self._cells[:, :kept], rest[:, kept:]])
        self._points = points
        return self._cells

    def _kept_columns(self, points: Points) -> int:
        """Return how many columns of cells, from the left, show the same as last time."""
        old = self._points
        if np.array_equal(points, old, equal_nan=True):
            return int(self._cells.shape[1])
        length = min(len(points), len(old))
        same = ((points[:length] == old[:length]) | np.isnan(points[:length]) & np.isnan(old[:length])).all(axis=1)
        shared = points[: length if same.all() else int(np.argmin(same)), 0]
        ends = shared[~np.isnan(shared)]
        return int(np.clip(np.floor(ends[-1] + 0.5) // DOTS_ACROSS, 0, self._cells.shape[1])) if len(ends) else 0


def draw_lines(width: int, height: int, lines: Sequence[Points]) -> Cells:
    """Return (height, width) code points, 0 where nothing is drawn.

    Args:
        width: Columns of cells.
        height: Rows of cells.
        lines: Each (n, 2): dot columns from the left, which grow, and heights from 0 (bottom row of dots) to 1 (top
            row). All finite; what lies outside is cut off.
    """
    lines = [line for line in lines if len(line)]
    if width < 1 or height < 1 or not lines:
        return np.zeros((max(0, height), max(0, width)), "<u4")
    # An axis needs two cells; what a smaller picture has too much lies to the right of it and below, and is cut off.
    figure = _blank_figure(max(2, width), max(2, height))
    below = DOTS_DOWN * (max(2, height) - height)
    for line in lines:
        columns, rows = _dots(line, width * DOTS_ACROSS, height * DOTS_DOWN)
        signal = figure.signal(columns.tolist(), (rows + below).tolist(), marker="braille")
        signal.lines(True)
        figure.draw(signal)
    return _parse(figure.build().string(colorless=True), width, height)


def _joined(lines: Sequence[Points]) -> Points:
    """Return all lines as one array, a row of NaN after each."""
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for line in lines for part in (line, gap)]) if lines else np.empty((0, 2))


def _reaching_into(line: Points, column: int) -> Points:
    """Return what of a line is drawn in the cells from ``column`` on: its points there, and the one before them."""
    return line[max(0, int(np.searchsorted(np.floor(line[:, 0] + 0.5), column * DOTS_ACROSS)) - 1) :]


def _dots(line: Points, across: int, down: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the columns and the rows, from below, of a line's points in a picture of so many dots."""
    share = np.clip(line[:, 1], -_FARTHEST, _FARTHEST)
    # Rounded first, so that 3.4999999 is 3.5 and heights that are meant to be equal stay in one row.
    rows = np.floor(np.round(share * (down - 1) + 0.5, 8))
    return np.clip(np.floor(line[:, 0] + 0.5), -_FARTHEST * across, _FARTHEST * across), rows


def _blank_figure(width: int, height: int) -> Any:
    """Return plotext's one figure, empty, of a size."""
    figure = _bare_figure()
    figure.clear.data()
    figure.plot_size(width, height)
    middle_across, middle_down = (DOTS_ACROSS - 1) / 2, (DOTS_DOWN - 1) / 2
    figure.ruler("x", 0).lim(middle_across, (width - 1) * DOTS_ACROSS + middle_across)
    figure.ruler("y", 0).lim(middle_down, (height - 1) * DOTS_DOWN + middle_down)
    return figure


@cache
def _bare_figure() -> Any:
    """Return plotext's one figure without axes and numbers; to take them away anew takes as long as a short curve."""
    # Imported when the first curve is drawn, after the screen has been painted once.
    with _without_manual():
        from plotext import figure, terminal

    terminal.limit(False, False)  # else it clips to the terminal it believes to be in
    figure.clear()
    figure.axes(False)
    for axis in ("x", "y"):
        for side in (0, 1):
            figure.ruler(axis, side).frequency(0)
    return figure


@contextmanager
def _without_manual() -> Iterator[None]:
    """Let plotext be imported without its manual, which nobody reads here: 65 ms of processor time instead of 200."""
    if _MANUAL in sys.modules:
        yield
        return
    manual = ModuleType(_MANUAL)
    manual.docs = None  # type: ignore[attr-defined]
    sys.modules[_MANUAL] = manual
    try:
        yield
    finally:
        del sys.modules[_MANUAL]


def _parse(picture: str, width: int, height: int) -> Cells:
    """Return (height, width) code points of the upper left part of a picture, 0 where it has no dots."""
    codes = np.frombuffer(picture.encode("utf-32-le"), "<u4").reshape(-1, picture.index("\n") + 1)  # rows end with it
    cells = codes[:height, :width]
    return np.where(cells > BRAILLE_BLANK, cells, 0)
