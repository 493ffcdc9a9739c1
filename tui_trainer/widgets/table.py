"""A list to choose from: a line for each entry, one of them chosen; and text that scrolls beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui_trainer.formatting import within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.styled_text import StyledLine, wrapped_line
from tui_trainer.view_models.table import NOTHING, Cell, Column, Slot, first_in_sight, layout
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.styled_text import put_styled_lines

SIGN = 2
"""Columns before the first cell, for an entry's sign."""


@dataclass(frozen=True)
class Row:
    """An entry of a list.

    Attributes:
        name: What it is known by.
        cells: One for each column; where there are fewer, the last one runs to the end of the line.
        sign: What stands before them.
    """

    name: str
    cells: Sequence[Cell]
    sign: Cell = NOTHING


class ListPane(Canvas, can_focus=True):
    """Rows under the names of their columns; ``empty`` is said where there are no rows."""

    class Chosen(Message):
        """Another row is chosen."""

    class Taken(Message):
        """The chosen row was clicked once more."""

    def __init__(self, columns: Sequence[Column], name: str, about: str, *, id: str) -> None:
        super().__init__(id=id)
        self.empty = ""
        self._title = name
        self._about = about
        self._columns = columns
        self._rows: list[Row] = []
        self._chosen = 0
        self._first = 0

    def title(self) -> str:
        """Return what is listed."""
        return self._title

    def help_text(self) -> str:
        """Return a few sentences on it."""
        return self._about

    @property
    def chosen(self) -> str | None:
        """The name of the chosen row."""
        return self._rows[self._chosen].name if self._rows else None

    def show(self, rows: list[Row]) -> None:
        """Show other rows; the one of the chosen name stays chosen, else the one that has taken its place."""
        chosen = self.chosen
        self._rows = rows
        names = [row.name for row in rows]
        self._choose(names.index(chosen) if chosen in names else self._chosen)

    def head(self, columns: Sequence[Column]) -> None:
        """Have other columns."""
        self._columns = columns

    def move(self, step: int) -> None:
        """Choose the row ``step`` lines further down, as far as there are rows."""
        self._choose(self._chosen + step)

    def can_move(self, step: int) -> bool:
        """Return whether there is another row in a direction."""
        return self._chosen > 0 if step < 0 else self._chosen < len(self._rows) - 1

    def page(self, step: int) -> None:
        """Choose the row ``step`` screenfuls further down."""
        self.move(step * max(1, self.size.height - 2))

    def choose(self, name: str) -> None:
        """Choose the row of that name, if there is one."""
        names = [row.name for row in self._rows]
        if name in names:
            self._choose(names.index(name))

    def choose_first(self) -> None:
        """Choose the first row."""
        self._choose(0)

    def paint(self, grid: Grid) -> None:
        """Draw the heads, and the rows that there is room for."""
        if not self._rows:
            grid.put(SIGN, 1, self.empty, Ink.MUTED)
            return
        slots = layout(self._columns, [row.cells for row in self._rows], grid.width - SIGN)
        for slot in slots:
            column = self._columns[slot.column]
            _put(grid, 0, slot, Cell(column.head, Ink.MUTED), right=column.right)
        field = grid.window(0, 1)
        self._first = first_in_sight(self._first, self._chosen, len(self._rows), field.height)
        for y, index in enumerate(range(self._first, min(len(self._rows), self._first + field.height))):
            self._paint_row(field.window(0, y, None, 1), self._rows[index], slots, chosen=index == self._chosen)

    def on_click(self, event: events.Click) -> None:
        """Choose the row clicked on; a click on the chosen one takes it."""
        index = event.y - 1 + self._first
        if event.y < 1 or not 0 <= index < len(self._rows):
            return
        again = index == self._chosen
        self._choose(index)
        if again:
            self.post_message(self.Taken())

    def _choose(self, index: int) -> None:
        self._chosen = min(max(0, index), max(0, len(self._rows) - 1))
        self.post_message(self.Chosen())
        self.invalidate(immediate=True)

    def _paint_row(self, grid: Grid, row: Row, slots: Sequence[Slot], *, chosen: bool) -> None:
        grid.put(0, 0, row.sign.text, row.sign.ink)
        if len(row.cells) == len(self._columns):
            for slot in slots:
                _put(grid, 0, slot, row.cells[slot.column], right=self._columns[slot.column].right)
        else:
            for slot, cell in zip(slots, row.cells, strict=False):
                grid.window(SIGN + slot.x, 0).put(0, 0, cell.text, cell.ink)
        if chosen:
            grid.paint(0, 0, grid.width, Ink.SELECTED)


class TextPane(Canvas):
    """Lines of text in colours, scrolled from outside."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._lines: list[list[Cell]] = []
        self._scroll = 0

    def show(self, lines: list[list[Cell]]) -> None:
        """Show other lines from the first one on."""
        if lines != self._lines:
            self._lines, self._scroll = lines, 0
            self.invalidate(immediate=True)

    def can_scroll(self, step: int) -> bool:
        """Return whether there is more in a direction; of a pane out of sight there is nothing to scroll."""
        return self.display and (self._scroll > 0 if step < 0 else self._scroll < self._overflow)

    def scroll_page(self, step: int) -> None:
        """Scroll by ``step`` screenfuls, all but a line of each."""
        self._scroll = min(max(0, self._scroll + step * max(1, self.size.height - 1)), self._overflow)
        self.invalidate(immediate=True)

    def paint(self, grid: Grid) -> None:
        """Draw the lines, and at the end of the last one whether there are more."""
        lines = self._wrapped(grid.width)
        self._scroll = min(self._scroll, max(0, len(lines) - grid.height))
        put_styled_lines(grid, lines[self._scroll :])
        if self._scroll + grid.height < len(lines):
            grid.put_right(grid.width, grid.height - 1, " ↓ more", Ink.MUTED)

    @property
    def _overflow(self) -> int:
        """How many lines there is no room for."""
        return max(0, len(self._wrapped(self.size.width)) - self.size.height)

    def _wrapped(self, width: int) -> list[StyledLine]:
        return [piece for line in self._lines for piece in wrapped_line(line, width, _indent(line))]


def _indent(line: Sequence[Cell]) -> int:
    """Return how far the rest of a line is set in where it is broken: a little more than its beginning."""
    text = "".join(cell.text for cell in line)
    return len(text) - len(text.lstrip()) + 2


def _put(grid: Grid, y: int, slot: Slot, cell: Cell, *, right: bool) -> None:
    if right:
        grid.put_right(SIGN + slot.x + slot.width, y, cell.text, cell.ink)
    else:
        field = grid.window(SIGN + slot.x, y, slot.width, 1)
        field.put(0, 0, within(cell.text, field.width), cell.ink)  # the last column may reach beyond the edge
