"""All labs: what each one shows, and the way into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.screens.card_list import CardListScreen
from tui_trainer.screens.lab import LabScreen
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.labs import COLUMNS, LabLine, lab_lines, said_of
from tui_trainer.view_models.table import Cell, Column
from tui_trainer.widgets.table import Row


class LabsScreen(CardListScreen[LabLine]):
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
    NOUNS: ClassVar[tuple[str, str]] = ("lab", "labs")
    CARD_WIDTH: ClassVar[int] = 44

    def __init__(self, model: DashboardModel) -> None:
        super().__init__(model)
        self.entries = lab_lines()

    async def reload(self) -> None:
        """Show the labs."""
        if self.is_open:
            self.refilter()

    def row(self, line: LabLine) -> Row:
        """Return a lab as a row of the list."""
        return Row(line.name, line.cells())

    def said_of(self, line: LabLine | None) -> list[list[Cell]]:
        """Return what the chosen lab is about."""
        return said_of(line.lab) if line else []

    def can_do(self, action: str, parameters: tuple[Any, ...]) -> bool:
        """Return whether an action does something with the lab that is chosen."""
        return self.chosen is not None if action == "take" else super().can_do(action, parameters)

    def action_take(self) -> None:
        """Open the chosen lab; one comes back here."""
        if self.listing.chosen is not None:
            self.app.push_screen(LabScreen(self.model, self.listing.chosen))
