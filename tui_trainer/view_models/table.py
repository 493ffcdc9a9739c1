"""A table as text: which columns fit, where each one stands, which rows are in sight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

from tui_trainer.themes.inks import Ink

GAP = 2


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        head: Its heading.
        right: Whether it is flush right, as numbers are.
        spare: How readily it is given up where the screen is too narrow; 0 stays to the last.
    """

    head: str
    right: bool = False
    spare: int = 0


class Cell(NamedTuple):
    """A text and its ink."""

    text: str
    ink: Ink = Ink.TEXT


NOTHING = Cell("")


class Slot(NamedTuple):
    """Where a column stands: its number, its first column of cells, its width."""

    column: int
    x: int
    width: int


class Named(Protocol):
    """An entry of a list."""

    @property
    def text(self) -> str:
        """What a filter looks at."""


Entry = TypeVar("Entry", bound=Named)


def layout(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int) -> list[Slot]:
    """Return the columns that fit into ``width``, each as wide as its widest cell, the most dispensable left out first.

    Rows with fewer cells than there are columns do not count: their last cell runs to the end of the line.
    """
    whole = [row for row in rows if len(row) == len(columns)]
    widths = [max([len(c.head), *(len(row[i].text) for row in whole)]) for i, c in enumerate(columns)]
    kept = list(range(len(columns)))
    while len(kept) > 1 and sum(widths[i] + GAP for i in kept) - GAP > width:
        worst = max(kept, key=lambda i: (columns[i].spare, i))
        if not columns[worst].spare:
            break
        kept.remove(worst)
    slots, x = [], 0
    for column in kept:
        slots.append(Slot(column, x, widths[column]))
        x += widths[column] + GAP
    return slots


def filtered(entries: Iterable[Entry], text: str) -> list[Entry]:
    """Return the entries that have every word of ``text`` in them."""
    words = text.lower().split()
    return [entry for entry in entries if all(word in entry.text.lower() for word in words)]


def first_in_sight(first: int, chosen: int, total: int, room: int) -> int:
    """Return the first row to show, moved no further from ``first`` than the chosen one makes necessary."""
    last_start = max(0, total - room)
    return min(max(0, first, chosen - room + 1), max(0, chosen), last_start)


def wrapped(line: Sequence[Cell], width: int) -> list[list[Cell]]:
    """Return a line in pieces of at most ``width`` columns, broken at blanks; what follows the first is set in.

    Every character is one column wide.
    """
    text = "".join(cell.text for cell in line)
    inks = [cell.ink for cell in line for _ in cell.text]
    indent = min(len(text) - len(text.lstrip()) + 2, max(0, width - 8))
    pieces, start, room = [], 0, width
    while len(text) - start > room > 0:
        blank = text.rfind(" ", start + room // 2, start + room + 1)
        end = blank if blank > start else start + room
        pieces.append((start, end))
        start, room = end + (end == blank), width - indent
    pieces.append((start, len(text)))
    return [
        [*([Cell(" " * indent)] if number else []), *_cells(text, inks, first, last)]
        for number, (first, last) in enumerate(pieces)
    ]


def _cells(text: str, inks: Sequence[Ink], first: int, last: int) -> list[Cell]:
    """Return a part of a text as cells of one ink each."""
    cells: list[Cell] = []
    for char, ink in zip(text[first:last], inks[first:last], strict=True):
        if cells and cells[-1].ink == ink:
            cells[-1] = Cell(cells[-1].text + char, ink)
        else:
            cells.append(Cell(char, ink))
    return cells
