"""A box over the dashboard, drawn on cells like everything else."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from tui_trainer.screens.base import TrainerScreen
from tui_trainer.textual_patches import Result
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.styled_text import StyledLine
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.grid import Grid

WIDEST = 74
MARGIN = 2


class Sheet(Canvas, can_focus=True):
    """Lines of text with a frame, as high as they need; keys scroll what the screen is too small for."""

    def __init__(self, title: str, *, id: str) -> None:
        super().__init__(id=id)
        self._title = title
        self._scroll = 0

    def lines(self, width: int) -> list[StyledLine]:
        """Return the lines, each a list of pieces, for a width."""
        raise NotImplementedError

    def paint(self, grid: Grid) -> None:
        """Draw frame, title and lines; on a screen too small for a frame, the lines alone."""
        framed = self._is_framed
        inner = grid.window(MARGIN, 1, grid.width - 2 * MARGIN, grid.height - 2) if framed else grid
        lines = self.lines(inner.width)
        self._scroll = min(self._scroll, max(0, len(lines) - inner.height))
        for y, words in enumerate(lines[self._scroll : self._scroll + inner.height]):
            x = 0
            for text, ink in words:
                x = inner.put(x, y, text, ink)
        if framed:
            self._paint_frame(grid, more=len(lines) - self._scroll > inner.height)

    def scroll_by(self, rows: int) -> None:
        """Scroll the lines."""
        self._scroll = max(0, self._scroll + rows)
        self.invalidate(immediate=True)

    def scroll_to_line(self, line: int) -> None:
        """Scroll so far that a line is the first one shown."""
        self._scroll = line
        self.invalidate(immediate=True)

    def line_at(self, event: events.Click) -> int:
        """Return the line under the mouse."""
        return event.y - int(self._is_framed) + self._scroll

    @property
    def text_width(self) -> int:
        """Columns of the lines."""
        return self.size.width - 2 * MARGIN if self._is_framed else self.size.width

    @property
    def _is_framed(self) -> bool:
        return self.size.width >= 24 and self.size.height >= 6

    def _paint_frame(self, grid: Grid, *, more: bool) -> None:
        right, bottom = grid.width - 1, grid.height - 1
        grid.put(0, 0, f"╭{'─' * (grid.width - 2)}╮", Ink.ACCENT)
        grid.put(2, 0, f" {self._title} ", Ink.BRIGHT)
        for y in range(1, bottom):
            grid.put(0, y, "│", Ink.ACCENT)
            grid.put(right, y, "│", Ink.ACCENT)
        grid.put(0, bottom, f"╰{'─' * (grid.width - 2)}╯", Ink.ACCENT)
        if more:
            grid.put_right(right - 1, bottom, " ↓ more ", Ink.MUTED)


class Dialog(TrainerScreen[Result], ModalScreen[Result]):
    """A modal screen with one sheet in its middle."""

    DEFAULT_CSS = """
    Dialog { background: transparent; align: center middle; }
    Dialog > Sheet { background: $background; }
    """
    BINDINGS: ClassVar[list[Any]] = []

    def make_sheet(self) -> Sheet:
        """Return the sheet."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Make the sheet."""
        self.sheet = self.make_sheet()
        yield self.sheet

    def on_mount(self) -> None:
        """Fit the sheet to the screen, and give it the keys."""
        self._fit()
        self.sheet.focus()

    def on_resize(self) -> None:
        """Fit the sheet to the screen."""
        self._fit()

    def _fit(self) -> None:
        width = min(WIDEST, self.app.size.width)
        height = len(self.sheet.lines(width - 2 * MARGIN)) + 2
        self.sheet.styles.width = width
        self.sheet.styles.height = min(height, self.app.size.height)
