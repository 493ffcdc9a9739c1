"""The exam in sections: a line of their names, and of the one that is shown its plots and its lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from textual import events

from presets.labs.contract import Plot
from tui_trainer.layout import Rect
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.exam_sheets import Sheet
from tui_trainer.view_models.lab_plots import panels_of
from tui_trainer.view_models.styled_text import StyledLine
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.lab_panel import paint_panel
from tui_trainer.widgets.page import HEAD, MORE, Page
from tui_trainer.widgets.styled_text import put_styled_lines

BESIDE: Final = 100
"""Columns from which on plots stand beside the lines."""
WIDEST_PLOT: Final = 56
LEAST_TEXT: Final = 62
GAP: Final = 3
LOWEST_PLOT: Final = 8
NARROWEST_PLOT: Final = 26
LEAST_LINES: Final = 3
"""Rows that the lines below plots have at least."""


class Placed(NamedTuple):
    """Where the lines and the plots of a section stand.

    Attributes:
        lines: The lines, made for the width of their place.
        text: Their place on a page that may be longer than what is seen of it.
        plots: The plots.
        rects: Theirs; those of plots that have no room are missing.
        are_beside: Whether plots stand still beside the lines, and are not on the page.
    """

    lines: list[StyledLine]
    text: Rect
    plots: Sequence[Plot] = ()
    rects: Sequence[Rect] = ()
    are_beside: bool = False

    @property
    def rows(self) -> int:
        """How long the page is."""
        return self.text.y + self.text.height


class ExamPage(Page):
    """A page whose lines have plots beside or above them.

    Args:
        sheet: Returns lines and plots for a width in cells.
        sections: Returns the names of the sections.
        section: Returns which of them is shown.
        subtitle: What stands at the right end of the rule.
        about: What the help says of it.
    """

    def __init__(
        self,
        *,
        sheet: Callable[[int], Sheet],
        sections: Callable[[], list[str]],
        section: Callable[[], int],
        subtitle: Callable[[], str],
        about: str,
        id: str,
        period: float = 0.0,
    ) -> None:
        super().__init__(
            "Exam", subtitle=subtitle, lines=lambda width: sheet(width).lines, about=about, id=id, period=period
        )
        self._sheet = sheet
        self._sections = sections
        self._section = section
        self._places: list[tuple[int, int]] = []

    def to_top(self) -> None:
        """Show another section from its first line on."""
        self._scroll = 0
        self.invalidate(immediate=True)

    def section_at(self, x: int, y: int) -> int | None:
        """Return the section whose name stands at a cell."""
        places = enumerate(self._places) if y == 0 else ()
        return next((number for number, (start, end) in places if start <= x < end), None)

    def on_click(self, event: events.Click) -> None:
        """Show the section whose name was clicked on."""
        chosen = self.section_at(event.x, event.y)
        if chosen is not None:
            self.screen.call_after_refresh(self.screen.run_action, f"section_to({chosen})")

    def paint(self, grid: Grid) -> None:
        """Draw the names of the sections, plots and lines, and at the end of the last row whether there are more."""
        self._paint_head(grid)
        body = grid.window(0, HEAD)
        placed = self._placed(body.width, body.height)
        self._scroll = min(self._scroll, max(0, placed.rows - body.height))
        page = Grid(placed.text.width, max(placed.rows, body.height))
        put_styled_lines(page.window(*placed.text), placed.lines)
        for panel, rect in zip(panels_of(placed.plots), placed.rects, strict=False):
            paint_panel((body if placed.are_beside else page).window(*rect), panel, None, chosen=False)
        text_place = body.window(0, 0, page.width)
        text_place.codes[:], text_place.inks[:] = (
            cells[self._scroll : self._scroll + body.height] for cells in (page.codes, page.inks)
        )
        if self._scroll + body.height < placed.rows:
            text_place.put_right(text_place.width, body.height - 1, MORE, Ink.MUTED)

    def _paint_head(self, grid: Grid) -> None:
        grid.put(0, 0, "─" * grid.width, Ink.FAINT)
        x = grid.put(0, 0, f"{self._title} ", Ink.BRIGHT)
        self._places = []
        names = self._sections()
        section = min(self._section(), len(names) - 1)
        for number, name in enumerate(names):
            ink = Ink.ACCENT if number == section else Ink.MUTED
            label = f"[{name}]" if number == section else f" {name} "
            self._places.append((x, x + len(label)))
            x = grid.put(x, 0, label, ink)
        subtitle = f" {self._subtitle()}"
        if x + len(subtitle) <= grid.width:
            grid.put_right(grid.width, 0, subtitle, Ink.MUTED)

    def _placed(self, width: int, height: int) -> Placed:
        """Return where lines and plots stand on a page of this width, of which so many rows are seen at a time."""
        sheet = self._sheet(width)
        if sheet.plots and sheet.are_beside and width >= BESIDE and height >= LOWEST_PLOT:
            return _beside(self._sheet, width, height)
        if sheet.plots and sheet.are_needed:
            return _above(sheet, width, height)
        return Placed(sheet.lines, Rect(0, 0, width, len(sheet.lines)))

    @property
    def _room(self) -> int:
        return max(0, self.size.height - HEAD)

    @property
    def _overflow(self) -> int:
        """How many rows there is no room for."""
        return max(0, self._placed(self.size.width, self._room).rows - self._room)


def _beside(make: Callable[[int], Sheet], width: int, height: int) -> Placed:
    """Return lines with plots at their right, one below the other, as many as have room."""
    wide = min(WIDEST_PLOT, width - LEAST_TEXT - GAP)
    sheet = make(width - wide - GAP)
    count = min(len(sheet.plots), (height + 1) // (LOWEST_PLOT + 1))
    edges = [round((height + 1) * edge / count) for edge in range(count + 1)]
    rects = [Rect(width - wide, start, wide, end - start - 1) for start, end in pairwise(edges)]
    text = Rect(0, 0, width - wide - GAP, len(sheet.lines))
    return Placed(sheet.lines, text, sheet.plots, rects, are_beside=True)


def _above(sheet: Sheet, width: int, height: int) -> Placed:
    """Return plots side by side above the lines: these have a third of the rows in sight, or come when one scrolls."""
    rows = min(len(sheet.lines), max(LEAST_LINES, height // 3))
    high = height - rows - 1
    high = height if high < LOWEST_PLOT else min(high, max(LOWEST_PLOT, width // 3))
    count = max(1, min(len(sheet.plots), (width + GAP) // (NARROWEST_PLOT + GAP)))
    edges = [round((width + GAP) * edge / count) for edge in range(count + 1)]
    rects = [Rect(start, 0, end - start - GAP, high) for start, end in pairwise(edges)]
    return Placed(sheet.lines, Rect(0, high + 1, width, len(sheet.lines)), sheet.plots, rects)
