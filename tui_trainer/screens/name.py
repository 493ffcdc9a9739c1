"""Asks for a name: of a preset, of a run."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input

from tui_trainer.screens.dialog import Dialog, Sheet
from tui_trainer.textual_patches import OrderedInput
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.styled_text import StyledLine


class NameSheet(Sheet):
    """What is named, the field for its name, and what is wrong with that."""

    DEFAULT_CSS = """
    NameSheet Input {
        position: absolute;
        width: 40;
        height: 1;
        offset: 2 3;
        background: $panel;
        color: $foreground;
        &:focus { background: $panel; }
    }
    """

    LONGEST: ClassVar[int] = 80

    def __init__(self, title: str, about: str, suggested: str, verb: str, *, id: str) -> None:
        super().__init__(title, id=id)
        self.complaint = ""
        self._about = about
        self._suggested = suggested
        self._verb = verb

    def compose(self) -> ComposeResult:
        """Make the field."""
        field = OrderedInput(self._suggested, compact=True, max_length=self.LONGEST)
        field.cursor_blink = False
        yield field

    def on_focus(self) -> None:
        """Give the keys to the field."""
        self.query_one(Input).focus()

    def lines(self, width: int) -> list[StyledLine]:  # noqa: ARG002 (Sheet's)
        """Return the lines around the field."""
        return [
            [(self._about, Ink.TEXT)],
            [],
            [],
            [],
            [(self.complaint, Ink.WARNING)],
            [("enter ", Ink.KEY), (f"{self._verb}  ", Ink.MUTED), ("esc ", Ink.KEY), ("does not", Ink.MUTED)],
        ]


class NameScreen(Dialog[str]):
    """Ends with a name, or with None. Subclasses take the one that was typed in ``on_input_submitted``."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape", "leave", show=False)]
    TITLE: ClassVar[str]
    ABOUT: ClassVar[str]
    VERB: ClassVar[str]

    def __init__(self, suggested: str) -> None:
        super().__init__()
        self._suggested = suggested

    def make_sheet(self) -> NameSheet:
        """Return the lines."""
        return NameSheet(self.TITLE, self.ABOUT, self._suggested, self.VERB, id="name")

    def action_leave(self) -> None:
        """End without a name."""
        self.dismiss(None)

    def complain(self, text: str) -> None:
        """Say what is wrong with the name."""
        sheet = self.query_one(NameSheet)
        sheet.complaint = text
        self.fit()
        sheet.invalidate(immediate=True)
