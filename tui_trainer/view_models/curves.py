"""A chart without its screen: which dots its curves touch, where its ticks and markers stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.run.changes import Change, SetPace
from engine.run.metrics import METRICS
from engine.run.verdicts import Verdict
from tui_trainer.view_models.axes import HoldingLimits, Limits, Scale, Window, epoch_span
from tui_trainer.view_models.curve_sources import CurveSource
from tui_trainer.view_models.history import Columns, History

Points = NDArray[np.float64]

TRAIN_LOSS, TRAIN_SCORE = METRICS.index("train_loss"), METRICS.index("train_score")
VALIDATION_LOSS, VALIDATION_SCORE = METRICS.index("validation_loss"), METRICS.index("validation_score")


@dataclass(frozen=True)
class Curve:
    """One metric of a chart.

    Attributes:
        lines: Polylines (n, 2) of dot column and height 0 … 1; a gap where the metric is not finite begins a new one.
        range_lines: Polylines that sweep over what the line leaves out: the range between the seeds, or what was
            measured before it was smoothed; none where the line leaves out nothing.
        is_band: Whether it is the former: a surface between two edges.
    """

    lines: list[Points]
    range_lines: list[Points]
    is_band: bool = False


@dataclass(frozen=True)
class Chart:
    """Curves within the limits of their axes.

    Attributes:
        curves: Those of the run's own, in order.
        others: The lines of what was laid over them, in order.
        limits: The ends of the vertical axis.
        window: The epochs of the horizontal one.
    """

    curves: list[Curve]
    others: list[list[Points]]
    limits: Limits
    window: Window


@dataclass(frozen=True)
class ChartOptions:
    """How a chart is to be drawn.

    Attributes:
        window: The epochs.
        dots: Dot columns.
        scale: Kind of the vertical axis.
        seeds: Seeds of the run; several are drawn as a median within a range.
        smoothing: Factor of the moving average, 0 for none.
        zoomed: Whether the window was chosen; then the vertical axis does not remember what came before it.
    """

    window: Window
    dots: int
    scale: Scale
    seeds: int = 1
    smoothing: float = 0.0
    zoomed: bool = False


class ChartModel:
    """Builds charts one after the other; it remembers the limits, so that the axes hold still."""

    def __init__(self) -> None:
        self._limits = HoldingLimits()
        self._zoomed_in_on: Window | None = None

    def chart(
        self,
        sources: Sequence[CurveSource],
        options: ChartOptions,
        others: Sequence[CurveSource] = (),
        seeds: Sequence[int] = (),
    ) -> Chart | None:
        """Return the chart of some curves, with those of other runs over it; None where there is nothing to draw.

        Args:
            sources: The curves.
            options: How they are to be drawn.
            others: Curves of other runs, drawn as mere lines.
            seeds: The seeds of each curve, where they are not those of one run.
        """
        if not options.dots:
            return None
        every = [source.columns(options.window, options.dots, smoothing=options.smoothing) for source in sources]
        every += [source.columns(options.window, options.dots, smoothing=options.smoothing) for source in others]
        columns = [_drawable(part, above=0 if options.scale == "log" else -np.inf) for part in every]
        lows, highs = (np.concatenate([getattr(c, side) for c in columns]) for side in ("low", "high"))
        if not np.isfinite(lows).any():
            return None
        limits = self._limits_for(options).around(float(np.nanmin(lows)), float(np.nanmax(highs)), options.scale)
        own, other = columns[: len(sources)], columns[len(sources) :]
        lines = [_line(c, limits) for c in other]
        curves = [
            _curve(c, limits, replace(options, seeds=count))
            for c, count in zip(own, seeds or [options.seeds] * len(own), strict=True)
        ]
        return Chart(curves, lines, limits, options.window)

    def _limits_for(self, options: ChartOptions) -> HoldingLimits:
        window = options.window if options.zoomed else None
        if window != self._zoomed_in_on:
            self._zoomed_in_on = window
            self._limits = HoldingLimits()
        return self._limits


def whole_window(histories: Iterable[History], end: int) -> Window:
    """Return the epochs of a chart that shows everything, of a run that ends at epoch ``end``."""
    return Window(1, epoch_span(max(history.epochs for history in histories), end))


def charted(changes: Iterable[Change]) -> list[Change]:
    """Return the changes that a chart speaks of: the pace changes no result."""
    return [change for change in changes if not isinstance(change, SetPace)]


def marker_columns(changes: Iterable[Change], window: Window, width: int) -> list[tuple[int, list[Change]]]:
    """Return the columns, of ``width``, in which changes within the window stand, each with its changes in order."""
    columns = dict[int, list[Change]]()
    for change in charted(changes):
        epoch = max(1, change.epoch)
        if window.first <= epoch <= window.last:
            columns.setdefault(window.column(epoch, width), []).append(change)
    return sorted(columns.items(), key=lambda item: item[0])


def verdict_columns(verdicts: Iterable[Verdict], window: Window, width: int) -> list[tuple[int, list[Verdict]]]:
    """Return the columns, of ``width``, in which verdicts begin within the window, each with them in order."""
    columns = dict[int, list[Verdict]]()
    for verdict in verdicts:
        epoch = max(1, verdict.since)
        if window.first <= epoch <= window.last:
            columns.setdefault(window.column(epoch, width), []).append(verdict)
    return sorted(columns.items(), key=lambda item: item[0])


def _drawable(columns: Columns, *, above: float) -> Columns:
    """Take out what an axis has no place for: infinities, and values ≤ 0 on a logarithmic one."""
    parts = columns.low, columns.high, columns.last
    low, high, last = (np.where((part > above) & (part < np.inf), part, np.nan) for part in parts)
    return Columns(columns.place, np.where(np.isnan(low), high, low), high, last)


def _curve(columns: Columns, limits: Limits, options: ChartOptions) -> Curve:
    low, high = limits.positions(columns.low), limits.positions(columns.high)
    if options.seeds == 1 and not options.smoothing:
        return Curve(_runs(columns.place, low, high), [])
    if options.seeds > 1:
        return Curve(_line(columns, limits), [_sweep(*band) for band in _bands(columns.place, low, high)], True)
    return Curve(_line(columns, limits), _runs(columns.place, low, high))


def _line(columns: Columns, limits: Limits) -> list[Points]:
    heights = limits.positions(columns.last)
    return _runs(columns.place, heights, heights)


def _runs(place: NDArray[np.int64], low: Points, high: Points) -> list[Points]:
    """Return polylines through the columns, each visited from one extreme to the other, one for each unbroken run."""
    return [_sweep(place[a:b], low[a:b], high[a:b]) for a, b in _unbroken(low, high)]


def _bands(place: NDArray[np.int64], low: Points, high: Points) -> list[tuple[NDArray[np.int64], Points, Points]]:
    """Return columns and extremes of each unbroken run, those between two columns as well: a band has no holes."""
    bands = []
    for a, b in _unbroken(low, high):
        every = np.arange(place[a], place[b - 1] + 1)
        bands.append((every, np.interp(every, place[a:b], low[a:b]), np.interp(every, place[a:b], high[a:b])))
    return bands


def _unbroken(low: Points, high: Points) -> list[tuple[int, int]]:
    """Return where each run of finite values begins, and where it has ended."""
    good = np.isfinite(low) & np.isfinite(high)
    edges = np.flatnonzero(np.diff(good.astype(np.int8), prepend=0, append=0)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _sweep(place: NDArray[np.int64], low: Points, high: Points) -> Points:
    """Return a line that enters each column at the end nearer to where it comes from."""
    points: list[tuple[float, float]] = []
    at = float(high[0])
    for x, bottom, top in zip(place.tolist(), low.tolist(), high.tolist(), strict=True):
        near, far = (bottom, top) if abs(bottom - at) < abs(top - at) else (top, bottom)
        points.append((x, near))
        if far != near:
            points.append((x, far))
        at = far
    return np.array(points)
