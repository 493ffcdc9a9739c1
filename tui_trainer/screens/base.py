"""What all screens share: each leaves once and forgets what it drew, and each has the size of the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList

Result = TypeVar("Result")


class TrainerScreen(Screen[Result]):
    """A screen that keeps its footing where keys and resizes come faster than it can deal with them."""

    _leaving: Sequence[Widget] = ()

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave with a result, unless another screen is above it, or it has left: Textual would take away that one."""
        if not self.is_on_top:
            return AwaitComplete()
        self._leaving = [*self.walk_children(Widget, with_self=True)]
        return super().dismiss(result)

    def on_unmount(self) -> None:
        """Let go of the lines as they were last drawn, some of them on the way out.

        Textual keeps some hundred widgets that are no more in a cache of its own, and for a while those that a task has
        begun.
        """
        for widget in self._leaving:
            widget.refresh()
            if widget.show_vertical_scrollbar:
                widget.vertical_scrollbar.refresh()
            if isinstance(widget, OptionList):
                widget.clear_options()

    @property
    def is_on_top(self) -> bool:
        """Whether no other screen is above; Textual's ``is_current`` also holds below a transparent one."""
        return bool(self.app.screen is self)

    @on(events.Resize)
    def _keep_to_the_terminal(self, event: events.Resize) -> None:
        """Refuse a size that is no longer the terminal's, and draw everything where the size is still the same.

        A layout tells its screen its size once more, and of two sizes that wait Textual takes the one that came last:
        that of a layout, though the terminal has another size by now. A terminal that has its old size again may have
        lost what it showed while it was smaller; Textual sends it only what has changed.
        """
        size = self.app.size
        if event.size != size:
            event.prevent_default()
            self.post_message(events.Resize(size, size))
        elif size == self.size:
            self.refresh()
