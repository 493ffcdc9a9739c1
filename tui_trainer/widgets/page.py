"""A page of text under a title, over the whole width; it scrolls where the screen is too small for it."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.styled_text import StyledLine
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.styled_text import put_styled_lines

HEAD = 2
"""Rows of the title and of the blank below it."""

MORE = " ↓ more"


class Page(Canvas, can_focus=True):
    """Lines that are made for the width there is.

    Args:
        title: The title, and the help's.
        subtitle: What stands at the right end of the rule, as things are.
        lines: Returns the lines for a width in cells.
        about: What the help says of it.
    """

    def __init__(
        self,
        title: str,
        *,
        subtitle: Callable[[], str],
        lines: Callable[[int], list[StyledLine]],
        about: str,
        id: str,
        period: float = 0.0,
    ) -> None:
        super().__init__(id=id, period=period)
        self._title = title
        self._subtitle = subtitle
        self._lines = lines
        self._about = about
        self._scroll = 0

    def title(self) -> str:
        """Return the title."""
        return self._title

    def help_text(self) -> str:
        """Return a few sentences on what is shown."""
        return self._about

    def can_scroll(self, step: int) -> bool:
        """Return whether there is more in a direction."""
        return self._scroll > 0 if step < 0 else self._scroll < self._overflow

    def scroll_lines(self, step: int) -> None:
        """Scroll by so many lines."""
        self._scroll = min(max(0, self._scroll + step), self._overflow)
        self.invalidate(immediate=True)

    def scroll_pages(self, step: int) -> None:
        """Scroll by so many screenfuls, all but a line of each."""
        self.scroll_lines(step * max(1, self._room - 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self.scroll_lines(-3)

    def paint(self, grid: Grid) -> None:
        """Draw title, rule and lines, and at the end of the last row whether there are more."""
        grid.put(0, 0, "─" * grid.width, Ink.FAINT)
        grid.put(0, 0, f"{self._title} ", Ink.BRIGHT)
        grid.put_right(grid.width, 0, f" {self._subtitle()}", Ink.MUTED)
        lines = self._lines(grid.width)
        body = grid.window(0, HEAD)
        self._scroll = min(self._scroll, max(0, len(lines) - body.height))
        put_styled_lines(body, lines[self._scroll :])
        if self._scroll + body.height < len(lines):
            grid.put_right(grid.width, grid.height - 1, MORE, Ink.MUTED)

    @property
    def _room(self) -> int:
        return max(0, self.size.height - HEAD)

    @property
    def _overflow(self) -> int:
        """How many lines there is no room for."""
        return max(0, len(self._lines(self.size.width)) - self._room)
