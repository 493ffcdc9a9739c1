"""Data sets that come with scikit-learn.

scikit-learn takes about a second to import, so it is imported where it is used: in the worker, never in a screen.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from engine.data.table import DataSource, Table, pixel_names


class BreastCancer(DataSource):
    """Breast Cancer Wisconsin (Diagnostic): 569 cases, 30 measurements of cell nuclei, 1 = malignant.

    scikit-learn has 1 = benign; the tutorials have 1 = malignant, the class to be found.
    """

    source: Literal["breast-cancer"] = "breast-cancer"

    def load(self, _stream: np.random.RandomState | None = None) -> Table:
        """Return the 569 rows in scikit-learn's order."""
        from sklearn.datasets import load_breast_cancer

        bunch = load_breast_cancer()
        return Table(
            X=bunch.data.astype(np.float64),
            y=1.0 - bunch.target.astype(np.float64),
            feature_names=tuple(map(str, bunch.feature_names)),
            classes=("benign", "malignant"),
        )


class Iris(DataSource):
    """Fisher's iris: 150 flowers, 4 measurements in cm, 3 species of 50 each."""

    source: Literal["iris"] = "iris"

    def load(self, _stream: np.random.RandomState | None = None) -> Table:
        """Return the 150 rows, species by species."""
        from sklearn.datasets import load_iris

        return _with_classes(load_iris())


class Wine(DataSource):
    """Wine recognition: 178 wines, 13 chemical measurements, 3 cultivars."""

    source: Literal["wine"] = "wine"

    def load(self, _stream: np.random.RandomState | None = None) -> Table:
        """Return the 178 rows, cultivar by cultivar."""
        from sklearn.datasets import load_wine

        return _with_classes(load_wine())


class Digits(DataSource):
    """Handwritten digits: 1797 pictures of 8×8 pixels from 0 to 16, 10 classes."""

    source: Literal["digits"] = "digits"

    def load(self, _stream: np.random.RandomState | None = None) -> Table:
        """Return the 1797 rows of 64 pixels in scikit-learn's order."""
        from sklearn.datasets import load_digits

        bunch = load_digits()
        return Table(
            X=bunch.data.astype(np.float64),
            y=bunch.target.astype(np.float64),
            feature_names=pixel_names(8, 8),
            classes=tuple("0123456789"),
            image_shape=(8, 8),
        )


class Diabetes(DataSource):
    """Diabetes: 442 patients, 10 measurements, and the progression of the disease a year on (25 to 346).

    In the units they were measured in: scikit-learn's own default has them scaled on all rows, exam included.
    """

    source: Literal["diabetes"] = "diabetes"

    def load(self, _stream: np.random.RandomState | None = None) -> Table:
        """Return the 442 rows in scikit-learn's order; ``y`` is a value, not a class."""
        from sklearn.datasets import load_diabetes

        bunch = load_diabetes(scaled=False)
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
