"""How a chart is drawn: axes, curves, markers and the crosshair, on cells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.run.changes import Change
from tui_trainer.formatting import cell_width, count, metric, narrow, within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.authors import signature
from tui_trainer.view_models.axes import Window, round_up
from tui_trainer.view_models.change_texts import headline, headlines
from tui_trainer.view_models.curves import Chart, charted, marker_columns, verdict_columns
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.history import Reading
from tui_trainer.view_models.plotted_curves import PlottedCurve
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.verdicts import name_of
from tui_trainer.widgets.curve_painter import LABELS, CurvePainter
from tui_trainer.widgets.grid import BLANK, Grid

MARKER = "┊"
CURSOR = "│"
AWAY = "╎"
BEST = "◆"
NEAR = 2
"""Columns within which the crosshair takes in a change."""
OLD = 0.05
"""How far behind, as a share of the axis, the best epoch must lie to be numbered: before, it changes all the time."""


class ChartPainter:
    """Draws the charts of one pane, one after the other.

    Args:
        model: What there is to know beside the curves.
        labels_from: Whether markers are labelled from the top row on or from the bottom one.
    """

    def __init__(self, model: DashboardModel, labels_from: Literal[1, -1]) -> None:
        self._model = model
        self._labels_from = labels_from
        self._curves = CurvePainter()

    def paint(self, frame: Grid, field: Grid, chart: Chart, curves: Sequence[PlottedCurve], run: RunModel) -> None:
        """Draw a chart on the frame, its curves on the field, and the markers where those leave room."""
        self._curves.paint(frame, field, chart, curves)
        self._paint_lines_down(field, chart, curves, run)
        self._paint_epochs(frame, field, chart.window, run)

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
        best = run.frame.best_epoch or 0 if run.has_validation else 0
        is_old = best < run.history.epochs - OLD * window.epochs
        marks = [(epoch, "┴", count(epoch), ink) for epoch, ink in self._epochs_looked_at(window)]
        marks.append((best, BEST, f"best {count(best)}" if is_old else "", Ink.GOOD))
        ticks = _labelled_epochs(window, 4 if field.width >= 36 else 2)
        marks += [(epoch, "┴", count(epoch), Ink.FAINT) for epoch in ticks]
        return [mark for mark in marks if window.first <= mark[0] <= window.last]

    def _epochs_looked_at(self, window: Window) -> list[tuple[int, Ink]]:
        """Return the epoch under the crosshair, and the one that is visited, as far as they are in sight."""
        looked_at = ((self._model.charts.cursor, Ink.BRIGHT), (self._model.visiting, Ink.ACCENT))
        epochs = [(max(1, epoch), ink) for epoch, ink in looked_at if epoch is not None]
        return [(epoch, ink) for epoch, ink in epochs if window.first <= epoch <= window.last]

    def _paint_lines_down(self, field: Grid, chart: Chart, curves: Sequence[PlottedCurve], run: RunModel) -> None:
        """Draw a line at each change and at the epochs looked at, then what there is to say about them."""
        markers = marker_columns(run.changes, chart.window, field.width)
        for x, _ in markers:
            _draw_down(field, x, MARKER, Ink.MARKER)
        self._paint_return(field, chart.window)
        begun = verdict_columns(run.verdicts.values(), chart.window, field.width)
        for x, _ in begun:
            _draw_down(field, x, MARKER, Ink.WARNING)
        for epoch, ink in reversed(self._epochs_looked_at(chart.window)):
            _draw_down(field, chart.window.column(epoch, field.width), CURSOR, ink)
        described = self._paint_notes(field, chart.window, curves, run)
        for x, changes in markers:
            undescribed = [change for change in changes if change not in described]
            for forms in headlines(undescribed, self._model.dials, self._model.vocabulary):
                self._label_marker(field, x, forms)
        for x, verdicts in begun:
            names = [name_of(verdict, self._model.vocabulary) for verdict in verdicts]
            more = f" +{len(names) - 1}" if len(names) > 1 else ""
            self._label_marker(field, x, [f"▲ {names[0]}{more}", f"▲{more}"], Ink.WARNING)

    def _paint_return(self, field: Grid, window: Window) -> None:
        """Mark the last epoch that the watcher had seen when it left, where something happened since."""
        away = self._model.away
        if away is None or not window.first <= max(1, away.seen.epoch) <= window.last:
            return
        x = window.column(max(1, away.seen.epoch), field.width)
        _draw_down(field, x, AWAY, Ink.ACCENT)
        self._label_marker(field, x, ("you left here", "you left"))

    def _paint_notes(self, field: Grid, window: Window, curves: Sequence[PlottedCurve], run: RunModel) -> list[Change]:
        """Write beside the crosshair the changes near it, which are returned, and the ranges of its epoch."""
        epoch = self._model.charts.cursor
        if epoch is None or not window.first <= epoch <= window.last:
            return []
        x = window.column(epoch, field.width)
        changes = charted(run.changes)
        near = [change for change in changes if abs(window.column(max(1, change.epoch), field.width) - x) < NEAR]
        notes = [(self._note(change), Ink.TEXT) for change in near]
        readings = [(curve.source.at(epoch), curve.ink) for curve in curves]
        room = max(x - 1, field.width - x - 2)
        ranges = [(_range_text(reading, room), ink) for reading, ink in readings if reading]
        notes += [(text, ink) for text, ink in ranges if text]
        rows = range(field.height)[:: self._labels_from]
        for y, (text, ink) in zip(rows, notes, strict=False):
            _put_beside(field, x, y, text, ink)
        return near

    def _note(self, change: Change) -> str:
        """Return a change in a few words, and who made it, where that was somebody else."""
        text = headline(change, self._model.dials, self._model.vocabulary).replace(" → ", "→")
        who = signature(self._model, change)
        return f"{text} by {who}" if who else text

    def _label_marker(self, field: Grid, x: int, forms: Sequence[str], ink: Ink = Ink.MUTED) -> None:
        """Write what changed beside its line, in the first row where that hides nothing and touches no other label.

        Where there is no such row for the first of its forms, the next one is tried.
        """
        rows = range(field.height)[:: self._labels_from]
        for label in forms:
            for y, start in product(rows, (x + 1, x - len(label))):
                if start >= 0 and start + len(label) <= field.width and _is_free(field, start - 1, y, len(label) + 2):
                    field.put(start, y, label, ink)
                    return


def _is_free(grid: Grid, x: int, y: int, width: int = 1) -> bool:
    """Return whether the cells of a row, as far as they lie on the grid, hold no more than a marker's line."""
    return bool(_free(grid.codes[y : y + 1, max(0, x) : max(0, x + width)]).all())


def _free(codes: NDArray[Any]) -> NDArray[np.bool_]:
    return np.isin(codes, (BLANK, ord(MARKER), ord(AWAY)))


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


def _put_beside(field: Grid, x: int, y: int, text: str, ink: Ink) -> None:
    """Write a note to the right of a column, else to its left; what fits on neither side ends with an ellipsis."""
    right, left = field.width - x - 2, x - 1
    if cell_width(text) <= right or right >= left:
        field.put(x + 2, y, within(text, right), ink)
    else:
        field.put_right(x - 1, y, within(text, left), ink)


def _range_text(reading: Reading, room: int) -> str:
    """Return the lowest and the highest value of an epoch, both whole, in other notations if need be; else nothing."""
    if not reading.low < reading.high:
        return ""
    text = f"{metric(reading.low)}–{metric(reading.high)}"
    if len(text) <= room:
        return text
    text = f"{narrow(reading.low, (room - 1) // 2)}–{narrow(reading.high, (room - 1) // 2)}"
    return "" if "…" in text else text
