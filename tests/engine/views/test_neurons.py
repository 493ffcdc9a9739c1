"""Neurons at work, and how alike they answer, against what NumPy and the store say."""

from __future__ import annotations

import numpy as np
import pytest

import engine
import presets
from engine.training.trainer import Trainer
from engine.views import inside, neurons

BATCH = ("rows", "masks", "activations")


def test_neurons_show_the_masks_that_the_step_used(trainer: Trainer) -> None:
    shown = neurons.neurons(trainer)
    for layer in (0, 1):
        masks, activations = shown[f"masks.{layer}"], shown[f"activations.{layer}"]
        assert masks.shape == activations.shape == (trainer.spec.network.layers[layer].units, 32)
        assert not activations[masks == 0].any()
        assert 0 < masks.mean() < 1
    assert len(shown["rows"]) == 32
    assert set(shown["rows"].tolist()) <= set(trainer.data.train.rows.tolist())


def test_a_checkpoint_knows_who_is_dead_but_keeps_no_batch(trainer: Trainer) -> None:
    while trainer.step_in_epoch:
        trainer.step()
    again = Trainer.from_checkpoint(trainer.checkpoint(), data=trainer.data)
    assert set(neurons.neurons(again)) == {key for key in neurons.neurons(trainer) if not key.startswith(BATCH)}
    assert inside.gradients(again) == {}
    assert inside.updates(again) == {}
    assert set(inside.moments(again)) == set(inside.moments(trainer))


def test_dead_and_saturated_are_judged_on_the_whole_training_part() -> None:
    layers = [{"units": 3, "activation": name} for name in ("relu", "tanh")]
    spec = presets.load("breast-cancer", set={"network.layers": [*layers, {"units": 1, "activation": "sigmoid"}]})
    trainer: Trainer = engine.Trainer(spec)
    trainer.step()
    trainer.layers[0].weights[1], trainer.layers[0].bias[1] = 0, -1
    trainer.layers[1].weights[2], trainer.layers[1].bias[2] = 0, 9
    shown = neurons.neurons(trainer)
    assert shown["dead.0"].tolist() == [0, 1, 0]
    assert shown["saturated.1"].tolist() == [0, 0, 1]
    assert shown["saturated.0"].tolist() == [0, 0, 0]


def test_coadaptation_is_the_correlation_over_the_training_rows(trainer: Trainer) -> None:
    shown = neurons.coadaptation(trainer)
    activations = trainer.inside.hidden_activations()[1][0]
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.corrcoef(activations)
    np.testing.assert_allclose(shown["matrices.1"], expected, rtol=0, atol=1e-6)
    others = np.abs(expected[~np.eye(len(expected), dtype=bool)])
    assert shown["means"][1] == pytest.approx(np.nanmean(others))


def test_a_copy_of_a_neuron_shows_as_one(trainer: Trainer) -> None:
    trainer.layers[0].weights[3] = trainer.layers[0].weights[0]
    trainer.layers[0].bias[3] = trainer.layers[0].bias[0]
    assert neurons.coadaptation(trainer)["matrices.0"][0, 3] == pytest.approx(1)
