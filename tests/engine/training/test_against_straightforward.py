"""Whole runs against an oracle that shares no code with them, with the trainer's own orders of rows and masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training.results import EpochResult
from engine.training.trainer import Trainer
from tests.engine.training.recipes import THREE_CLASSES, TWO_CLASSES, VALUES, recipe
from tests.properties import examples
from tests.reference.straightforward import ACTIVATIONS, Floats, Network, Update, row_losses, score

EPOCHS = 3

OPTIONS = st.fixed_dictionaries(
    {
        "training.optimizer": st.sampled_from(["sgd", "momentum", "rmsprop", "adam", "adamw"]),
        "training.batch_size": st.sampled_from([1, 7, 13, 48, "full"]),
        "training.shuffle": st.booleans(),
        "training.l1": st.sampled_from([0.0, 0.01]),
        "training.l2": st.sampled_from([0.0, 0.1]),
        "training.clip": st.sampled_from([0.0, 0.05]),
        "training.momentum": st.sampled_from([0.5, 0.9]),
        "training.schedule": st.sampled_from([{"kind": "constant"}, {"kind": "exponential", "factor": 0.5}]),
        "network.dropout_mask": st.sampled_from(["example", "step", "epoch"]),
        "network.initializer": st.sampled_from(["glorot_uniform", "he", "lecun", "xavier"]),
        "network.bias_initializer": st.sampled_from(["zeros", "normal"]),
    }
)
EXITS = [
    (TWO_CLASSES, {}),
    (TWO_CLASSES, {"training.loss": "mse"}),
    (TWO_CLASSES, {"training.loss": "mae"}),
    (TWO_CLASSES, {"network.layers.2.activation": "tanh", "training.loss": "mse"}),
    (THREE_CLASSES, {}),
    (VALUES, {}),
    (VALUES, {"training.loss": "mae"}),
    (VALUES, {"network.layers.1.activation": "leaky_relu"}),
]


def column(y: Floats) -> Floats:
    return y if y.ndim == 2 else y[:, None]


def oracle_of(trainer: Trainer) -> tuple[Network, Update]:
    options = trainer.spec.training
    network = Network(
        [layer.weights.copy() for layer in trainer.layers],
        [layer.bias.copy() for layer in trainer.layers],
        [layer.activation for layer in trainer.layers],
    )
    names = ("optimizer", "momentum", "beta1", "beta2", "epsilon", "weight_decay", "l1", "l2", "clip")
    return network, Update(**{name: getattr(options, name) for name in names})


def oracle_step(trainer: Trainer, network: Network, update: Update, rate: float) -> tuple[Floats, Floats]:
    """Let the oracle do the step that the trainer has just done; return z of its exit and the targets."""
    latest = trainer.inside.latest_step()
    assert latest is not None
    rows = latest.rows[0]
    masks = [latest.masks[index][0].T if index in latest.masks else None for index in range(len(network.weights))]
    X, y = trainer.data.train.X[rows], column(trainer.data.train.y)[rows]
    dW, db, z = network.gradients(X, y, trainer.spec.training.loss, masks)
    update.apply(network, dW, db, rate)
    return z, y


@pytest.mark.parametrize(("document", "exit_"), EXITS)
@settings(max_examples=examples(12))
@given(options=OPTIONS)
def test_every_step_and_every_epoch(document: dict[str, Any], exit_: dict[str, Any], options: dict[str, Any]) -> None:
    spec = recipe(document, **options, **exit_)
    trainer = Trainer(spec)
    network, update = oracle_of(trainer)
    for epoch in range(1, EPOCHS + 1):
        factor = spec.training.schedule.factor ** (epoch - 1) if spec.training.schedule.kind == "exponential" else 1.0
        seen: list[tuple[Floats, Floats]] = []
        result: EpochResult | None = None
        while result is None:
            result = trainer.step()
            seen.append(oracle_step(trainer, network, update, spec.training.learning_rate * factor))
            for ours, W, b in zip(trainer.layers, network.weights, network.biases, strict=True):
                np.testing.assert_allclose(ours.weights, W, rtol=1e-6, atol=1e-8)
                np.testing.assert_allclose(ours.bias, b, rtol=1e-6, atol=1e-8)
        assert result.epoch == epoch
        assert result.learning_rate == pytest.approx(spec.training.learning_rate * factor)
        z, y = (np.concatenate(parts) for parts in zip(*seen, strict=True))
        assert len(z) == len(trainer.data.train)
        assert_metrics(trainer, result.train.loss, result.train.score, z, y)
        assert result.validation is not None
        validation = trainer.data.validation
        assert validation is not None
        z = network.forward(validation.X)[0][-1]
        assert_metrics(trainer, result.validation.loss, result.validation.score, z, column(validation.y))


def assert_metrics(trainer: Trainer, loss: Any, score_: Any, z: Floats, y: Floats) -> None:
    activation = trainer.spec.network.layers[-1].activation
    assert loss == pytest.approx(row_losses(trainer.spec.training.loss, activation, z, y).mean(), rel=1e-6)
    expected = score(ACTIVATIONS[activation](z), y, classes=trainer.classification)
    assert score_ == pytest.approx(expected, rel=1e-6, abs=1e-9)
