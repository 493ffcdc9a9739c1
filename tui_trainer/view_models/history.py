"""A run's metrics over its whole length, as charts look at them; see ``engine.run.series`` for the bins they lie in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.run.metrics import METRICS, MetricSet
from engine.run.series import HIGH, LAST, LOW, MOST_BINS, BinnedSeries, bins_of_rows
from tui_trainer.view_models.axes import Window
from tui_trainer.view_models.smoothing import smoothed


@dataclass(frozen=True)
class Columns:
    """One metric gathered into the columns of a chart; a column that no epoch falls into is left out.

    Attributes:
        place: (n,) the columns, rising.
        low: (n,) the lowest finite value in the column, NaN where there is none.
        high: (n,) the highest finite value.
        last: (n,) the last value (the median over seeds), NaN where that epoch's was not finite.
    """

    place: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    last: NDArray[np.float64]


class Reading(NamedTuple):
    """What is known of one epoch, or of the bin it lies in.

    Attributes:
        low: The lowest finite value, over all seeds.
        high: The highest one.
        last: The last epoch's (the median over seeds), NaN where that is not finite.
    """

    low: float
    high: float
    last: float


class History(BinnedSeries):
    """Metrics by epoch, taken from frames.

    Attributes:
        version: Rises with every change.
        metrics: The metrics of every epoch.
    """

    def __init__(self, capacity: int = MOST_BINS, columns: MetricSet = METRICS) -> None:
        super().__init__(columns, capacity)
        self.metrics = columns
        self.version = 0
        self._not_finite: list[int | None] = [None] * len(columns)

    def add_rows(self, first_epoch: int, rows: Floats) -> None:
        """Take in the metrics of epochs ``first_epoch`` …, an array of shape (k, S, C)."""
        if len(rows):
            self.add(first_epoch, 1, bins_of_rows(rows, 1), first_epoch + len(rows) - 1)

    def add_bins(self, first_epoch: int, bin_width: int, bins: Floats, last_epoch: int) -> None:
        """Take in binned metrics, (k, C, 3), whose bins are aligned to their width and reach to ``last_epoch``."""
        self.add(first_epoch, bin_width, np.where(np.isfinite(bins), bins, np.nan), last_epoch)

    def add(self, first_epoch: int, width: int, bins: Floats, last_epoch: int) -> None:
        """Take in bins (k, C, 3) as ``BinnedSeries.add`` does, and note what is not finite."""
        if not len(bins):
            return
        super().add(first_epoch, width, bins, last_epoch)
        self._note_not_finite(first_epoch, width, bins[..., LAST])
        self.version += 1

    def latest(self, metric: int) -> float | None:
        """Return the last epoch's value (the median over seeds), NaN where it was not finite, None before the first."""
        return float(self.values[-1, metric, LAST]) if self.epochs else None

    def not_finite_since(self, metric: int) -> int | None:
        """Return the first epoch whose value is not finite (in long runs: the first of its bin), if there is one."""
        return self._not_finite[metric]

    def at(self, metric: int, epoch: int) -> Reading | None:
        """Return what is known of an epoch; None where there is nothing, or nothing finite."""
        bin_ = (epoch - 1) // self.width
        if not 1 <= epoch <= self.epochs or np.isnan(self.values[bin_, metric, LOW]):
            return None
        return Reading(*self.values[bin_, metric].tolist())

    def columns(self, metric: int, window: Window, count: int, *, smoothing: float = 0.0) -> Columns:
        """Return the metric over a window of epochs, gathered into columns 0 … ``count − 1``.

        Args:
            metric: Which one.
            window: The epochs; a bin that reaches over its edges is taken whole. Beyond the last epoch is nothing.
            count: Columns there are.
            smoothing: Factor of the moving average that ``last`` shows, from one epoch to the next; 0 is none.
        """
        first, used = (window.first - 1) // self.width, min(self.count, -(-window.last // self.width))
        if window.first > self.epochs:
            empty = np.empty(0)
            return Columns(np.empty(0, np.int64), empty, empty, empty)
        ends = np.minimum(np.arange(first + 1, used + 1) * self.width, min(window.last, self.epochs))
        place = window.columns(ends, count)
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        last = self.values[:used, metric, LAST]
        if smoothing:
            last = smoothed(last, smoothing**self.width)
        return Columns(
            place=place[starts],
            low=np.fmin.reduceat(self.values[first:used, metric, LOW], starts),
            high=np.fmax.reduceat(self.values[first:used, metric, HIGH], starts),
            last=last[first:][np.append(starts[1:], used - first) - 1],
        )

    def _note_not_finite(self, first_epoch: int, width: int, last: Floats) -> None:
        kept = [since if since is not None and since < first_epoch else None for since in self._not_finite]
        bad = ~np.isfinite(last)
        for metric in np.flatnonzero(bad.any(axis=0)):
            if kept[metric] is None:
                kept[metric] = first_epoch + int(np.argmax(bad[:, metric])) * width
        self._not_finite = kept
