"""Data sets that come with scikit-learn.

scikit-learn takes about a second to import, so it is imported where it is used: in the worker, never in a screen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.data.registry import Stream, loads
from engine.data.table import Table, pixel_names
from engine.spec.data import BreastCancer, Diabetes, Digits, Iris, Wine


@loads(BreastCancer)
def load_breast_cancer(_source: BreastCancer, _stream: Stream = None) -> Table:
    """Return the 569 rows in scikit-learn's order, its classes swapped: 1 = malignant."""
    from sklearn import datasets

    bunch = datasets.load_breast_cancer()
    return Table(
        X=bunch.data.astype(np.float64),
        y=1.0 - bunch.target.astype(np.float64),
        feature_names=tuple(map(str, bunch.feature_names)),
        classes=("benign", "malignant"),
    )


@loads(Iris)
def load_iris(_source: Iris, _stream: Stream = None) -> Table:
    """Return the 150 rows, species by species."""
    from sklearn import datasets

    return _with_classes(datasets.load_iris())


@loads(Wine)
def load_wine(_source: Wine, _stream: Stream = None) -> Table:
    """Return the 178 rows, cultivar by cultivar."""
    from sklearn import datasets

    return _with_classes(datasets.load_wine())


@loads(Digits)
def load_digits(_source: Digits, _stream: Stream = None) -> Table:
    """Return the 1797 rows of 64 pixels in scikit-learn's order."""
    from sklearn import datasets

    bunch = datasets.load_digits()
    return Table(
        X=bunch.data.astype(np.float64),
        y=bunch.target.astype(np.float64),
        feature_names=pixel_names(8, 8),
        classes=tuple("0123456789"),
        image_shape=(8, 8),
    )


@loads(Diabetes)
def load_diabetes(_source: Diabetes, _stream: Stream = None) -> Table:
    """Return the 442 rows in scikit-learn's order; ``y`` is a value, not a class."""
    from sklearn import datasets

    bunch = datasets.load_diabetes(scaled=False)
    return Table(
        X=bunch.data.astype(np.float64),
        y=bunch.target.astype(np.float64),
        feature_names=tuple(map(str, bunch.feature_names)),
    )


def _with_classes(bunch: Any) -> Table:
    return Table(
        X=bunch.data.astype(np.float64),
        y=bunch.target.astype(np.float64),
        feature_names=tuple(map(str, bunch.feature_names)),
        classes=tuple(map(str, bunch.target_names)),
    )
