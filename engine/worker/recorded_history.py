"""The metrics of a run, read from its store."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

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
    history = EpochSeries(len(run.description.seeds), partial(_recorded, run), run.description.columns)
    for rows in read_rows(run, 1, epochs):
        history.extend(rows)
    return history


def read_rows(run: Run, first: int, last: int) -> Iterator[Rows]:
    """Yield (k, S, C) metrics of epochs ``first`` … ``last``, a portion at a time.

    Raises:
        InputError: The store is damaged.
    """
    for start in range(first, last + 1, PORTION):
        yield _recorded(run, start, min(start + PORTION - 1, last))


def _recorded(run: Run, first: int, last: int) -> Rows:
    """Return (k, S, C) of epochs ``first`` … ``last``; NaN for those that were lost at the end."""
    rows = run.metrics.rows(first, last)
    return np.concatenate([rows, np.full((last + 1 - first - len(rows), *rows.shape[1:]), np.nan)])
