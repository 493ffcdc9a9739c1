"""The base of all panes: a widget that paints cells, and sends to the terminal only those that have changed."""

from __future__ import annotations

import logging
from time import monotonic
from typing import ClassVar

from rich.style import Style
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from engine.errors import sanitize
from tui_trainer.layout import Rect
from tui_trainer.textual_patches import refresh_at_next_tick
from tui_trainer.themes.inks import Ink
from tui_trainer.themes.variants import variant_of
from tui_trainer.widgets.grid import Grid, changed_regions

_log = logging.getLogger(__name__)


class Canvas(Widget):
    """A widget painted as a grid of cells.

    ``invalidate`` says that what it shows may have changed. It is painted then, or ``period`` seconds after it was last
    painted; nothing else makes it paint, so that a run that stands still leaves the terminal alone.

    Attributes:
        period: Seconds between two paintings that nobody is waiting for.
    """

    ALLOW_SELECT = False
    PERIOD_FACTOR: ClassVar[float] = 1.0
    """Redraws of the dashboard for one of this pane; above 1 it is painted more seldom."""
    SURVIVES: ClassVar[bool] = True
    """Whether a fault in painting costs the pane alone, and not the screen. Tests set it off, to see the fault."""
    PAINTED_LAST: ClassVar[bool] = False
    """Whether it is slow to paint and driven by training: then it is painted after the panes that answer a key."""

    def __init__(self, *, id: str | None = None, period: float = 0.0) -> None:
        super().__init__(id=id)
        self.period = period * self.PERIOD_FACTOR
        self._shown = Grid(0, 0)
        self._painted_at = 0.0
        self._later: Timer | None = None

    @property
    def pixels_in_cell(self) -> int:
        """How many pixels, one above the other, can be told apart in a cell: it takes colours to show two."""
        return 1 if variant_of(self.app.theme) == "no-color" else 2

    def place(self, rect: Rect) -> None:
        """Stand in a rectangle of the screen."""
        self.styles.offset = (rect.x, rect.y)
        self.styles.width = rect.width
        self.styles.height = rect.height

    def paint(self, grid: Grid) -> None:
        """Draw everything on a blank grid of the widget's size."""
        raise NotImplementedError

    def invalidate(self, *, immediate: bool = False) -> None:
        """Paint again: at once where someone waits for it, else when the period is over."""
        if not self._is_in_sight():
            return
        wait = self._painted_at + self.period - monotonic()
        if immediate or wait <= 0:
            self._paint_now()
        elif self._later is None:
            self._later = self.set_timer(wait, self._paint_later)

    def render_line(self, y: int) -> Strip:
        """Return a row of what was painted last; where that had another size, of what is painted now.

        Textual draws a widget before it tells it its size: what is blank then is sent in vain.
        """
        if self.size and not self._fits():  # what is hidden has none
            self._painted_at = monotonic()
            self._shown = self._painted()
        if y >= self._shown.height:
            return Strip.blank(self.size.width, Style())
        return self._shown.strip(y, variant_of(self.app.theme))

    def on_resize(self) -> None:
        """Paint for the new size, unless it has been drawn in that size already."""
        if not self._fits():
            self._paint_now()

    def on_show(self) -> None:
        """Paint what has changed while out of sight."""
        self._paint_now()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show that the focus has come or gone."""
        super().watch_has_focus(has_focus)
        self.invalidate(immediate=True)

    def _is_in_sight(self) -> bool:
        # What stands under a dialog is painted once that has gone, and what has no place yet when it has one.
        return self.is_attached and self.display and bool(self.size) and self.app.screen is self.screen

    def _paint_later(self) -> None:
        self._later = None
        if self._is_in_sight():
            self._paint_now()

    def _paint_now(self) -> None:
        if self._later is not None:
            self._later.stop()
            self._later = None
        self._painted_at = monotonic()
        before, self._shown = self._shown, self._painted()
        self._refresh_changes(before, self._shown)

    def _painted(self) -> Grid:
        grid = Grid(self.size.width, self.size.height)
        try:
            self.paint(grid)
        except Exception as error:  # what a worker that may not be ours can say is more than was thought of
            if not self.SURVIVES:
                raise
            _log.exception("%s cannot be drawn", type(self).__name__)
            grid = Grid(self.size.width, self.size.height)
            grid.put_wrapped(0, 0, f"this cannot be drawn ({type(error).__name__}: {sanitize(error)})", Ink.ERROR)
        return grid

    def _fits(self) -> bool:
        return self._shown.codes.shape == (self.size.height, self.size.width)

    def _refresh_changes(self, before: Grid, after: Grid) -> None:
        if before.codes.shape != after.codes.shape:
            self.refresh()
        elif regions := changed_regions(before, after):
            self.refresh(*regions)
        refresh_at_next_tick(self)
