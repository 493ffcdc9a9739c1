"""Data sets that come with scikit-learn, each asked for once and then kept."""

from __future__ import annotations

from engine.data.registry import Stream, loads
from engine.data.scikit_learn import Bunch, load_bundled
from engine.data.table import Table, pixel_names
from engine.spec.sources.bundled import BreastCancer, Diabetes, Digits, Iris, Wine


@loads(BreastCancer)
def load_breast_cancer(_source: BreastCancer, _stream: Stream = None) -> Table:
    """Return the 569 rows in scikit-learn's order, its classes swapped: 1 = malignant."""
    bunch = load_bundled("load_breast_cancer")
    return Table(
        X=bunch.X,
        y=1.0 - bunch.y,
        feature_names=bunch.feature_names,
        classes=("benign", "malignant"),
    )


@loads(Iris)
def load_iris(_source: Iris, _stream: Stream = None) -> Table:
    """Return the 150 rows, species by species."""
    return _with_classes(load_bundled("load_iris"))


@loads(Wine)
def load_wine(_source: Wine, _stream: Stream = None) -> Table:
    """Return the 178 rows, cultivar by cultivar."""
    return _with_classes(load_bundled("load_wine"))


@loads(Digits)
def load_digits(_source: Digits, _stream: Stream = None) -> Table:
    """Return the 1797 rows of 64 pixels in scikit-learn's order."""
    bunch = load_bundled("load_digits")
    return Table(
        X=bunch.X,
        y=bunch.y,
        feature_names=pixel_names(8, 8),
        classes=tuple("0123456789"),
        image_shape=(8, 8),
    )


@loads(Diabetes)
def load_diabetes(_source: Diabetes, _stream: Stream = None) -> Table:
    """Return the 442 rows in scikit-learn's order; ``y`` is a value, not a class."""
    bunch = load_bundled("load_diabetes", scaled=False)
    return Table(
        X=bunch.X,
        y=bunch.y,
        feature_names=bunch.feature_names,
    )


def _with_classes(bunch: Bunch) -> Table:
    return Table(
        X=bunch.X,
        y=bunch.y,
        feature_names=bunch.feature_names,
        classes=bunch.target_names,
    )
