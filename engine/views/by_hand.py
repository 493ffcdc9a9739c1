"""A row of the data on its way through the network and back, as arrays by name; of the run's first seed."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np

from engine.array_types import Arrays, Floats
from engine.declarations.activations import LEAK
from engine.errors import InputError
from engine.numerics.by_hand import Explanation
from engine.numerics.wiggle import wiggle
from engine.protocol.commands import ByHandQuery
from engine.training.samples import (
    Sample,
    explained,
    latest_masks,
    layers_of,
    output_head,
    picked,
    sample,
)
from engine.training.trainer import Trainer

MOST_BYTES = 2**20
"""Parameters that an answer carries; of a larger network what comes of them."""


def by_hand(trainer: Trainer, query: ByHandQuery) -> tuple[Arrays, bool]:
    """Return a row, and the network or what it makes of the row, and whether the latest batch had the row.

    The arrays are those of ``ByHandQuery.ARRAYS``.

    Raises:
        InputError: There is no such row, neuron or parameter, or no slope to wiggle.
    """
    chosen = _chosen(trainer, query)
    arrays: Arrays = {
        "place": np.array([chosen.row, chosen.table_row, chosen.part == "validation", chosen.rows], np.int64),
        "x": chosen.x,
        "raw": chosen.raw,
        "y": chosen.y,
        "rate": np.array([trainer.learning_rate]),
    }
    arrays |= _loss_options(trainer)
    masks = latest_masks(trainer, chosen)
    for number, mask in enumerate(masks or ()):
        if mask is not None:
            arrays[f"masks.{number}"] = mask
    layers = [layer[0] for layer in trainer.network.parameters.layers]
    if sum(layer.nbytes for layer in layers) <= MOST_BYTES:
        arrays |= {f"{number}": layer for number, layer in enumerate(layers)}
    else:
        arrays |= _steps(explained(trainer, chosen))
    if query.neuron is not None:
        arrays |= _neuron(layers, *query.neuron)
    if query.wiggle is not None:
        arrays["wiggle"] = _wiggle(trainer, chosen, *query.wiggle)
    return arrays, masks is not None


def _loss_options(trainer: Trainer) -> Arrays:
    """Return what else the network's arithmetic needs, where it is not as usual."""
    head, negative_slope = output_head(trainer), trainer.spec.network.negative_slope
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


def _wiggle(trainer: Trainer, chosen: Sample, layer: int, neuron: int, column: int) -> Floats:
    layers = layers_of(trainer)
    out, fan_in = layers[layer].weights.shape if layer < len(layers) else (0, 0)
    if neuron >= out or column > fan_in:
        raise InputError(
            f"wiggle: there is no weight of input {column + 1} of neuron {neuron + 1} in layer {layer + 1}"
        )
    index = (neuron,) if column == fan_in else (neuron, column)
    try:
        found = wiggle(layers, chosen.x, chosen.y, output_head(trainer), layer, index)
    except ValueError as error:
        raise InputError(f"wiggle: {error}") from None
    value, width, below, loss, above, slope, kink, _floor = astuple(found)[2:]
    return np.array([value, width, below, loss, above, slope, found.relative_error, kink], np.float64)
