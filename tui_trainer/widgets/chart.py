"""A chart over the epochs: of a metric on the training and the validation part, or of a series by layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal

from textual import events

from engine.errors import sanitize
from tui_trainer.bindings import bindings_of
from tui_trainer.formatting import count, metric, plain
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.axes import Scale, Window
from tui_trainer.view_models.charts import (
    GAP,
    OTHER_INKS,
    RUNNING,
    Legend,
    PlottedCurve,
    fit_legend,
    layer_curves,
    metric_curves,
    metric_legend,
    overlay_metric,
    value_at,
    why_no_series,
)
from tui_trainer.view_models.curve_sources import LAYER_SERIES, LayerSeries, MetricCurve
from tui_trainer.view_models.curves import (
    TRAIN_LOSS,
    TRAIN_SCORE,
    VALIDATION_LOSS,
    VALIDATION_SCORE,
    Chart,
    ChartModel,
    ChartOptions,
    whole_window,
)
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.run import Overlay, RunModel
from tui_trainer.view_models.smoothing import next_factor
from tui_trainer.widgets.chart_painter import LABELS, ChartPainter
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import Pane
from tui_trainer.widgets.plot import DOTS_ACROSS

CALM = 0.2
"""Seconds between two redraws, where the others take less: half the bytes, and numbers that can be read."""

LOOKING = (
    "← → move a crosshair, whose values stand in the legend; ↑ ↓ zoom in and out, < > go along, 0 shows all epochs. "
    "A smoothed line is a moving average, in which each epoch counts so many times as much as the one after it; the "
    "faint line behind it is as measured. Of several seeds the line is the median of those still training, the band "
    "goes from the lowest to the highest. w goes on to the gradient norm and the update ratio of the layers."
)


class ChartPane(Pane):
    """Two curves of one metric: running on the training part, measured on the validation part."""

    OWNER: ClassVar[str] = "charts"
    PAINTED_LAST: ClassVar[bool] = True
    BINDINGS: ClassVar[list[Any]] = bindings_of("charts")
    LABELS_FROM: ClassVar[Literal[1, -1]]
    """Whether markers are labelled from the top row on or from the bottom one, wherever the curves seldom are."""

    METRICS: ClassVar[tuple[int, int]]

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=min(2 * period, max(period, CALM)))
        self._chart = ChartModel()
        self._painter = ChartPainter(model, self.LABELS_FROM)
        self._columns = 1
        self._series: LayerSeries | None = None
        self._series_drawn: tuple[str, ...] = ()

    def metric_title(self) -> str:
        """Return the title while the metric is shown, and no series."""
        raise NotImplementedError

    def metric_scale(self) -> Scale:
        """Return the kind of vertical axis that the metric has."""
        raise NotImplementedError

    def metric_help(self) -> str:
        """Return what the metric is."""
        raise NotImplementedError

    def title(self) -> str:
        """Return the title."""
        if self._series is None:
            return self.metric_title()
        return self._series.term.in_words(self.model.vocabulary).capitalize()

    def help_text(self) -> str:
        """Return what this pane shows."""
        about = self.metric_help() if self._series is None else f"{self._series.term.meaning} A line for each layer."
        return f"{about} {LOOKING}"

    def series(self) -> tuple[str, ...]:
        """Return the series that frames must carry: one for each layer that there is by now."""
        run = self.model.run
        return () if self._series is None or run is None else self._series.names(len(run.spec.network.layers))

    def paint(self, grid: Grid) -> None:
        """Draw everything; where that needs other series, ask for them."""
        super().paint(grid)
        if self.series() != self._series_drawn:
            self._series_drawn = self.series()
            self.post_message(self.ViewChanged())

    def remarks(self, run: RunModel) -> list[str]:
        """Return what is to be known of the chart, the most important first."""
        view, whole = self.model.charts, self._whole(run)
        window, epochs = view.shown(whole), self.model.word("epochs")
        remarks = []
        if view.smoothing:
            remarks += [f"smoothed {plain(view.smoothing)}", "faint: as measured"]
        if len(run.welcome.seeds) > 1:
            remarks.append(f"median of {run.seeds_training}{'' if self._series else ', range'}")
        if window != whole:
            remarks.append(f"{epochs} {count(window.first)}–{count(window.last)}")
        if not self._series and 1 < run.history.width > window.epochs / (self._columns * DOTS_ACROSS):
            remarks.append(f"bins of {run.history.width} {epochs}")
        if not self._series and not self._legend(self.size.width, run, self._curves(run)).note:
            remarks.append(f"{self.model.word('train')}:{RUNNING[-1]}")
        scale = self._scale()
        return remarks if scale == "share" else [*remarks, f"{scale} axis"]

    def subtitle(self, run: RunModel) -> str:
        """Return as many of the remarks as there is room for."""
        room = self.size.width - len(self.title()) - 5
        said = ""
        for remark in self.remarks(run):
            longer = f"{said} · {remark}" if said else remark
            said = longer if len(longer) <= room else said
        return said

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        run, view = self.model.run, self.model.charts
        if action in {"cross", "zoom", "smooth", "pan", "fit", "uncross"} and not run.history.epochs:
            return False
        if action == "cross":
            return self._can_cross(run, *parameters)
        if action in {"pan", "fit"}:
            return view.window is not None
        if action == "uncross":
            return view.cursor is not None
        return super().check_action(action, parameters)

    def _can_cross(self, run: RunModel, direction: Any) -> bool:
        """Return whether the crosshair has somewhere to go."""
        view = self.model.charts
        return view.moved_cursor(direction, self._whole(run), run.history.epochs) != view.cursor

    def action_cross(self, direction: int) -> None:
        """Move the crosshair by a column; show it where there was none."""
        whole = self._whole(self.model.run)
        epochs = max(1, round(self.model.charts.shown(whole).epochs / self._columns))
        self.model.charts.move_cursor(direction * epochs, whole, self.model.run.history.epochs)
        self._redraw_all()

    def action_uncross(self) -> None:
        """Take the crosshair away."""
        self.model.charts.cursor = None
        self._redraw_all()

    def action_zoom(self, direction: int) -> None:
        """Show half as many epochs around the crosshair (else the latest one), or twice as many."""
        view, latest = self.model.charts, self.model.run.history.epochs
        self._zoom(direction, latest if view.cursor is None else view.cursor)

    def action_pan(self, direction: int) -> None:
        """Show the epochs before, or after."""
        self.model.charts.pan(direction / 4, self._whole(self.model.run))
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
        choices = [None, *LAYER_SERIES]
        self._series = choices[(choices.index(self._series) + 1) % len(choices)]
        self._chart = ChartModel()
        self.invalidate(immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Put the crosshair where the mouse is."""
        run = self.model.run
        if run.history.epochs:
            view = self.model.charts
            view.cursor = self._epoch_at(event.x, run)
            view.move_cursor(0, self._whole(run), run.history.epochs)
            self._redraw_all()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in on what is under the mouse."""
        self._zoom(1, self._epoch_at(event.x, self.model.run))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        self._zoom(-1, self._epoch_at(event.x, self.model.run))

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the legend and the chart."""
        curves, overlays = self._curves(run), self._overlays(run)
        self._paint_legend(grid, run, curves)
        if overlays:
            self._paint_overlay_names(grid.window(LABELS + 1, 1), overlays)
        frame = grid.window(0, 1 + bool(overlays))
        field = frame.window(LABELS + 1, 0, None, max(0, frame.height - 2))
        self._columns = max(1, field.width)
        chart = self._make_chart(run, curves, field.width * DOTS_ACROSS)
        if chart is None or not field.width or not field.height:
            grid.put(LABELS + 1, 2, self._why_empty(run), Ink.MUTED)
        else:
            self._painter.paint(frame, field, chart, curves, run)
        if self._series is None:
            self._paint_not_finite(grid, curves[: 1 + run.has_validation])

    def _curves(self, run: RunModel) -> list[PlottedCurve]:
        if self._series is None:
            return metric_curves(run, self.METRICS, self.model.word)
        return layer_curves(run, self._series, self.model.word)

    def _overlays(self, run: RunModel) -> list[Overlay]:
        """Return the other runs to be drawn over this one; of their series nothing is known here."""
        return run.overlays if self._series is None else []

    def _scale(self) -> Scale:
        return self.metric_scale() if self._series is None else "log"

    def _make_chart(self, run: RunModel, curves: Sequence[PlottedCurve], dots: int) -> Chart | None:
        if not curves:
            return None
        view, whole = self.model.charts, self._whole(run)
        window, seeds = view.shown(whole), len(run.welcome.seeds) if self._series is None else 1
        options = ChartOptions(window, dots, self._scale(), seeds, view.smoothing, zoomed=window != whole)
        others = [MetricCurve(o.history, overlay_metric(o, self.METRICS)) for o in self._overlays(run)]
        return self._chart.chart([curve.source for curve in curves], options, others)

    def _whole(self, run: RunModel) -> Window:
        return whole_window([run.history, *(overlay.history for overlay in run.overlays)], run.epochs)

    def _epoch_at(self, x: int, run: RunModel) -> int:
        return self.model.charts.shown(self._whole(run)).epoch_in(x - LABELS - 1, self._columns)

    def _zoom(self, direction: int, around: int) -> None:
        self.model.charts.zoom(0.5**direction, around, self._whole(self.model.run))
        self._redraw_all()

    def _redraw_all(self) -> None:
        """Draw all charts: they are looked at in the same way."""
        for chart in self.screen.query(ChartPane):
            chart.invalidate(immediate=True)
        self.post_message(self.BindingsChanged())

    def _paint_legend(self, grid: Grid, run: RunModel, curves: Sequence[PlottedCurve]) -> None:
        legend = self._legend(grid.width, run, curves)
        x, note = legend.start, legend.note
        for name, curve in zip(legend.names, curves, strict=False):
            x = grid.put(x, 0, f"━ {name} ", curve.ink)
            x = grid.put(x, 0, f"{metric(value_at(curve.source, self._epoch_read)):<6}", Ink.TEXT)
            x = grid.put(x, 0, note, Ink.FAINT) + GAP
            note = ""
        if legend.left_out:
            grid.put(x, 0, f"+{legend.left_out}", Ink.FAINT)

    def _legend(self, width: int, run: RunModel, curves: Sequence[PlottedCurve]) -> Legend:
        if self._series is None:
            return metric_legend(run, curves, width, LABELS + 1)
        return fit_legend(curves, width, LABELS + 1)

    @property
    def _epoch_read(self) -> int | None:
        """The epoch whose values the legend has: under the crosshair, else that which is visited, else the last."""
        return self.model.visiting if self.model.charts.cursor is None else self.model.charts.cursor

    def _paint_overlay_names(self, grid: Grid, overlays: Iterable[Overlay]) -> None:
        x = 0
        for overlay, ink in zip(overlays, OTHER_INKS, strict=False):
            shown = overlay_metric(overlay, self.METRICS)
            part = ("train", "validation")[self.METRICS.index(shown)]
            x = grid.put(x, 0, f"━ {sanitize(overlay.name, 24)} ", ink)
            x = grid.put(x, 0, f"{self.model.word(part)} ", Ink.FAINT)
            value = value_at(MetricCurve(overlay.history, shown), self._epoch_read)
            x = grid.put(x, 0, metric(value), Ink.TEXT) + GAP

    def _paint_not_finite(self, grid: Grid, curves: Iterable[PlottedCurve]) -> None:
        """Name the first epoch whose value is not finite: on the chart it is only a gap."""
        epochs = [epoch for curve in curves if (epoch := curve.source.not_finite_since()) is not None]
        if epochs:
            text = f" not finite from {self.model.word('epoch')} {count(min(epochs))}"
            grid.put_right(grid.width, 1, text, Ink.ERROR)

    def _why_empty(self, run: RunModel) -> str:
        if self._series is not None:
            return why_no_series(run, self._series, self.model.word)
        if run.history.epochs:
            return "no finite value to draw"
        return f"the first {self.model.word('epoch')} is under way…" if self.model.has_frame else ""


