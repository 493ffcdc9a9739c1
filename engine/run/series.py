"""Metrics by epoch and numbers by step, over a run's whole length and in bounded memory.

Epochs lie in bins of one width, a power of two, aligned from epoch 1 on. A bin remembers the lowest and the highest
finite value of its epochs (over all seeds) and the last epoch's (the median over seeds), so that a spike of a single
epoch is still there after a million others. When the bins run out, neighbours are merged and the width doubles;
because bins are aligned, an epoch never wanders from one bin to another, and bins of one width can be merged into
those of a wider one, in a worker as on a screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats, Indices, Rows
from engine.run.metrics import METRICS, MetricSet

Recall = Callable[[int, int], Floats]
"""Gives the rows (k, S, C) of the epochs from the first to the last, both included, from where they are recorded."""

WHOLE_BYTES = 2**21
"""About as many bytes of rows are always held whole, and at most twice as many."""
LEAST_WHOLE = 2**12
"""Epochs that are held whole, however many seeds there are; a power of two."""
MOST_BINS = 2**13
"""Bins of a series: with five metrics they take a megabyte."""
MOST_POINTS = 2**12
"""Points of a sparse series."""

LOW, HIGH, LAST = range(3)
"""What the last axis of bins holds."""


def median_over_seeds(values: Floats) -> Floats:
    """Return the medians (…, C) over the seeds of values (…, S, C), leaving out NaN: seeds that have stopped early.

    The result is NaN where all are NaN, or any is infinite.
    """
    if values.shape[-2] == 1:
        middle = values[..., 0, :]
    else:
        ordered = np.sort(values, axis=-2)  # NaN comes last
        finite_count = np.count_nonzero(~np.isnan(ordered), axis=-2, keepdims=True)
        middle_pair = (
            np.take_along_axis(ordered, np.maximum(index, 0) // 2, axis=-2)
            for index in (finite_count - 1, finite_count)
        )
        with np.errstate(invalid="ignore"):  # −∞ + ∞
            middle = np.squeeze(sum(middle_pair), axis=-2) / 2
        middle = np.where(np.isinf(values).any(axis=-2), np.nan, middle)
    return np.where(np.isfinite(middle), middle, np.nan)


@dataclass(frozen=True)
class Bins:
    """A stretch of history in bins of ``width`` epochs; bin 0 begins at ``first_epoch``, one past a multiple of width.

    Attributes:
        values: (k, C, 3): lowest, highest and last (median over seeds) of each metric; NaN without a finite
            value. The last bin may be of fewer epochs.
    """

    first_epoch: int
    width: int
    values: Floats


def bins_of_rows(rows: Floats, width: int) -> Floats:
    """Return (k, C, 3), the bins of ``width`` epochs each of rows (n, S, C); the last one may be of fewer."""
    finite, starts = np.isfinite(rows), np.arange(0, len(rows), width)
    bins = np.empty((len(starts), rows.shape[2], 3))
    low, high = np.where(finite, rows, np.inf).min(axis=1), np.where(finite, rows, -np.inf).max(axis=1)
    np.minimum.reduceat(low, starts, axis=0, out=bins[..., LOW])
    np.maximum.reduceat(high, starts, axis=0, out=bins[..., HIGH])
    bins[..., LAST] = median_over_seeds(rows[_ends(starts, len(rows))])
    bins[~np.isfinite(bins)] = np.nan
    return bins


def merge_bins(bins: Floats, starts: Indices) -> Floats:
    """Return (k, C, 3): one bin of all from each start up to the next, of bins (n, C, 3)."""
    merged = np.empty((len(starts), *bins.shape[1:]))
    np.fmin.reduceat(bins[..., LOW], starts, axis=0, out=merged[..., LOW])
    np.fmax.reduceat(bins[..., HIGH], starts, axis=0, out=merged[..., HIGH])
    merged[..., LAST] = bins[_ends(starts, len(bins)), :, LAST]
    return merged


def _ends(starts: Indices, length: int) -> Indices:
    """Return where the last of each group lies, for groups that begin at ``starts``."""
    return np.append(starts[1:], length) - 1


class BinnedSeries:
    """Metrics by epoch in at most ``capacity`` bins.

    Epochs that come again (a replay after a resume) overwrite what was known from there on. Where they begin in the
    middle of a bin wider than one epoch, that one bin keeps the extremes of the epochs it has lost.

    Args:
        columns: C.
        capacity: Bins; a power of two.
        widest: The width at which bins are merged no more, so that they may become more than ``capacity``.

    Attributes:
        epochs: The last epoch known.
        width: Epochs in a bin.
    """

    def __init__(self, columns: MetricSet = METRICS, capacity: int = MOST_BINS, widest: int | None = None) -> None:
        self.epochs = 0
        self.width = 1
        self._capacity = capacity
        self._widest = widest
        self._bins: NDArray[np.float64] = np.full((min(64, capacity), len(columns), 3), np.nan)

    @property
    def values(self) -> NDArray[np.float64]:
        """(k, C, 3), the bins so far: lowest, highest, last; NaN without a finite value. Not to be written to."""
        return self._bins[: self.count]

    @property
    def count(self) -> int:
        """Bins so far."""
        return -(-self.epochs // self.width)

    def add(self, first_epoch: int, width: int, bins: Floats, last_epoch: int) -> None:
        """Take in bins (k, C, 3) of ``width`` epochs, aligned to their width, that reach to ``last_epoch``."""
        if not len(bins):
            return
        self._forget_from(first_epoch)
        self._widen_to(max(width, self._width_for(last_epoch)))
        self._fold(first_epoch, width, bins)
        self.epochs = last_epoch

    def _forget_from(self, first_epoch: int) -> None:
        """Drop what is known from ``first_epoch`` on, but for the bin that this epoch would share with earlier ones."""
        if first_epoch <= self.epochs:
            self._bins[-(-(first_epoch - 1) // self.width) : self.count] = np.nan
            self.epochs = first_epoch - 1

    def _width_for(self, last_epoch: int) -> int:
        width = self.width
        while last_epoch > width * self._capacity and (self._widest is None or width < self._widest):
            width *= 2
        return width

    def _widen_to(self, width: int) -> None:
        if width > self.width:
            narrow, bins = self.width, self.values.copy()
            self._bins[:] = np.nan
            self.width = width
            self._fold(1, narrow, bins)

    def _fold(self, first_epoch: int, width: int, bins: Floats) -> None:
        """Fold bins of ``width`` epochs, the first one beginning at ``first_epoch``, into those kept."""
        if not len(bins):
            return
        target = (first_epoch - 1 + width * np.arange(len(bins))) // self.width
        starts = np.flatnonzero(np.diff(target, prepend=-1))
        first, end = int(target[0]), int(target[-1]) + 1
        self._make_room(end)
        kept, merged = self._bins[first:end], merge_bins(bins, starts)
        np.fmin(kept[..., LOW], merged[..., LOW], out=kept[..., LOW])
        np.fmax(kept[..., HIGH], merged[..., HIGH], out=kept[..., HIGH])
        kept[..., LAST] = merged[..., LAST]

    def _make_room(self, count: int) -> None:
        if count > len(self._bins):
            room = max(count, min(2 * len(self._bins), self._capacity))
            grown = np.full((room, *self._bins.shape[1:]), np.nan)
            grown[: len(self._bins)] = self._bins
            self._bins = grown


class EpochSeries:
    """Metrics by epoch, from epoch 1 on: the latest whole, the older ones in bins.

    Once two blocks of rows (S, C) are full, the older one is folded into bins. Blocks are powers of two, and aligned.

    Args:
        seeds: S.
        recall: Where rows are to be had that were folded.
        columns: C.
    """

    def __init__(self, seeds: int, recall: Recall, columns: MetricSet = METRICS) -> None:
        self._recall = recall
        self._block = LEAST_WHOLE
        while 2 * self._block * seeds * len(columns) * 8 <= WHOLE_BYTES:
            self._block *= 2
        self._rows: Floats = np.empty((64, seeds, len(columns)))
        self._length = 0
        # As wide as a block, they stay, for then they come seldom enough.
        self._old = BinnedSeries(columns, MOST_BINS, widest=self._block)

    def __len__(self) -> int:
        return self._length

    @property
    def row_bytes(self) -> int:
        """Bytes of a row (S, C)."""
        return int(self._rows[0].nbytes)

    def append(self, row: Floats) -> None:
        """Add the next epoch's row (S, C)."""
        self.extend(row[None])

    def extend(self, rows: Floats) -> None:
        """Add the next epochs' rows (k, S, C)."""
        for start in range(0, len(rows), self._block):
            self._extend(rows[start : start + self._block])

    def _extend(self, rows: Floats) -> None:
        """Add at most a block of rows."""
        if self._length - self._old.epochs + len(rows) > 2 * self._block:
            self._fold()
        held = self._length - self._old.epochs
        needed = held + len(rows)
        if needed > len(self._rows):
            grown = np.empty((min(max(needed, 2 * len(self._rows)), 2 * self._block), *self._rows.shape[1:]))
            grown[:held] = self._rows[:held]
            self._rows = grown
        self._rows[held:needed] = rows
        self._length += len(rows)

    def _fold(self) -> None:
        """Turn the older block into bins."""
        block, held, old = self._block, self._length - self._old.epochs, self._old
        old.add(old.epochs + 1, old.width, bins_of_rows(self._rows[:block], old.width), old.epochs + block)
        self._rows[: held - block] = self._rows[block:held]

    def rows(self, first_epoch: int, most: int | None = None) -> Floats:
        """Return (k, S, C) from ``first_epoch`` on, at most so many, else up to the latest.

        Raises:
            TrainerError: Rows that were folded cannot be read.
        """
        folded = self._old.epochs
        end = self._length if most is None else min(self._length, first_epoch - 1 + most)
        held = self._rows[max(0, first_epoch - 1 - folded) : max(0, end - folded)]
        if first_epoch > folded:
            return held
        recalled = self._recall(first_epoch, min(end, folded))
        return np.concatenate([recalled, held]) if len(held) else recalled

    def binned(self, first_epoch: int, most: int) -> Bins:
        """Return what is new from ``first_epoch`` on in at most ``most`` bins.

        Widths are powers of two and bins aligned to them, so that a reader can merge bins of one size into another's.
        The first bin may therefore repeat epochs before ``first_epoch``.
        """
        width, old = 1, self._old
        while -(-self._length // width) - (first_epoch - 1) // width > most:
            width *= 2
        start, held = (first_epoch - 1) // width * width, self._rows[: self._length - old.epochs]
        if start >= old.epochs:
            return Bins(start + 1, width, bins_of_rows(held[start - old.epochs :], width))
        width = max(width, old.width)
        start = (first_epoch - 1) // width * width
        bins = np.concatenate([old.values[start // old.width :], bins_of_rows(held, old.width)])
        return Bins(start + 1, width, merge_bins(bins, np.arange(0, len(bins), width // old.width)))


class SparseSeries:
    """Numbers by step, one a seed: every point at first, later every 2nd, 4th and so on, and always the latest.

    Which points are kept depends on nothing but the points that came: the first, and those whose place among all is a
    multiple of the stride, which doubles whenever there would be more than ``capacity``. A point whose step is not
    beyond the latest one's (a replay after a resume) overwrites what was known from there on.

    Args:
        seeds: S.
        capacity: Points that are kept at most, besides the latest; at least 2.
    """

    def __init__(self, seeds: int, capacity: int = MOST_POINTS) -> None:
        self._capacity = capacity
        self._stride = 1
        self._came = 0
        self._kept: list[tuple[int, int, Rows]] = []
        self._latest: tuple[int, int, Rows] | None = None
        self._seeds = seeds

    def __len__(self) -> int:
        return len(self._points())

    def append(self, step: int, epoch: int, values: Floats) -> None:
        """Add a point: values (S,) after ``step`` steps in all, in ``epoch``."""
        if self._latest is not None and step <= self._latest[0]:
            self._forget_from(step)
        self._latest = (step, epoch, np.array(values, np.float64))
        if self._came % self._stride == 0:
            self._kept.append(self._latest)
        self._came += 1
        if len(self._kept) > self._capacity:
            self._kept = self._kept[::2]
            self._stride *= 2

    def extend(self, steps: NDArray[np.int64], epochs: NDArray[np.int64], values: Floats) -> None:
        """Add points: (k,) steps, (k,) epochs and (k, S) values."""
        for step, epoch, value in zip(steps.tolist(), epochs.tolist(), values, strict=True):
            self.append(step, epoch, value)

    def recall(self, first_step: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64], Rows]:
        """Return the points from ``first_step`` on: (k,) steps, (k,) epochs, (k, S) values."""
        points = [point for point in self._points() if point[0] >= first_step]
        steps, epochs = (np.array([point[index] for point in points], np.int64) for index in (0, 1))
        values = np.array([point[2] for point in points], np.float64).reshape(-1, self._seeds)
        return steps, epochs, values

    def _points(self) -> list[tuple[int, int, Rows]]:
        latest = self._latest
        return self._kept if latest is None or self._kept[-1] is latest else [*self._kept, latest]

    def _forget_from(self, step: int) -> None:
        self._kept = [point for point in self._kept if point[0] < step]
        self._came = len(self._kept) * self._stride
        self._latest = self._kept[-1] if self._kept else None
