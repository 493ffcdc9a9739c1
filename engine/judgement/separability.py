"""Whether a line (plane, hyperplane) can separate two classes of points: by a linear programme, and with its proof.

Either there are w and b with w·x + b ≥ 1 for every point of one class and ≤ −1 for every point of the other; or the
convex hulls of the two classes meet, and weights of the points say where (Farkas 1902; the theorem of the alternative).
The second is a proof that anyone can check with a pencil: one point that is a mixture of either class.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Separation:
    """The answer, with its proof.

    Attributes:
        weights: (n + 1,), w and then b of a separating rule; None where there is none.
        mixture: (B,), the weights by which the points of either class mix to the same point, each class's summing to
            1; None where a rule separates them.
    """

    weights: Floats | None
    mixture: Floats | None

    @property
    def is_separable(self) -> bool:
        """Whether a single neuron can be right about every point."""
        return self.weights is not None


def separation(X: Floats, positive: NDArray[np.bool_]) -> Separation:
    """Return a rule that separates points X (B, n) of two classes, or the proof that there is none.

    Args:
        X: The points.
        positive: (B,), whether a point is of the second class.
    """
    from scipy.optimize import linprog  # comes with scikit-learn; half a second to import

    signs = np.where(positive, 1.0, -1.0)
    rows = signs[:, None] * np.c_[X, np.ones(len(X))]
    rule = linprog(np.zeros(rows.shape[1]), A_ub=-rows, b_ub=-np.ones(len(X)), bounds=(None, None), method="highs")
    if rule.status == 0:
        return Separation(np.asarray(rule.x), None)
    # Both classes' weights sum to 1 where the sums over the signed rows vanish and those over one class are 1.
    equal = np.vstack([rows.T, positive.astype(np.float64)[None]])
    sums = np.r_[np.zeros(rows.shape[1]), 1.0]
    mixture = linprog(np.zeros(len(X)), A_eq=equal, b_eq=sums, bounds=(0, None), method="highs")
    return Separation(None, np.asarray(mixture.x))


def best_linear_accuracy(X: Floats, positive: NDArray[np.bool_], counts: NDArray[np.intp]) -> float:
    """Return the largest share of rows that any linear rule can be right about.

    Every set of points is tried, the largest first, so there should be few different ones.

    Args:
        X: (k, n), the different points.
        positive: (k,), their classes.
        counts: (k,), how many rows each of them has.
    """
    everything = range(len(X))
    subsets = [list(some) for size in everything for some in combinations(everything, len(X) - size)]
    subsets.sort(key=lambda some: -int(counts[some].sum()))
    best = next(some for some in subsets if separation(X[some], positive[some]).is_separable)
    return float(counts[best].sum() / counts.sum())
