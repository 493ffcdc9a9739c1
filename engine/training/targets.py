"""Targets as the numerics take them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.table import Subset
from engine.numerics.metrics import total_sum_of_squares

Floats = NDArray[np.floating[Any]]


def targets(subset: Subset) -> Floats:
    """Return y as (B, K)."""
    return subset.y if subset.y.ndim == 2 else subset.y[:, None]


def target_sum_of_squares(subset: Subset, data: Dataset) -> Floats | None:
    """Return (K,) what the r² of ``subset`` is measured against; None for classification, which has no r²."""
    return None if data.table.classes else total_sum_of_squares(targets(subset))
