"""Training as a book prints it: no buffers, no tricks, one line per formula. Start reading at ``train``.

What ``engine.training`` does fast, with programs compiled by ``engine.numerics.plan``, is this; the tests hold the two
together for every activation, loss and optimiser. Rows are examples here, (B, n), as in the tutorials; weights are
(out, in), biases (out,). See ``engine.numerics.axes`` for the letters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.array_types import Floats, Indices
from engine.declarations.activations import LEAK
from engine.numerics.activations import Activation, activation
from engine.numerics.losses import OutputHead
from engine.numerics.optimizers import Rates

Masks = Sequence[Floats | None]
"""Of one batch, one a layer: (B, out), 0 where a neuron is dropped, else 1/(1 − p); None where nothing is."""


@dataclass(frozen=True)
class Layer:
    """A dense layer.

    Attributes:
        weights: (out, in).
        biases: (out,).
        activation: The activation's name.
        negative_slope: Of leaky ReLU.
    """

    weights: Floats
    biases: Floats
    activation: str
    negative_slope: float = LEAK

    @property
    def function(self) -> Activation:
        """The activation."""
        return activation(self.activation, self.negative_slope)


@dataclass(frozen=True)
class Trace:
    """One forward pass, kept for the backward pass.

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


def train(
    layers: Sequence[Layer],
    X: Floats,
    Y: Floats,
    head: OutputHead,
    update: Update,
    epochs: Iterable[Iterable[Indices]],
    masks: Iterator[Masks] | None = None,
) -> list[float]:
    """Train the layers in place, by mini-batch gradient descent with backpropagation.

    Args:
        layers: The network; its arrays are changed.
        X: (N, n) inputs.
        Y: (N, K) targets.
        head: The last activation with its loss.
        update: The optimiser, with penalties and clipping.
        epochs: For each epoch its batches, each given as row numbers (B,).
        masks: Dropout's, drawn by the caller, for one batch after the other; None for no dropout.

    Returns:
        The mean loss of each epoch's rows, each row measured before the update of its batch.
    """
    history = []
    for batches in epochs:
        losses: list[Floats] = []
        for rows in batches:
            trace = forward(layers, X[rows], next(masks) if masks is not None else None)
            losses.append(head.row_losses(trace.z[-1].T, Y[rows].T))
            gradients = backward(layers, trace, Y[rows], head)
            update.apply(layers, gradients)
        history.append(float(np.concatenate(losses).mean()))
    return history


def forward(layers: Sequence[Layer], X: Floats, masks: Masks | None = None) -> Trace:
    """Carry rows X (B, n) through the layers; ``masks`` are those of inverted dropout (Srivastava et al. 2014)."""
    trace = Trace([], [], [], list(masks) if masks is not None else [None] * len(layers))
    signal = X
    for layer, mask in zip(layers, trace.masks, strict=True):
        z = signal @ layer.weights.T + layer.biases
        a = layer.function.value(z.T).T
        trace.inputs.append(signal)
        trace.z.append(z)
        trace.a.append(a)
        signal = a if mask is None else a * mask
    return trace


def backward(layers: Sequence[Layer], trace: Trace, y: Floats, head: OutputHead) -> list[Gradient]:
    """Return the gradient of the mean loss over rows, layer by layer, for targets y (B, K) (Rumelhart et al. 1986).

    Raises:
        ValueError: A layer has no derivative: step, or softmax below the output.
    """
    return backward_from(layers, trace, head.delta(trace.outputs.T, y.T).T / len(y))


def backward_from(layers: Sequence[Layer], trace: Trace, delta: Floats) -> list[Gradient]:
    """Return the gradient, layer by layer, that follows from ∂L/∂z (B, K) of the last layer.

    Raises:
        ValueError: A hidden layer has no derivative.
    """
    gradients: list[Gradient] = []
    for index in reversed(range(len(layers))):
        gradients.append(Gradient(delta.T @ trace.inputs[index], delta.sum(axis=0), delta))
        if index:
            delta = delta @ layers[index].weights * derivative(layers[index - 1], trace, index - 1)
    return gradients[::-1]


def derivative(layer: Layer, trace: Trace, index: int) -> Floats:
    """Return ∂(signal)/∂z (B, out) of a layer: the activation's derivative, times the mask.

    Raises:
        ValueError: It has none: step, softmax.
    """
    derivative = layer.function.derivative
    if derivative is None:
        raise ValueError(f"{layer.activation} has no derivative")
    mask = trace.masks[index]
    return derivative(trace.a[index]) if mask is None else derivative(trace.a[index]) * mask


def mean_loss(layers: Sequence[Layer], X: Floats, y: Floats, head: OutputHead) -> float:
    """Return the mean loss of rows X (B, n) with targets y (B, K), dropout off."""
    return float(np.mean(head.row_losses(forward(layers, X).z[-1].T, y.T)))


