"""A grid of cells to draw on, and what differs between two of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

from tui_trainer.formatting import wrapped_text
from tui_trainer.themes.inks import Ink
from tui_trainer.themes.palette import style_of, text_of
from tui_trainer.themes.variants import ThemeVariant

Cells = NDArray[np.uint32]

BLANK = ord(" ")
_REPLACED = re.compile("[\\ud800-\\udfff]")
"""Halves of characters, which cannot be encoded; of what else is not printable, what moves a cursor has no width."""
BESIDE_WIDE = 0
"""What stands in the second cell of a character two cells wide."""


class Grid:
    """Cells of a width and a height: a character and an ink each. Drawing outside of it is no error; it is cut off.

    Attributes:
        codes: (height, width) code points.
        inks: (height, width) inks.
    """

    def __init__(self, width: int, height: int) -> None:
        self.codes: Cells = np.full((height, width), BLANK, dtype="<u4")
        self.inks: NDArray[np.uint16] = np.full((height, width), Ink.TEXT, np.uint16)

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.codes.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.codes.shape[0])

    def window(self, x: int, y: int, width: int | None = None, height: int | None = None) -> Grid:
        """Return a part of this grid as a grid of its own; drawing there draws here."""
        rows = slice(max(0, y), None if height is None else max(0, y + height))
        columns = slice(max(0, x), None if width is None else max(0, x + width))
        part = Grid.__new__(Grid)
        part.codes, part.inks = self.codes[rows, columns], self.inks[rows, columns]
        return part

    def put(self, x: int, y: int, text: str, ink: int = Ink.TEXT) -> int:
        """Write one line of text; return the column after it."""
        codes = _cells(text)
        end = x + len(codes)
        first, last = max(0, x), min(end, self.width)
        if 0 <= y < self.height and first < last:
            self.codes[y, first:last] = codes[first - x : last - x]
            self.inks[y, first:last] = ink
            self._mend_edges(y, first, last)
        return end

    def put_wrapped(self, x: int, y: int, text: str, ink: int = Ink.TEXT) -> None:
        """Write a text in as many lines as it takes, each from column ``x`` on."""
        for row, line in enumerate(wrapped_text(text, max(1, self.width - x)), y):
            self.put(x, row, line, ink)

    def put_right(self, end: int, y: int, text: str, ink: int = Ink.TEXT) -> int:
        """Write text that ends before column ``end``; return the column where it starts."""
        start = end - len(_cells(text))
        self.put(start, y, text, ink)
        return start

    def paint(self, x: int, y: int, width: int, ink: int) -> None:
        """Give cells of a row another ink."""
        if 0 <= y < self.height:
            self.inks[y, max(0, x) : max(0, x + width)] = ink

    def strip(self, y: int, variant: ThemeVariant = "dark") -> Strip:
        """Return a row as Textual draws it."""
        return Strip(list(self._segments(y, variant)), self.width)

    def _segments(self, y: int, variant: ThemeVariant) -> Iterator[Segment]:
        inks = self.inks[y]
        bounds = [0, *(np.flatnonzero(inks[1:] != inks[:-1]) + 1).tolist(), self.width]
        text = self.codes[y].tobytes().decode("utf-32-le")
        for start, end in pairwise(bounds):
            ink = int(inks[start])
            yield Segment(text_of(text[start:end].replace("\0", ""), ink, variant), style_of(ink, variant))

    def _mend_edges(self, y: int, first: int, last: int) -> None:
        """Blank the halves of wide characters that an edge has cut through."""
        row = self.codes[y]
        if row[first] == BESIDE_WIDE:
            row[first] = BLANK
        if first > 0 and _is_wide(row[first - 1]):
            row[first - 1] = BLANK
        if last < len(row):
            if row[last] == BESIDE_WIDE:
                row[last] = BLANK
        elif _is_wide(row[last - 1]):
            row[last - 1] = BLANK


def changed_regions(before: Grid, after: Grid, bridge: int = 2) -> list[Region]:
    """Return the spans of cells that differ between two grids of one size.

    Args:
        before: What is shown.
        after: What is to be shown.
        bridge: Cells that are the same but cost less to write again than a jump of the cursor over them.
    """
    differs = (before.codes != after.codes) | (before.inks != after.inks)
    regions = []
    for y in np.flatnonzero(differs.any(axis=1)).tolist():
        columns = np.flatnonzero(differs[y])
        breaks = np.flatnonzero(np.diff(columns) > bridge + 1)
        starts = columns[np.concatenate(([0], breaks + 1))].tolist()
        ends = columns[np.concatenate((breaks, [len(columns) - 1]))].tolist()
        regions += [_whole(after, y, start, end + 1) for start, end in zip(starts, ends, strict=True)]
    return regions


def _whole(grid: Grid, y: int, start: int, end: int) -> Region:
    """Return a span as a region, widened so that it cuts no wide character in two."""
    row = grid.codes[y]
    if row[start] == BESIDE_WIDE:
        start -= 1
    if end < len(row) and row[end] == BESIDE_WIDE:
        end += 1
    return Region(start, y, end - start, 1)


def _cells(text: str) -> Cells:
    """Return the code points of a text cell by cell; what has no width, such as control characters, is left out."""
    if text.isprintable() and (text.isascii() or not any(cell_len(char) != 1 for char in text)):
        return np.frombuffer(text.encode("utf-32-le"), "<u4")
    codes: list[int] = []
    for char in _REPLACED.sub("�", text):
        width = cell_len(char)
        if width:
            codes += [ord(char), BESIDE_WIDE][:width]
    return np.array(codes, "<u4")


def _is_wide(code: np.uint32) -> bool:
    return int(code) > 0x10FF and cell_len(chr(int(code))) == 2
