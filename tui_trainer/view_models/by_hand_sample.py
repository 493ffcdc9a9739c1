"""One sample and the network that it goes through, and what of them the learner may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from engine.array_types import Floats
from engine.numerics.by_hand import Explanation, Masks, Penalties, explain
from engine.numerics.losses import OutputHead
from engine.numerics.textbook import Layer


class Quantity(NamedTuple):
    """A value that the learner may change: an input, a parameter, or the error at an output.

    ``at`` is (input,), (neuron, input) of a weight, (neuron,) of a bias, (output,) of δ.
    """

    kind: Literal["x", "weight", "bias", "delta"]
    layer: int
    at: tuple[int, ...]


@dataclass(frozen=True)
class Sample:
    """One sample, and the network that it goes through.

    Attributes:
        layers: The network in float64.
        x: (n,) as the network sees it.
        y: (K,) targets.
        head: The last activation with its loss.
        rate: The learning rate.
        penalties: The recipe's.
        masks: Of dropout in the latest batch, one a layer; None where it was not in that, or nothing was dropped.
        masked: Whether these are on.
        raw: (n,) as the data have it.
        features: Names of the inputs, harmless to print.
        classes: Names of the classes likewise; empty for a regression.
        part: ``train``, ``validation``, or ``typed`` for a row of one's own.
        row: Its number in its part, from 0.
        rows: Rows of the part.
        epoch: Epochs that the network had learned.
        step: Steps of the next one that it had learned.
        picture: (height, width) where the inputs are a picture.
    """

    layers: tuple[Layer, ...]
    x: Floats
    y: Floats
    head: OutputHead
    rate: float
    penalties: Penalties | None = None
    masks: Masks | None = None
    masked: bool = False
    raw: Floats | None = None
    features: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    part: str = "train"
    row: int = 0
    rows: int = 1
    epoch: int = 0
    step: int = 0
    picture: tuple[int, int] | None = None

    def explained(self, delta: Floats | None = None) -> Explanation:
        """Return its way forward and back; from another δ (K,) at the outputs, where that is given."""
        return explain(self.layers, self.x, self.y, self.head, self.rate, self.penalties, self.masks_on, delta)

    @property
    def masks_on(self) -> Masks | None:
        """The masks, (units,) a layer, where they are on."""
        return self.masks if self.masked else None

    @property
    def parameters(self) -> int:
        """How many weights and biases the network has."""
        return sum(layer.weights.size + layer.biases.size for layer in self.layers)


def changed_sample(sample: Sample, changes: Mapping[Quantity, float]) -> Sample:
    """Return a sample with other inputs and parameters; δ is no part of it."""
    touched = [quantity for quantity in changes if quantity.kind != "delta"]
    if not touched:
        return sample
    x = sample.x.copy()
    layers = [replace(layer, weights=layer.weights.copy(), biases=layer.biases.copy()) for layer in sample.layers]
    for quantity in touched:
        layer = layers[quantity.layer]
        array = {"x": x, "weight": layer.weights, "bias": layer.biases}[quantity.kind]
        array[quantity.at] = changes[quantity]
    return replace(sample, x=x, layers=tuple(layers))


def is_same_question(one: Sample, other: Sample) -> bool:
    """Return whether it is the same row, in a network of the same shape."""
    shapes = [[layer.weights.shape for layer in sample.layers] for sample in (one, other)]
    return shapes[0] == shapes[1] and is_same_row(one, other)


def is_same_row(one: Sample, other: Sample) -> bool:
    """Return whether it is the same row; of two that were typed in, whether they are equal."""
    if one.part == other.part == "typed":
        return np.array_equal(one.x, other.x) and np.array_equal(one.y, other.y)
    return (one.part, one.row) == (other.part, other.row)
