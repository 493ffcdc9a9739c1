"""A chart of a metric over the epochs, for the training and the validation part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

import numpy as np
from textual import events

from engine.errors import sanitize
from tui_trainer.bindings import bindings_of
from tui_trainer.formatting import count, metric, plain
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.axes import Scale, Window
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
from tui_trainer.view_models.history import History
from tui_trainer.view_models.run import Overlay, RunModel
from tui_trainer.view_models.smoothing import next_factor
from tui_trainer.widgets.chart_painter import CURVE_INKS, LABELS, OTHER_INKS, ChartPainter
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import Pane
from tui_trainer.widgets.plot import DOTS_ACROSS

GAP = 2
"""Columns between two entries of the legend."""
LEGEND_REST = 9 + GAP
"""Columns of a legend's entry beside the name: its sign, its value, the gap to the next."""

RUNNING = (" running, dropout on", " running")
"""What the values of the training part are, in as many words as there is room for; the first where there is dropout."""

CALM = 0.2
"""Seconds between two redraws, where the others take less: half the bytes, and numbers that can be read."""

LOOKING = (
    "← → move a crosshair, whose values stand in the legend; ↑ ↓ zoom in and out, < > go along, 0 shows all epochs. "
    "A smoothed line is a moving average, in which each epoch counts so many times as much as the one after it; the "
    "faint line behind it is as measured. Of several seeds the line is the median of those still training, the band "
    "goes from the lowest to the highest."
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
        self._chart = ChartModel(self.METRICS)
        self._painter = ChartPainter(model, self.METRICS, self.LABELS_FROM)
        self._columns = 1

    def scale(self) -> Scale:
        """Return the kind of vertical axis."""
        raise NotImplementedError

    def remarks(self, run: RunModel) -> list[str]:
        """Return what is to be known of the chart, the most important first."""
        view, whole = self.model.charts, self._whole(run)
        window, epochs = view.shown(whole), self.model.word("epochs")
        remarks = []
        if view.smoothing:
            remarks += [f"smoothed {plain(view.smoothing)}", "faint: as measured"]
        if len(run.welcome.seeds) > 1:
            remarks.append(f"median of {run.seeds_training}, range")
        if window != whole:
            remarks.append(f"{epochs} {count(window.first)}–{count(window.last)}")
        if 1 < run.history.width > window.epochs / (self._columns * DOTS_ACROSS):
            remarks.append(f"bins of {run.history.width} {epochs}")
        if not self._legend(self.size.width, run)[-1]:
            remarks.append(f"{self.model.word('train')}:{RUNNING[-1]}")
        return remarks

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
        if action in {"cross", "zoom", "smooth", "pan", "fit", "uncross"} and (run is None or not run.history.epochs):
            return False
        if action == "cross" and run is not None:
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
        if self.model.run is not None:
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
        if self.model.run is not None:
            view, latest = self.model.charts, self.model.run.history.epochs
            self._zoom(direction, latest if view.cursor is None else view.cursor)

    def action_pan(self, direction: int) -> None:
        """Show the epochs before, or after."""
        if self.model.run is not None:
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

    def on_click(self, event: events.Click) -> None:
        """Put the crosshair where the mouse is."""
        run = self.model.run
        if run is not None and run.history.epochs:
            view = self.model.charts
            view.cursor = self._epoch_at(event.x, run)
            view.move_cursor(0, self._whole(run), run.history.epochs)
            self._redraw_all()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in on what is under the mouse."""
        if self.model.run is not None:
            self._zoom(1, self._epoch_at(event.x, self.model.run))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        if self.model.run is not None:
            self._zoom(-1, self._epoch_at(event.x, self.model.run))

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the legend and the chart."""
        self._paint_legend(grid, run)
        top = 1 + bool(run.overlays)
        if run.overlays:
            self._paint_overlay_names(grid.window(LABELS + 1, 1), run.overlays)
        frame = grid.window(0, top)
        field = frame.window(LABELS + 1, 0, None, max(0, frame.height - 2))
        self._columns = max(1, field.width)
        chart = self._make_chart(run, field.width * DOTS_ACROSS)
        if chart is None or not field.width or not field.height:
            grid.put(LABELS + 1, 2, self._why_empty(run), Ink.MUTED)
        else:
            self._painter.paint(frame, field, chart, run)
        self._paint_not_finite(grid, run)

    def _make_chart(self, run: RunModel, dots: int) -> Chart | None:
        view, whole = self.model.charts, self._whole(run)
        window = view.shown(whole)
        options = ChartOptions(
            window, dots, self.scale(), len(run.welcome.seeds), view.smoothing, zoomed=window != whole
        )
        return self._chart.chart(run.history, options, [(o.history, self._metric_of(o)) for o in run.overlays])

    def _metric_of(self, overlay: Overlay) -> int:
        """Return what to show of another run: the validation part, where it has one."""
        return self.METRICS[0] if np.isnan(overlay.history.latest(self.METRICS[1]) or np.nan) else self.METRICS[1]

    def _whole(self, run: RunModel) -> Window:
        return whole_window([run.history, *(overlay.history for overlay in run.overlays)], run.epochs)

    def _epoch_at(self, x: int, run: RunModel) -> int:
        return self.model.charts.shown(self._whole(run)).epoch_in(x - LABELS - 1, self._columns)

    def _zoom(self, direction: int, around: int) -> None:
        if self.model.run is not None:
            self.model.charts.zoom(0.5**direction, around, self._whole(self.model.run))
            self._redraw_all()

    def _redraw_all(self) -> None:
        """Draw all charts: they are looked at in the same way."""
        for chart in self.screen.query(ChartPane):
            chart.invalidate(immediate=True)
        self.post_message(self.BindingsChanged())

    def _paint_legend(self, grid: Grid, run: RunModel) -> None:
        names, x, note = self._legend(grid.width, run)
        for name, which, ink in zip(names, self.METRICS, CURVE_INKS, strict=False):
            x = grid.put(x, 0, f"━ {name} ", ink)
            x = grid.put(x, 0, f"{metric(self._value(run.history, which)):<6}", Ink.TEXT)
            x = grid.put(x, 0, note, Ink.FAINT) + GAP
            note = ""

    def _legend(self, width: int, run: RunModel) -> tuple[list[str], int, str]:
        """Return the names of the curves, the column where they begin, and what is said of the first one."""
        names, offset = self._names_that_fit(width, 1 + run.has_validation)
        spare = width - offset - sum(len(name) + LEGEND_REST for name in names)
        notes = RUNNING if any(layer.dropout for layer in run.spec.network.layers) else RUNNING[1:]
        return names, offset, next((note for note in notes if len(note) <= spare + GAP), "")

    def _value(self, history: History, which: int) -> float | None:
        """Return the value under the crosshair, else of the checkpoint that is looked at, else the latest."""
        epoch = self.model.visiting if self.model.charts.cursor is None else self.model.charts.cursor
        if epoch is None:
            return history.latest(which)
        reading = history.at(which, epoch)
        return reading.last if reading else None

    def _names_that_fit(self, width: int, count: int) -> tuple[list[str], int]:
        """Return the names of the parts as long as there is room for, and the column where the legend begins."""
        names = [self.model.word(part) for part in ("train", "validation")[:count]]
        for shorter in (names, [name.split()[0] for name in names]):
            for offset in (LABELS + 1, 0):
                if offset + sum(len(name) + LEGEND_REST for name in shorter) <= width + 2:
                    return shorter, offset
        return [name[:5] for name in names], 0

    def _paint_overlay_names(self, grid: Grid, overlays: Iterable[Overlay]) -> None:
        x = 0
        for overlay, ink in zip(overlays, OTHER_INKS, strict=False):
            part = ("train", "validation")[self.METRICS.index(self._metric_of(overlay))]
            x = grid.put(x, 0, f"━ {sanitize(overlay.name, 24)} ", ink)
            x = grid.put(x, 0, f"{self.model.word(part)} ", Ink.FAINT)
            x = grid.put(x, 0, metric(self._value(overlay.history, self._metric_of(overlay))), Ink.TEXT) + 2

    def _paint_not_finite(self, grid: Grid, run: RunModel) -> None:
        """Name the first epoch whose value is not finite: on the chart it is only a gap."""
        known = (run.history.not_finite_since(which) for which in self.METRICS[: 1 + run.has_validation])
        since = min((epoch for epoch in known if epoch is not None), default=None)
        if since is not None:
            grid.put_right(grid.width, 1, f" not finite from {self.model.word('epoch')} {count(since)}", Ink.ERROR)

    def _why_empty(self, run: RunModel) -> str:
        if run.history.epochs:
            return "no finite value to draw"
        return f"the first {self.model.word('epoch')} is under way…" if self.model.has_frame else ""


class LossPane(ChartPane):
    """The loss."""

    LABELS_FROM: ClassVar[Literal[1, -1]] = 1
    METRICS: ClassVar[tuple[int, int]] = (TRAIN_LOSS, VALIDATION_LOSS)

    def title(self) -> str:
        """Return the title."""
        return self.model.word("loss").capitalize()

    def remarks(self, run: RunModel) -> list[str]:
        """Return the kind of axis, too."""
        return [*super().remarks(run), "log axis" if self.model.log_axis else "linear axis"]

    def scale(self) -> Scale:
        """Return the kind of vertical axis."""
        return "log" if self.model.log_axis else "linear"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "How wrong the answers are, after each epoch. The training loss is the one met during the epoch, before "
            "each update and with dropout on; the validation loss is measured at its end, with dropout off, on rows "
            "the network never learns from. Where many epochs share a column, it spans their lowest and highest value. "
            "Dotted lines mark the dials that were turned, ◆ the epoch with the lowest validation loss. "
            f"{LOOKING}"
        )


class AccuracyPane(ChartPane):
    """The accuracy, or r² of a regression."""

    LABELS_FROM: ClassVar[Literal[1, -1]] = -1
    METRICS: ClassVar[tuple[int, int]] = (TRAIN_SCORE, VALIDATION_SCORE)

    def title(self) -> str:
        """Return the title."""
        return self.model.word("r2" if self._is_regression() else "accuracy").capitalize()

    def scale(self) -> Scale:
        """Return the kind of vertical axis."""
        return "share"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "The share of rows answered correctly (for a regression r², the share of the target's spread that is "
            "explained). Training: during the epoch, dropout on; validation: at its end, dropout off. "
            f"{LOOKING}"
        )

    def _is_regression(self) -> bool:
        return self.model.run is not None and not self.model.run.welcome.classes
