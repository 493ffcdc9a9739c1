"""The metrics of every epoch so far, whole or binned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.protocol.events import METRICS

Floats = NDArray[np.floating[Any]]


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
    """Rows (S, 5) by epoch, from epoch 1 on, in an array that doubles when it is full."""

    def __init__(self, seeds: int) -> None:
        self._rows: Floats = np.empty((64, seeds, len(METRICS)))
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, row: Floats) -> None:
        """Add the next epoch's row (S, 5)."""
        self.extend(row[None])

    def extend(self, rows: Floats) -> None:
        """Add the next epochs' rows (k, S, 5)."""
        needed = self._length + len(rows)
        if needed > len(self._rows):
            grown = np.empty((max(needed, 2 * len(self._rows)), *self._rows.shape[1:]))
            grown[: self._length] = self._rows[: self._length]
            self._rows = grown
        self._rows[self._length : needed] = rows
        self._length = needed

    def rows(self, first_epoch: int) -> Floats:
        """Return (k, S, 5) from ``first_epoch`` to the latest; a view."""
        return self._rows[first_epoch - 1 : self._length]

    def binned(self, first_epoch: int, most: int) -> Bins:
        """Return what is new from ``first_epoch`` on in at most ``most`` bins.

        Widths are powers of two and bins aligned to them, so that a reader can merge bins of one size into another's.
        The first bin may therefore repeat epochs before ``first_epoch``.
        """
        width = 1
        while -(-self._length // width) - (first_epoch - 1) // width > most:
            width *= 2
        start = (first_epoch - 1) // width * width
        rows = self._rows[start : self._length]
        missing = -len(rows) % width
        padded = np.concatenate([rows, np.full((missing, *rows.shape[1:]), np.nan)])
        return Bins(start + 1, width, _summarize(padded.reshape(-1, width, *rows.shape[1:]), rows))


def _summarize(blocks: Floats, rows: Floats) -> Floats:
    """Return (k, 5, 3) from blocks (k, width, S, 5), the last of which may be filled up with NaN."""
    infinite = np.where(np.isfinite(blocks), blocks, np.inf)
    low = infinite.min(axis=(1, 2))
    high = -np.where(np.isfinite(blocks), -blocks, np.inf).min(axis=(1, 2))
    ends = np.minimum(np.arange(1, len(blocks) + 1) * blocks.shape[1], len(rows)) - 1
    last = np.median(rows[ends], axis=1)
    summary = np.stack([low, high, last], axis=-1)
    return np.where(np.isfinite(summary), summary, np.nan)
