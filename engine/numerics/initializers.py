"""Initial weights (out, in) and biases (out,), drawn in float64 from a stream that the caller passes in.

The stream is a ``Generator`` or, for the tutorials' published figures, a ``RandomState``; both know
``standard_normal`` and ``uniform``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from engine.array_types import Floats


class RandomStream(Protocol):
    """What an initializer needs of a source of randomness; ``Generator`` and ``RandomState`` have it."""

    def standard_normal(self, size: Any) -> Any:
        """Draw from N(0, 1)."""

    def uniform(self, low: Any, high: Any, size: Any) -> Any:
        """Draw from [low, high)."""


def _normal(std: Callable[[int, int], float]) -> Callable[[RandomStream, int, int], Floats]:
    def draw(stream: RandomStream, out: int, fan_in: int) -> Floats:
        weights: Floats = stream.standard_normal((out, fan_in)) * std(out, fan_in)
        return weights

    return draw


def _glorot_uniform(stream: RandomStream, out: int, fan_in: int) -> Floats:
    limit = math.sqrt(6 / (fan_in + out))
    weights: Floats = stream.uniform(-limit, limit, (out, fan_in))
    return weights


INITIALIZERS: dict[str, Callable[[RandomStream, int, int], Floats]] = {
    "glorot_uniform": _glorot_uniform,  # Glorot & Bengio 2010
    "xavier": _normal(lambda _out, fan_in: math.sqrt(1 / fan_in)),  # as Architect's Lens 0A has it
    "he": _normal(lambda _out, fan_in: math.sqrt(2 / fan_in)),  # He et al. 2015
    "lecun": _normal(lambda _out, fan_in: math.sqrt(1 / fan_in)),  # LeCun et al. 1998
    "normal": _normal(lambda _out, _fan_in: 1.0),
    "zeros": lambda _stream, out, fan_in: np.zeros((out, fan_in)),
}
"""Weights (out, fan_in) by name, from (stream, out, fan_in)."""


def initial_biases(name: str, stream: RandomStream, out: int) -> Floats:
    """Return biases (out,), float64: "zeros", or drawn from N(0, 1) for "normal"."""
    if name == "zeros":
        return np.zeros(out)
    biases: Floats = stream.standard_normal(out)
    return biases
