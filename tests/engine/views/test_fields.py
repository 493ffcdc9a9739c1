"""The small pictures of every neuron against a forward pass written out, and what becomes of them when data change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine
import presets
from engine.errors import InputError
from engine.protocol.queries import FieldsQuery
from engine.training.trainer import Trainer
from engine.views.fields import Fields
from engine.views.neurons import neurons


@pytest.fixture
def moons() -> Trainer:
    values = {"network.units": [5, 3], "data.derived": ["x1*x2"], "training.dtype": "float64"}
    trainer: Trainer = engine.Trainer(presets.load("plants-moons", set=values))
    trainer.advance(3)
    return trainer


def written_out(trainer: Trainer, width: int, height: int) -> list[np.ndarray]:
    shown = trainer.data.table.X[trainer.data.train.rows, :2]
    low, high = shown.min(axis=0), shown.max(axis=0)
    margin = 0.1 * (high - low)
    across = np.linspace(low[0] - margin[0], high[0] + margin[0], width)
    down = np.linspace(high[1] + margin[1], low[1] - margin[1], height)
    rows = np.array([[x, y, x * y] for y in down for x in across])
    signal, fields = trainer.data.scaler.transform(rows[:, : trainer.inputs]), []
    for layer in trainer.layers:
        signal = 1 / (1 + np.exp(-(signal @ layer.weights.T + layer.bias)))
        fields.append(signal.T.reshape(-1, height, width))
    return fields


def test_each_neuron_has_its_activation_over_the_two_columns(moons: Trainer) -> None:
    assert [layer.activation for layer in moons.layers] == ["sigmoid"] * 3
    arrays = Fields().arrays(moons, FieldsQuery(width=6, height=4))
    expected = written_out(moons, 6, 4)
    assert list(arrays) == ["0", "1", "2"]
    for name, field in arrays.items():
        np.testing.assert_allclose(field, expected[int(name)], rtol=1e-5, atol=1e-6)


def test_of_a_wide_layer_the_first_neurons_are_told(moons: Trainer) -> None:
    arrays = Fields().arrays(moons, FieldsQuery(most=2))
    assert [len(field) for field in arrays.values()] == [2, 2, 1]


def test_they_follow_training_edits_and_other_data(moons: Trainer) -> None:
    fields, query = Fields(), FieldsQuery(width=5, height=4)
    edit = {"kind": "set-units", "layer": 0, "units": 7}
    changes: list[tuple[str, Any]] = [("data.noise", 0.3), ("data.derived", []), ("network.edit", edit)]
    for path, value in changes:
        moons.change(path, value)
        moons.advance(1)
        np.testing.assert_allclose(fields.arrays(moons, query)["1"], written_out(moons, 5, 4)[1], rtol=1e-5, atol=1e-6)


def test_data_of_more_columns_have_none() -> None:
    with pytest.raises(InputError, match="other columns than two"):
        Fields().arrays(engine.Trainer(presets.load("iris")), FieldsQuery())


def test_a_network_that_only_goes_forward_shows_a_pass_over_its_rows() -> None:
    trainer: Trainer = engine.Trainer(presets.load("loan-forward"))
    shown = neurons(trainer)
    layer = trainer.layers[0]
    expected = np.maximum(0, layer.weights @ trainer.data.train.X.T + layer.bias[:, None])
    np.testing.assert_allclose(shown["activations.0"], expected, rtol=1e-6)
    assert shown["rows"].tolist() == [0, 1, 2]
    assert shown["masks.0"].all()


def test_one_that_waits_for_its_first_step_shows_none(moons: Trainer) -> None:
    fresh: Trainer = engine.Trainer(moons.spec)
    assert "rows" not in neurons(fresh)
