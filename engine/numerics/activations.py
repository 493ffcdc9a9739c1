"""Activation functions: a = f(z) and the derivative f′(z), written in terms of a.

Every derivative here is a function of a, so neither the textbook nor the plan keeps z for the backward pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from engine.array_types import Floats
from engine.declarations.activations import LEAK


def sigmoid(z: Floats) -> Floats:
    """Return 1 / (1 + e^−z), of any shape, as e^−ln(1 + e^−z): never overflows, precise however small."""
    value: Floats = np.exp(-np.logaddexp(np.zeros_like(z), -z))
    return value


def softmax(z: Floats) -> Floats:
    """Return e^z / Σ e^z of z (out, B), the sum over axis 0, the neurons; shifted by the largest z against overflow.

    (``losses`` has a seed axis in front, so there the neurons are axis −2.)
    """
    shifted = np.exp(z - z.max(axis=0, keepdims=True))
    value: Floats = shifted / shifted.sum(axis=0, keepdims=True)
    return value


@dataclass(frozen=True)
class Activation:
    """An activation function.

    Attributes:
        name: As in a preset.
        value: a from z, of one shape; element by element, but for softmax, which is over axis 0.
        derivative: f′(z) from a, element by element; None where there is no such thing (softmax, step).
        negative_slope: Of leaky ReLU, its derivative left of zero.
    """

    name: str
    value: Callable[[Floats], Floats]
    derivative: Callable[[Floats], Floats] | None
    negative_slope: float = LEAK


@cache
def leaky_relu(negative_slope: float) -> Activation:
    """Return leaky ReLU: z where z > 0, else ``negative_slope`` · z (Maas et al. 2013)."""
    return Activation(
        "leaky_relu",
        lambda z: np.where(z > 0, z, (negative_slope * z).astype(z.dtype)),
        lambda a: np.where(a > 0, 1.0, negative_slope).astype(a.dtype),
        negative_slope,
    )


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("identity", lambda z: z, np.ones_like),
        Activation("step", lambda z: (z > 0).astype(z.dtype), None),
        Activation("sigmoid", sigmoid, lambda a: a * (1 - a)),
        Activation("tanh", np.tanh, lambda a: 1 - a * a),
        Activation("relu", lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(a.dtype)),
        leaky_relu(LEAK),
        Activation("softmax", softmax, None),
    )
}


def activation(name: str, negative_slope: float = LEAK) -> Activation:
    """Return the activation of this name, leaky ReLU with the slope given."""
    return leaky_relu(negative_slope) if name == "leaky_relu" else ACTIVATIONS[name]
