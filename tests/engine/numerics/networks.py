"""Random small networks and data for the property tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.declarations.activations import HIDDEN_ACTIVATIONS
from engine.numerics import textbook
from engine.numerics.compiler import Architecture, Layer
from engine.numerics.losses import OutputHead, make_output_head
from engine.numerics.parameters import Parameters

Floats = NDArray[np.floating[Any]]

HIDDEN = HIDDEN_ACTIVATIONS
MATCHED = (("sigmoid", "bce"), ("softmax", "cce"), ("identity", "mse"), ("identity", "mae"))
UNMATCHED = (
    ("sigmoid", "mse"),
    ("sigmoid", "mae"),
    ("relu", "bce"),
    ("relu", "mse"),
    ("relu", "mae"),
    ("identity", "bce"),
    ("leaky_relu", "mse"),
    ("leaky_relu", "mae"),
    ("tanh", "mse"),
    ("tanh", "mae"),
)
KINKED = ("relu", "leaky_relu")


@dataclass(frozen=True)
class Problem:
    """A network's shape and the rows it sees, float64.

    Attributes:
        sizes: Inputs, then units of each layer.
        activations: One a layer.
        dropout: One rate a layer; the exit's is 0.
        loss: Of the exit.
        X: (N, n).
        Y: (N, K): one-hot for cce, 0 and 1 for bce, else values.
        seed: Of the parameters.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    dropout: tuple[float, ...]
    loss: str
    X: Floats
    Y: Floats
    seed: int

    @property
    def head(self) -> OutputHead:
        return make_output_head(self.activations[-1], self.loss)

    def architecture(self, granularity: str = "example") -> Architecture:
        layers = tuple(Layer(*pair) for pair in zip(self.activations, self.dropout, strict=True))
        return Architecture(layers, self.head, granularity)

    def parameters(self, seeds: int = 1, dtype: Any = np.float64) -> Parameters:
        parameters = Parameters(self.sizes, seeds, np.dtype(dtype))
        parameters.flat[...] = np.random.default_rng(self.seed).normal(0, 0.7, parameters.flat.shape)
        return parameters

    def layers(self, parameters: Parameters, seed: int = 0) -> list[textbook.Layer]:
        """Return one network for the textbook, as views."""
        return [
            textbook.Layer(layer[seed, :, :-1], layer[seed, :, -1], activation)
            for layer, activation in zip(parameters.layers, self.activations, strict=True)
        ]


def mean_loss(
    layers: Sequence[textbook.Layer], X: Floats, y: Floats, head: OutputHead, masks: Sequence[Floats | None]
) -> float:
    """Return the mean loss with these masks of dropout."""
    return float(np.mean(head.row_losses(textbook.forward(layers, X, masks).z[-1].T, y.T)))


@st.composite
def problems(draw: st.DrawFn, *, max_rows: int = 7, dropout: bool = False) -> Problem:
    activation, loss = draw(st.sampled_from(MATCHED + UNMATCHED))
    outputs = draw(st.integers(2, 4) if activation == "softmax" else st.integers(1, 3))
    hidden = draw(st.lists(st.tuples(st.integers(1, 5), st.sampled_from(HIDDEN)), max_size=3))
    rates = st.sampled_from([0.0, 0.2, 0.5]) if dropout else st.just(0.0)
    inputs, rows = draw(st.integers(1, 4)), draw(st.integers(1, max_rows))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng([seed, 1])
    return Problem(
        sizes=(inputs, *(units for units, _ in hidden), outputs),
        activations=(*(name for _, name in hidden), activation),
        dropout=(*(draw(rates) for _ in hidden), 0.0),
        loss=loss,
        X=random.normal(size=(rows, inputs)),
        Y=_targets(loss, rows, outputs, random),
        seed=seed,
    )


def _targets(loss: str, rows: int, outputs: int, random: np.random.Generator) -> Floats:
    if loss == "cce":
        one_hot: Floats = np.eye(outputs)[random.integers(outputs, size=rows)]
        return one_hot
    if loss == "bce":
        return random.integers(2, size=(rows, outputs)).astype(np.float64)
    return random.normal(size=(rows, outputs))
