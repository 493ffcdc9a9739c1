"""Asks before something is lost for good."""

from __future__ import annotations

from textwrap import wrap
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding

from tui_trainer.screens.dialog import Dialog, Sheet
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.styled_text import StyledLine


class ConfirmSheet(Sheet):
    """The question, and below it the two answers."""

    def __init__(self, title: str, question: str, yes: str, *, id: str) -> None:
        super().__init__(title, id=id)
        self._question = question
        self._yes = yes

    def lines(self, width: int) -> list[StyledLine]:
        """Return the question, and the answers in the last line."""
        question: list[StyledLine] = [[(line, Ink.TEXT)] for line in wrap(self._question, max(12, width))]
        return [
            *question,
            [],
            [("y ", Ink.KEY), (f"{self._yes}  ", Ink.MUTED), ("n ", Ink.KEY), ("no, leave it", Ink.MUTED)],
        ]


class ConfirmScreen(Dialog[bool]):
    """Ends with True where the answer is yes; ``yes`` is what that would do."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n,escape,q", "answer(False)", show=False),
    ]

    def __init__(self, title: str, question: str, yes: str) -> None:
        super().__init__()
        self._sheet = ConfirmSheet(title, question, yes, id="question")
        self._yes = yes

    def make_sheet(self) -> ConfirmSheet:
        """Return the question."""
        return self._sheet

    def action_answer(self, answer: bool) -> None:
        """Answer."""
        self.dismiss(answer)

    def on_click(self, event: events.Click) -> None:
        """Take the answer clicked on."""
        sheet = self._sheet
        if event.widget is sheet and sheet.line_at(event) == len(sheet.lines(sheet.size.width - 4)) - 1:
            self.dismiss(event.x < 4 + len(self._yes) + 2)
