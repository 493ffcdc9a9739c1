"""All labs: what each one shows, and the way into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult

from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.layout import Rect
from tui_trainer.screens.lab import LabScreen
from tui_trainer.screens.table_screen import TableScreen
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.labs import COLUMNS, LabLine, lab_lines, said_of
from tui_trainer.view_models.table import Column, filtered
from tui_trainer.widgets.table import Row, TextPane

WIDE = 100
"""Columns from which on what is said of a lab stands beside the list."""

CARD = 44


class LabsScreen(TableScreen):
    """Leads into a lab, and back here."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("labs")
    OWNER: ClassVar[Owner] = "labs"
    NAME: ClassVar[str] = "Labs"
    ABOUT: ClassVar[str] = (
        "Small experiments without a training set: a few dials, and what comes out of them as plots, tables and words. "
        "With the dials as they stand at first the figures are those of the tutorials. Enter opens one; nothing in a "
        "lab touches the run, which trains on behind it. On the command line each is `tui-trainer lab NAME`."
    )
    COLUMNS: ClassVar[Sequence[Column]] = COLUMNS
    EMPTY: ClassVar[str] = "there are no labs"

    def __init__(self, model: DashboardModel) -> None:
        super().__init__(model)
        self._lines: list[LabLine] = lab_lines()

    def compose(self) -> ComposeResult:
        """Make the list and what is said of the chosen lab."""
        yield from super().compose()
        yield TextPane(id="card")

    async def reload(self) -> None:
        """Show the labs."""
        if self.is_open:
            self.refilter()

    def refilter(self) -> None:
        """Show the labs that the filter leaves."""
        lines = filtered(self._lines, self.filter_text)
        self.show_count(len(lines), len(self._lines), "labs")
        self.listing.show([Row(line.name, line.cells()) for line in lines])

    def rects(self, body: Rect) -> dict[str, Rect]:
        """Return the place of what is said: beside the list, or below it where the screen is narrow."""
        if body.width >= WIDE:
            return {
                "list": body.columns(0, body.width - CARD - 2),
                "card": body.columns(body.width - CARD, body.width),
            }
        rows = max(body.height // 2, min(len(self._lines) + 1, body.height - 6))
        return {"list": body.rows(0, rows), "card": body.rows(rows + 1, body.height)}

    def can_do(self, action: str, parameters: tuple[Any, ...]) -> bool:
        """Return whether an action does something with the lab that is chosen."""
        if action == "take":
            return self.listing.chosen is not None
        if action == "scroll_card":
            return self._card.can_scroll(*parameters)
        return True

    def on_list_pane_chosen(self) -> None:
        """Say what the lab chosen now is about."""
        line = next((line for line in self._lines if line.name == self.listing.chosen), None)
        self._card.show(said_of(line.lab) if line else [])
        super().on_list_pane_chosen()

    def action_take(self) -> None:
        """Open the chosen lab; one comes back here."""
        if self.listing.chosen is not None:
            self.app.push_screen(LabScreen(self.model, self.listing.chosen))

    def action_scroll_card(self, step: int) -> None:
        """Scroll what is said of the lab by a screenful."""
        self._card.scroll_page(step)
        self.invalidate_keys()

    @property
    def _card(self) -> TextPane:
        return self.query_one(TextPane)
