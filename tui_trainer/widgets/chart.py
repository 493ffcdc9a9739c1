"""A chart of a metric over the epochs, for the training and the validation part."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.protocol.events import Change
from tui_trainer.themes.palette import Ink
from tui_trainer.view_models.axes import Scale
from tui_trainer.view_models.curves import (
    TRAIN_LOSS,
    TRAIN_SCORE,
    VALIDATION_LOSS,
    VALIDATION_SCORE,
    Chart,
    ChartModel,
    marker_columns,
)
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.dials import describe, short_name
from tui_trainer.view_models.figures import count, metric, plain
from tui_trainer.view_models.run import RunModel
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import Pane
from tui_trainer.widgets.plot import BRAILLE_BLANK, DOTS_ACROSS, DOTS_DOWN, Plot, Trace

LABELS = 6
"""Columns of the labels beside the vertical axis."""

CURVE_INKS = (Ink.TRAIN, Ink.VALIDATION)
RANGE_INKS = (Ink.TRAIN_RANGE, Ink.VALIDATION_RANGE)


class ChartPane(Pane):
    """Two curves of one metric: running on the training part, measured on the validation part."""

    LABEL_ROWS: ClassVar[slice]
    """Rows for the labels of markers, where the curves seldom are."""

    METRICS: ClassVar[tuple[int, int]]

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:  # noqa: A002 (Textual's name)
        super().__init__(model, id=id, period=period)
        self._chart = ChartModel(self.METRICS)
        plot = Plot()
        self._traces = [Trace(plot) for _ in RANGE_INKS + CURVE_INKS]

    def scale(self) -> Scale:
        """Return the kind of vertical axis."""
        raise NotImplementedError

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw legend, axes, markers, and the curves over them."""
        self._paint_legend(grid, run)
        field = grid.window(LABELS + 1, 1, None, max(0, grid.height - 3))
        chart = self._chart.chart(
            run.history, run.epochs, field.width * DOTS_ACROSS, self.scale(), seeds=len(run.welcome.seeds)
        )
        if chart is None or not field.width or not field.height:
            grid.put(LABELS + 1, 2, self._why_empty(run), Ink.MUTED)
            self._paint_not_finite(grid, run)
            return
        self._paint_axes(grid, field, chart)
        self._paint_markers(field, chart, run)
        self._paint_curves(field, chart)
        self._paint_not_finite(grid, run)

    def _paint_legend(self, grid: Grid, run: RunModel) -> None:
        names = [self.model.word(part) for part in ("train", "validation")[: 1 + run.has_validation]]
        spare = grid.width - LABELS - 1 - sum(len(name) + 11 for name in names)
        note = " running, dropout on" if spare >= 22 else ""
        x = LABELS + 1 if spare >= 0 else 0
        for name, which, ink in zip(names, self.METRICS, CURVE_INKS, strict=False):
            x = grid.put(x, 0, f"━ {name if spare >= -LABELS else name[:5]} ", ink)
            x = grid.put(x, 0, f"{metric(run.history.latest(which)):<6}", Ink.TEXT)
            x = grid.put(x, 0, note, Ink.FAINT) + 2
            note = ""

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

    def _paint_axes(self, grid: Grid, field: Grid, chart: Chart) -> None:
        for y in range(field.height):
            grid.put(LABELS, 1 + y, "│", Ink.FAINT)
        for value in chart.limits.ticks(max(2, (field.height + 1) // 3)):
            y = 1 + round((1 - chart.limits.place(value)) * (field.height * DOTS_DOWN - 1)) // DOTS_DOWN
            grid.put_right(LABELS, y, plain(value), Ink.MUTED)
            grid.put(LABELS, y, "┤", Ink.FAINT)
        bottom = 1 + field.height
        grid.put(LABELS, bottom, "└" + "─" * field.width, Ink.FAINT)
        self._paint_epochs(grid, field.width, bottom, chart.span)

    def _paint_epochs(self, grid: Grid, width: int, bottom: int, span: int) -> None:
        parts = 4 if width >= 36 else 2
        for part in range(parts + 1):
            epoch = max(1, span * part // parts)
            x = LABELS + 1 + (epoch - 1) * (width - 1) // max(1, span - 1)
            label = count(epoch)
            start = min(max(LABELS + 1, x - len(label) // 2), LABELS + 1 + width - len(label))
            grid.put(x, bottom, "┴", Ink.FAINT)
            grid.put(start, bottom + 1, label, Ink.MUTED)

    def _paint_markers(self, field: Grid, chart: Chart, run: RunModel) -> None:
        rows = range(field.height)[self.LABEL_ROWS]
        free = dict.fromkeys(rows, 0)
        for dot, change in marker_columns(run.changes, chart.span, field.width * DOTS_ACROSS):
            x = dot // DOTS_ACROSS
            for y in range(field.height):
                field.put(x, y, "┊", Ink.MARKER)
            self._label_marker(field, x, change, free)

    def _label_marker(self, field: Grid, x: int, change: Change, free: dict[int, int]) -> None:
        """Write what changed beside its line, in the first of the rows for it that is still free there."""
        before, after = describe(change, self.model.dials)
        label = f"{short_name(change.path)} {before}→{after}"
        start = x + 1 if x + 1 + len(label) <= field.width else x - len(label)
        for y, taken in free.items():
            if start >= taken:
                field.put(start, y, label, Ink.MUTED)
                free[y] = start + len(label) + 1
                return

    def _paint_curves(self, field: Grid, chart: Chart) -> None:
        layers = [(c.range_lines, ink) for c, ink in zip(chart.curves, RANGE_INKS, strict=True)]
        layers += [(c.lines, ink) for c, ink in zip(chart.curves, CURVE_INKS, strict=True)]
        for trace, (lines, ink) in zip(self._traces, layers, strict=True):
            cells = trace.draw(field.width, field.height, lines)
            drawn = cells != 0
            under = np.where(field.codes > BRAILLE_BLANK, field.codes, BRAILLE_BLANK)
            field.codes[drawn] = (under | cells)[drawn]
            field.inks[drawn] = ink


class LossPane(ChartPane):
    """The loss."""

    KEY: ClassVar[str] = "2"
    LABEL_ROWS: ClassVar[slice] = slice(3)
    METRICS: ClassVar[tuple[int, int]] = (TRAIN_LOSS, VALIDATION_LOSS)

    def title(self) -> str:
        """Return the title."""
        return self.model.word("loss").capitalize()

    def aside(self, run: RunModel) -> str:  # noqa: ARG002
        """Return the kind of axis."""
        return "log axis" if self.model.log_axis else "linear axis"

    def scale(self) -> Scale:
        """Return the kind of vertical axis."""
        return "log" if self.model.log_axis else "linear"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "How wrong the answers are, after each epoch. The training loss is the one met during the epoch, before "
            "each update and with dropout on; the validation loss is measured at its end, with dropout off, on rows "
            "the network never learns from. Where many epochs share a column, it spans their lowest and highest value. "
            "Dotted lines mark the dials that were turned."
        )


class AccuracyPane(ChartPane):
    """The accuracy, or r² of a regression."""

    LABEL_ROWS: ClassVar[slice] = slice(-1, -4, -1)
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
            "explained). Training: during the epoch, dropout on; validation: at its end, dropout off."
        )

    def _is_regression(self) -> bool:
        return self.model.run is not None and not self.model.run.welcome.classes
