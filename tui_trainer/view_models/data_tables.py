"""The two tables of the data pane without a screen: which columns have room, and what has been scrolled to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from tui_trainer.formatting import cell_width, within
from tui_trainer.view_models.data import FIGURE, Contents, Selection, column_width

FIGURES: Final = ("low", "high", "mean", "std")
NUMBER: Final = 8
"""Cells of a figure in the table of ranges."""

SHORTEST_NAME: Final = 12
"""Cells that the names of columns have at least, before figures are left out."""

BLOCK_GAP: Final = 2
"""Cells between the figures as they are and those that are scaled, where there is room."""

ROOMY: Final = 60


class RangesLayout(NamedTuple):
    """Where the figures of the table of ranges stand.

    Attributes:
        names: Cells of the names, which begin at the left edge.
        figures: The figures of each block.
        raw: The first cell of the block as they are.
        scaled: The first cell of the scaled block, None where it has no room.
    """

    names: int
    figures: tuple[str, ...]
    raw: int
    scaled: int | None


def ranges_layout(width: int) -> RangesLayout:
    """Return the layout with the most figures that leaves the names room; none of the figures is cut."""
    gap = BLOCK_GAP if width >= ROOMY else 0
    for blocks, figures in ((2, 4), (2, 3), (2, 2), (1, 4), (1, 3), (1, 2), (1, 1), (1, 0)):
        block = NUMBER * figures
        names = width - blocks * block - (gap if blocks == 2 else 0)
        if names >= SHORTEST_NAME or not figures:
            break
    return RangesLayout(max(0, names), FIGURES[:figures], names, names + block + gap if blocks == 2 else None)


class RowsLayout(NamedTuple):
    """Where the columns of the table of rows begin.

    Attributes:
        case: Cells of the rows' numbers.
        part: None where it has no room.
        target: The class or the values.
        columns: The first column of the data.
    """

    case: int
    part: int | None
    target: int
    columns: int


def rows_layout(width: int, largest_row: int) -> RowsLayout:
    """Return the layout: a narrow table rather shows a column of the data than the part of each row."""
    case = max(5, len(str(largest_row)))
    if width >= case + 26 + 2 * NUMBER:
        return RowsLayout(case, case + 2, case + 13, case + 26)
    return RowsLayout(case, None, case + 1, case + 14)


def shortened_name(name: str, width: int) -> str:
    """Return a column's name in so many cells: columns are told apart by how they begin and by how they end."""
    if cell_width(name) <= width or width < 5:
        return within(name, width)
    tail = (width - 1) // 2
    while tail and cell_width(name[-tail:]) > (width - 1) // 2:
        tail -= 1
    end = name[len(name) - tail :]
    return within(name, width - cell_width(end)) + end


@dataclass
class RowsModel:
    """What of the sample is looked at.

    Attributes:
        selection: The row that is marked, shared with the picture of it.
        first_row: The first row in sight.
        first_column: The first column of the data in sight.
    """

    selection: Selection
    first_row: int = 0
    first_column: int = 0

    def rows_in_sight(self, contents: Contents, height: int) -> range:
        """Return the rows to show in so many lines, moved no further than the marked one makes necessary."""
        rows = max(1, height)
        marked = self.selection.row = min(self.selection.row, len(contents.rows) - 1)
        self.first_row = min(max(self.first_row, marked - rows + 1), marked)
        return range(self.first_row, min(self.first_row + rows, len(contents.rows)))

    def columns_in_sight(self, contents: Contents, names: Sequence[str], width: int) -> list[tuple[int, int, int]]:
        """Return the columns that fit into so many cells: number, first cell, and width with the blank after it."""
        self.first_column = min(self.first_column, contents.values.shape[1] - 1)
        placed, x = list[tuple[int, int, int]](), 0
        for column in range(self.first_column, contents.values.shape[1]):
            wide = column_width(names[column])
            if not placed and width >= FIGURE:
                wide = min(wide, width + 1)  # rather a short name than no column
            if x + wide - 1 > width:
                break
            placed.append((column, x, wide))
            x += wide
        return placed

    def can_page(self, contents: Contents, step: int) -> bool:
        """Return whether there are rows further up or down."""
        return bool(self.selection.row != (0 if step < 0 else len(contents.rows) - 1))

    def can_sidle(self, contents: Contents, step: int) -> bool:
        """Return whether there is a column further left or right to begin with."""
        return bool(0 <= self.first_column + step < contents.values.shape[1])

    def choose(self, contents: Contents, step: int) -> None:
        """Mark the row ``step`` lines further down; after the last comes the first."""
        self.selection.row = (self.selection.row + step) % len(contents.rows)

    def page(self, contents: Contents, step: int, rows: int) -> None:
        """Mark the row ``step`` pages of so many rows further down, up to the last."""
        self.selection.row = min(max(0, self.selection.row + step * max(1, rows)), len(contents.rows) - 1)

    def mark_line(self, contents: Contents, line: int) -> None:
        """Mark the row on a line of those in sight, if there is one."""
        if line >= 0 and self.first_row + line < len(contents.rows):
            self.selection.row = self.first_row + line
