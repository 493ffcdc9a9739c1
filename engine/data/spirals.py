"""Two spirals, one a class: the published ones, which nothing can tell apart, and those that can be learnt.

Architect's Lens 0A takes the radius of its second spiral from the angle *after* turning it by half a turn. Both
spirals then lie on one and the same curve, over three quarters of their length, and no network can be right about more
than 62.5% of the points. The repair takes the radius from the angle before the turn. WTFunk shows spirals and does not
say how they were drawn; the four other recipes are the common ones that fit its pictures.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from engine.data.generators import Generator, Noise, Seed
from engine.data.table import Floats

TWO_TURNS = 4 * np.pi
Samples = Annotated[int, Field(ge=2, le=1_000_000)]


class Spirals(Generator):
    """Base of the spirals: ``samples`` // 2 points of class 0, then as many of class 1."""

    samples: Samples = 200
    """Rows in all, of which an odd one is left out."""
    noise: Noise

    def draw(self, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Return points (N, 2) and class numbers (N,)."""
        points = self.samples // 2
        first, second = self.arms(points, random)
        return np.vstack([first, second]), np.repeat([0.0, 1.0], points)

    @abstractmethod
    def arms(self, points: int, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Return ``points`` (points, 2) of each spiral."""


class SpiralsAsPublished(Spirals):
    """Architect's Lens 0A, section 8, with its mistake: both spirals lie on the same curve."""

    source: Literal["spirals-as-published"] = "spirals-as-published"
    samples: Samples = 500
    noise: Noise = 0.1
    """Standard deviation of what is added to each angle, in radians."""
    seed: Seed = 42

    def arms(self, points: int, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Turn the second spiral before its radius is taken."""
        first = np.linspace(0, TWO_TURNS, points) + random.randn(points) * self.noise
        second = np.linspace(0, TWO_TURNS, points) + np.pi + random.randn(points) * self.noise
        return _polar(first / TWO_TURNS, first), _polar(second / TWO_TURNS, second)


class HalfTurnSpirals(Spirals):
    """Base of the spirals whose second arm is the first, half a turn on: what the published ones were meant to be."""

    def arms(self, points: int, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Take both radii first, then turn the second spiral."""
        first = np.linspace(0, TWO_TURNS, points) + random.randn(points) * self.noise
        second = np.linspace(0, TWO_TURNS, points) + random.randn(points) * self.noise
        return _polar(first / TWO_TURNS, first), _polar(second / TWO_TURNS, second + np.pi)


class SpiralsRepaired(HalfTurnSpirals):
    """The spirals of Architect's Lens 0A without the mistake; drawn in the same order, from the same stream."""

    source: Literal["spirals-repaired"] = "spirals-repaired"
    samples: Samples = 500
    noise: Noise = 0.1
    """Standard deviation of what is added to each angle, in radians."""
    seed: Seed = 42


class Spirals2TurnUnit(HalfTurnSpirals):
    """Two turns inside the unit circle, the second spiral half a turn on."""

    source: Literal["spirals-2turn-unit"] = "spirals-2turn-unit"
    noise: Noise = 0.05
    """Standard deviation of what is added to each angle, in radians."""


class SpiralsCs231n(Spirals):
    """Arms of 4 radians inside the unit circle, as in Stanford's CS231n notes."""

    source: Literal["spirals-cs231n"] = "spirals-cs231n"
    noise: Noise = 0.2
    """Standard deviation of what is added to each angle, in radians."""

    def arms(self, points: int, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Let each spiral go on at the angle where the one before it ended."""
        radius = np.linspace(0, 1, points)
        first = np.linspace(0, 4, points) + random.randn(points) * self.noise
        second = np.linspace(4, 8, points) + random.randn(points) * self.noise
        return _polar(radius, first)[:, ::-1], _polar(radius, second)[:, ::-1]


class SpiralsSqrt780(Spirals):
    """Arms of 780 degrees, evenly filled, radius and angle the same number; the second mirrors the first."""

    source: Literal["spirals-sqrt780"] = "spirals-sqrt780"
    noise: Noise = 0.5
    """Width of what is added to each coordinate, evenly from 0 on."""

    def arms(self, points: int, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Draw angles, then the noise of the first coordinate, then of the second."""
        angle = np.sqrt(random.rand(points)) * 780 * (2 * np.pi) / 360
        x = -np.cos(angle) * angle + random.rand(points) * self.noise
        y = np.sin(angle) * angle + random.rand(points) * self.noise
        first = np.column_stack([x, y])
        return first, -first


class Spirals2ThetaPi(Spirals):
    """Arms of one turn, evenly filled, radius 2θ + π; the second mirrors the first, with noise of its own."""

    source: Literal["spirals-2theta-pi"] = "spirals-2theta-pi"
    noise: Noise = 1.0
    """Standard deviation of what is added to each coordinate."""

    def arms(self, points: int, random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Draw angles, then the noise of the first spiral, then of the second."""
        angle = np.sqrt(random.rand(points)) * 2 * np.pi
        arm = _polar(2 * angle + np.pi, angle)
        return arm + random.randn(points, 2) * self.noise, -arm + random.randn(points, 2) * self.noise


def _polar(radius: Floats, angle: Floats) -> Floats:
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
