"""A chart over the epochs: of a metric on the training and the validation part, or of a series by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from textual import events

from tui_trainer.bindings import bindings_of
from tui_trainer.formatting import count, narrow
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.chart_legend import GAP, VALUE, fit_overlays
from tui_trainer.view_models.charts import AccuracyContents, ChartContents, LossContents, whole_window_of
from tui_trainer.view_models.curve_sources import MetricCurve
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.plotted_curves import OTHER_INKS, PlottedCurve, series_choices
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.smoothing import next_factor
from tui_trainer.widgets.chart_painter import ChartPainter
from tui_trainer.widgets.curve_painter import LABELS
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import Pane
from tui_trainer.widgets.plot import DOTS_ACROSS

CALM = 0.2
"""Seconds between two redraws, where the others take less: half the bytes, and numbers that can be read."""


class ChartPane(Pane):
    """The curves of one metric, or of a series of the layers; see ``ChartContents``."""

    OWNER: ClassVar[str] = "charts"
    PAINTED_LAST: ClassVar[bool] = True
    BINDINGS: ClassVar[list[Any]] = bindings_of("charts")
    LABELS_FROM: ClassVar[Literal[1, -1]]
    """Whether markers are labelled from the top row on or from the bottom one, wherever the curves seldom are."""

    CONTENTS: ClassVar[type[ChartContents]]

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=min(2 * period, max(period, CALM)))
        self.contents = self.CONTENTS(model)
        self._painter = ChartPainter(model, self.LABELS_FROM)
        self._columns = 1
        self._series_drawn: tuple[str, ...] = ()

    def title(self) -> str:
        """Return the title."""
        return self.contents.title()

    def help_text(self) -> str:
        """Return what this pane shows."""
        return self.contents.about()

    def series(self) -> tuple[str, ...]:
        """Return the series that frames must carry."""
        return self.contents.series_names()

    def paint(self, grid: Grid) -> None:
        """Draw everything; where that needs other series, ask for them."""
        super().paint(grid)
        if self.series() != self._series_drawn:
            self._series_drawn = self.series()
            self.post_message(self.ViewChanged())

    def subtitle(self, run: RunModel) -> str:
        """Return as many of the remarks as there is room for."""
        room = self.size.width - len(self.title()) - 5
        said = ""
        for remark in self.contents.remarks(run, self.size.width, LABELS + 1, self._columns * DOTS_ACROSS):
            longer = f"{said} · {remark}" if said else remark
            said = longer if len(longer) <= room else said
        return said

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        run, view = self.model.run, self.model.charts
        if action in {"cross", "zoom", "smooth", "pan", "fit", "uncross"} and not run.history.epochs:
            return False
        if action == "cross":
            moved = view.moved_cursor(int(str(parameters[0])), whole_window_of(run), run.history.epochs)
            return moved != view.cursor
        if action in {"pan", "fit"}:
            return view.window is not None
        if action == "uncross":
            return view.cursor is not None
        if action == "next_kind":
            return len(series_choices(run)) > 1
        return super().check_action(action, parameters)

    def action_cross(self, direction: int) -> None:
        """Move the crosshair by a column; show it where there was none."""
        whole = whole_window_of(self.model.run)
        epochs = max(1, round(self.model.charts.shown(whole).epochs / self._columns))
        self.model.charts.move_cursor(direction * epochs, whole, self.model.run.history.epochs)
        self._redraw_all()

    def action_uncross(self) -> None:
        """Take the crosshair away."""
        self.model.charts.cursor = None
        self._redraw_all()

    def action_zoom(self, direction: int) -> None:
        """Show half as many epochs or twice as many: the crosshair in the middle, else the latest one in its place."""
        view, run = self.model.charts, self.model.run
        if view.cursor is None:
            self._zoom(direction, run.history.epochs)
        else:
            view.zoom_on(0.5**direction, view.cursor, whole_window_of(run))
            self._redraw_all()

    def action_pan(self, direction: int) -> None:
        """Show the epochs before, or after."""
        self.model.charts.pan(direction / 4, whole_window_of(self.model.run))
        self._redraw_all()

    def action_fit(self) -> None:
        """Show all epochs again."""
        self.model.charts.window = None
        self._redraw_all()

    def action_smooth(self) -> None:
        """Smooth the curves more, or not at all."""
        self.model.charts.smoothing = next_factor(self.model.charts.smoothing)
        self._redraw_all()

    def action_next_kind(self) -> None:
        """Show a series of the layers in place of the metric, the next one, or the metric again."""
        self.contents.next_kind()
        self.invalidate(immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Put the crosshair where the mouse is."""
        run = self.model.run
        if run.history.epochs:
            view = self.model.charts
            view.cursor = self._epoch_at(event.x, run)
            view.move_cursor(0, whole_window_of(run), run.history.epochs)
            self._redraw_all()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in on what is under the mouse."""
        self._zoom(1, self._epoch_at(event.x, self.model.run))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        self._zoom(-1, self._epoch_at(event.x, self.model.run))

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the legend and the chart."""
        curves, overlays = self.contents.curves(run), self.contents.overlays(run)
        self._paint_legend(grid, run, curves)
        if overlays:
            self._paint_overlay_names(grid.window(LABELS + 1, 1), overlays)
        frame = grid.window(0, 1 + bool(overlays))
        field = frame.window(LABELS + 1, 0, None, max(0, frame.height - 2))
        self._columns = max(1, field.width)
        chart = self.contents.chart(run, curves, field.width * DOTS_ACROSS)
        if chart is None or not field.width or not field.height:
            grid.put_wrapped(LABELS + 1, 2, self.contents.why_empty(run), Ink.MUTED)
        else:
            self._painter.paint(frame, field, chart, curves, run)
        since = self.contents.not_finite_since(run)
        if since is not None:  # on the chart it is only a gap
            grid.put_right(grid.width, 1, f" not finite from {self.model.word('epoch')} {count(since)}", Ink.ERROR)

    def _epoch_at(self, x: int, run: RunModel) -> int:
        return self.model.charts.shown(whole_window_of(run)).epoch_in(x - LABELS - 1, self._columns)

    def _zoom(self, direction: int, around: int) -> None:
        self.model.charts.zoom(0.5**direction, around, whole_window_of(self.model.run))
        self._redraw_all()

    def _redraw_all(self) -> None:
        """Draw all charts: they are looked at in the same way."""
        for chart in self.screen.query(ChartPane):
            chart.invalidate(immediate=True)
        self.post_message(self.BindingsChanged())

    def _paint_legend(self, grid: Grid, run: RunModel, curves: Sequence[PlottedCurve]) -> None:
        legend = self.contents.legend(run, curves, grid.width, LABELS + 1)
        x, note = legend.start, legend.note
        for name, curve in zip(legend.names, curves, strict=False):
            x = grid.put(x, 0, f"━ {name} ", curve.ink)
            x = grid.put(x, 0, f"{narrow(self.contents.reading(curve.source), VALUE):<{VALUE}}", Ink.TEXT)
            x = grid.put(x, 0, note, Ink.FAINT) + GAP
            note = ""
        if legend.left_out:
            grid.put(x, 0, f"+{legend.left_out}", Ink.FAINT)

    def _paint_overlay_names(self, grid: Grid, overlays: Sequence[tuple[str, str, MetricCurve]]) -> None:
        entries, left_out = fit_overlays([(name, part) for name, part, _ in overlays], grid.width)
        x = 0
        for (name, part), (*_, source), ink in zip(entries, overlays, OTHER_INKS, strict=False):
            x = grid.put(x, 0, f"━ {name} ", ink)
            x = grid.put(x, 0, f"{part} " if part else "", Ink.FAINT)
            x = grid.put(x, 0, f"{narrow(self.contents.reading(source), VALUE):<{VALUE}}", Ink.TEXT) + GAP
        if left_out:
            grid.put(x, 0, f"+{left_out}", Ink.FAINT)


class LossPane(ChartPane):
    """The loss."""

    LABELS_FROM: ClassVar[Literal[1, -1]] = 1
    CONTENTS: ClassVar[type[ChartContents]] = LossContents

    @property
    def has_log_axis(self) -> bool:
        """Whether the loss is shown: the axis of a series is always logarithmic."""
        return not self.series()


class AccuracyPane(ChartPane):
    """The accuracy, or r² of a regression."""

    LABELS_FROM: ClassVar[Literal[1, -1]] = -1
    CONTENTS: ClassVar[type[ChartContents]] = AccuracyContents
