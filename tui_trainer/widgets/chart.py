"""A chart of a metric over the epochs, for the training and the validation part."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from textual import events
from textual.message import Message

from engine.errors import printable
from engine.protocol.events import Change
from tui_trainer.bindings import bindings_of
from tui_trainer.themes.palette import Ink
from tui_trainer.view_models.axes import Scale, Window, round_up
from tui_trainer.view_models.curves import (
    TRAIN_LOSS,
    TRAIN_SCORE,
    VALIDATION_LOSS,
    VALIDATION_SCORE,
    Chart,
    ChartModel,
    Look,
    Points,
    marker_columns,
    whole_window,
)
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.dials import headline
from tui_trainer.view_models.figures import count, metric, plain
from tui_trainer.view_models.history import History, Reading
from tui_trainer.view_models.run import Overlay, RunModel
from tui_trainer.view_models.smoothing import next_factor
from tui_trainer.widgets.grid import BLANK, Grid
from tui_trainer.widgets.pane import Pane
from tui_trainer.widgets.plot import BRAILLE_BLANK, DOTS_ACROSS, DOTS_DOWN, Plot, Trace

LABELS = 6
"""Columns of the labels beside the vertical axis."""

MARKER = "┊"
CURSOR = "│"
BEST = "◆"
GAP = 2
"""Columns between two entries of the legend."""
LEGEND_REST = 9 + GAP
"""Columns of a legend's entry beside the name: its sign, its value, the gap to the next."""

RUNNING = (" running, dropout on", " running")
"""What the values of the training part are, in as many words as there is room for; the first where there is dropout."""

CALM = 0.2
"""Seconds between two redraws, where the others take less: half the bytes, and numbers that can be read."""

NEAR = 2
"""Columns within which the crosshair takes in a change."""

OLD = 0.05
"""How far behind, as a share of the axis, the best epoch must lie to be numbered: before, it changes all the time."""

LOOKING = (
    "← → move a crosshair, whose values stand in the legend; ↑ ↓ zoom in and out, < > go along, 0 shows all epochs. "
    "A smoothed line is a moving average, in which each epoch counts so many times as much as the one after it; the "
    "faint line behind it is as measured. Of several seeds the line is the median of those still training, the band "
    "goes from the lowest to the highest."
)
CURVE_INKS = (Ink.TRAIN, Ink.VALIDATION)
RANGE_INKS = (Ink.TRAIN_RANGE, Ink.VALIDATION_RANGE)
OTHER_INKS = (Ink.OTHER_1, Ink.OTHER_2, Ink.OTHER_3, Ink.OTHER_4)


