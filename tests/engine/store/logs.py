"""What the tests of the run's log put into it."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from engine.run.metrics import METRICS

Rows = NDArray[np.float64]
NOON = datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=UTC)


def some_rows(epochs: int, seeds: int = 1) -> Rows:
    """Return metrics of so many epochs, (k, S, 5)."""
    return np.random.default_rng(epochs).normal(size=(epochs, seeds, len(METRICS)))
