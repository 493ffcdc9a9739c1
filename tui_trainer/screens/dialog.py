"""A box over the dashboard, drawn on cells like everything else."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from tui_trainer.screens.base import TrainerScreen
from tui_trainer.textual_patches import OverStillPicture, Result
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.styled_text import StyledLine, wrapped_line
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.styled_text import put_styled_lines

WIDEST = 74
MARGIN = 2
LOWEST_FRAMED = 5
"""Rows below which a sheet has no frame: what it says has at least three."""


class Sheet(Canvas, can_focus=True):
    """Lines of text with a frame, as high as they need; keys scroll what the screen is too small for."""

    def __init__(self, title: str, *, id: str) -> None:
        super().__init__(id=id)
        self._title = title
        self._scroll = 0
        self._wrapped: tuple[list[StyledLine], int, list[tuple[int, StyledLine]]] = ([], 0, [])

    def lines(self, width: int) -> list[StyledLine]:
        """Return the lines, each a list of pieces, for a width."""
        raise NotImplementedError

    def paint(self, grid: Grid) -> None:
        """Draw frame, title and lines; on a screen too small for a frame, the lines alone."""
        framed = self._is_framed
        inner = grid.window(MARGIN, 1, grid.width - 2 * MARGIN, grid.height - 2) if framed else grid
        lines = [line for _, line in self.wrapped_lines(inner.width)]
        self._scroll = min(self._scroll, max(0, len(lines) - inner.height))
        put_styled_lines(inner, lines[self._scroll :])
        if framed:
            self._paint_frame(grid, more=len(lines) - self._scroll > inner.height)

    def wrapped_lines(self, width: int) -> list[tuple[int, StyledLine]]:
        """Return the lines as they are drawn, those that are too long in several, each with its number."""
        lines = self.lines(width)
        if self._wrapped[:2] != (lines, width):  # while a sheet opens they are asked for five times
            wrapped = [(number, part) for number, line in enumerate(lines) for part in wrapped_line(line, width)]
            self._wrapped = lines, width, wrapped
        return self._wrapped[2]

    def scroll_by(self, rows: int) -> None:
        """Scroll the lines."""
        self._scroll = max(0, self._scroll + rows)
        self.invalidate(immediate=True)

    def scroll_to_line(self, line: int) -> None:
        """Scroll so far that a line is the first one shown."""
        self._scroll = line
        self.invalidate(immediate=True)

    def line_at(self, event: events.Click) -> int:
        """Return the number of the line under the mouse, −1 where there is none."""
        row = event.y - int(self._is_framed) + self._scroll
        numbers = [number for number, _ in self.wrapped_lines(self.text_width)]
        return numbers[row] if 0 <= row < len(numbers) else -1

    @property
    def text_width(self) -> int:
        """Columns of the lines."""
        return self.size.width - 2 * MARGIN if self._is_framed else self.size.width

    @property
    def _is_framed(self) -> bool:
        return self.size.width >= 24 and self.size.height >= LOWEST_FRAMED

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


class Dialog(TrainerScreen[Result], OverStillPicture[Result], ModalScreen[Result]):
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
        """Make the sheet; it has its size from the first, for each change of that draws the whole screen anew."""
        self.sheet = self.make_sheet()
        self.fit()
        yield self.sheet

    def on_mount(self) -> None:
        """Give the sheet the keys."""
        self.sheet.focus()

    def on_resize(self) -> None:
        """Fit the sheet to the screen."""
        self.fit()

    def fit(self) -> None:
        """Give the sheet the size that its lines need, as far as the screen has it."""
        width = min(WIDEST, self.app.size.width)
        height = len(self.sheet.wrapped_lines(width - 2 * MARGIN)) + 2
        self.sheet.styles.width = width
        self.sheet.styles.height = min(height, self.app.size.height)
