"""All that fits on a very small screen: the state, and a sparkline for each loss."""

from __future__ import annotations

import numpy as np

from tui_trainer.formatting import count, first_lines, narrow, wrapped_text
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.axes import Window
from tui_trainer.view_models.curve_sources import CurveSource
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.header import notice_of, state_of
from tui_trainer.view_models.neurons import BARS
from tui_trainer.view_models.plotted_curves import PlottedCurve, metric_curves, of_its_parts
from tui_trainer.view_models.run import RunModel
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.grid import Grid

LABEL = 11
"""Columns of a name and a value before a sparkline, where there is room for them."""


class Overview(Canvas):
    """State, epoch, losses; lines that do not fit are left out from the bottom."""

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(id=id, period=period)
        self._model = model

    def paint(self, grid: Grid) -> None:
        """Draw the lines."""
        self._paint_state(grid)
        run = self._model.run
        if run.is_known:
            curves = metric_curves(run, "losses", self._model.word)
            for y, curve in enumerate(of_its_parts(run, curves)[:2], start=1):
                self._paint_loss(grid, y, run, curve)
        notice = notice_of(self._model)
        every = wrapped_text(notice.text or self._model.title, grid.width)
        lines = first_lines(every, max(1, grid.height - 4), grid.width)
        for y, line in enumerate(lines, 3):
            grid.put(0, y, line, notice.ink)
        grid.put(0, 3 + len(lines), "  ".join(self._keys()), Ink.FAINT)

    def _keys(self) -> list[str]:
        """Return what can be done here and now."""
        glyph, state = self._model.glyph, self._model.run.frame.state
        keys = [f"{glyph('leave')} leave"]
        if self._model.may_command and state in {"running", "paused"}:
            keys.insert(0, f"{glyph('run.pause')} {'pause' if state == 'running' else 'go on'}")
        return keys

    def _paint_state(self, grid: Grid) -> None:
        state = state_of(self._model)
        run = self._model.run
        x = grid.put(0, 0, state.sign, state.ink)
        if run.has_frame:
            end = f"/{count(run.frame.epochs)}" if run.frame.epochs else ""
            x = grid.put(x + 1, 0, f"{count(run.frame.epoch)}{end}", Ink.TEXT)
        grid.put(x + 1, 0, state.word, state.ink)

    def _paint_loss(self, grid: Grid, y: int, run: RunModel, curve: PlottedCurve) -> None:
        x = 0
        if grid.width > LABEL + 4:
            grid.put(0, y, f"{curve.name[:5]} {narrow(curve.source.latest(), 6)}", Ink.MUTED)
            x = LABEL + 1
        grid.put(x, y, sparkline(run, curve.source, grid.width - x), curve.ink)


def sparkline(run: RunModel, source: CurveSource, width: int) -> str:
    """Return a metric over the whole run as bars of its highest value in each column, on a logarithmic scale."""
    if width < 1 or not run.history.epochs:
        return ""
    columns = source.columns(Window(1, max(run.history.epochs, width)), width)
    positive = np.where(columns.high > 0, columns.high, np.nan)
    if not np.isfinite(positive).any():
        return ""
    heights = np.log(positive)
    low, high = np.nanmin(heights), np.nanmax(heights)
    share = (heights - low) / (high - low) if high > low else np.zeros_like(heights)
    steps = np.rint(np.nan_to_num(share) * (len(BARS) - 1)).astype(int).tolist()
    return "".join(BARS[step] if np.isfinite(h) else " " for step, h in zip(steps, heights.tolist(), strict=True))
