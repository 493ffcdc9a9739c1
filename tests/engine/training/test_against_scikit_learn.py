"""Epochs of scikit-learn's networks, from the same start and in the same order of rows."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

import presets
from engine.training.trainer import Trainer
from tests.engine.training.recipes import THREE_CLASSES, VALUES, recipe

EPOCHS = 8
PLAIN = {"training.shuffle": False, "training.dtype": "float64", "training.epochs": EPOCHS}
EPSILON = 1e-20  # scikit-learn adds ε to another root than the paper does; so small it is neither here nor there


def their_epochs(model: Any, trainer: Trainer) -> Any:
    """Train theirs from our parameters, one ``partial_fit`` an epoch."""
    X, y = trainer.data.train.X, trainer.data.train.y
    y = y.argmax(axis=1) if y.ndim == 2 else y
    classes = {"classes": np.unique(y)} if isinstance(model, MLPClassifier) else {}
    rate, model.learning_rate_init = model.learning_rate_init, 1e-300
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.partial_fit(X, y, **classes)  # only to have its arrays made
        model.learning_rate_init = rate
        for theirs, bias, ours in zip(model.coefs_, model.intercepts_, trainer.layers, strict=True):
            theirs[...], bias[...] = ours.weights.T, ours.bias
        del model._optimizer
        for _ in range(EPOCHS):
            model.partial_fit(X, y)
    return model


def assert_same(trainer: Trainer, model: Any) -> None:
    list(trainer.epochs())
    for theirs, bias, ours in zip(model.coefs_, model.intercepts_, trainer.layers, strict=True):
        np.testing.assert_allclose(ours.weights, theirs.T, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(ours.bias, bias, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("batch_size", [32, 341])
def test_breast_cancer_with_adam(batch_size: int) -> None:
    change = {**PLAIN, "network.dropout": 0.0, "training.epsilon": EPSILON, "training.batch_size": batch_size}
    trainer = Trainer(presets.load("breast-cancer", set=change))
    model = MLPClassifier((16, 8), alpha=0, batch_size=batch_size, shuffle=False, epsilon=EPSILON)
    assert_same(trainer, their_epochs(model, trainer))


def test_three_classes_with_momentum() -> None:
    layers = [{"units": 6, "activation": "tanh"}, {"units": 3, "activation": "softmax"}]
    change = {"training.optimizer": "momentum", "training.momentum": 0.8, "network.layers": layers}
    trainer = Trainer(recipe(THREE_CLASSES, **PLAIN, **change))
    model = MLPClassifier((6,), "tanh", solver="sgd", alpha=0, batch_size=13, shuffle=False)
    model.set_params(learning_rate_init=0.01, momentum=0.8, nesterovs_momentum=False)
    assert_same(trainer, their_epochs(model, trainer))


def test_values_with_l2_and_plain_descent() -> None:
    """Theirs halves the squared error, and its penalty is divided by the rows of a batch."""
    change = {"training.optimizer": "sgd", "training.l2": 0.5, "training.batch_size": 12}
    trainer = Trainer(recipe(VALUES, **PLAIN, **change))
    model = MLPRegressor(hidden_layer_sizes=(6,), activation="logistic", solver="sgd", shuffle=False)
    model.set_params(alpha=0.25 * 12, batch_size=12, learning_rate_init=0.02, momentum=0)
    assert_same(trainer, their_epochs(model, trainer))
