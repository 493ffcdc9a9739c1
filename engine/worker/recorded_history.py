"""The metrics of a run, read from its store."""

from __future__ import annotations

import numpy as np

from engine.array_types import Rows
from engine.run.series import EpochSeries
from engine.store.runs import Run

PORTION = 20_000
"""Epochs read from the store at once: as rows of SQLite they take ten times the memory that they are kept in."""


def read_history(run: Run, epochs: int) -> EpochSeries:
    """Return the metrics of a run's first ``epochs`` epochs; those that were folded are read again where needed.

    Raises:
        InputError: The store is damaged.
    """

    def recorded(first: int, last: int) -> Rows:
        """Return (k, S, C) of epochs ``first`` … ``last``; NaN for those that were lost at the end."""
        rows = run.metrics.rows(first, last)
        return np.concatenate([rows, np.full((last + 1 - first - len(rows), *rows.shape[1:]), np.nan)])

    history = EpochSeries(len(run.description.seeds), recorded, run.description.columns)
    for first in range(1, epochs + 1, PORTION):
        history.extend(recorded(first, min(first + PORTION - 1, epochs)))
    return history
