"""The network of a spec: its parameters for S seeds, and forward passes over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np

from engine.array_types import Floats
from engine.declarations.activations import DECLARED_ACTIVATIONS
from engine.errors import InputError
from engine.numerics import textbook
from engine.numerics.compiler import Architecture, Layer
from engine.numerics.forward import ForwardPlan
from engine.numerics.initializers import INITIALIZERS, RandomStream, initial_biases
from engine.numerics.losses import make_output_head
from engine.numerics.parameters import Parameters
from engine.spec import NetworkSpec, Spec


class LayerView:
    """A layer's parameters, to read and to write.

    Attributes:
        weights: (out, in), or (S, out, in) for several seeds; a view.
        bias: (out,), or (S, out); a view.
        activation: Its activation's name.
    """

    def __init__(self, parameters: Floats, activation: str) -> None:
        self.weights: Floats = parameters[..., :-1]
        self.bias: Floats = parameters[..., -1]
        self.activation = activation


class Network:
    """S networks of one shape.

    Args:
        spec: The recipe.
        parameters: All weights and biases, of the recipe's shape.

    Attributes:
        parameters: All weights and biases.
        architecture: Layers, output head and masks, as the plans are compiled for.
    """

    def __init__(self, spec: Spec, parameters: Parameters) -> None:
        self.parameters = parameters
        self.adopt(spec)

    @classmethod
    def blank(cls, spec: Spec, inputs: int, seeds: int) -> Self:
        """Return networks for ``inputs`` columns with all parameters zero."""
        sizes = [inputs, *(layer.units for layer in spec.network.layers)]
        return cls(spec, Parameters(sizes, seeds, np.dtype(spec.training.dtype)))

    @classmethod
    def initialized(cls, spec: Spec, inputs: int, streams: Sequence[RandomStream]) -> Self:
        """Return networks with parameters drawn as the spec says, from one stream a seed.

        Raises:
            InputError: The spec fixes weights or biases of another shape.
        """
        network = cls.blank(spec, inputs, len(streams))
        for seed, stream in enumerate(streams):
            for index, layer in enumerate(network.parameters.layers):
                _initialize(layer[seed], index, spec.network, stream)
        return network

    def adopt(self, spec: Spec) -> None:
        """Take over dropout, activations and loss of a changed spec; the shape stays."""
        self._trainable = all(DECLARED_ACTIVATIONS[layer.activation].learns for layer in spec.network.layers)
        slope = spec.network.negative_slope
        layers = tuple(Layer(layer.activation, layer.dropout, slope) for layer in spec.network.layers)
        head = make_output_head(layers[-1].activation, spec.training.loss, slope)
        self.architecture = Architecture(layers, head, spec.network.dropout_mask)

    @property
    def trainable(self) -> bool:
        """Whether every activation has a derivative to learn from; a step has none."""
        return self._trainable

    def views(self, seed: int | None) -> list[LayerView]:
        """Return each layer's parameters: of one network by its place, or of all (None), leading with S."""
        return [
            LayerView(layer if seed is None else layer[seed], plan.activation)
            for layer, plan in zip(self.parameters.layers, self.architecture.layers, strict=True)
        ]

    def textbook_layers(self, seed: int) -> list[textbook.Layer]:
        """Return one network for ``engine.numerics.textbook``; views, for gradient checks move its parameters."""
        return [
            textbook.Layer(view.weights, view.bias, layer.activation, layer.negative_slope)
            for view, layer in zip(self.views(seed), self.architecture.layers, strict=True)
        ]

    def forward_plan(self, X: Floats) -> ForwardPlan:
        """Return a compiled evaluation of scaled rows (B, n)."""
        return ForwardPlan(self.parameters, self.architecture, X)


def _initialize(layer: Floats, index: int, network: NetworkSpec, stream: RandomStream) -> None:
    """Fill (out, in + 1): weights drawn first, then biases, unless the spec fixes them."""
    out, fan_in = layer.shape[0], layer.shape[1] - 1
    if network.weights is not None:
        layer[:, :-1] = _fixed(network.weights[index], (out, fan_in), f"network.weights.{index}")
    else:
        layer[:, :-1] = INITIALIZERS[network.initializer](stream, out, fan_in) * network.initializer_scale
    if network.biases is not None:
        layer[:, -1] = _fixed(network.biases[index], (out,), f"network.biases.{index}")
    else:
        layer[:, -1] = initial_biases(network.bias_initializer, stream, out)


def _fixed(values: object, shape: tuple[int, ...], key: str) -> Floats:
    try:
        array: Floats = np.asarray(values, np.float64)
    except ValueError:
        raise InputError(f"{key}: expected rows of one length") from None
    if array.shape != shape:
        raise InputError(f"{key}: expected shape {shape}, got {array.shape}")
    return array
