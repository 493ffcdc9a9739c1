"""What all screens share: each leaves once and forgets what it drew, and each has the size of the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from textual.await_complete import AwaitComplete
from textual.widget import Widget

from tui_trainer.textual_patches import KeptToTheTerminal, Result, release_drawn_lines


class TrainerScreen(KeptToTheTerminal[Result]):
    """A screen that keeps its footing where keys and resizes come faster than it can deal with them."""

    _leaving: Sequence[Widget] = ()

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave with a result, unless another screen is above it, or it has left: Textual would take away that one."""
        if not self.is_on_top:
            return AwaitComplete()
        self._leaving = [*self.walk_children(Widget, with_self=True)]
        return super().dismiss(result)

    def on_unmount(self) -> None:
        """Let go of the lines as they were last drawn, some of them on the way out."""
        release_drawn_lines(self._leaving)

    @property
    def is_on_top(self) -> bool:
        """Whether no other screen is above; Textual's ``is_current`` also holds below a transparent one."""
        return bool(self.app.screen is self)
