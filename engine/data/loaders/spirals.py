"""Two spirals, one a class: the published ones, which nothing can tell apart, and those that can be learnt.

Architect's Lens 0A takes the radius of its second spiral from the angle *after* turning it by half a turn. Both
spirals then lie on one and the same curve, over three quarters of their length, and no network can be right about more
than 62.5% of the points. The repair takes the radius from the angle before the turn. WTFunk shows spirals and does not
say how they were drawn; the four other recipes are the common ones that fit its pictures.
"""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.data.loaders.generators import labelled_points, random_of
from engine.data.registry import Stream, loads
from engine.data.table import Table
from engine.spec.sources.generators import (
    Spirals2ThetaPi,
    Spirals2TurnUnit,
    SpiralsAsPublished,
    SpiralsCs231n,
    SpiralsRepaired,
    SpiralsSqrt780,
)

TWO_TURNS = 4 * np.pi


@loads(SpiralsAsPublished)
def load_spirals_as_published(source: SpiralsAsPublished, stream: Stream = None) -> Table:
    """Turn the second spiral before its radius is taken."""
    points, random = source.samples // 2, random_of(source, stream)
    first = np.linspace(0, TWO_TURNS, points) + random.randn(points) * source.noise
    second = np.linspace(0, TWO_TURNS, points) + np.pi + random.randn(points) * source.noise
    return _two_arms(_polar(first / TWO_TURNS, first), _polar(second / TWO_TURNS, second))


@loads(SpiralsRepaired, Spirals2TurnUnit)
def load_half_turn_spirals(source: SpiralsRepaired | Spirals2TurnUnit, stream: Stream = None) -> Table:
    """Take both radii first, then turn the second spiral: what the published ones were meant to be."""
    points, random = source.samples // 2, random_of(source, stream)
    first = np.linspace(0, TWO_TURNS, points) + random.randn(points) * source.noise
    second = np.linspace(0, TWO_TURNS, points) + random.randn(points) * source.noise
    return _two_arms(_polar(first / TWO_TURNS, first), _polar(second / TWO_TURNS, second + np.pi))


@loads(SpiralsCs231n)
def load_spirals_cs231n(source: SpiralsCs231n, stream: Stream = None) -> Table:
    """Let each spiral go on at the angle where the one before it ended."""
    points, random = source.samples // 2, random_of(source, stream)
    radius = np.linspace(0, 1, points)
    first = np.linspace(0, 4, points) + random.randn(points) * source.noise
    second = np.linspace(4, 8, points) + random.randn(points) * source.noise
    return _two_arms(_polar(radius, first)[:, ::-1], _polar(radius, second)[:, ::-1])


@loads(SpiralsSqrt780)
def load_spirals_sqrt780(source: SpiralsSqrt780, stream: Stream = None) -> Table:
    """Draw angles, then the noise of the first coordinate, then of the second."""
    points, random = source.samples // 2, random_of(source, stream)
    angle = np.sqrt(random.rand(points)) * 780 * (2 * np.pi) / 360
    x = -np.cos(angle) * angle + random.rand(points) * source.noise
    y = np.sin(angle) * angle + random.rand(points) * source.noise
    first = np.column_stack([x, y])
    return _two_arms(first, -first)


@loads(Spirals2ThetaPi)
def load_spirals_2theta_pi(source: Spirals2ThetaPi, stream: Stream = None) -> Table:
    """Draw angles, then the noise of the first spiral, then of the second."""
    points, random = source.samples // 2, random_of(source, stream)
    angle = np.sqrt(random.rand(points)) * 2 * np.pi
    arm = _polar(2 * angle + np.pi, angle)
    first = arm + random.randn(points, 2) * source.noise
    return _two_arms(first, -arm + random.randn(points, 2) * source.noise)


def _two_arms(first: Floats, second: Floats) -> Table:
    """Return the table of two spirals, (points, 2) each: class 0, then class 1."""
    y = np.repeat([0.0, 1.0], len(first))
    return labelled_points(np.vstack([first, second]), y, ("class 0", "class 1"))


def _polar(radius: Floats, angle: Floats) -> Floats:
    """Return the points (n, 2) at ``radius`` (n,) and ``angle`` (n,), in radians."""
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
