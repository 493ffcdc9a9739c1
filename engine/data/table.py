"""What every data source returns, and what a trainer learns from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Raw rows, before any split or scaling.

    Attributes:
        X: (N, n) float64, one row a case, in the units of the source.
        y: (N,) float64. Classification: the class number, 0 … K−1. Regression: the value. (N, K) for several values.
        feature_names: n names.
        classes: Names of the K classes, indexed by class number; empty for regression.
        parts: Where the source itself says which rows train, validate and test (a split by file), else empty.
        image_shape: (height, width) where a row is a picture, else None.
        notes: What the reader of the data should know (rows dropped, values imputed, a drawn stand-in).
    """

    X: Floats
    y: Floats
    feature_names: tuple[str, ...]
    classes: tuple[str, ...] = ()
    parts: dict[str, Indices] = field(default_factory=dict)
    image_shape: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a split, as the network sees it.

    Attributes:
        X: (B, n) scaled, in the run's dtype.
        y: (B,), or (B, K) where the network has K > 1 outputs (one-hot for classes).
        rows: (B,) row numbers in the source's table.
    """

    X: Floats
    y: Floats
    rows: Indices

    def __len__(self) -> int:
        return len(self.rows)
