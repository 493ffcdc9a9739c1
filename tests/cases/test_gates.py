"""Gates of ReLU and leaky ReLU are exact, however small what goes through them: slopes worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.declarations.activations import LEAK
from engine.spec import validate


@pytest.mark.parametrize("x", [1.0, 1e-13, 1e-16, 1e-200, 1e-310])
@pytest.mark.parametrize("rows", [3, 257, 2000])
@pytest.mark.parametrize(("activation", "left"), [("relu", 0.0), ("leaky_relu", LEAK)])
@pytest.mark.parametrize("deeper", [0, 1])
@pytest.mark.parametrize("batch", ["full", 2])
@pytest.mark.parametrize("seeds", [1, 2])
def test_a_tiny_activation_passes_the_whole_slope(
    x: float, rows: int, activation: str, left: float, deeper: int, batch: str | int, seeds: int
) -> None:
    """Hidden z are x / 2, x and −x, the output, or a neuron before it, is their sum: the slope is 2 (p − y) · f′(z)."""
    one = {"units": 1, "activation": activation}
    document = {
        "name": "case",
        "data": {"source": "rows", "X": [[x]] * rows, "y": [1.0] * rows},
        "network": {
            "layers": [{**one, "units": 3}, *[one] * deeper, {"units": 1, "activation": "identity"}],
            "weights": [[[0.5], [1.0], [-1.0]], [[1.0] * 3], *[[[1.0]]] * deeper],
            "biases": [[0.0] * 3, [0.0], *[[0.0]] * deeper],
        },
        "training": {"loss": "mse", "optimizer": "sgd", "batch_size": batch, "epochs": 1, "dtype": "float64"},
    }
    trainer = engine.Trainer(validate(document, "the case"), seeds=range(seeds))
    trainer.step()
    gradients = trainer.gradients()
    assert gradients is not None
    by_hand = 2 * (1.5 * x - left * x - 1) * np.array([1, 1, left])
    for bias in trainer.network.parameters.split(gradients)[0][:, :, 1]:
        np.testing.assert_allclose(bias, by_hand, rtol=1e-12)


@pytest.mark.parametrize("dropout", [0.5, 0.9])
@pytest.mark.parametrize("x", [1e-13, 1e-200])
def test_a_tiny_activation_that_is_kept_passes_the_slope_times_the_scale(dropout: float, x: float) -> None:
    """Each row's slope of a hidden bias is 2 (p − y) · m, where m is the mask as it was drawn; its mean is shown."""
    rows = 2000
    document = {
        "name": "case",
        "data": {"source": "rows", "X": [[x]] * rows, "y": [1.0] * rows},
        "network": {
            "layers": [{"units": 1, "activation": "relu", "dropout": dropout}, {"units": 1, "activation": "identity"}],
            "weights": [[[1.0]], [[1.0]]],
            "biases": [[0.0], [0.0]],
        },
        "training": {"loss": "mse", "optimizer": "sgd", "batch_size": "full", "epochs": 2, "dtype": "float64"},
    }
    trainer = engine.Trainer(validate(document, "the case"))
    trainer.step()
    gradients = trainer.gradients()
    mask = trainer.state.require_learner().plan.latest(0).masks[0][0, 0]
    assert gradients is not None
    expected = (2 * (mask * x - 1) * mask).mean()
    np.testing.assert_allclose(trainer.network.parameters.split(gradients)[0][0, 0, 1], expected, rtol=1e-12)
