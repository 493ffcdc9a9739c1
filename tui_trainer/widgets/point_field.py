"""A text field for the two numbers of a point."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.message import Message
from textual.widgets import Input

from tui_trainer.bindings import bindings_of


class PointField(Input):
    """Stands over the place where the point is written."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("field")
    DEFAULT_CSS = """
    PointField {
        position: absolute;
        width: 27;
        height: 1;
        background: $panel;
        color: $foreground;
        &:focus { background: $panel; }
    }
    """

    class Left(Message):
        """The field was left without a point."""

    def __init__(self, value: str, x: int) -> None:
        super().__init__(value, placeholder="two numbers", compact=True)
        self.cursor_blink = False
        self.styles.offset = (x, 1)

    def action_leave_field(self) -> None:
        """Give up the edit."""
        self.post_message(self.Left())

    def on_blur(self) -> None:
        """Leave with the focus."""
        self.post_message(self.Left())
