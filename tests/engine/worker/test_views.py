"""The views against what the textbook, NumPy and the store say of the same network."""

from __future__ import annotations

import numpy as np
import pytest

import engine
import presets
from engine.errors import InputError
from engine.protocol.commands import Plane
from engine.training.trainer import Trainer
from engine.worker import views
from engine.worker.boundary import Boundary

BATCH = ("clerk_rows", "masks", "activations")


@pytest.fixture
def trainer() -> Trainer:
    spec = presets.load("breast-cancer", set={"training.dtype": "float64"})
    trainer: Trainer = engine.Trainer(spec)
    for _ in range(15):
        trainer.step()
    return trainer


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adam"])
def test_updates_are_what_the_step_added(optimizer: str) -> None:
    trainer: Trainer = engine.Trainer(presets.load("breast-cancer", set={"training.optimizer": optimizer}))
    for _ in range(3):
        before = [layer[0].copy() for layer in trainer.network.parameters.layers]
        trainer.step()
    shown = views.updates(trainer)
    for number, layer in enumerate(trainer.network.parameters.layers):
        np.testing.assert_allclose(shown[f"updates.{number}"], layer[0] - before[number], rtol=0, atol=2e-7)


def test_clerks_show_the_masks_that_the_step_used(trainer: Trainer) -> None:
    shown = views.clerks(trainer)
    for layer in (0, 1):
        masks, activations = shown[f"masks.{layer}"], shown[f"activations.{layer}"]
        assert masks.shape == activations.shape == (trainer.spec.network.layers[layer].units, 32)
        assert not activations[masks == 0].any()
        assert 0 < masks.mean() < 1
    assert len(shown["clerk_rows"]) == 32
    assert set(shown["clerk_rows"].tolist()) <= set(trainer.data.train.rows.tolist())


def test_a_checkpoint_knows_who_is_dead_but_keeps_no_batch(trainer: Trainer) -> None:
    while trainer.step_in_epoch:
        trainer.step()
    again = Trainer.from_checkpoint(trainer.checkpoint(), data=trainer.data)
    assert set(views.clerks(again)) == {key for key in views.clerks(trainer) if not key.startswith(BATCH)}
    assert views.gradients(again) == {}
    assert views.updates(again) == {}
    assert set(views.moments(again)) == set(views.moments(trainer))


def test_dead_and_saturated_are_judged_on_the_whole_training_part() -> None:
    layers = [{"units": 3, "activation": name} for name in ("relu", "tanh")]
    spec = presets.load("breast-cancer", set={"network.layers": [*layers, {"units": 1, "activation": "sigmoid"}]})
    trainer: Trainer = engine.Trainer(spec)
    trainer.step()
    trainer.layers[0].weights[1], trainer.layers[0].bias[1] = 0, -1
    trainer.layers[1].weights[2], trainer.layers[1].bias[2] = 0, 9
    shown = views.clerks(trainer)
    assert shown["dead.0"].tolist() == [0, 1, 0]
    assert shown["saturated.1"].tolist() == [0, 0, 1]
    assert shown["saturated.0"].tolist() == [0, 0, 0]


def test_coadaptation_is_the_correlation_over_the_training_rows(trainer: Trainer) -> None:
    shown = views.coadaptation(trainer)
    activations = trainer.hidden_activations()[1][0]
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.corrcoef(activations)
    np.testing.assert_allclose(shown["coadaptation.1"], expected, rtol=0, atol=1e-6)
    others = np.abs(expected[~np.eye(len(expected), dtype=bool)])
    assert shown["coadaptation_means"][1] == pytest.approx(np.nanmean(others))


def test_a_copy_of_a_neuron_shows_as_one(trainer: Trainer) -> None:
    trainer.layers[0].weights[3] = trainer.layers[0].weights[0]
    trainer.layers[0].bias[3] = trainer.layers[0].bias[0]
    assert views.coadaptation(trainer)["coadaptation.0"][0, 3] == pytest.approx(1)


def test_the_data_view_leaves_the_exam_sealed(trainer: Trainer) -> None:
    shown, data = views.data(trainer), trainer.data
    assert data.test is not None
    assert shown["data.counts"].sum(axis=1).tolist() == [341, 114, 114]
    assert shown["data.counts"][0].tolist() == [216, 125]
    assert not set(shown["data.sample_rows"].tolist()) & set(data.test.rows.tolist())
    np.testing.assert_allclose(shown["data.scaled"][:, 2:], [[0, 1]] * 30, atol=1e-9)
    np.testing.assert_array_equal(shown["data.raw"][:, 0], data.table.X[data.train.rows].min(axis=0))


def test_the_boundary_is_what_predict_says(trainer: Trainer) -> None:
    plane = Plane(columns=(3, 7), width=9, height=5, point=(500.0, 0.05))
    shown = Boundary(trainer, plane).arrays()
    left, right, bottom, top = shown["boundary.box"]
    rows = np.tile(trainer.data.table.X[trainer.data.train.rows].mean(axis=0), (3, 1))
    rows[0, [3, 7]] = left, top
    rows[1, [3, 7]] = right, bottom
    rows[2, [3, 7]] = 500.0, 0.05
    expected = trainer.predict(rows)[:, 0]
    field = shown["boundary.field"]
    assert field.shape == (5, 9)
    np.testing.assert_allclose([field[0, 0], field[-1, -1], shown["boundary.own"][0]], expected, rtol=1e-5)
    np.testing.assert_array_equal(shown["boundary.classes"], field >= 0.5)
    assert trainer.data.test is not None
    assert not set(shown["boundary.rows"].tolist()) & set(trainer.data.test.rows.tolist())


def test_the_boundary_of_three_classes_names_the_likeliest() -> None:
    trainer: Trainer = engine.Trainer(presets.load("iris", set={"training.epochs": 20}))
    for _ in trainer.epochs():
        pass
    shown = Boundary(trainer, Plane(columns=(2, 3), width=20, height=10)).arrays()
    assert set(np.unique(shown["boundary.classes"])) == {0, 1, 2}
    assert (shown["boundary.field"] >= 1 / 3).all()


def test_a_neuron_has_a_field_of_its_own(trainer: Trainer) -> None:
    shown = Boundary(trainer, Plane(neuron=(1, 4), width=6, height=4)).arrays()
    assert (shown["boundary.field"] >= 0).all()
    while trainer.step() is None:
        pass
    trainer.change("network.edit", {"kind": "set-units", "layer": 1, "units": 3})
    with pytest.raises(InputError, match="no hidden neuron 5"):
        Boundary(trainer, Plane(neuron=(1, 4)))


def test_columns_that_there_are_not_are_refused(trainer: Trainer) -> None:
    with pytest.raises(InputError, match="columns 0 to 29"):
        Boundary(trainer, Plane(columns=(0, 30)))


def test_the_boundary_follows_an_edit_of_the_network(trainer: Trainer) -> None:
    boundary = Boundary(trainer, Plane(width=4, height=4))
    before = boundary.arrays()["boundary.field"]
    while trainer.step() is None:
        pass
    trainer.change("network.edit", {"kind": "set-units", "layer": 0, "units": 20})
    np.testing.assert_allclose(
        boundary.arrays()["boundary.field"],
        Boundary(trainer, Plane(width=4, height=4)).arrays()["boundary.field"],
    )
    assert not np.array_equal(boundary.arrays()["boundary.field"], before)
