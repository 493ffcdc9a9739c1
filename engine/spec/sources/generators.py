"""Rows that are drawn: points of a plane and their classes, and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, Tag

from engine.spec.sources.base import Count, DataSource, Noise, PairedSamples, Samples, Seed


class Generator(DataSource):
    """Base of the sources that draw points and their classes."""

    samples: Samples = 200
    """Rows in all."""
    seed: Seed = 0
    """Of the data alone; the network's own seed is ``training.seed``."""


class Lines(Generator):
    """Pictures of 3×3 pixels with one vertical (1) or horizontal (0) line; AgenticWorks, Part 5.

    Half of them vertical, then shuffled. The six distinct lines are not linearly separable.
    """

    source: Literal["lines"] = "lines"
    samples: Samples = 100
    noise: Noise = 0.0
    """Standard deviation of what is added to each pixel, before clipping to 0 … 1."""
    seed: Seed = 42
    canonical_exam: bool = False
    """Add the two lines through the middle as the test part, as the tutorial does after training."""


class Plants(Generator):
    """Two clouds of leaves, toxic (1) or not (0): scikit-learn's ``make_blobs`` as it comes; WTFunk, practice 00."""

    source: Literal["plants"] = "plants"
    samples: Samples = 100


class Blobs(Generator):
    """Round clouds of points, one a class, around centres drawn from [−10, 10]²."""

    source: Literal["blobs"] = "blobs"
    centers: Annotated[int, Field(ge=2, le=100)] = 2
    """Clouds, and so classes."""
    cluster_std: Noise = 1.0
    """Standard deviation of each cloud."""


class Circles(Generator):
    """Two rings around the origin, the inner one is class 1."""

    source: Literal["circles"] = "circles"
    samples: Samples = 100
    noise: Noise = 0.1
    """Standard deviation of what is added to each coordinate."""
    factor: Annotated[float, Field(ge=0, lt=1)] = 0.3
    """Radius of the inner ring; the outer one's is 1."""


class Moons(Generator):
    """Two interleaved half circles, the lower one is class 1."""

    source: Literal["moons"] = "moons"
    samples: Samples = 100
    noise: Noise = 0.1
    """Standard deviation of what is added to each coordinate."""


class Xor(Generator):
    """The corners of a square, class 1 where exactly one coordinate is 1; with noise, clouds around them."""

    source: Literal["xor"] = "xor"
    samples: Samples = 4
    noise: Noise = 0.0
    """Standard deviation of what is added to each coordinate."""


class Spirals(Generator):
    """Base of the spirals: ``samples`` // 2 points of class 0, then as many of class 1."""

    samples: PairedSamples = 200
    """Rows in all, of which an odd one is left out."""
    noise: Noise


class ArchitectsSpirals(Spirals):
    """Base of the spirals of Architect's Lens 0A, section 8."""

    samples: PairedSamples = 500
    noise: Noise = 0.1
    """Standard deviation of what is added to each angle, in radians."""
    seed: Seed = 42


class SpiralsAsPublished(ArchitectsSpirals):
    """Architect's Lens 0A, section 8, with its mistake: both spirals lie on the same curve."""

    source: Literal["spirals-as-published"] = "spirals-as-published"


class SpiralsRepaired(ArchitectsSpirals):
    """The spirals of Architect's Lens 0A without the mistake; drawn in the same order, from the same stream."""

    source: Literal["spirals-repaired"] = "spirals-repaired"


class SpiralsCs231n(Spirals):
    """Arms of 4 radians inside the unit circle, as in Stanford's CS231n notes."""

    source: Literal["spirals-cs231n"] = "spirals-cs231n"
    noise: Noise = 0.2
    """Standard deviation of what is added to each angle, in radians."""


class SpiralsSqrt780(Spirals):
    """Arms of 780 degrees, evenly filled, radius and angle the same number; the second mirrors the first."""

    source: Literal["spirals-sqrt780"] = "spirals-sqrt780"
    noise: Noise = 0.5
    """Width of what is added to each coordinate, evenly from 0 on."""


class Spirals2ThetaPi(Spirals):
    """Arms of one turn, evenly filled, radius 2θ + π; the second mirrors the first, with noise of its own."""

    source: Literal["spirals-2theta-pi"] = "spirals-2theta-pi"
    noise: Noise = 1.0
    """Standard deviation of what is added to each coordinate."""


class Spirals2TurnUnit(Spirals):
    """Two turns inside the unit circle, the second spiral half a turn on."""

    source: Literal["spirals-2turn-unit"] = "spirals-2turn-unit"
    noise: Noise = 0.05
    """Standard deviation of what is added to each angle, in radians."""


class CatsDogs(DataSource):
    """Grey pictures of 64×64 pixels from 0 to 255, the user's own or else drawn faces; 0 = cat, 1 = dog."""

    source: Literal["cats-dogs"] = "cats-dogs"
    path: Path | None = None
    """The user's own pictures: a folder with a folder for each class, a ``.npz`` or a ``.h5`` file."""
    train: Count = 1000
    """Drawn pictures to learn from, half of them cats."""
    test: Count = 200
    """Drawn pictures to be graded on, half of them cats."""
    held_out: Literal["test", "validation"] = "test"
    """The part that the held out pictures are. The tutorial looks at them all along, which makes them validation."""
    seed: Seed = 0
    """Of the drawing."""
    version: Literal[1, 2] = 1
    """Of the drawn pictures. 1: each shows another animal. 2: those to learn from are films of few animals, 25 pictures
    of each in its place, which can be learnt by heart; those to be graded on show animals never seen."""


DrawnSource = (
    Annotated[Lines, Tag("tag:lines")]
    | Annotated[Plants, Tag("tag:plants")]
    | Annotated[Blobs, Tag("tag:blobs")]
    | Annotated[Circles, Tag("tag:circles")]
    | Annotated[Moons, Tag("tag:moons")]
    | Annotated[Xor, Tag("tag:xor")]
    | Annotated[SpiralsAsPublished, Tag("tag:spirals-as-published")]
    | Annotated[SpiralsRepaired, Tag("tag:spirals-repaired")]
    | Annotated[SpiralsCs231n, Tag("tag:spirals-cs231n")]
    | Annotated[SpiralsSqrt780, Tag("tag:spirals-sqrt780")]
    | Annotated[Spirals2ThetaPi, Tag("tag:spirals-2theta-pi")]
    | Annotated[Spirals2TurnUnit, Tag("tag:spirals-2turn-unit")]
    | Annotated[CatsDogs, Tag("tag:cats-dogs")]
)
"""Each with the tag by which the union of all sources is told apart."""
