"""The plants: how they are drawn, the printed start, the update with its arguments swapped, the general backprop."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

import presets
from engine.data import dataset
from engine.numerics import textbook
from engine.numerics.gradcheck import numeric_gradient
from engine.numerics.initializers import INITIALIZERS, initial_biases
from engine.numerics.losses import make_output_head
from engine.training.trainer import Trainer
from presets.check.values import band

PRINTED_START = {"network.weights": [[[-0.41675785, -0.05626683]]], "network.biases": [[0.78522798]]}


def as_drawn() -> dict[str, Any]:
    """Return shapes and figures of the hundred plants."""
    table = dataset.load(presets.load("plants-neuron")).table
    return {
        "X_shape": str(table.X.shape),
        "y_shape": str(table.y[:, None].shape),
        "sum_X": table.X.sum(),
        "first_row": table.X[0],
        "centers_class": [table.X[table.y == kind].mean(axis=0).tolist() for kind in (0, 1)],
    }


def draws_of_seed_2() -> dict[str, Any]:
    """Return the first three draws of the seed that the printed W comes from."""
    stream = np.random.RandomState(2)
    return {"W": INITIALIZERS["normal"](stream, 1, 2)[0], "b": initial_biases("normal", stream, 1)[0]}


def swapped_update() -> dict[str, Any]:
    """Return what W ← dW − rate · W makes of a hundred starts, and of the printed one."""
    ends = [_swapped({}, seed) for seed in range(100)]
    of_seeds = {f"over seeds {name}": band([end[name] for end in ends]) for name in ("acc", "p", "loss0", "loss99")}
    return {**of_seeds, **_swapped(PRINTED_START, None)}


def _swapped(changes: dict[str, Any], seed: int | None) -> dict[str, Any]:
    trainer = Trainer(presets.load("plants-neuron", set=changes), seed=seed)
    part, head = trainer.data.train, make_output_head("sigmoid", "bce")
    y = part.y[:, None]
    losses = []
    layers = trainer.network.textbook_layers(0)
    (layer,) = layers
    for _ in range(100):
        losses.append(textbook.mean_loss(layers, part.X, y, head))
        (gradient,) = textbook.backward(layers, textbook.forward(layers, part.X), y, head)
        layer.weights[...] = gradient.weights - 0.1 * layer.weights
        layer.biases[...] = gradient.biases - 0.1 * layer.biases
    p = float(trainer.predict([[2.0, 1.0]])[0, 0])
    figures: dict[str, Any] = {"loss0": losses[0], "loss99": losses[-1], "p": p, "W": layer.weights[0].copy()}
    return figures | {"acc": trainer.evaluate("train").accuracy, "b": float(layer.biases[0])}


def general_backprop() -> dict[str, Any]:
    """Return the gradient of a 2-5-4-1 network beside the measured one, as a check of the printed formulas."""
    stream = np.random.RandomState(3)
    layers = [
        textbook.Layer(INITIALIZERS["normal"](stream, out, fan_in), initial_biases("normal", stream, out), "sigmoid")
        for fan_in, out in pairwise((2, 5, 4, 1))
    ]
    X = np.asarray(stream.randn(2, 7)).T
    y = (np.asarray(stream.rand(1, 7)).T > 0.5).astype(np.float64)
    head = make_output_head("sigmoid", "bce")
    gradients = textbook.backward(layers, textbook.forward(layers, X), y, head)

    def loss() -> float:
        return textbook.mean_loss(layers, X, y, head)

    worst = 0.0
    for layer, gradient in zip(layers, gradients, strict=True):
        for array, slopes in ((layer.weights, gradient.weights), (layer.biases, gradient.biases)):
            worst = max(worst, float(np.abs(numeric_gradient(loss, array) - slopes).max()))
    first, last = gradients[0], gradients[-1]
    return {"max_abs_difference": worst, "loss": loss(), "dW1_00": first.weights[0, 0], "db3": last.biases[0]}
