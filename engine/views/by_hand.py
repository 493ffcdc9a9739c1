"""A row of the data on its way through the network and back, as arrays by name; of the run's first seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import Final

import numpy as np

from engine.array_types import Arrays, Floats
from engine.declarations.activations import LEAK
from engine.errors import InputError
from engine.numerics.by_hand import Explanation, Penalties, explain, float64_layers
from engine.numerics.losses import OutputHead, make_output_head
from engine.numerics.textbook import Layer
from engine.numerics.wiggle import wiggle
from engine.protocol.queries import ByHandQuery
from engine.spec import Spec
from engine.training.class_weights import minimized
from engine.training.samples import Sample, head_of_row, latest_masks, output_head, picked, sample
from engine.training.schedules import learning_rate
from engine.training.stored_network import Preparation, preparation_of
from engine.training.trainer import Trainer
from engine.training.typed_row import typed_sample

PARTS: Final = ("train", "validation", "typed")
MOST_BYTES = 2**20
"""Parameters that an answer carries; of a larger network what comes of them."""


@dataclass(frozen=True)
class HandNetwork:
    """A network that rows are taken through by hand, and what its arithmetic needs beside its parameters.

    Attributes:
        parameters: By layer (out, in + 1), the bias last.
        spec: The recipe as it stands.
        head: The last activation, and the loss that is minimised.
        rate: Learning rate of the epoch that is under way or comes next.
        epoch: Epochs that it has learned.
        seed: Its seed.
    """

    parameters: list[Floats]
    spec: Spec
    head: OutputHead
    rate: float
    epoch: int
    seed: int

    @property
    def layers(self) -> list[Layer]:
        """Its layers in float64, copied."""
        activations = [layer.activation for layer in self.spec.network.layers]
        return float64_layers(self.parameters, activations, self.spec.network.negative_slope)

    @property
    def parameter_count(self) -> int:
        """Weights and biases in all."""
        return sum(layer.size for layer in self.parameters)

    def explained(self, chosen: Sample) -> Explanation:
        """Return the way of a row through the network and back, dropout off."""
        penalties = Penalties(self.spec.training.l1, self.spec.training.l2)
        return explain(self.layers, chosen.x, chosen.y, self.head, self.rate, penalties)

    def typed(self, preparation: Preparation, query: ByHandQuery) -> Sample:
        """Return the row that a query has the values of.

        Raises:
            InputError: They are not those of a row of this network.
        """
        values = query.typed or ()
        return typed_sample(preparation, self.layers, values, query.truth, dtype=self.spec.training.dtype)


def network_of(trainer: Trainer, chosen: Sample | None = None) -> HandNetwork:
    """Return the network of a trainer's first seed, with the loss as it is of a row, which may have a weight."""
    parameters = [layer[0] for layer in trainer.network.parameters.layers]
    head = output_head(trainer) if chosen is None else head_of_row(trainer, chosen)
    rate = trainer.learning_rate
    return HandNetwork(parameters, trainer.spec, head, rate, trainer.epoch, trainer.seeds[0])


def network_without_data(parameters: list[Floats], spec: Spec, epoch: int, seed: int) -> HandNetwork:
    """Return a network of which a store tells alone, each layer (out, in + 1) with the biases last.

    The weights of classes are those that the recipe names: balanced ones are known with the data.
    """
    training = spec.training
    weights = training.class_weight if isinstance(training.class_weight, tuple) else ()
    last = make_output_head(spec.network.layers[-1].activation, training.loss, spec.network.negative_slope)
    head, rate = minimized(last, training, weights), learning_rate(training, epoch + 1)
    return HandNetwork(parameters, spec, head, rate, epoch, seed)


def by_hand(trainer: Trainer, query: ByHandQuery) -> tuple[Arrays, bool]:
    """Return a row, and the network or what it makes of the row, and whether the latest batch had the row.

    The arrays are those of ``ByHandQuery.ARRAYS``.

    Raises:
        InputError: There is no such row, neuron or parameter, or no slope to wiggle.
    """
    network = network_of(trainer)
    if query.typed is not None:
        typed = replace(network.typed(preparation_of(trainer.data), query), rows=len(trainer.data.train))
        return arrays_of_row(network, typed, query), False
    chosen = _chosen(trainer, query)
    network = network_of(trainer, chosen)
    masks = latest_masks(trainer, chosen)
    return arrays_of_row(network, chosen, query, masks), masks is not None


