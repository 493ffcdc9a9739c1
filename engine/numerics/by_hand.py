"""One sample through a network and back, with every number that is met on the way.

``explain`` is what a learner does with pencil and paper: forward layer by layer, the loss, backward layer by layer, and
what one step of plain gradient descent makes of each parameter. The arithmetic is that of ``engine.numerics.textbook``;
derivatives are measured beside it in ``engine.numerics.wiggle``. Everything is float64 and dropout is off, unless a
mask is given. Layers are counted from 0; vectors are (n,), (out,), (in,), as there is one sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.array_types import Floats
from engine.declarations.activations import LEAK
from engine.numerics import textbook
from engine.numerics.activations import sigmoid
from engine.numerics.losses import OutputHead
from engine.numerics.textbook import Layer

MATCHED = ("sigmoid+bce", "softmax+cce")
"""Pairs of activation and loss whose gradient collapses to p − y."""

Masks = Sequence[Floats | None]
"""One a layer: (out,), 0 where dropout left a neuron out, else 1/(1 − p); None where nothing is dropped."""


@dataclass(frozen=True)
class Forward:
    """One layer on the way forward.

    Attributes:
        weights: (out, in).
        biases: (out,).
        activation: Its name.
        negative_slope: Of leaky ReLU.
        inputs: (in,), what the layer takes in: x, or the signal of the layer below.
        z: (out,) weights · inputs + biases.
        a: (out,) activation of z.
        mask: (out,) 0 or 1/(1 − p); None where nothing is dropped.
    """

    weights: Floats
    biases: Floats
    activation: str
    negative_slope: float
    inputs: Floats
    z: Floats
    a: Floats
    mask: Floats | None

    @property
    def layer(self) -> Layer:
        """The layer itself; its arrays are these."""
        return Layer(self.weights, self.biases, self.activation, self.negative_slope)

    @property
    def signal(self) -> Floats:
        """What the layer hands on, (out,): a, times the mask."""
        return self.a if self.mask is None else self.a * self.mask

    @property
    def contributions(self) -> Floats:
        """What each input adds to each z, (out, in): weight times input."""
        return self.weights * self.inputs

    @property
    def shape(self) -> tuple[int, int]:
        """(out, in)."""
        out, fan_in = self.weights.shape
        return out, fan_in


@dataclass(frozen=True)
class LossStep:
    """The loss of the sample, and the first link of the way back.

    Attributes:
        name: As in a preset.
        value: The loss, times ``class_weight``.
        class_weight: Weight of the sample's class; 1 where all weigh alike.
        targets: What the outputs are compared with, (K,): y, drawn towards all classes alike where labels are smoothed.
        gradient: ∂L/∂p, (K,).
        jacobian: ∂p/∂z, (K, K): row i is of p_i. None where the last activation has no derivative.
        delta: ∂L/∂z as the network computes it, (K,): of a matched pair (p − targets) / (outputs averaged), times the
            class weight. None where there is no derivative.
        collapses: Whether the pair is matched: gradient · jacobian is p − targets, whatever p.
    """

    name: str
    value: float
    class_weight: float
    targets: Floats
    gradient: Floats
    jacobian: Floats | None
    delta: Floats | None
    collapses: bool

    @property
    def product(self) -> Floats | None:
        """∂L/∂p · ∂p/∂z, (K,): the two links multiplied out, which is ``delta`` to rounding.

        NaN where p has reached 0 or 1, so that a link is not finite: then only the collapsed form is left.
        """
        if self.jacobian is None:
            return None
        with np.errstate(all="ignore"):
            product: Floats = np.where(self.jacobian == 0, 0.0, self.gradient[:, None] * self.jacobian).sum(axis=0)
            return np.where(np.isfinite(self.gradient).all(), product, np.nan)


@dataclass(frozen=True)
class Backward:
    """One layer on the way back.

    Attributes:
        error: ∂L/∂(signal), (out,): of the last layer ∂L/∂p, else what comes back through the weights above.
        derivative: ∂(signal)/∂z, (out,): f′(z) times the mask. None for softmax, whose ∂p/∂z is a matrix.
        delta: ∂L/∂z, (out,).
        weights: ∂L/∂weights, (out, in): delta times the inputs.
        biases: ∂L/∂biases, (out,): delta.
        penalty: What the recipe's penalties add to the gradient of the weights, (out, in); no part of the loss.
    """

    error: Floats
    derivative: Floats | None
    delta: Floats
    weights: Floats
    biases: Floats
    penalty: Floats


@dataclass(frozen=True)
class Explanation:
    """One sample forward and back.

    Attributes:
        x: (n,) as the network sees it.
        y: (K,) targets.
        forward: Each layer on the way forward.
        loss: The loss.
        backward: Each layer on the way back, in the order of the layers; empty where the network only goes forward.
        updates: Each layer after one step of plain gradient descent on this sample's loss, w − rate · ∂L/∂w: no
            penalty, no running averages. Empty where the network only goes forward.
        rate: The learning rate.
    """

    x: Floats
    y: Floats
    forward: tuple[Forward, ...]
    loss: LossStep
    backward: tuple[Backward, ...]
    updates: tuple[Layer, ...]
    rate: float

    @property
    def outputs(self) -> Floats:
        """p, (K,)."""
        return self.forward[-1].a

    @property
    def is_smoothed(self) -> bool:
        """Whether the loss compares with other targets than those of the data."""
        return not np.array_equal(self.loss.targets, self.y)


@dataclass(frozen=True)
class Penalties:
    """l1: λ₁ of λ₁ Σ|w|; l2: λ₂ of λ₂/2 · Σw²; over weights, not biases."""

    l1: float = 0.0
    l2: float = 0.0


def float64_layers(
    parameters: Sequence[Floats], activations: Sequence[str], negative_slope: float = LEAK
) -> list[Layer]:
    """Return layers in float64, copied, from each layer's parameters (out, in + 1), the bias last, and activation."""
    return [
        Layer(layer[:, :-1].astype(np.float64), layer[:, -1].astype(np.float64), activation, negative_slope)
        for layer, activation in zip(parameters, activations, strict=True)
    ]