class LossPane(ChartPane):
    """The loss."""

    LABELS_FROM: ClassVar[Literal[1, -1]] = 1
    METRICS: ClassVar[tuple[int, int]] = (TRAIN_LOSS, VALIDATION_LOSS)

    def metric_title(self) -> str:
        """Return the title."""
        return self.model.word("loss").capitalize()

    def metric_scale(self) -> Scale:
        """Return the kind of vertical axis."""
        return "log" if self.model.log_axis else "linear"

    def metric_help(self) -> str:
        """Return what the metric is."""
        return (
            "How wrong the answers are, after each epoch. The training loss is the one met during the epoch, before "
            "each update and with dropout on; the validation loss is measured at its end, with dropout off, on rows "
            "the network never learns from. Where many epochs share a column, it spans their lowest and highest value. "
            "Dotted lines mark the dials that were turned, ◆ the epoch with the lowest validation loss."
        )


class AccuracyPane(ChartPane):
    """The accuracy, or r² of a regression."""

    LABELS_FROM: ClassVar[Literal[1, -1]] = -1
    METRICS: ClassVar[tuple[int, int]] = (TRAIN_SCORE, VALIDATION_SCORE)

    def metric_title(self) -> str:
        """Return the title."""
        return self.model.word("r2" if self._is_regression() else "accuracy").capitalize()

    def metric_scale(self) -> Scale:
        """Return the kind of vertical axis."""
        return "share"

    def metric_help(self) -> str:
        """Return what the metric is."""
        return (
            "The share of rows answered correctly (for a regression r², the share of the target's spread that is "
            "explained). Training: during the epoch, dropout on; validation: at its end, dropout off."
        )

    def _is_regression(self) -> bool:
        return self.model.run.is_known and not self.model.run.welcome.classes
