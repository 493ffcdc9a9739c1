"""Losses, and the output activations that they are paired with.

An ``OutputHead`` is the last activation together with its loss. In a matched pair (sigmoid with binary cross-entropy,
softmax with categorical cross-entropy) the loss is computed from z itself, so that it stays finite however sure the
network is, and its gradient collapses to p − y. An unmatched pair multiplies the two derivatives, by the chain rule.

Arrays are (…, K, B): the outputs are axis −2, which in ``activations.softmax``, that sees one network, is axis 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.declarations.activations import LEAK
from engine.numerics.activations import Activation, activation

CLIP = 1e-7
"""Unmatched cross-entropy keeps p within [CLIP, 1 − CLIP], as Keras does."""


@dataclass(frozen=True)
class Loss:
    """A loss of one row: the mean over its K outputs, but for cce, which is their sum.

    Attributes:
        name: As in a preset.
        row_losses: Row losses (…, B) from outputs p and targets y, both (…, K, B).
        gradient: ∂(row loss)/∂p, (…, K, B).
    """

    name: str
    row_losses: Callable[[Floats, Floats], Floats]
    gradient: Callable[[Floats, Floats], Floats]


def _bce_losses(p: Floats, y: Floats) -> Floats:
    p = np.clip(p, CLIP, 1 - CLIP)
    losses: Floats = -(y * np.log(p) + (1 - y) * np.log1p(-p)).mean(axis=-2)
    return losses


def _bce_gradient(p: Floats, y: Floats) -> Floats:
    inside = (p > CLIP) & (p < 1 - CLIP)
    clipped = np.clip(p, CLIP, 1 - CLIP)
    gradient: Floats = inside * (clipped - y) / (clipped * (1 - clipped)) / p.shape[-2]
    return gradient.astype(p.dtype, copy=False)


def _cce_losses(p: Floats, y: Floats) -> Floats:
    losses: Floats = -(y * np.log(np.clip(p, CLIP, 1))).sum(axis=-2)
    return losses


def _cce_gradient(p: Floats, y: Floats) -> Floats:
    return -y / np.clip(p, CLIP, 1)


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("bce", _bce_losses, _bce_gradient),
        Loss("cce", _cce_losses, _cce_gradient),
        Loss("mse", lambda p, y: ((p - y) ** 2).mean(axis=-2), lambda p, y: (p - y) * (2 / p.shape[-2])),
        Loss("mae", lambda p, y: np.abs(p - y).mean(axis=-2), lambda p, y: np.sign(p - y) / p.shape[-2]),
    )
}


@dataclass(frozen=True)
class OutputHead:
    """The last activation and its loss.

    Attributes:
        activation: Of the last layer.
        loss: Of a row.
        class_weights: What loss and gradient of a row are multiplied by, class by class: K numbers, two where there is
            a single output; empty where all rows weigh alike.
        label_smoothing: ε, by which targets of classes are drawn towards all classes alike: y (1 − ε) + ε/K for cce,
            y (1 − ε) + ε/2 for bce (Szegedy et al. 2016, as Keras and PyTorch have it).
    """

    activation: Activation
    loss: Loss
    class_weights: tuple[float, ...] = ()
    label_smoothing: float = 0.0

    @cached_property
    def name(self) -> str:
        """The pair's name, as ``sigmoid+bce``."""
        return f"{self.activation.name}+{self.loss.name}"

    def value(self, z: Floats) -> Floats:
        """Return the outputs p from z, both (…, K, B)."""
        if self.activation.name == "softmax":
            return np.moveaxis(self.activation.value(np.moveaxis(z, -2, 0)), 0, -2)
        return self.activation.value(z)

    def classes(self, z: Floats) -> NDArray[np.intp | np.bool_]:
        """Return (…, B) class numbers from z (…, K, B): the largest output's, or of a single one whether p ≥ 0.5."""
        if z.shape[-2] > 1:
            return np.asarray((z if self.activation.name == "softmax" else self.value(z)).argmax(axis=-2))
        positive = z >= 0 if self.activation.name == "sigmoid" else self.value(z) >= 0.5
        return np.asarray(positive[..., 0, :])

    def row_weights(self, y: Floats) -> Floats:
        """Return the weight (…, B) of each row's class from targets y (…, K, B); there must be ``class_weights``."""
        classes = y.argmax(axis=-2) if y.shape[-2] > 1 else y[..., 0, :] >= 0.5
        return np.array(self.class_weights, y.dtype).take(classes)

    def smoothed(self, y: Floats) -> Floats:
        """Return the targets (…, K, B) that the loss compares with, from those of the data."""
        if not self.label_smoothing:
            return y
        return y * y.dtype.type(1 - self.label_smoothing) + y.dtype.type(self.smoothed_zero(y.shape[-2]))

    def smoothed_zero(self, outputs: int) -> float:
        """Return what a target of 0 of a network with K outputs becomes: ε/K for cce, ε/2 for bce."""
        return self.label_smoothing / (outputs if self.loss.name == "cce" else 2)

    def row_losses(self, z: Floats, y: Floats) -> Floats:
        """Return the loss of each row (…, B), times its class's weight, from z and targets y, both (…, K, B)."""
        losses = self._unweighted_losses(z, self.smoothed(y))
        return losses * self.row_weights(y) if self.class_weights else losses

    def _unweighted_losses(self, z: Floats, y: Floats) -> Floats:
        """Return the loss of each row (…, B); matched pairs from z, so that no logarithm of 0 occurs."""
        if self.name == "sigmoid+bce":
            # ln(1 + e^z) − y·z, with the exponent never positive
            losses = np.maximum(z, 0)
            losses -= y * z
            small = np.abs(z)
            np.negative(small, small)
            np.exp(small, small)
            losses += np.log1p(small, small)
            return _mean_over_outputs(losses)
        if self.name == "softmax+cce":
            shifted = z - z.max(axis=-2, keepdims=True)
            return np.asarray(np.log(np.exp(shifted).sum(axis=-2)) - (y * shifted).sum(axis=-2))
        return self.loss.row_losses(self.value(z), y)

    def delta(self, p: Floats, y: Floats) -> Floats:
        """Return ∂(row loss)/∂z, times the weight of the row's class, from outputs p and targets y, all (…, K, B).

        Raises:
            ValueError: An unmatched pair whose activation has no derivative.
        """
        delta = self._unweighted_delta(p, self.smoothed(y))
        return delta * self.row_weights(y)[..., None, :] if self.class_weights else delta

    def _unweighted_delta(self, p: Floats, y: Floats) -> Floats:
        if self.name == "sigmoid+bce":
            return np.asarray((p - y) / p.shape[-2])
        if self.name == "softmax+cce":
            return p - y
        if self.activation.derivative is None:
            raise ValueError(f"{self.name} has no derivative")
        return self.loss.gradient(p, y) * self.activation.derivative(p)


def _mean_over_outputs(losses: Floats) -> Floats:
    mean: Floats = losses[..., 0, :] if losses.shape[-2] == 1 else losses.mean(axis=-2)
    return mean


def make_output_head(name: str, loss: str, negative_slope: float = LEAK) -> OutputHead:
    """Return the pair of an activation, leaky ReLU with the slope given, and a loss."""
    return OutputHead(activation(name, negative_slope), LOSSES[loss])
