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
