"""All verdicts of the run that is shown: what stands, what has passed, and the cure of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult

from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.layout import Rect
from tui_trainer.runs.connection import Updated
from tui_trainer.screens.curing import Curing
from tui_trainer.screens.table_screen import TableScreen
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.table import Column, filtered
from tui_trainer.view_models.verdicts import (
    COLUMNS,
    VerdictLine,
    details_of,
    diagnosis,
    lines_of,
)
from tui_trainer.widgets.table import Row, TextPane

DETAILS = 10
"""Rows below the list."""


class VerdictsScreen(TableScreen):
    """Ends with the number of the verdict whose cure is to be applied.

    Args:
        model: The run that is shown.
        curing: Knows which cures can be applied.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("verdicts")
    OWNER: ClassVar[Owner] = "verdicts"
    NAME: ClassVar[str] = "Verdicts"
    ABOUT: ClassVar[str] = (
        "What goes wrong in this run, and what went wrong for a while, each with the numbers that say so. Rules look "
        "at recipe, data, curves, gradients and neurons; none of them sees everything. Enter does what the chosen "
        "verdict says to try: a change of the run, which u undoes, or a new run where nothing can change it any more. "
        "Where the trouble lies: in the data, in the model, or in the process by which it is trained and judged."
    )
    COLUMNS: ClassVar[Sequence[Column]] = COLUMNS
    EMPTY: ClassVar[str] = "nothing is wrong that a rule would see"

    def __init__(self, model: DashboardModel, curing: Curing) -> None:
        super().__init__(model)
        self._curing = curing
        self._lines: list[VerdictLine] = []

    def compose(self) -> ComposeResult:
        """Make the list, and what is said of the chosen verdict."""
        yield from super().compose()
        yield TextPane(id="details")

    async def reload(self) -> None:
        """Show the verdicts that there are by now."""
        self.refilter()

    def refilter(self) -> None:
        """Show the verdicts that the filter leaves."""
        self._lines = lines_of(self.model)
        lines = filtered(self._lines, self.filter_text)
        self.show_count(len(lines), len(self._lines), "verdict" if len(self._lines) == 1 else "verdicts")
        self.listing.show([Row(line.name, line.cells, line.mark) for line in lines])
        self._show_details()

    def rects(self, body: Rect) -> dict[str, Rect]:
        """Return the places of the list, and of the details below it."""
        rows = max(body.height // 2, body.height - DETAILS)
        return {"list": body.rows(0, rows), "details": body.rows(min(rows + 1, body.height), body.height)}

    def can_do(self, action: str, parameters: tuple[Any, ...]) -> bool:
        """Return whether an action does something with the verdict that is chosen."""
        line = self._chosen()
        if action == "take":
            return line is not None and self._curing.can(line.verdict.number)
        if action == "scroll":
            return self._details.can_scroll(*parameters)
        return action != "filter" or bool(self._lines)

    def action_scroll(self, step: int) -> None:
        """Scroll what is said of the verdict by a screenful."""
        self._details.scroll_page(step)
        self.invalidate_keys()

    @property
    def _details(self) -> TextPane:
        return self.query_one(TextPane)

    def on_updated(self, message: Updated) -> None:
        """Take in what the run has come to."""
        if [line.verdict for line in self._lines] != [line.verdict for line in lines_of(self.model)]:
            self.refilter()
            self.invalidate(immediate=message.immediate)

    def on_list_pane_chosen(self) -> None:
        """Tell all of the verdict chosen now."""
        super().on_list_pane_chosen()
        self._show_details()

    def _show_details(self) -> None:
        line = self._chosen()
        verdicts = list(self.model.run.verdicts.values())
        details = details_of(line.verdict, self.model) if line else []
        self._details.show([diagnosis(verdicts), [], *details])

    def _chosen(self) -> VerdictLine | None:
        chosen = self.listing.chosen
        return next((line for line in self._lines if line.name == chosen), None)