def explain(
    layers: Sequence[Layer],
    x: Floats,
    y: Floats,
    head: OutputHead,
    rate: float,
    penalties: Penalties | None = None,
    masks: Masks | None = None,
    delta: Floats | None = None,
) -> Explanation:
    """Return one sample's way through the layers and back.

    Args:
        layers: The network; nothing is changed.
        x: (n,) inputs, as the network sees them.
        y: (K,) targets.
        head: The last activation with its loss, and the weights of the classes.
        rate: Learning rate of the step.
        penalties: The recipe's; none where None.
        masks: Of dropout, one a layer; None for no dropout.
        delta: (K,) to go back from instead of the ∂L/∂z that follows from loss and outputs: "what if δ were …".
    """
    layers = [replace(layer, weights=float64(layer.weights), biases=float64(layer.biases)) for layer in layers]
    x, y = float64(x), float64(y)
    with np.errstate(all="ignore"):  # of a network that has diverged, too: NaN and infinity are shown as such
        trace = textbook.forward(layers, x[None], rows_of(layers, masks))
        forward = _forward(layers, trace)
        loss = _loss_step(head, forward[-1], y)
        backward = _backward(layers, trace, loss, penalties or Penalties(), loss.delta if delta is None else delta)
        updates = tuple(
            replace(layer, weights=layer.weights - rate * back.weights, biases=layer.biases - rate * back.biases)
            for layer, back in zip(layers, backward, strict=False)
        )
    return Explanation(x, y, forward, loss, backward, updates, rate)


