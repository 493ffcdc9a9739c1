"""How the charts are looked at: which epochs, where the crosshair is, how smooth."""

from __future__ import annotations

from dataclasses import dataclass

from tui_trainer.view_models.axes import Window


@dataclass
class ChartView:
    """The user's choices; all charts share them, so that they show the same epochs.

    Attributes:
        window: The epochs zoomed in on, None for all of them.
        cursor: The epoch under the crosshair, None without one.
        smoothing: The factor of the moving average, see ``smoothing.smoothed``; 0 is off.
    """

    window: Window | None = None
    cursor: int | None = None
    smoothing: float = 0.0

    def shown(self, whole: Window) -> Window:
        """Return the epochs to show, where a chart of them all would show ``whole``."""
        return whole if self.window is None else self.window.within(whole)

    def zoom(self, factor: float, around: int, whole: Window) -> None:
        """Show ``factor`` times as many epochs; ``around`` stays where it is, as far as the ends allow."""
        self._show(self.shown(whole).scaled(factor, around), whole)

    def zoom_on(self, factor: float, epoch: int, whole: Window) -> None:
        """Show ``factor`` times as many epochs, with one in their middle, as far as the ends allow."""
        self._show(self.shown(whole).scaled(factor, epoch).centred(epoch), whole)

    def pan(self, share: float, whole: Window) -> None:
        """Show epochs further on by this share of the window."""
        if self.window is not None:
            self.window = self.shown(whole).moved(share).within(whole)

    def move_cursor(self, epochs: int, whole: Window, latest: int) -> None:
        """Move the crosshair; a window that was zoomed in on goes along with it."""
        self.cursor = self.moved_cursor(epochs, whole, latest)
        if self.window is not None:
            self.window = self.shown(whole).including(self.cursor).within(whole)

    def moved_cursor(self, epochs: int, whole: Window, latest: int) -> int:
        """Return where the crosshair would go, among the epochs that there are; it begins at the last one shown."""
        last = max(whole.first, min(whole.last, latest))
        if self.cursor is None:
            window = self.shown(whole)
            return max(window.first, min(window.last, last))
        return min(max(whole.first, self.cursor + epochs), last)

    def _show(self, window: Window, whole: Window) -> None:
        window = window.within(whole)
        self.window = None if window == whole else window
