"""Curves as braille cells, drawn by plotext.

plotext draws the curve and nothing else: axes, labels and colours are the chart's, so that they hold still and cost
nothing. One figure object lives as long as its chart. It is the 5.3 line of plotext, which is pure Python and installs
anywhere; the 6.x line was measured a quarter faster a chart and four times slower to import, has wheels for fewer
systems, needs a C++ compiler on the others, and shares no call with 5.3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_trainer.widgets.grid import Cells

Points = NDArray[np.float64]

DOTS_ACROSS = 2
DOTS_DOWN = 4
BRAILLE_BLANK = 0x2800

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class Trace:
    """One curve of a chart from one drawing to the next.

    A curve that grows changes at its end. What lies before that is kept from the last time, because plotext takes
    milliseconds for a whole curve: the redraws of a live chart cost a fifth.
    """

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._points: Points = np.empty((0, 2))
        self._cells: Cells = np.zeros((0, 0), "<u4")

    def draw(self, width: int, height: int, lines: Sequence[Points]) -> Cells:
        """Return the same as ``Plot.draw``."""
        points = _joined(lines)
        if self._cells.shape != (height, width):
            self._points, self._cells = np.empty((0, 2)), np.zeros((height, width), "<u4")
        kept = self._kept_columns(points)
        if kept < width:
            # One column more than is new: plotext rounds towards 0, so that what lies before the first column leaks
            # into it. That column is left as it was.
            start = max(0, kept - 1)
            rest = self._plot.draw(width - start, height, [_from_column(line, start) for line in lines])
            self._cells = np.hstack([self._cells[:, :kept], rest[:, kept - start :]])
        self._points = points
        return self._cells

    def _kept_columns(self, points: Points) -> int:
        """Return how many columns of cells show the same as last time."""
        old = self._points
        if np.array_equal(points, old, equal_nan=True):
            return int(self._cells.shape[1])
        length = min(len(points), len(old))
        both_gaps = np.isnan(points[:length]) & np.isnan(old[:length])
        same = ((points[:length] == old[:length]) | both_gaps).all(axis=1)
        shared = points[: length if same.all() else int(np.argmin(same)), 0]
        ends = shared[~np.isnan(shared)]
        return int(ends[-1]) // DOTS_ACROSS if len(ends) else 0


class Plot:
    """A canvas of braille dots: ``DOTS_ACROSS`` × ``DOTS_DOWN`` of them to a cell."""

    def __init__(self) -> None:
        self._figure: Any = None

    def draw(self, width: int, height: int, lines: Sequence[Points]) -> Cells:
        """Return (height, width) code points, 0 where nothing is drawn.

        Args:
            width: Columns of cells.
            height: Rows of cells.
            lines: Each (n, 2): dot columns from the left, and heights from 0 (bottom row of dots) to 1 (top row). All
                finite; what lies outside is cut off.
        """
        lines = [line for line in lines if len(line)]
        if width < 1 or height < 1 or not lines:
            return np.zeros((max(0, height), max(0, width)), "<u4")
        figure = self._blank_figure(width, height)
        for line in lines:
            figure.plot(line[:, 0].tolist(), line[:, 1].tolist(), marker="braille")
        return _parse(figure.build(), width, height)

    def _blank_figure(self, width: int, height: int) -> Any:
        if self._figure is None:
            self._figure = _new_figure()
        figure = self._figure
        figure.clear_data()
        figure.plot_size(width, height)
        figure.xlim(0, max(1, width * DOTS_ACROSS - 1))
        figure.ylim(0, 1)
        return figure


def _joined(lines: Sequence[Points]) -> Points:
    """Return all lines as one array, a row of NaN after each."""
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for line in lines for part in (line, gap)]) if lines else np.empty((0, 2))


def _from_column(line: Points, column: int) -> Points:
    """Return what of a line reaches into the cells from ``column`` on, moved so that these begin at 0."""
    first = max(0, int(np.searchsorted(line[:, 0], column * DOTS_ACROSS)) - 1) if column else 0
    rest = line[first:] - (column * DOTS_ACROSS, 0)
    return rest if len(rest) and rest[-1, 0] >= 0 else np.empty((0, 2))


def _new_figure() -> Any:
    # Imported when the first curve is drawn, after the screen has been painted once.
    from plotext._figure import _figure_class

    figure = _figure_class()
    figure._limit_size(False, False)  # noqa: SLF001 (else it clips to the terminal it believes to be in)
    figure.theme("clear")
    figure.frame(False)
    for side in (1, 2):
        figure.xfrequency(0, side)
        figure.yfrequency(0, side)
    return figure


def _parse(picture: str, width: int, height: int) -> Cells:
    cells = np.zeros((height, width), "<u4")
    for y, line in enumerate(_ESCAPES.sub("", picture).split("\n")[:height]):
        codes = np.frombuffer(line[:width].encode("utf-32-le"), "<u4")
        cells[y, : len(codes)] = np.where(codes > BRAILLE_BLANK, codes, 0)
    return cells
