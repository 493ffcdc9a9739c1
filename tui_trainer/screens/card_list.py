"""A list, and beside it or below it what is said of the entry that is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from textual.app import ComposeResult

from tui_trainer.layout import Rect
from tui_trainer.screens.table_screen import TableScreen
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.table import Cell, filtered
from tui_trainer.widgets.table import Row, TextPane

WIDE = 100
"""Columns from which on what is said stands beside the list."""
LEAST_ROWS = 5
"""Rows that a long list below leaves to what is said."""


class ListLine(Protocol):
    """An entry of such a list."""

    @property
    def name(self) -> str:
        """What it is known by."""

    @property
    def text(self) -> str:
        """What a filter looks at."""


Line = TypeVar("Line", bound=ListLine)


class CardListScreen(TableScreen, Generic[Line]):
    """A list of ``entries``, each with a card.

    Attributes:
        entries: All of them, whatever the filter leaves.
    """

    CARD_WIDTH: ClassVar[int] = 40
    NOUNS: ClassVar[tuple[str, str]]
    """What one entry is called, and several."""

    def __init__(self, model: DashboardModel) -> None:
        super().__init__(model)
        self.entries: Sequence[Line] = ()

    def compose(self) -> ComposeResult:
        """Make the list, and the card of the chosen entry."""
        yield from super().compose()
        yield TextPane(id="card")

    def row(self, line: Line) -> Row:
        """Return an entry as a row of the list."""
        raise NotImplementedError

    def said_of(self, line: Line | None) -> list[list[Cell]]:
        """Return what is said of the chosen entry; of None where there is none."""
        raise NotImplementedError

    def refilter(self) -> None:
        """Show the entries that the filter leaves."""
        lines = filtered(self.entries, self.filter_text)
        self.show_count(len(lines), len(self.entries), self.NOUNS[len(self.entries) != 1])
        self.listing.show([self.row(line) for line in lines])

    def rects(self, body: Rect) -> dict[str, Rect]:
        """Return the card's place: beside the list, or below it where the screen is narrow."""
        if body.width >= WIDE:
            left = body.width - self.CARD_WIDTH
            return {"list": body.columns(0, left - 2), "card": body.columns(left, body.width)}
        rows = max(body.height // 2, min(len(self.entries) + 1, body.height - LEAST_ROWS - 1))
        return {"list": body.rows(0, rows), "card": body.rows(rows + 1, body.height)}

    @property
    def chosen(self) -> Line | None:
        """The entry that is chosen."""
        name = self.listing.chosen
        return next((line for line in self.entries if line.name == name), None)

    @property
    def card(self) -> TextPane:
        """What is said of it."""
        return self.query_one(TextPane)

    def can_do(self, action: str, parameters: tuple[Any, ...]) -> bool:
        """Return whether an action does something with the entry that is chosen."""
        return self.card.can_scroll(*parameters) if action == "scroll_card" else True

    def on_list_pane_chosen(self) -> None:
        """Say what there is to say of the entry chosen now."""
        self.card.show(self.said_of(self.chosen))
        super().on_list_pane_chosen()

    def action_scroll_card(self, step: int) -> None:
        """Scroll what is said by a screenful."""
        self.card.scroll_page(step)
        self.invalidate_keys()
