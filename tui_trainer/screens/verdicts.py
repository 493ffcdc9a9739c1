"""All verdicts of the run that is shown: what stands, what has passed, and the cure of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.layout import Rect
from tui_trainer.runs.connection import Updated
from tui_trainer.screens.card_list import CardListScreen
from tui_trainer.screens.curing import Curing
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.table import Cell, Column
from tui_trainer.view_models.verdicts import (
    COLUMNS,
    NOTHING_WRONG,
    VerdictLine,
    details_of,
    diagnosis,
    lines_of,
)
from tui_trainer.widgets.table import Row

DETAILS = 10
"""Rows below the list."""


class VerdictsScreen(CardListScreen[VerdictLine]):
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
    EMPTY: ClassVar[str] = NOTHING_WRONG
    NOUNS: ClassVar[tuple[str, str]] = ("verdict", "verdicts")

    def __init__(self, model: DashboardModel, curing: Curing) -> None:
        super().__init__(model)
        self._curing = curing

    async def reload(self) -> None:
        """Show the verdicts that there are by now."""
        self.refilter()

    def refilter(self) -> None:
        """Show the verdicts that the filter leaves."""
        self.entries = lines_of(self.model)
        super().refilter()

    def row(self, line: VerdictLine) -> Row:
        """Return a verdict as a row of the list."""
        return Row(line.name, line.cells, line.mark)

    def said_of(self, line: VerdictLine | None) -> list[list[Cell]]:
        """Return where the trouble of the run lies, and all there is to say of the chosen verdict."""
        if not self.model.run.verdicts:  # as the list says
            return []
        details = details_of(line.verdict, self.model) if line else []
        return [diagnosis(list(self.model.run.verdicts.values())), [], *details]

    def rects(self, body: Rect) -> dict[str, Rect]:
        """Return the places of the list, and of what is said below it."""
        rows = max(body.height // 2, body.height - DETAILS)
        return {"list": body.rows(0, rows), "card": body.rows(min(rows + 1, body.height), body.height)}

    def can_do(self, action: str, parameters: tuple[Any, ...]) -> bool:
        """Return whether an action does something with the verdict that is chosen."""
        if action == "take":
            return self.chosen is not None and self._curing.can(self.chosen.verdict.number)
        if action == "filter":
            return bool(self.entries)
        return super().can_do(action, parameters)

    def on_updated(self, message: Updated) -> None:
        """Take in what the run has come to."""
        if [line.verdict for line in self.entries] != [line.verdict for line in lines_of(self.model)]:
            self.refilter()
            self.invalidate(immediate=message.immediate)