def _forward(layers: Sequence[Layer], trace: textbook.Trace) -> tuple[Forward, ...]:
    """Return each layer on the way forward, from a trace of one row."""
    return tuple(
        Forward(
            weights=layer.weights,
            biases=layer.biases,
            activation=layer.activation,
            negative_slope=layer.negative_slope,
            inputs=inputs[0],
            z=z[0],
            a=a[0],
            mask=None if mask is None else mask[0],
        )
        for layer, inputs, z, a, mask in zip(layers, trace.inputs, trace.z, trace.a, trace.masks, strict=True)
    )


def float64(array: Floats) -> Floats:
    """Return an array of any shape in float64; the same one where it is."""
    return np.asarray(array, np.float64)


def rows_of(layers: Sequence[Layer], masks: Masks | None) -> list[Floats | None]:
    """Return masks as the textbook takes them, (1, out) each."""
    return [None if mask is None else float64(mask)[None] for mask in masks or [None] * len(layers)]


def _loss_step(head: OutputHead, last: Forward, y: Floats) -> LossStep:
    z, p, targets = last.z[:, None], last.a[:, None], y[:, None]
    weight = float(head.row_weights(targets)[0]) if head.class_weights else 1.0
    jacobian = _jacobian(head, last)
    return LossStep(
        name=head.loss.name,
        value=float(head.row_losses(z, targets)[0]),
        class_weight=weight,
        targets=head.smoothed(targets)[:, 0],
        gradient=weight * _loss_gradient(head, last, head.smoothed(targets)[:, 0]),
        jacobian=jacobian,
        delta=head.delta(p, targets)[:, 0] if jacobian is not None else None,
        collapses=head.name in MATCHED,
    )


def _loss_gradient(head: OutputHead, last: Forward, y: Floats) -> Floats:
    """Return ∂L/∂p (K,): of a matched pair the exact one, from z; else as the loss has it, with p kept off 0 and 1."""
    if head.name == "sigmoid+bce":
        misses: Floats = np.where(y < 1, (1 - y) / sigmoid(-last.z), 0.0)  # 1 − p, exact also where p rounds to 1
        hits: Floats = np.where(y > 0, y / sigmoid(last.z), 0.0)
        return (misses - hits) / len(y)
    if head.name == "softmax+cce":
        return np.where(y > 0, -y / last.a, 0.0)
    return head.loss.gradient(last.a[:, None], y[:, None])[:, 0]


def _jacobian(head: OutputHead, last: Forward) -> Floats | None:
    """Return ∂p/∂z, (K, K): of softmax diag(p) − p pᵀ, of the others a diagonal; None where there is no such thing."""
    if head.activation.name == "softmax":
        return np.diag(last.a) - np.outer(last.a, last.a)
    if head.name == "sigmoid+bce":
        return np.diag(sigmoid(last.z) * sigmoid(-last.z))
    return None if head.activation.derivative is None else np.diag(head.activation.derivative(last.a))


def _backward(
    layers: Sequence[Layer], trace: textbook.Trace, loss: LossStep, penalties: Penalties, delta: Floats | None
) -> tuple[Backward, ...]:
    """Return each layer on the way back; nothing where one of them has no derivative."""
    hidden = [layer.function.derivative for layer in layers[:-1]]
    if delta is None or None in hidden:
        return ()
    gradients = textbook.backward_from(layers, trace, float64(delta)[None])
    errors = [above.delta[0] @ layer.weights for above, layer in zip(gradients[1:], layers[1:], strict=True)]
    derivatives: list[Floats | None] = [
        textbook.derivative(layer, trace, index)[0] for index, layer in enumerate(layers[:-1])
    ]
    derivatives.append(None if layers[-1].activation == "softmax" or loss.jacobian is None else np.diag(loss.jacobian))
    return tuple(
        Backward(error, derivative, gradient.delta[0], gradient.weights, gradient.biases, _penalty(layer, penalties))
        for error, derivative, gradient, layer in zip(
            [*errors, loss.gradient], derivatives, gradients, layers, strict=True
        )
    )


def _penalty(layer: Layer, penalties: Penalties) -> Floats:
    return penalties.l1 * np.sign(layer.weights) + penalties.l2 * layer.weights
