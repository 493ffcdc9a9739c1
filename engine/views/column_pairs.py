"""Which two columns of the data tell most of its target: those that the boundary opens on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEARLY_A_LINE = 0.97
"""A squared correlation from which on two columns say the same: their points lie on a line."""


def telling_pair(inputs: NDArray[np.floating], targets: NDArray[np.float64]) -> tuple[int, int]:
    """Return the two columns that explain most of the targets, each by itself, the lower number first.

    Each by itself: on the map the others rest at their mean, so that a column which only adds to what others say shows
    little there. What a column explains is the squared length of its projection on the targets: r² of a single target,
    η² (as in the F-test of an analysis of variance) of classes. Of two that lie on a line only one is taken.

    Args:
        inputs: (B, n) rows, n ≥ 2.
        targets: (B, K) their targets; of classes one-hot.
    """
    columns = _standardized(np.asarray(inputs, np.float64))
    explained = np.round(((_basis(targets).T @ columns) ** 2).sum(axis=0), 9)  # so that of equals the first is taken
    first = int(np.argmax(explained))
    says_the_same = (columns.T @ columns[:, first]) ** 2 >= NEARLY_A_LINE
    explained[says_the_same] -= 2  # behind all others
    explained[first] = -np.inf
    second = int(np.argmax(explained))
    return min(first, second), max(first, second)


def _standardized(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return columns (B, n) with mean 0 and length 1; those that are constant, or have no finite length, are 0."""
    with np.errstate(all="ignore"):
        centred = columns - columns.mean(axis=0)
        lengths = np.sqrt((centred**2).sum(axis=0))
        unit = centred / lengths
    varies = np.isfinite(unit).all(axis=0) & (lengths > 1e-12 * np.abs(columns).max(axis=0))
    return np.where(varies, unit, 0.0)


def _basis(targets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an orthonormal basis (B, rank) of centred targets."""
    vectors, sizes, _ = np.linalg.svd(_standardized(targets), full_matrices=False)
    return vectors[:, sizes > 1e-6]
