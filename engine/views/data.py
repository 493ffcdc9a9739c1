"""What a run's data are like, as arrays by name."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Arrays
from engine.training.trainer import Trainer

MOST_SAMPLES = 200


def data(trainer: Trainer) -> Arrays:
    """Return ranges, counts and a sample of the rows; of the sealed exam nothing but counts."""
    train, validation, test = trainer.data.train, trainer.data.validation, trainer.data.test
    table, classes = trainer.data.table, max(len(trainer.data.table.classes), 1)
    raw, scaled = table.X[train.rows], train.X.astype(np.float64)
    seen = [(0, train), *([(1, validation)] if validation is not None else [])]
    sample = [(number, row) for number, part in seen for row in part.rows[: MOST_SAMPLES // len(seen)]]
    rows = np.array([row for _, row in sample], np.int64)
    counts = np.zeros((3, classes), np.int64)
    for number, part in enumerate((train, validation, test)):
        if part is not None:
            labels = table.y[part.rows].astype(np.intp) if table.classes else np.zeros(len(part), np.intp)
            counts[number] = np.bincount(labels, minlength=classes)
    return {
        "raw": _ranges(raw),
        "scaled": _ranges(scaled),
        "counts": counts,
        "sample": table.X[rows].astype(np.float64),
        "sample_y": np.atleast_2d(table.y[rows].T).T.astype(np.float64),
        "sample_rows": rows,
        "sample_parts": np.array([number for number, _ in sample], np.uint8),
    }


def _ranges(X: NDArray[Any]) -> NDArray[np.float64]:
    """Return (n, 4): lowest, highest, mean and standard deviation of each column's values, missing ones left out."""
    low, high, mean, deviation = (
        (np.nanmin, np.nanmax, np.nanmean, np.nanstd) if np.isnan(X).any() else (np.min, np.max, np.mean, np.std)
    )
    return np.column_stack([low(X, axis=0), high(X, axis=0), mean(X, axis=0), deviation(X, axis=0)]).astype(np.float64)
