"""Leaving asks: detach, stop, or stay."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from textual import events
from textual.binding import Binding

from tui_trainer.screens.dialog import Dialog, Sheet
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.styled_text import StyledLine

Choice = Literal["detach", "stop", "cancel"]

CHOICES: tuple[tuple[Choice, str, str], ...] = (
    ("detach", "d", "training goes on without this screen"),
    ("stop", "s", "save, and end the run"),
    ("cancel", "c", "stay here"),
)


class ChoiceSheet(Sheet):
    """A line for each choice, one of them marked."""

    def __init__(self, *, paused: bool, id: str) -> None:
        super().__init__("Leave", id=id)
        self.marked = 0
        self._paused = paused

    def lines(self, width: int) -> list[StyledLine]:
        """Return the choices, and below them the keys."""
        return [self._line(index, width) for index in range(len(CHOICES))] + [
            [],
            [("enter ", Ink.KEY), ("does what is marked  ", Ink.MUTED), ("esc ", Ink.KEY), ("stays", Ink.MUTED)],
        ]

    def _line(self, index: int, width: int) -> StyledLine:
        name, key, meaning = CHOICES[index]
        if name == "detach" and self._paused:
            meaning = "the run stays paused, its worker waits"
        if index == self.marked:
            return [(f" {key}  {name:<8}{meaning}".ljust(width), Ink.SELECTED)]
        return [(f" {key}  ", Ink.KEY), (f"{name:<8}", Ink.TEXT), (meaning, Ink.MUTED)]


class LeaveScreen(Dialog[Choice]):
    """Asks what to leave behind; a paused run is not told to go on by leaving it."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("up", "mark(-1)", show=False),
        Binding("down", "mark(1)", show=False),
        Binding("enter", "take", show=False),
        Binding("escape", "choose('cancel')", show=False),
        *(Binding(key, f"choose('{name}')", show=False) for name, key, _ in CHOICES),
    ]

    def __init__(self, *, paused: bool) -> None:
        super().__init__()
        self._paused = paused

    def make_sheet(self) -> ChoiceSheet:
        """Return the choices."""
        return ChoiceSheet(paused=self._paused, id="choices")

    def action_mark(self, step: int) -> None:
        """Mark another choice."""
        sheet = self.query_one(ChoiceSheet)
        sheet.marked = (sheet.marked + step) % len(CHOICES)
        sheet.invalidate(immediate=True)

    def action_take(self) -> None:
        """Take the marked choice."""
        self.dismiss(CHOICES[self.query_one(ChoiceSheet).marked][0])

    def action_choose(self, choice: Choice) -> None:
        """Take a choice."""
        self.dismiss(choice)

    def on_click(self, event: events.Click) -> None:
        """Take the choice clicked on."""
        sheet = self.query_one(ChoiceSheet)
        line = sheet.line_at(event) if event.widget is sheet else -1
        if 0 <= line < len(CHOICES):
            self.dismiss(CHOICES[line][0])
