"""Label smoothing and leaky ReLU's slope: PyTorch, the formula written out, finite differences; and turned as dials."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine
from engine.array_types import Floats
from engine.errors import InputError
from engine.numerics import textbook
from engine.numerics.gradcheck import numeric_gradient, relative_difference
from engine.spec import validate
from tests.engine.training.recipes import THREE_CLASSES, TWO_CLASSES, VALUES, recipe
from tests.engine.training.test_class_weights import gradients_of_seed, hidden, targets

EPSILON = 0.2


def trained(document: dict[str, Any], **values: Any) -> engine.Trainer:
    spec = recipe(document, training__dtype="float64", training__batch_size="full", network__dropout=0, **values)
    trainer = engine.Trainer(spec)
    trainer.step()
    return trainer


def smoothed_loss(p: Floats, y: Floats) -> float:
    """Return the mean loss of answers p (B, K) to classes y (B, K): of the true class, and a share ε of all alike."""
    if p.shape[1] == 1:
        p, y = np.hstack([1 - p, p]), np.hstack([1 - y, y])
    surprise = -np.log(p)
    return float(((1 - EPSILON) * (y * surprise).sum(axis=1) + EPSILON * surprise.mean(axis=1)).mean())


@pytest.mark.parametrize(
    "document",
    [TWO_CLASSES, hidden((7, "relu")), hidden((5, "sigmoid"), (4, "sigmoid")), THREE_CLASSES],
    ids=["two classes", "relu", "sigmoids", "three classes"],
)
def test_loss_and_gradient_are_those_of_smoothed_targets(document: dict[str, Any]) -> None:
    trainer = trained(document, training__label_smoothing=EPSILON)
    X, y = trainer.data.train.X, targets(trainer)
    p = textbook.forward(trainer.network.textbook_layers(0), X).outputs
    assert trainer.evaluate("train").loss == pytest.approx(smoothed_loss(p, y), rel=1e-12)

    start = engine.Trainer(trainer.spec)
    layers = start.network.textbook_layers(0)
    measured = [
        np.column_stack([numeric_gradient(loss, layer.weights), numeric_gradient(loss, layer.biases)])
        for layer in layers
        for loss in [lambda: smoothed_loss(textbook.forward(layers, X).outputs, y)]
    ]
    for slopes, expected in zip(gradients_of_seed(trainer), measured, strict=True):
        assert relative_difference(slopes, expected) < 1e-8


def test_the_running_loss_is_that_of_smoothed_targets_as_well() -> None:
    for document in (TWO_CLASSES, THREE_CLASSES):
        spec = recipe(document, training__label_smoothing=EPSILON, training__batch_size="full", network__dropout=0)
        trainer = engine.Trainer(spec)
        before = trainer.evaluate("train")
        result = next(iter(trainer.epochs()))
        assert result.train.loss == pytest.approx(before.loss, rel=1e-5)
        assert result.train.accuracy == before.accuracy


def test_the_exam_is_not_smoothed() -> None:
    sharp, smooth = (engine.Trainer(recipe(TWO_CLASSES, training__label_smoothing=value)) for value in (0.0, 0.5))
    assert sharp.exam() == smooth.exam()
    assert sharp.evaluate("train").loss != smooth.evaluate("train").loss


def test_pytorch_has_the_same_smoothed_loss() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    trainer = trained(THREE_CLASSES, training__label_smoothing=EPSILON)
    z = textbook.forward(trainer.network.textbook_layers(0), trainer.data.train.X).z[-1]
    theirs = torch.nn.functional.cross_entropy(
        torch.tensor(z), torch.tensor(targets(trainer).argmax(axis=1)), label_smoothing=EPSILON
    )
    assert trainer.evaluate("train").loss == pytest.approx(theirs.item(), rel=1e-12)


def test_it_is_a_dial_from_the_next_epoch_on() -> None:
    trainer = engine.Trainer(recipe(TWO_CLASSES, training__epochs=4))
    turned = engine.Trainer(recipe(TWO_CLASSES, training__epochs=4))
    epochs = turned.epochs()
    assert next(epochs).train == next(iter(trainer.epochs())).train
    turned.change("training.label_smoothing", 0.3)
    smooth = recipe(TWO_CLASSES, training__epochs=4, training__label_smoothing=0.3)
    fresh = engine.Trainer(smooth)
    fresh.network.parameters.flat[...] = turned.network.parameters.flat
    assert next(epochs).epoch == 2
    assert turned.spec.training.label_smoothing == 0.3
    assert turned.evaluate("train").loss != trainer.evaluate("train").loss


def test_a_loss_of_numbers_has_no_labels_to_smooth() -> None:
    with pytest.raises(InputError, match=r"training\.label_smoothing: expected a loss of classes"):
        recipe(VALUES, training__label_smoothing=0.1)


LEAKY = [{"units": 6, "activation": "leaky_relu"}, {"units": 5, "activation": "leaky_relu", "dropout": 0.2}]


def leaky(slope: float, **training: Any) -> engine.Trainer:
    network = {"layers": [*LEAKY, {"units": 1, "activation": "sigmoid"}], "negative_slope": slope}
    settings = {**TWO_CLASSES["training"], "dtype": "float64", "batch_size": "full", **training}
    return engine.Trainer(validate({**TWO_CLASSES, "network": network, "training": settings}, "leaky"))


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.25, 0.9])
def test_leaky_relu_has_the_slope_of_the_recipe(slope: float) -> None:
    trainer = leaky(slope)
    X = trainer.data.table.X[:9]
    signal = trainer.data.scaler.transform(X)
    for layer in trainer.layers[:-1]:
        z = signal @ layer.weights.T + layer.bias
        signal = np.maximum(z, slope * z)
    z = signal @ trainer.layers[-1].weights.T + trainer.layers[-1].bias
    np.testing.assert_allclose(trainer.predict(X), 1 / (1 + np.exp(-z)), rtol=1e-12)


def test_another_slope_holds_from_the_next_epoch_on_in_training_and_in_answers() -> None:
    turned, fresh = leaky(0.01, epochs=3), leaky(0.3, epochs=3)
    before = turned.predict(turned.data.table.X)
    turned.evaluate("train")
    turned.change("network.negative_slope", 0.3)
    assert turned.spec.network.negative_slope == 0.3
    np.testing.assert_array_equal(turned.predict(turned.data.table.X), fresh.predict(fresh.data.table.X))
    assert turned.evaluate("train") == fresh.evaluate("train")
    assert not np.array_equal(before, turned.predict(turned.data.table.X))
    assert [epoch.train for epoch in turned.epochs()] == [epoch.train for epoch in fresh.epochs()]


@pytest.mark.parametrize("slope", [0.0, 0.2])
def test_a_new_layer_of_leaky_relu_hands_on_what_comes_whatever_its_slope(slope: float) -> None:
    trainer = leaky(slope)
    X = trainer.data.table.X
    before = trainer.predict(X)
    trainer.change(
        "network.edit", {"kind": "add-layer", "layer": 0, "units": 8, "activation": "leaky_relu", "keep": True}
    )
    assert len(trainer.layers) == 4
    np.testing.assert_allclose(trainer.predict(X), before, rtol=1e-9)
