"""Targets as the numerics take them."""

from __future__ import annotations

from engine.array_types import Floats
from engine.data.dataset import Dataset
from engine.data.table import Subset
from engine.numerics.metrics import total_sum_of_squares


def targets(subset: Subset) -> Floats:
    """Return y as (B, K)."""
    return subset.y if subset.y.ndim == 2 else subset.y[:, None]


def target_sum_of_squares(subset: Subset, data: Dataset) -> Floats | None:
    """Return (K,) what the r² of ``subset`` is measured against; None for classification, which has no r²."""
    return None if data.table.classes else total_sum_of_squares(targets(subset))
