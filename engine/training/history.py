"""The metrics of every epoch: the latest whole, the older ones in bins, so that a run may go on for weeks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.numerics.metrics import median_over_seeds
from engine.run.metrics import METRICS

Recall = Callable[[int, int], Floats]
"""Gives the rows (k, S, 5) of the epochs from the first to the last, both included, from where they are recorded."""

WHOLE_BYTES = 2**21
"""About as many bytes of rows are always held whole, and at most twice as many."""
LEAST_WHOLE = 2**12
"""Epochs that are held whole, however many seeds there are; a power of two."""
MOST_BINS = 2**13
"""Bins of older epochs; then two become one. As wide as a block, they stay, for then they come seldom enough."""


@dataclass(frozen=True)
class Bins:
    """A stretch of history in bins of ``width`` epochs; bin 0 begins at ``first_epoch``, one past a multiple of width.

    Attributes:
        values: (k, 5, 3): lowest, highest and last (median over seeds) of each metric; NaN where a bin has no number.
    """

    first_epoch: int
    width: int
    values: Floats


class History:
    """Rows (S, 5) by epoch, from epoch 1 on.

    Once two blocks are full, the older one is folded into bins. Blocks and bins are powers of two, and aligned.

    Args:
        seeds: S.
        recall: Where rows are to be had that were folded.
    """

    def __init__(self, seeds: int, recall: Recall) -> None:
        self._recall = recall
        self._block = LEAST_WHOLE
        while 2 * self._block * seeds * len(METRICS) * 8 <= WHOLE_BYTES:
            self._block *= 2
        self._rows: Floats = np.empty((64, seeds, len(METRICS)))
        self._length = 0
        self._folded = 0
        self._old: Floats = np.empty((0, len(METRICS), 3))
        self._old_width = 1

    def __len__(self) -> int:
        return self._length

    def append(self, row: Floats) -> None:
        """Add the next epoch's row (S, 5)."""
        self.extend(row[None])

    def extend(self, rows: Floats) -> None:
        """Add the next epochs' rows (k, S, 5)."""
        for start in range(0, len(rows), self._block):
            self._extend(rows[start : start + self._block])

    def _extend(self, rows: Floats) -> None:
        """Add at most a block of rows."""
        if self._length - self._folded + len(rows) > 2 * self._block:
            self._fold()
        held = self._length - self._folded
        needed = held + len(rows)
        if needed > len(self._rows):
            grown = np.empty((min(max(needed, 2 * len(self._rows)), 2 * self._block), *self._rows.shape[1:]))
            grown[:held] = self._rows[:held]
            self._rows = grown
        self._rows[held:needed] = rows
        self._length += len(rows)

    def _fold(self) -> None:
        """Turn the older block into bins."""
        block, held = self._block, self._length - self._folded
        self._old = np.concatenate([self._old, _summarize(self._rows[:block], self._old_width)])
        self._rows[: held - block] = self._rows[block:held]
        self._folded += block
        while len(self._old) > MOST_BINS and self._old_width < block:
            self._old, self._old_width = _merge(self._old, 2), 2 * self._old_width

    def rows(self, first_epoch: int, most: int | None = None) -> Floats:
        """Return (k, S, 5) from ``first_epoch`` on, at most so many, else up to the latest.

        Raises:
            TrainerError: Rows that were folded cannot be read.
        """
        end = self._length if most is None else min(self._length, first_epoch - 1 + most)
        held = self._rows[max(0, first_epoch - 1 - self._folded) : max(0, end - self._folded)]
        if first_epoch > self._folded:
            return held
        recalled = self._recall(first_epoch, min(end, self._folded))
        return np.concatenate([recalled, held]) if len(held) else recalled

    def binned(self, first_epoch: int, most: int) -> Bins:
        """Return what is new from ``first_epoch`` on in at most ``most`` bins.

        Widths are powers of two and bins aligned to them, so that a reader can merge bins of one size into another's.
        The first bin may therefore repeat epochs before ``first_epoch``.
        """
        width = 1
        while -(-self._length // width) - (first_epoch - 1) // width > most:
            width *= 2
        start, held = (first_epoch - 1) // width * width, self._rows[: self._length - self._folded]
        if start >= self._folded:
            return Bins(start + 1, width, _summarize(held[start - self._folded :], width))
        width = max(width, self._old_width)
        start = (first_epoch - 1) // width * width
        bins = np.concatenate([self._old[start // self._old_width :], _summarize(held, self._old_width)])
        return Bins(start + 1, width, _merge(bins, width // self._old_width))


def _summarize(rows: Floats, width: int) -> Floats:
    """Return (k, 5, 3), the bins of rows (…, S, 5)."""
    known = np.isfinite(rows)
    low = np.where(known, rows, np.inf).min(axis=1)
    high = np.where(known, rows, -np.inf).max(axis=1)
    last = median_over_seeds(rows[_ends(len(rows), width)])
    summary = np.stack([_reduce(np.minimum, low, width), _reduce(np.maximum, high, width), last], axis=-1)
    return np.where(np.isfinite(summary), summary, np.nan)


def _merge(bins: Floats, count: int) -> Floats:
    """Return ``count`` bins after the other as one; the last one may be of fewer."""
    low, high = _reduce(np.fmin, bins[..., 0], count), _reduce(np.fmax, bins[..., 1], count)
    return np.stack([low, high, bins[_ends(len(bins), count), :, 2]], axis=-1)


def _reduce(least: np.ufunc, values: Floats, count: int) -> Floats:
    """Reduce (n, 5) to one row for every ``count`` rows; the last one may be of fewer."""
    return np.asarray(least.reduceat(values, np.arange(0, len(values), count), axis=0))


def _ends(length: int, count: int) -> NDArray[np.intp]:
    """Return where the last of every ``count`` rows lies."""
    return np.minimum(np.arange(count, length + count, count), length) - 1
