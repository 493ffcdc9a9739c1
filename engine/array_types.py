"""Names for the types of arrays; shapes stand in the docstrings of those who take or return them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
"""Of the run's dtype: parameters, gradients, signals, targets."""
Rows = NDArray[np.float64]
"""Metrics by epoch, seed and column: (k, S, 5)."""
Indices = NDArray[np.intp]
Arrays = dict[str, NDArray[Any]]
"""By name, as a view of a network has them."""
