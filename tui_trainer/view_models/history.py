"""A run's metrics over its whole length, in bounded memory.

Epochs lie in bins of one width, a power of two, aligned from epoch 1 on. A bin remembers the lowest and the highest
value of its epochs (over all seeds) and the last one (the median over seeds), so that a spike of a single epoch is
still there after a million others. When the bins run out, neighbours are merged and the width doubles; because bins
are aligned, an epoch never wanders from one bin to another and a curve does not wobble.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.numerics.metrics import median_over_seeds
from tui_trainer.view_models.axes import Window
from tui_trainer.view_models.smoothing import smoothed

Floats = NDArray[np.float64]

METRIC_COUNT = 5
"""Columns of a frame's rows and bins, see ``engine.run.metrics.METRICS``."""

CAPACITY = 8192
"""Bins kept; together they take a megabyte."""


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
    low: Floats
    high: Floats
    last: Floats


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


class History:
    """Metrics by epoch, folded from frames.

    Epochs that come again (a replay after a resume) overwrite what was known from there on. Where they begin in the
    middle of a bin wider than one epoch, that one bin keeps the extremes of the epochs it has lost.

    Attributes:
        epochs: The last epoch known.
        width: Epochs in a bin.
        version: Rises with every change.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.epochs = 0
        self.width = 1
        self.version = 0
        self._capacity = capacity
        self._low = np.full((capacity, METRIC_COUNT), np.nan)
        self._high = np.full((capacity, METRIC_COUNT), np.nan)
        self._last = np.full((capacity, METRIC_COUNT), np.nan)
        self._not_finite: list[int | None] = [None] * METRIC_COUNT

    def add_rows(self, first_epoch: int, rows: Floats) -> None:
        """Take in the metrics of epochs ``first_epoch`` …, an array of shape (k, S, 5)."""
        low, high = _extremes(rows, axis=1)
        self._add(
            first_epoch, 1, low, high, np.asarray(median_over_seeds(rows), np.float64), first_epoch + len(rows) - 1
        )

    def add_bins(self, first_epoch: int, bin_width: int, bins: Floats, last_epoch: int) -> None:
        """Take in binned metrics, (k, 5, 3), whose bins are aligned to their width and reach to ``last_epoch``."""
        low, high, last = (np.where(np.isfinite(part), part, np.nan) for part in np.moveaxis(bins, 2, 0))
        self._add(first_epoch, bin_width, low, high, last, last_epoch)

    def latest(self, metric: int) -> float | None:
        """Return the last epoch's value (the median over seeds), NaN where it was not finite, None before the first."""
        if not self.epochs:
            return None
        return float(self._last[(self.epochs - 1) // self.width, metric])

    def not_finite_since(self, metric: int) -> int | None:
        """Return the first epoch whose value is not finite (in long runs: the first of its bin), if there is one."""
        return self._not_finite[metric]

    def at(self, metric: int, epoch: int) -> Reading | None:
        """Return what is known of an epoch; None where there is nothing, or nothing finite."""
        bin_ = (epoch - 1) // self.width
        if not 1 <= epoch <= self.epochs or np.isnan(self._low[bin_, metric]):
            return None
        return Reading(*(float(part[bin_, metric]) for part in (self._low, self._high, self._last)))

    def columns(self, metric: int, window: Window, count: int, *, smoothing: float = 0.0) -> Columns:
        """Return the metric over a window of epochs, gathered into columns 0 … ``count − 1``.

        Args:
            metric: Which one.
            window: The epochs; a bin that reaches over its edges is taken whole. Beyond the last epoch is nothing.
            count: Columns there are.
            smoothing: Factor of the moving average that ``last`` shows, from one epoch to the next; 0 is none.
        """
        first, used = (window.first - 1) // self.width, min(self._used, -(-window.last // self.width))
        if window.first > self.epochs:
            empty = np.empty(0)
            return Columns(np.empty(0, np.int64), empty, empty, empty)
        ends = np.minimum(np.arange(first + 1, used + 1) * self.width, min(window.last, self.epochs))
        place = window.columns(ends, count)
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        last = self._last[:used, metric]
        if smoothing:
            last = smoothed(last, smoothing**self.width)
        return Columns(
            place=place[starts],
            low=np.fmin.reduceat(self._low[first:used, metric], starts),
            high=np.fmax.reduceat(self._high[first:used, metric], starts),
            last=last[first:][np.append(starts[1:], used - first) - 1],
        )

    @property
    def _used(self) -> int:
        return -(-self.epochs // self.width)

    def _add(self, first_epoch: int, width: int, low: Floats, high: Floats, last: Floats, last_epoch: int) -> None:
        if not len(last):
            return
        self._forget_from(first_epoch)
        self._note_not_finite(first_epoch, width, last)
        self._widen_to(max(width, self._width_for(last_epoch)))
        self._merge(first_epoch, width, low, high, last)
        self.epochs = last_epoch
        self.version += 1

    def _forget_from(self, first_epoch: int) -> None:
        """Drop what is known from ``first_epoch`` on, but for the bin that this epoch would share with earlier ones."""
        if first_epoch > self.epochs:
            return
        kept = -(-(first_epoch - 1) // self.width)
        for part in (self._low, self._high, self._last):
            part[kept : self._used] = np.nan
        self.epochs = first_epoch - 1
        self._not_finite = [since if since is not None and since < first_epoch else None for since in self._not_finite]

    def _note_not_finite(self, first_epoch: int, width: int, last: Floats) -> None:
        bad = ~np.isfinite(last)
        for metric in np.flatnonzero(bad.any(axis=0)):
            if self._not_finite[metric] is None:
                self._not_finite[metric] = first_epoch + int(np.argmax(bad[:, metric])) * width

    def _width_for(self, last_epoch: int) -> int:
        width = self.width
        while last_epoch > width * self._capacity:
            width *= 2
        return width

    def _widen_to(self, width: int) -> None:
        factor = width // self.width
        if factor <= 1:
            return
        used = self._used
        old = self._low[:used].copy(), self._high[:used].copy(), self._last[:used].copy()
        for part in (self._low, self._high, self._last):
            part[:] = np.nan
        narrow, self.width = self.width, width
        self._merge(1, narrow, *old)

    def _merge(self, first_epoch: int, width: int, low: Floats, high: Floats, last: Floats) -> None:
        """Fold bins of ``width`` epochs, the first one starting at ``first_epoch``, into the bins kept."""
        if not len(last):
            return
        target = (first_epoch - 1 + width * np.arange(len(last))) // self.width
        starts = np.flatnonzero(np.diff(target, prepend=-1))
        bins = target[starts]
        self._low[bins] = np.fmin(self._low[bins], np.fmin.reduceat(low, starts))
        self._high[bins] = np.fmax(self._high[bins], np.fmax.reduceat(high, starts))
        self._last[bins] = last[np.append(starts[1:], len(last)) - 1]


def _extremes(rows: Floats, axis: int) -> tuple[Floats, Floats]:
    finite = np.where(np.isfinite(rows), rows, np.nan)
    return np.fmin.reduce(finite, axis=axis), np.fmax.reduce(finite, axis=axis)
