"""A text field over a value of a pane, and the panes that have such a field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from textual.message import Message
from textual.widgets import Input

from engine.errors import InputError
from tui_trainer.bindings import bindings_of
from tui_trainer.textual_patches import OrderedInput, focus_at_once, release_field
from tui_trainer.widgets.pane import Pane, TitledPane

Name = TypeVar("Name", bound=str)

Take = Callable[[str], None]
"""Takes the text that was typed."""

WIDTH = 11
"""Columns of a field for one number."""


class ValueField(OrderedInput):
    """The text field over a value."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("field")
    DEFAULT_CSS = """
    ValueField {
        position: absolute;
        height: 1;
        background: $panel;
        color: $foreground;
        &:focus { background: $panel; }
    }
    """

    class Cancelled(Message):
        """The field was left without a value."""

    def __init__(self, value: str, take: Take, column: int, row: int, *, width: int, placeholder: str) -> None:
        super().__init__(value, placeholder=placeholder, select_on_focus=False, compact=True)
        self.take = take
        self.cursor_blink = False
        self.styles.width = width
        self.styles.offset = (column, row)

    def action_leave_field(self) -> None:
        """Give up the edit."""
        self.post_message(self.Cancelled())

    def on_blur(self) -> None:
        """Leave with the focus."""
        self.post_message(self.Cancelled())

    def on_unmount(self) -> None:
        """Leave nothing in memory."""
        release_field(self)


class Fields(TitledPane):
    """Lets values of a pane be typed, or chosen by name."""

    async def open_field(
        self, text: str, take: Take, column: int, row: int, *, width: int = WIDTH, placeholder: str = ""
    ) -> None:
        """Open the field over a value; where ``take`` refuses the text with an InputError, the field stays open.

        What was chosen when the field was opened may no longer be so when the text comes.
        """
        if not self.query(ValueField):
            field = ValueField(text, take, column, row, width=width, placeholder=placeholder)
            await self.mount(field)
            focus_at_once(field)

    def choose_name(self, title: str, names: Sequence[Name], now: Name, take: Callable[[Name], object]) -> None:
        """Let one of some names be chosen; the one that holds already, or none, changes nothing."""

        def chosen(number: int | None) -> None:
            if number is not None and names[number] != now:
                take(names[number])

        self.post_message(self.ChoiceRequested(title, names, names.index(now) if now in names else 0, chosen))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what was typed, or say what would be taken."""
        event.stop()
        if not isinstance(event.input, ValueField):
            return
        try:
            event.input.take(event.value)
        except InputError as error:
            self.post_message(self.InputInvalid(str(error)))
        else:
            self._close_field()

    def on_value_field_cancelled(self, event: ValueField.Cancelled) -> None:
        """Close the field."""
        event.stop()
        self._close_field()

    def _close_field(self) -> None:
        for field in self.query(ValueField):
            had_focus = field.has_focus
            field.remove()
            if had_focus:
                self.focus()


class FieldPane(Pane, Fields):
    """A pane of the dashboard of which values can be typed. Textual finds a widget by its first bases alone."""