def arrays_of_row(
    network: HandNetwork, chosen: Sample, query: ByHandQuery, masks: Sequence[Floats | None] | None = None
) -> Arrays:
    """Return the arrays of a row, and of the network or what it makes of the row; masks are (units,) a layer.

    Raises:
        InputError: There is no such neuron or parameter, or no slope to wiggle.
    """
    arrays: Arrays = {
        "place": np.array([chosen.row, chosen.table_row, PARTS.index(chosen.part), chosen.rows], np.int64),
        "x": chosen.x,
        "raw": chosen.raw,
        "y": chosen.y,
        "rate": np.array([network.rate]),
    }
    arrays |= _loss_options(network)
    for number, mask in enumerate(masks or ()):
        if mask is not None:
            arrays[f"masks.{number}"] = mask
    parameters = network.parameters
    if sum(layer.nbytes for layer in parameters) <= MOST_BYTES:
        arrays |= {f"{number}": layer for number, layer in enumerate(parameters)}
    else:
        arrays |= _steps(network.explained(chosen))
    if query.neuron is not None:
        arrays |= _neuron(parameters, *query.neuron)
    if query.wiggle is not None:
        arrays["wiggle"] = _wiggle(network, chosen, *query.wiggle)
    return arrays


def _loss_options(network: HandNetwork) -> Arrays:
    """Return what else the network's arithmetic needs, where it is not as usual."""
    head, negative_slope = network.head, network.spec.network.negative_slope
    arrays: Arrays = {}
    if head.class_weights:
        arrays["class_weights"] = np.array(head.class_weights, np.float64)
    if head.label_smoothing:
        arrays["label_smoothing"] = np.array([head.label_smoothing])
    if negative_slope != LEAK:
        arrays["negative_slope"] = np.array([negative_slope])
    return arrays


def _chosen(trainer: Trainer, query: ByHandQuery) -> Sample:
    if query.pick is None:
        return sample(trainer, query.part, query.row)
    return picked(trainer, query.part, query.pick, query.rank)


def _steps(explanation: Explanation) -> Arrays:
    arrays: Arrays = {}
    for number, step in enumerate(explanation.forward):
        arrays |= {f"z.{number}": step.z, f"a.{number}": step.a}
    for number, back in enumerate(explanation.backward):
        arrays |= {f"error.{number}": back.error, f"delta.{number}": back.delta}
    return arrays


def _neuron(layers: list[Floats], layer: int, neuron: int) -> Arrays:
    """Return the weights into a neuron with its bias, and those out of it; of layers (out, in + 1)."""
    if layer >= len(layers) or neuron >= len(layers[layer]):
        raise InputError(f"neuron: there is no neuron {neuron + 1} in layer {layer + 1}")
    arrays: Arrays = {"incoming": layers[layer][neuron].astype(np.float64)}
    if layer + 1 < len(layers):
        arrays["outgoing"] = layers[layer + 1][:, neuron].astype(np.float64)
    return arrays


def _wiggle(network: HandNetwork, chosen: Sample, layer: int, neuron: int, column: int) -> Floats:
    layers = network.layers
    out, fan_in = layers[layer].weights.shape if layer < len(layers) else (0, 0)
    if neuron >= out or column > fan_in:
        raise InputError(
            f"wiggle: there is no weight of input {column + 1} of neuron {neuron + 1} in layer {layer + 1}"
        )
    index = (neuron,) if column == fan_in else (neuron, column)
    try:
        measured = wiggle(layers, chosen.x, chosen.y, network.head, layer, index)
    except ValueError as error:
        raise InputError(f"wiggle: {error}") from None
    value, width, below, loss, above, slope, kink, _floor = astuple(measured)[2:]
    return np.array([value, width, below, loss, above, slope, measured.relative_error, kink], np.float64)
