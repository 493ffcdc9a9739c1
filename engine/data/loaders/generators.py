"""Data drawn from a seed: the tutorials' lines and plants, and the classic toys with two coordinates.

All draw from NumPy's ``RandomState``, the generator the tutorials used, so that their figures can be had again.
"""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.data import scikit_learn
from engine.data.registry import Stream, loads
from engine.data.table import Table, column_names, pixel_names
from engine.spec.sources.generators import Blobs, Circles, Generator, Lines, Moons, Plants, Xor


def random_of(source: Generator, stream: Stream) -> np.random.RandomState:
    """Return what ``source`` draws from: the stream it is given, or else its own seed's."""
    return stream or np.random.RandomState(source.seed)


def labelled_points(X: Floats, y: Floats, classes: tuple[str, ...]) -> Table:
    """Return the table of points ``X`` (N, 2) and their class numbers ``y`` (N,)."""
    return Table(X=X, y=y.astype(np.float64), feature_names=column_names(2), classes=classes)


@loads(Lines)
def load_lines(source: Lines, stream: Stream = None) -> Table:
    """Return the shuffled pictures, and after them the two of the exam where they are asked for."""
    X, y = _draw_lines(source, random_of(source, stream))
    middle = np.zeros((2, 3, 3))
    middle[0, :, 1] = middle[1, 1, :] = 1
    exam = source.canonical_exam
    return Table(
        X=np.vstack([X, middle.reshape(2, 9)]) if exam else X,
        y=np.append(y, [1.0, 0.0]) if exam else y,
        feature_names=pixel_names(3, 3),
        classes=("horizontal", "vertical"),
        subsets={"test": np.array([source.samples, source.samples + 1])} if exam else {},
        image_shape=(3, 3),
    )


def _draw_lines(source: Lines, random: np.random.RandomState) -> tuple[Floats, Floats]:
    """Draw each line's place, then its noise, picture by picture; the order of the rows comes last."""
    images = np.zeros((source.samples, 3, 3))
    vertical = np.arange(source.samples) < source.samples // 2
    for image, upright in zip(images, vertical, strict=True):
        (image.T if upright else image)[random.randint(0, 3)] = 1
        if source.noise:
            image[:] = np.clip(image + random.randn(3, 3) * source.noise, 0, 1)
    order = random.permutation(source.samples)
    return images.reshape(-1, 9)[order], vertical[order].astype(np.float64)


@loads(Plants)
def load_plants(source: Plants, stream: Stream = None) -> Table:
    """Return ``make_blobs(samples, n_features=2, centers=2)``."""
    random = random_of(source, stream)
    drawn = scikit_learn.generate("make_blobs", random, n_samples=source.samples, n_features=2, centers=2)
    return Table(
        X=drawn.X,
        y=drawn.y,
        feature_names=("leaf length", "leaf width"),
        classes=("non-toxic", "toxic"),
    )


@loads(Blobs)
def load_blobs(source: Blobs, stream: Stream = None) -> Table:
    """Return ``make_blobs(samples, centers=centers, cluster_std=cluster_std)``."""
    drawn = scikit_learn.generate(
        "make_blobs",
        random_of(source, stream),
        n_samples=source.samples,
        centers=source.centers,
        cluster_std=source.cluster_std,
    )
    return labelled_points(drawn.X, drawn.y, tuple(f"class {number}" for number in range(source.centers)))


@loads(Circles)
def load_circles(source: Circles, stream: Stream = None) -> Table:
    """Return ``make_circles(samples, noise=noise, factor=factor)``."""
    options = {"n_samples": source.samples, "noise": source.noise, "factor": source.factor}
    drawn = scikit_learn.generate("make_circles", random_of(source, stream), **options)
    return labelled_points(drawn.X, drawn.y, ("outer", "inner"))


@loads(Moons)
def load_moons(source: Moons, stream: Stream = None) -> Table:
    """Return ``make_moons(samples, noise=noise)``."""
    random = random_of(source, stream)
    drawn = scikit_learn.generate("make_moons", random, n_samples=source.samples, noise=source.noise)
    return labelled_points(drawn.X, drawn.y, ("upper", "lower"))


@loads(Xor)
def load_xor(source: Xor, stream: Stream = None) -> Table:
    """Return (0, 0), (0, 1), (1, 0), (1, 1), over and over, each with its noise."""
    corner = np.arange(source.samples) % 4
    X = np.column_stack([corner // 2, corner % 2]).astype(np.float64)
    y = (corner // 2 != corner % 2).astype(np.float64)
    noise = random_of(source, stream).randn(source.samples, 2) * source.noise
    return labelled_points(X + noise, y, ("equal", "different"))
