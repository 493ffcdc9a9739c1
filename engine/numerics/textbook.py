"""Forward and backward as a book prints them: no buffers, no tricks, one line per formula.

This is what the by-hand view shows and what the tests hold the compiled plan against. Rows are examples here, (B, n),
as in the tutorials; weights are (out, in), biases (out,).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.numerics.activations import ACTIVATIONS
from engine.numerics.losses import OutputHead


@dataclass(frozen=True)
class Layer:
    """A dense layer: weights (out, in), biases (out,), the name of its activation."""

    weights: Floats
    biases: Floats
    activation: str


@dataclass(frozen=True)
class Trace:
    """One forward pass, kept for the way back.

    Attributes:
        inputs: (B, in) of each layer, after the dropout of the layer before.
        z: (B, out) of each layer.
        a: (B, out) of each layer, before dropout.
        masks: (B, out) of each layer, 0 or 1/(1 − p); None where nothing is dropped.
    """

    inputs: list[Floats]
    z: list[Floats]
    a: list[Floats]
    masks: list[Floats | None]

    @property
    def outputs(self) -> Floats:
        """p, (B, K)."""
        return self.a[-1]


@dataclass(frozen=True)
class Gradient:
    """Gradient of the mean loss for one layer: weights (out, in), biases (out,), and delta = ∂L/∂z (B, out)."""

    weights: Floats
    biases: Floats
    delta: Floats


def activate(name: str, z: Floats) -> Floats:
    """Return a (B, out) from z (B, out)."""
    return ACTIVATIONS[name].value(z.T).T


def forward(layers: Sequence[Layer], X: Floats, masks: Sequence[Floats | None] | None = None) -> Trace:
    """Carry rows X (B, n) through the layers; ``masks`` are those of inverted dropout (Srivastava et al. 2014)."""
    trace = Trace([], [], [], list(masks) if masks is not None else [None] * len(layers))
    signal = X
    for layer, mask in zip(layers, trace.masks, strict=True):
        z = signal @ layer.weights.T + layer.biases
        a = activate(layer.activation, z)
        trace.inputs.append(signal)
        trace.z.append(z)
        trace.a.append(a)
        signal = a if mask is None else a * mask
    return trace


def backward(layers: Sequence[Layer], trace: Trace, y: Floats, head: OutputHead) -> list[Gradient]:
    """Carry the error of targets y (B, K) back through the layers; the gradients are of the mean loss over rows."""
    rows = len(y)
    delta = head.delta(trace.outputs.T, y.T).T / rows
    gradients: list[Gradient] = []
    for index in reversed(range(len(layers))):
        gradients.append(Gradient(delta.T @ trace.inputs[index], delta.sum(axis=0), delta))
        if index:
            delta = delta @ layers[index].weights * _derivative(layers[index - 1], trace, index - 1)
    return gradients[::-1]


def _derivative(layer: Layer, trace: Trace, index: int) -> Floats:
    derivative = ACTIVATIONS[layer.activation].derivative
    if derivative is None:
        raise ValueError(f"{layer.activation} has no derivative")
    mask = trace.masks[index]
    result = derivative(trace.a[index])
    return result if mask is None else result * mask


def mean_loss(layers: Sequence[Layer], X: Floats, y: Floats, head: OutputHead) -> float:
    """Return the mean loss of rows X (B, n) with targets y (B, K), dropout off."""
    return float(np.mean(head.row_losses(forward(layers, X).z[-1].T, y.T)))
