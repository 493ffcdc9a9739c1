"""What every loader returns, and what a trainer learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.array_types import Floats, Indices

SUBSET_NAMES = {
    "train": "train",
    "validation": "validation",
    "val": "validation",
    "valid": "validation",
    "test": "test",
}
"""The parts of a split, by the names that users' folders and arrays have for them."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Raw rows, before any split or scaling.

    Attributes:
        X: (N, n) float64, one row a case, in the units of the source. NaN is a missing value that was left for the
            scaler to fill in; everything else is finite.
        y: (N,) float64. Classification: the class number, 0 … K−1. Regression: the value. (N, K) for several values.
        feature_names: n names.
        classes: Names of the K classes, indexed by class number; empty for regression.
        subsets: Where the source itself says which rows train, validate and test (a split by file), else empty. Rows
            in no named part are training rows.
        image_shape: (height, width) where a row is a picture, else None.
        notes: What the reader of the data should know (rows dropped, values imputed, a drawn stand-in).
        derived: Formulas of the last columns of ``X``, which are made of the others; see ``engine.data.derived``.
        weights: (N,) how much each row counts in the loss, from 0 on; None where all count alike.
    """

    X: Floats
    y: Floats
    feature_names: tuple[str, ...]
    classes: tuple[str, ...] = ()
    subsets: dict[str, Indices] = field(default_factory=dict)
    image_shape: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    weights: Floats | None = None

    @property
    def base_columns(self) -> int:
        """Columns that are not derived; they come first."""
        return int(self.X.shape[1]) - len(self.derived)


@dataclass(frozen=True, kw_only=True)
class Subset:
    """One part of a split, as the network sees it.

    Attributes:
        X: (B, n) scaled, in the run's dtype.
        y: (B,), or (B, K) where the network has K > 1 outputs (one-hot for classes).
        rows: (B,) row numbers in the source's table.
        weights: (B,) how much each row counts in the loss, of mean 1; None where all count alike.
    """

    X: Floats
    y: Floats
    rows: Indices
    weights: Floats | None = None

    def __len__(self) -> int:
        return len(self.rows)


def subsets_by_name(names: Sequence[str]) -> dict[str, Indices]:
    """Return the rows of each subset but train, given the subset that each row (N) belongs to."""
    labels = np.array(names)
    return {str(name): np.flatnonzero(labels == name) for name in np.unique(labels) if name != "train"}


def pixel_names(height: int, width: int) -> tuple[str, ...]:
    """Return the names of a picture's columns, row by row from the top left corner: ``pixel 0,0`` and so on."""
    return tuple(f"pixel {row},{column}" for row in range(height) for column in range(width))


def column_names(columns: int) -> tuple[str, ...]:
    """Return names for columns that have none: x1, x2 and so on."""
    return tuple(f"x{number}" for number in range(1, columns + 1))
