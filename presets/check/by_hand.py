"""The numbers of the textbook's formulas for the rows of a preset, before its first epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import presets
from engine.array_types import Floats
from engine.data.table import Subset
from engine.errors import InputError
from engine.numerics import textbook
from engine.numerics.activations import ACTIVATIONS
from engine.numerics.gradcheck import central_difference
from engine.numerics.losses import OutputHead
from engine.training.targets import targets
from engine.training.trainer import Trainer
from presets.claims import ByHandMeasure


def values(preset: str, measure: ByHandMeasure) -> dict[str, Any]:
    """Return the values of all formulas by their names; columns of matrices are examples.

    Forward: ``x``, ``Z1``, ``A1``, …, ``p``, ``L``; of a single neuron also ``contributions``. Backward: ``dL_dp``,
    ``dp_dz``, ``dL_dZ2``, ``dL_dW2``, ``dL_db2``, ``dL_dA1``, …. After a step of plain descent: ``W1_new``, ``b1_new``,
    ``p_new``, ``L_new``, ``improvement``, ``improvement_pct``.

    Raises:
        InputError: A row or an entry that is not there.
    """
    trainer = Trainer(presets.load(preset, set={**measure.set, "training.dtype": "float64"}))
    layers = trainer.network.textbook_layers(0)
    head = trainer.network.architecture.head
    part: Subset | None = getattr(trainer.data, measure.part)
    if part is None or (measure.row is not None and measure.row >= len(part)):
        raise InputError(f"{preset}: there is no row {measure.row} in {measure.part}")
    chosen = slice(None) if measure.row is None else slice(measure.row, measure.row + 1)
    X, y = part.X[chosen], targets(part)[chosen]
    figures = _forward(layers, X, y, head)
    if measure.wiggle is not None:
        return figures | _wiggled(layers, X, y, head, measure)
    if any(ACTIVATIONS[layer.activation].derivative is None for layer in layers):
        return figures
    if measure.delta is not None:  # a truth that lies as far below p
        y = np.asarray(figures["p"]).T - measure.delta
    return figures | _backward(layers, X, y, head, trainer.spec.training.learning_rate)


def _forward(layers: Sequence[textbook.Layer], X: Floats, y: Floats, head: OutputHead) -> dict[str, Any]:
    trace = textbook.forward(layers, X)
    figures: dict[str, Any] = {"x": X.T, "y": y.T, "p": trace.outputs.T, "L": textbook.mean_loss(layers, X, y, head)}
    for number, (layer, z, a) in enumerate(zip(layers, trace.z, trace.a, strict=True), 1):
        figures |= {f"W{number}": layer.weights.copy(), f"b{number}": layer.biases.copy()}
        figures |= {f"Z{number}": z.T, f"A{number}": a.T}
    figures |= {"exp(-z)": np.exp(-trace.z[-1].T), "1/p": 1 + np.exp(-trace.z[-1].T)}
    if len(layers) == 1 and len(X) == 1:
        contributions = X[0] * layers[0].weights[0]
        figures |= {"contributions": contributions, "weighted_sum": contributions.sum()}
    return figures


def _backward(layers: Sequence[textbook.Layer], X: Floats, y: Floats, head: OutputHead, rate: float) -> dict[str, Any]:
    """Return every gradient, and what a step of plain descent makes of the network, which it leaves as it was."""
    trace = textbook.forward(layers, X)
    gradients = textbook.backward(layers, trace, y, head)
    derivative = head.activation.derivative
    figures: dict[str, Any] = {"dL_dp": head.loss.gradient(trace.outputs.T, y.T) / len(X)}
    figures["dp_dz"] = None if derivative is None else derivative(trace.outputs.T)
    moved = []
    for number, (layer, gradient) in enumerate(zip(layers, gradients, strict=True), 1):
        figures |= {f"dL_dZ{number}": gradient.delta.T, f"dL_dW{number}": gradient.weights}
        figures |= {f"dL_db{number}": gradient.biases, f"dL_dA{number - 1}": (gradient.delta @ layer.weights).T}
        weights, biases = layer.weights - rate * gradient.weights, layer.biases - rate * gradient.biases
        figures |= {f"W{number}_new": weights, f"b{number}_new": biases}
        moved.append(textbook.Layer(weights, biases, layer.activation))
    before, after = (textbook.mean_loss(network, X, y, head) for network in (layers, moved))
    figures |= {"p_new": textbook.forward(moved, X).outputs.T, "L_new": after, "improvement": before - after}
    return figures | {"improvement_pct": 100 * (before - after) / before if before else 0.0}


def _wiggled(
    layers: Sequence[textbook.Layer], X: Floats, y: Floats, head: OutputHead, measure: ByHandMeasure
) -> dict[str, Any]:
    """Return forward values with an entry moved, and its slope: of one side, central, and by the chain rule."""
    array, index, name = _entry(layers, str(measure.wiggle))

    def loss() -> float:
        return textbook.mean_loss(layers, X, y, head)

    before = loss()
    chain = _backward(layers, X, y, head, 0.0)[f"dL_d{name}"][index]
    central = central_difference(loss, array, index, measure.by)
    array[index] += measure.by
    figures = _forward(layers, X, y, head)
    array[index] -= measure.by
    return figures | {"measured": (figures["L"] - before) / measure.by, "chain": chain, "central": central}


def _entry(layers: Sequence[textbook.Layer], entry: str) -> tuple[Floats, tuple[int, ...], str]:
    """Return the array, the index in it, and the array's name, of an entry such as "W2[0,0]"."""
    name, _, rest = entry.removesuffix("]").partition("[")
    index, layer = tuple(int(number) for number in rest.split(",")), int(name[1:]) - 1
    if layer < len(layers):
        array = layers[layer].weights if name[0] == "W" else layers[layer].biases
        if len(index) == array.ndim and all(i < size for i, size in zip(index, array.shape, strict=True)):
            return array, index, name
    raise InputError(f"there is no entry {entry} in this network")