# Optimisers: each returns Δw for one array of parameters w of any shape, g and the moments of the same shape

Moments = dict[str, Floats]
"""Running averages of one array of parameters, by symbol; empty before the first step."""


def sgd(_w: Floats, g: Floats, _moments: Moments, _t: int, rate: float, _rates: Rates) -> Floats:
    """Gradient descent: Δw = −η g (Cauchy 1847; of mini-batches, Robbins & Monro 1951)."""
    return -rate * g


def momentum(_w: Floats, g: Floats, moments: Moments, _t: int, rate: float, rates: Rates) -> Floats:
    """Heavy ball: v ← μ v − η g, Δw = v (Polyak 1964, as Keras writes it)."""
    velocity = moments["velocity"] = rates.momentum * moments.get("velocity", np.zeros_like(g)) - rate * g
    return velocity


def rmsprop(_w: Floats, g: Floats, moments: Moments, _t: int, rate: float, rates: Rates) -> Floats:
    """V ← ρ v + (1 − ρ) g², Δw = −η g / (√v + ε) (Tieleman & Hinton 2012, Coursera lecture 6e); ρ is ``momentum``."""
    v = moments["v"] = rates.momentum * moments.get("v", np.zeros_like(g)) + (1 - rates.momentum) * g**2
    return -rate * g / (np.sqrt(v) + rates.epsilon)


def adam(_w: Floats, g: Floats, moments: Moments, t: int, rate: float, rates: Rates) -> Floats:
    """Δw = −η m̂ / (√v̂ + ε) with bias-corrected averages m̂ and v̂ of g and g² (Kingma & Ba 2015, algorithm 1)."""
    m = moments["m"] = rates.beta1 * moments.get("m", np.zeros_like(g)) + (1 - rates.beta1) * g
    v = moments["v"] = rates.beta2 * moments.get("v", np.zeros_like(g)) + (1 - rates.beta2) * g**2
    m_hat = m / (1 - rates.beta1**t)
    v_hat = v / (1 - rates.beta2**t)
    return np.asarray(-rate * m_hat / (np.sqrt(v_hat) + rates.epsilon))


def adamw(w: Floats, g: Floats, moments: Moments, t: int, rate: float, rates: Rates) -> Floats:
    """Δw = −η λ w + Adam's: decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2), of biases too."""
    return -rate * rates.weight_decay * w + adam(w, g, moments, t, rate, rates)


UpdateRule = Callable[[Floats, Floats, Moments, int, float, Rates], Floats]
UPDATE_RULES: dict[str, UpdateRule] = {
    "sgd": sgd,
    "momentum": momentum,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adamw,
}
"""Δw from (parameters w, gradient g, moments, step number t from 1, learning rate η, decay rates), by optimiser."""


@dataclass
class Update:
    """What a step does with the gradient: penalties, clipping, the optimiser's rule; keeps moments and step number.

    Attributes:
        optimizer: Name of its rule.
        learning_rate: η.
        rates: Decay rates and ε of the rule.
        l1: λ₁ of the penalty λ₁ Σ|w| over weights, not biases.
        l2: λ₂ of the penalty λ₂/2 · Σw² over weights, not biases.
        clip: Largest Euclidean norm of the whole gradient (Pascanu et al. 2013); 0 for none.
        t: Steps taken.
        moments: Of each array of parameters, weights and biases in turn, layer by layer.
    """

    optimizer: str
    learning_rate: float
    rates: Rates = field(default_factory=Rates)
    l1: float = 0.0
    l2: float = 0.0
    clip: float = 0.0
    t: int = 0
    moments: list[Moments] = field(default_factory=list)

    def apply(self, layers: Sequence[Layer], gradients: Sequence[Gradient]) -> None:
        """Change the layers in place by one step."""
        self.t += 1
        parameters = [array for layer in layers for array in (layer.weights, layer.biases)]
        self.moments = self.moments or [{} for _ in parameters]
        rule = UPDATE_RULES[self.optimizer]
        for w, g, moments in zip(parameters, self.regularized(layers, gradients), self.moments, strict=True):
            w[...] = w + rule(w, g, moments, self.t, self.learning_rate, self.rates)

    def regularized(self, layers: Sequence[Layer], gradients: Sequence[Gradient]) -> list[Floats]:
        """Return the gradient of the penalised loss, shortened to ``clip``: (out, in), (out,) of each layer in turn."""
        arrays: list[Floats] = []
        for layer, gradient in zip(layers, gradients, strict=True):
            arrays.append(gradient.weights + self.l1 * np.sign(layer.weights) + self.l2 * layer.weights)
            arrays.append(gradient.biases)
        norm = math.sqrt(sum(float((g**2).sum()) for g in arrays))
        shrink = self.clip / norm if self.clip and norm > self.clip else 1.0
        return [g * shrink for g in arrays]
