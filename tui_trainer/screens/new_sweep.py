"""Asks what a sweep is to vary."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.widgets import Input

from engine.errors import InputError
from tui_trainer.screens.name import NameScreen, NameSheet
from tui_trainer.view_models.sweeps import Asked, parse_asked


class OverSheet(NameSheet):
    """A field for a long line."""

    LONGEST: ClassVar[int] = 400
    DEFAULT_CSS = """
    OverSheet Input { width: 68; max-width: 100%; offset: 2 4; }
    """

    def on_focus(self) -> None:
        """Give the keys to the field, whose text is gone on with, and not replaced by the first letter."""
        field = self.query_one(Input)
        field.select_on_focus = False
        field.focus()
        field.cursor_position = len(field.value)


class NewSweepScreen(NameScreen):
    """Ends with a line that ``check`` takes.

    Args:
        title: What is asked for.
        suggested: What stands in the field at first.
        check: Raises ``InputError`` for what cannot be swept.
    """

    ABOUT: ClassVar[str] = "PATH=a,b,… for a grid; PATH=low..high:log and trials=N for draws; seeds=N."
    VERB: ClassVar[str] = "starts"
    TITLE: ClassVar[str] = "Sweep"

    def __init__(self, title: str, suggested: str, check: Callable[[Asked], object]) -> None:
        super().__init__(suggested)
        self._title = title
        self._check = check

    def make_sheet(self) -> NameSheet:
        """Return the lines."""
        return OverSheet(self._title, self.ABOUT, self._suggested, self.VERB, id="over")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """End with the line, or say what is wrong with it."""
        event.stop()
        try:
            self._check(parse_asked(event.value))
        except (InputError, ValueError) as error:
            self.complain(str(error))
            return
        self.dismiss(event.value)