class ChartPane(Pane):
    """Two curves of one metric: running on the training part, measured on the validation part."""

    OWNER: ClassVar[str] = "charts"
    UNHURRIED: ClassVar[bool] = True
    BINDINGS: ClassVar[list[Any]] = bindings_of("charts")
    LABELS_FROM: ClassVar[Literal[1, -1]]
    """Whether markers are labelled from the top row on or from the bottom one, wherever the curves seldom are."""

    METRICS: ClassVar[tuple[int, int]]

    class Looked(Message):
        """The charts are looked at in another way: all of them."""

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:  # noqa: A002 (Textual's name)
        super().__init__(model, id=id, period=min(2 * period, max(period, CALM)))
        self._chart = ChartModel(self.METRICS)
        self._plot = Plot()
        self._traces: list[Trace] = []
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

    def aside(self, run: RunModel) -> str:
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
            self.post_message(self.Looked())

    def action_uncross(self) -> None:
        """Take the crosshair away."""
        self.model.charts.cursor = None
        self.post_message(self.Looked())

    def action_zoom(self, direction: int) -> None:
        """Show half as many epochs around the crosshair (else the latest one), or twice as many."""
        if self.model.run is not None:
            view, latest = self.model.charts, self.model.run.history.epochs
            self._zoom(direction, latest if view.cursor is None else view.cursor)

    def action_pan(self, direction: int) -> None:
        """Show the epochs before, or after."""
        if self.model.run is not None:
            self.model.charts.pan(direction / 4, self._whole(self.model.run))
            self.post_message(self.Looked())

    def action_fit(self) -> None:
        """Show all epochs again."""
        self.model.charts.window = None
        self.post_message(self.Looked())

    def action_smooth(self) -> None:
        """Smooth the curves more, or not at all."""
        self.model.charts.smoothing = next_factor(self.model.charts.smoothing)
        self.post_message(self.Looked())

    def on_click(self, event: events.Click) -> None:
        """Put the crosshair where the mouse is."""
        run = self.model.run
        if run is not None and run.history.epochs:
            view = self.model.charts
            view.cursor = self._epoch_at(event.x, run)
            view.move_cursor(0, self._whole(run), run.history.epochs)
            self.post_message(self.Looked())

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in on what is under the mouse."""
        if self.model.run is not None:
            self._zoom(1, self._epoch_at(event.x, self.model.run))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        if self.model.run is not None:
            self._zoom(-1, self._epoch_at(event.x, self.model.run))

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw legend, axes, curves, and the markers where those leave room."""
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
            self._paint_axes(frame, field, chart)
            self._paint_curves(field, chart)
            self._paint_lines_down(field, chart, run)
            self._paint_epochs(frame, field, chart.window, run)
        self._paint_not_finite(grid, run)

    def _make_chart(self, run: RunModel, dots: int) -> Chart | None:
        view, whole = self.model.charts, self._whole(run)
        window = view.shown(whole)
        look = Look(window, dots, self.scale(), len(run.welcome.seeds), view.smoothing, zoomed=window != whole)
        return self._chart.chart(run.history, look, [(o.history, self._metric_of(o)) for o in run.overlays])

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
            self.post_message(self.Looked())

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
            x = grid.put(x, 0, f"━ {printable(overlay.name, 24)} ", ink)
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

    def _paint_axes(self, frame: Grid, field: Grid, chart: Chart) -> None:
        for y in range(field.height):
            frame.put(LABELS, y, "│", Ink.FAINT)
        for value in chart.limits.ticks(max(2, (field.height + 1) // 3)):
            y = round((1 - chart.limits.place(value)) * (field.height * DOTS_DOWN - 1)) // DOTS_DOWN
            frame.put_right(LABELS, y, plain(value), Ink.MUTED)
            frame.put(LABELS, y, "┤", Ink.FAINT)
        frame.put(LABELS, field.height, "└" + "─" * field.width, Ink.FAINT)

    def _paint_epochs(self, frame: Grid, field: Grid, window: Window, run: RunModel) -> None:
        """Mark epochs on the axis, and number them below; a number that would touch a more telling one is left out."""
        marks = self._marked_epochs(field, window, run)
        for epoch, sign, _, ink in reversed(marks):
            frame.put(LABELS + 1 + window.column(epoch, field.width), field.height, sign, ink)
        below = frame.window(LABELS + 1, field.height + 1)
        for epoch, _, label, ink in marks:
            start = min(max(0, window.column(epoch, field.width) - len(label) // 2), field.width - len(label))
            if label and _is_free(below, start - 1, 0, len(label) + 2):
                below.put(start, 0, label, Ink.MUTED if ink is Ink.FAINT else ink)

    def _marked_epochs(self, field: Grid, window: Window, run: RunModel) -> list[tuple[int, str, str, Ink]]:
        """Return epochs to be marked, each with its sign, its label and its ink, the most telling first."""
        best = run.frame.best_epoch or 0 if run.frame and run.has_validation else 0
        is_old = best < run.history.epochs - OLD * window.epochs
        marks = [(epoch, "┴", count(epoch), ink) for epoch, ink in self._epochs_looked_at(window)]
        marks.append((best, BEST, f"best {count(best)}" if is_old else "", Ink.GOOD))
        ticks = _labelled_epochs(window, 4 if field.width >= 36 else 2)
        marks += [(epoch, "┴", count(epoch), Ink.FAINT) for epoch in ticks]
        return [mark for mark in marks if window.first <= mark[0] <= window.last]

    def _epochs_looked_at(self, window: Window) -> list[tuple[int, Ink]]:
        """Return the epoch under the crosshair, and the one that is visited, as far as they are in sight."""
        looked_at = ((self.model.charts.cursor, Ink.BRIGHT), (self.model.visiting, Ink.ACCENT))
        epochs = [(max(1, epoch), ink) for epoch, ink in looked_at if epoch is not None]
        return [(epoch, ink) for epoch, ink in epochs if window.first <= epoch <= window.last]

    def _paint_lines_down(self, field: Grid, chart: Chart, run: RunModel) -> None:
        """Draw a line at each change and at the epochs looked at, then what there is to say about them."""
        dots = marker_columns(run.changes, chart.window, field.width * DOTS_ACROSS)
        for dot, _ in dots:
            _draw_down(field, dot // DOTS_ACROSS, MARKER, Ink.MARKER)
        for epoch, ink in reversed(self._epochs_looked_at(chart.window)):
            _draw_down(field, chart.window.column(epoch, field.width), CURSOR, ink)
        told = self._paint_notes(field, chart.window, run)
        for dot, change in dots:
            if change not in told:
                self._label_marker(field, dot // DOTS_ACROSS, change)

    def _paint_notes(self, field: Grid, window: Window, run: RunModel) -> list[Change]:
        """Write beside the crosshair the changes near it, which are returned, and the ranges of its epoch."""
        epoch = self.model.charts.cursor
        if epoch is None or not window.first <= epoch <= window.last:
            return []
        x = window.column(epoch, field.width)
        near = [change for change in run.changes if abs(window.column(max(1, change.epoch), field.width) - x) < NEAR]
        notes = [(self._describe(change), Ink.TEXT) for change in near]
        readings = [run.history.at(which, epoch) for which in self.METRICS]
        notes += [(_range_text(r), ink) for r, ink in zip(readings, CURVE_INKS, strict=True) if r and r.low < r.high]
        rows = range(field.height)[:: self.LABELS_FROM]
        for y, (text, ink) in zip(rows, notes, strict=False):
            right = x + 2 + len(text) <= field.width
            field.put(x + 2 if right else max(0, x - len(text) - 1), y, text, ink)
        return near

    def _label_marker(self, field: Grid, x: int, change: Change) -> None:
        """Write what changed beside its line, in the first row where that hides nothing and touches no other label."""
        label = self._describe(change)
        rows = range(field.height)[:: self.LABELS_FROM]
        for y, start in product(rows, (x + 1, x - len(label))):
            if start >= 0 and start + len(label) <= field.width and _is_free(field, start - 1, y, len(label) + 2):
                field.put(start, y, label, Ink.MUTED)
                return

    def _describe(self, change: Change) -> str:
        return headline(change, self.model.dials).replace(" → ", "→")

    def _paint_curves(self, field: Grid, chart: Chart) -> None:
        layers: list[tuple[list[Points], Ink]] = []
        layers += [(c.range_lines, ink) for c, ink in zip(chart.curves, RANGE_INKS, strict=True)]
        layers += zip(chart.others, OTHER_INKS, strict=False)
        layers += [(c.lines, ink) for c, ink in zip(chart.curves, CURVE_INKS, strict=True)]
        self._traces += [Trace(self._plot) for _ in range(len(layers) - len(self._traces))]
        for trace, (lines, ink) in zip(self._traces, layers, strict=False):
            cells = trace.draw(field.width, field.height, lines)
            drawn = cells != 0
            # Lines that meet in a cell share it; a line takes it from a range, or it would look as broad as that.
            shared = (field.codes > BRAILLE_BLANK) & ~np.isin(field.inks, RANGE_INKS if ink not in RANGE_INKS else ())
            field.codes[drawn] = (np.where(shared, field.codes, BRAILLE_BLANK) | cells)[drawn]
            field.inks[drawn] = ink


class LossPane(ChartPane):
    """The loss."""

    KEY: ClassVar[str] = "2"
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


def _is_free(grid: Grid, x: int, y: int, width: int = 1) -> bool:
    """Return whether the cells of a row, as far as they lie on the grid, hold no more than a marker's line."""
    return bool(_free(grid.codes[y : y + 1, max(0, x) : max(0, x + width)]).all())


def _free(codes: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray((codes == BLANK) | (codes == ord(MARKER)))


def _draw_down(field: Grid, x: int, sign: str, ink: Ink) -> None:
    """Draw a line from top to bottom, behind what is there."""
    if 0 <= x < field.width:
        free = _free(field.codes[:, x])
        field.codes[free, x], field.inks[free, x] = ord(sign), ink


def _labelled_epochs(window: Window, parts: int) -> list[int]:
    """Return the epochs that part an axis: the quarters of one that begins at the first epoch, else round ones."""
    if window.first == 1:
        return [max(1, window.last * part // parts) for part in range(parts + 1)]
    step = int(round_up(max(1, window.epochs / (parts + 1))))
    return list(range(-(-window.first // step) * step, window.last + 1, step))


def _range_text(reading: Reading) -> str:
    return f"{metric(reading.low)}–{metric(reading.high)}"
