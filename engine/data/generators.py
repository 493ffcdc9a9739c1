"""Data drawn from a seed: the tutorials' lines and plants, and the classic toys with two coordinates.

All draw from NumPy's ``RandomState``, the generator the tutorials used, so that their figures can be had again.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.data.table import DataSource, Floats, Table, pixel_names

Samples = Annotated[int, Field(ge=1, le=1_000_000)]
Noise = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Generator(DataSource):
    """Base of the sources that draw points and their classes."""

    feature_names: ClassVar[tuple[str, ...]] = ("x1", "x2")
    classes: ClassVar[tuple[str, ...]] = ("class 0", "class 1")

    samples: Samples = 200
    """Rows in all."""
    seed: Seed = 0
    """Of the data alone; the network's own seed is ``training.seed``."""

    def load(self, stream: np.random.RandomState | None = None) -> Table:
        """Return the rows drawn from ``stream``, or else from the source's own seed."""
        X, y = self.draw(stream or np.random.RandomState(self.seed))
        return Table(X=X, y=y.astype(np.float64), feature_names=self.feature_names, classes=self.class_names())

    def class_names(self) -> tuple[str, ...]:
        """Return the names of the classes, by class number."""
        return self.classes

    @abstractmethod
    def draw(self, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Return points (N, n) and class numbers (N,)."""


class Lines(Generator):
    """Pictures of 3×3 pixels with one vertical (1) or horizontal (0) line; AgenticWorks, Part 5.

    Half of them vertical, then shuffled. The six distinct lines are not linearly separable.
    """

    feature_names: ClassVar[tuple[str, ...]] = pixel_names(3, 3)
    classes: ClassVar[tuple[str, ...]] = ("horizontal", "vertical")

    source: Literal["lines"] = "lines"
    samples: Samples = 100
    noise: Noise = 0.0
    """Standard deviation of what is added to each pixel, before clipping to 0 … 1."""
    seed: Seed = 42
    canonical_exam: bool = False
    """Add the two lines through the middle as the test part, as the tutorial does after training."""

    def load(self, stream: np.random.RandomState | None = None) -> Table:
        """Return the shuffled pictures, and after them the two of the exam where they are asked for."""
        drawn = super().load(stream)
        middle = np.zeros((2, 3, 3))
        middle[0, :, 1] = middle[1, 1, :] = 1
        exam = self.canonical_exam
        return Table(
            X=np.vstack([drawn.X, middle.reshape(2, 9)]) if exam else drawn.X,
            y=np.append(drawn.y, [1.0, 0.0]) if exam else drawn.y,
            feature_names=drawn.feature_names,
            classes=drawn.classes,
            subsets={"test": np.array([self.samples, self.samples + 1])} if exam else {},
            image_shape=(3, 3),
        )

    def draw(self, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Draw each line's place, then its noise, picture by picture; the order of the rows comes last."""
        images = np.zeros((self.samples, 3, 3))
        vertical = np.arange(self.samples) < self.samples // 2
        for image, upright in zip(images, vertical, strict=True):
            (image.T if upright else image)[random.randint(0, 3)] = 1
            if self.noise:
                image[:] = np.clip(image + random.randn(3, 3) * self.noise, 0, 1)
        order = random.permutation(self.samples)
        return images.reshape(-1, 9)[order], vertical[order].astype(np.float64)


class Plants(Generator):
    """Two clouds of leaves, toxic (1) or not (0): scikit-learn's ``make_blobs`` as it comes; WTFunk, practice 00."""

    feature_names: ClassVar[tuple[str, ...]] = ("leaf length", "leaf width")
    classes: ClassVar[tuple[str, ...]] = ("non-toxic", "toxic")

    source: Literal["plants"] = "plants"
    samples: Samples = 100

    def draw(self, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Return ``make_blobs(samples, n_features=2, centers=2)``."""
        from sklearn.datasets import make_blobs

        X, y = make_blobs(self.samples, n_features=2, centers=2, random_state=random)
        return X, y


class Blobs(Generator):
    """Round clouds of points, one a class, around centres drawn from [−10, 10]²."""

    source: Literal["blobs"] = "blobs"
    centers: Annotated[int, Field(ge=2, le=100)] = 2
    """Clouds, and so classes."""
    cluster_std: Noise = 1.0
    """Standard deviation of each cloud."""

    def class_names(self) -> tuple[str, ...]:
        """Return one name for each cloud."""
        return tuple(f"class {number}" for number in range(self.centers))

    def draw(self, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Return ``make_blobs(samples, centers=centers, cluster_std=cluster_std)``."""
        from sklearn.datasets import make_blobs

        X, y = make_blobs(self.samples, centers=self.centers, cluster_std=self.cluster_std, random_state=random)
        return X, y


class Circles(Generator):
    """Two rings around the origin, the inner one is class 1."""

    classes: ClassVar[tuple[str, ...]] = ("outer", "inner")

    source: Literal["circles"] = "circles"
    samples: Samples = 100
    noise: Noise = 0.1
    """Standard deviation of what is added to each coordinate."""
    factor: Annotated[float, Field(ge=0, lt=1)] = 0.3
    """Radius of the inner ring; the outer one's is 1."""

    def draw(self, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Return ``make_circles(samples, noise=noise, factor=factor)``."""
        from sklearn.datasets import make_circles

        X, y = make_circles(self.samples, noise=self.noise, factor=self.factor, random_state=random)
        return X, y


class Moons(Generator):
    """Two interleaved half circles, the lower one is class 1."""

    classes: ClassVar[tuple[str, ...]] = ("upper", "lower")

    source: Literal["moons"] = "moons"
    samples: Samples = 100
    noise: Noise = 0.1
    """Standard deviation of what is added to each coordinate."""

    def draw(self, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Return ``make_moons(samples, noise=noise)``."""
        from sklearn.datasets import make_moons

        X, y = make_moons(self.samples, noise=self.noise, random_state=random)
        return X, y


class Xor(Generator):
    """The corners of a square, class 1 where exactly one coordinate is 1; with noise, clouds around them."""

    classes: ClassVar[tuple[str, ...]] = ("equal", "different")

    source: Literal["xor"] = "xor"
    samples: Samples = 4
    noise: Noise = 0.0
    """Standard deviation of what is added to each coordinate."""

    def draw(self, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Return (0, 0), (0, 1), (1, 0), (1, 1), over and over, each with its noise."""
        corner = np.arange(self.samples) % 4
        X = np.column_stack([corner // 2, corner % 2]).astype(np.float64)
        y = (corner // 2 != corner % 2).astype(np.float64)
        return X + random.randn(self.samples, 2) * self.noise, y
