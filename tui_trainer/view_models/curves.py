"""A chart without its screen: which dots its curves touch, where its ticks and markers stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.protocol.events import METRICS, Change
from tui_trainer.view_models.axes import HoldingLimits, Limits, Scale, epoch_span
from tui_trainer.view_models.history import Columns, History

Points = NDArray[np.float64]

TRAIN_LOSS, TRAIN_SCORE, VALIDATION_LOSS, VALIDATION_SCORE = range(len(METRICS) - 1)


@dataclass(frozen=True)
class Curve:
    """One metric of a chart.

    Attributes:
        lines: Polylines (n, 2) of dot column and height 0 … 1; a gap where the metric is not finite begins a new one.
        range_lines: Polylines that sweep over the range between the seeds; none where there is one seed.
    """

    lines: list[Points]
    range_lines: list[Points]


@dataclass(frozen=True)
class Chart:
    """Curves within the limits of their axes; ``span`` is the last epoch of the horizontal one."""

    curves: list[Curve]
    limits: Limits
    span: int


class ChartModel:
    """Builds the charts of some metrics; it remembers the limits, so that the axes hold still."""

    def __init__(self, metrics: Sequence[int]) -> None:
        self._metrics = metrics
        self._limits = HoldingLimits()

    def chart(self, history: History, end: int, dots: int, scale: Scale, *, seeds: int = 1) -> Chart | None:
        """Return the chart of epochs 1 … , ``dots`` dot columns wide, of a run that ends at epoch ``end``.

        None where there is nothing to draw.
        """
        span = epoch_span(history.epochs, end)
        columns = [_drawable(history.columns(metric, span, dots), log=scale == "log") for metric in self._metrics]
        lows, highs = (np.concatenate([getattr(c, side) for c in columns]) for side in ("low", "high"))
        if not np.isfinite(lows).any():
            return None
        limits = self._limits.around(float(np.nanmin(lows)), float(np.nanmax(highs)), scale)
        return Chart([_curve(c, limits, one_seed=seeds == 1) for c in columns], limits, span)


def marker_columns(changes: Iterable[Change], span: int, dots: int) -> list[tuple[int, Change]]:
    """Return the dot column of each change within the span; of several in one column, the last."""
    columns = {(max(1, c.epoch) - 1) * (dots - 1) // max(1, span - 1): c for c in changes if c.epoch <= span}
    return sorted(columns.items(), key=lambda item: item[0])


def _drawable(columns: Columns, *, log: bool) -> Columns:
    """Take out what an axis has no place for: values ≤ 0 on a logarithmic one."""
    if not log:
        return columns
    low, high, last = (np.where(part > 0, part, np.nan) for part in (columns.low, columns.high, columns.last))
    return Columns(columns.place, np.where(np.isnan(low), high, low), high, last)


def _curve(columns: Columns, limits: Limits, *, one_seed: bool) -> Curve:
    low, high, last = (limits.places(part) for part in (columns.low, columns.high, columns.last))
    sweep = _runs(columns.place, low, high)
    if one_seed:
        return Curve(sweep, [])
    return Curve(_runs(columns.place, last, last), sweep)


def _runs(place: NDArray[np.int64], low: Points, high: Points) -> list[Points]:
    """Return polylines through the columns, each visited from one extreme to the other, one for each unbroken run."""
    good = np.isfinite(low) & np.isfinite(high)
    edges = np.flatnonzero(np.diff(good.astype(np.int8), prepend=0, append=0))
    return [_sweep(place[a:b], low[a:b], high[a:b]) for a, b in zip(edges[::2], edges[1::2], strict=True)]


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
