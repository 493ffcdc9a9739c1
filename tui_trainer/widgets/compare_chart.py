"""The chart of a comparison, with its legend and its axis."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from tui_trainer.formatting import narrow, within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.axes import Window
from tui_trainer.view_models.chart_legend import GAP, VALUE, fit_overlays
from tui_trainer.view_models.compare_chart import CompareModel
from tui_trainer.view_models.plotted_curves import PlottedCurve
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.chart_painter import CURSOR
from tui_trainer.widgets.curve_painter import LABELS, CurvePainter
from tui_trainer.widgets.grid import BLANK, Grid
from tui_trainer.widgets.plot import DOTS_ACROSS


class CompareChart(Canvas):
    """A curve of each run.

    Args:
        model: What is compared.
        looked: Called when something was done with the mouse.
    """

    def __init__(self, model: CompareModel, looked: Callable[[], None], *, id: str) -> None:
        super().__init__(id=id)
        self._model = model
        self._looked = looked
        self._painter = CurvePainter()
        self.columns = 1

    def paint(self, grid: Grid) -> None:
        """Draw title, legend and curves."""
        model = self._model
        grid.put(0, 0, "─" * grid.width, Ink.FAINT)
        end = grid.put(0, 0, f"{model.title()} ", Ink.BRIGHT)
        said = " · ".join(model.remarks())
        while said and end + len(said) + 2 > grid.width:
            said = said.rpartition(" · ")[0]
        grid.put_right(grid.width, 0, f" {said}" if said else "", Ink.MUTED)
        curves = model.plotted()
        self._paint_legend(grid.window(0, 1, None, 1), curves)
        frame = grid.window(0, 2)
        field = frame.window(LABELS + 1, 0, None, max(0, frame.height - 2))
        self.columns = max(1, field.width)
        chart = model.chart(field.width * DOTS_ACROSS)
        if chart is None or not field.width or not field.height:
            grid.put_wrapped(LABELS + 1, 2, model.why_empty(), Ink.MUTED)
            return
        self._painter.paint(frame, field, chart, curves)
        self._paint_cursor(frame, field, chart.window)
        self._paint_places(frame, field, chart.window)

    def on_click(self, event: events.Click) -> None:
        """Put the crosshair where the mouse is."""
        model = self._model
        window = model.view.shown(model.whole())
        model.view.cursor = window.epoch_in(event.x - LABELS - 1, self.columns)
        self._looked()

    def _paint_legend(self, grid: Grid, curves: list[PlottedCurve]) -> None:
        entries, left_out = fit_overlays([(curve.name, "") for curve in curves], grid.width - LABELS - 1)
        x = LABELS + 1
        for (name, _), curve in zip(entries, curves, strict=False):
            x = grid.put(x, 0, f"━ {name} ", curve.ink)
            x = grid.put(x, 0, f"{narrow(self._model.reading(curve.source), VALUE):<{VALUE}}", Ink.TEXT) + GAP
        if left_out:
            grid.put(x, 0, f"+{left_out}", Ink.FAINT)

    def _paint_cursor(self, frame: Grid, field: Grid, window: Window) -> None:
        cursor = self._model.view.cursor
        if cursor is None or not window.first <= cursor <= window.last:
            return
        x = window.column(cursor, field.width)
        free = field.codes[:, x] == BLANK
        field.codes[free, x], field.inks[free, x] = ord(CURSOR), Ink.BRIGHT
        frame.put(LABELS + 1 + x, field.height, "┴", Ink.BRIGHT)
        label = within(self._model.place_text(cursor), field.width)
        start = min(max(0, x - len(label) // 2), field.width - len(label))
        frame.window(LABELS + 1, field.height + 1).put(start, 0, label, Ink.BRIGHT)

    def _paint_places(self, frame: Grid, field: Grid, window: Window) -> None:
        """Number the axis where the crosshair's own number leaves room."""
        below = frame.window(LABELS + 1, field.height + 1, None, 1)
        for place in self._model.ticks(window, 4 if field.width >= 36 else 2):
            x, label = window.column(place, field.width), self._model.place_text(place)
            frame.put(LABELS + 1 + x, field.height, "┴", Ink.FAINT)
            start = min(max(0, x - len(label) // 2), field.width - len(label))
            if (below.codes[:, max(0, start - 1) : start + len(label) + 1] == BLANK).all():
                below.put(start, 0, label, Ink.MUTED)
