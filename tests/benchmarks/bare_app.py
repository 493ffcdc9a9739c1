"""The least that Textual can do: an app of one label; ``m`` opens a dialog of one label, and ``escape`` closes it.

What our own screen is compared with; run as a file, so that it imports nothing of ours.
"""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Label


class Dialog(ModalScreen[None]):
    """One label over the app."""

    BINDINGS = [("escape", "app.pop_screen", "close")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        """Make the label."""
        yield Label("the dialog")


class BareApp(App[None]):
    """One label."""

    BINDINGS = [("m", "open", "open")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        """Make the label."""
        yield Label("the label")

    def action_open(self) -> None:
        """Open the dialog."""
        self.push_screen(Dialog())


if __name__ == "__main__":
    BareApp().run()
