"""Gradient norms and update ratios: against an oracle, and the same however the epochs are trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.run.changes import Change
from engine.training.layer_norms import LayerNorms, is_measured
from engine.training.seed_pool import SeedPool
from engine.training.trainer import Trainer
from tests.engine.training.recipes import THREE_CLASSES, TWO_CLASSES, VALUES, recipe
from tests.engine.training.test_against_straightforward import column, oracle_of
from tests.properties import examples
from tests.reference.straightforward import Floats, Network


def measuring(document: dict[str, Any] = TWO_CLASSES, seeds: Sequence[int] | None = None, **options: Any) -> Trainer:
    trainer = Trainer(recipe(document, **options), seeds=seeds)
    trainer.layer_norms.enabled = True
    return trainer


def assert_same(left: Sequence[LayerNorms], right: Sequence[LayerNorms]) -> None:
    assert [(norms.epoch, norms.step) for norms in left] == [(norms.epoch, norms.step) for norms in right]
    for ours, theirs in zip(left, right, strict=True):
        np.testing.assert_array_equal(ours.gradient_norm, theirs.gradient_norm)
        np.testing.assert_array_equal(ours.update_ratio, theirs.update_ratio)


# Which epochs


def test_all_of_the_first_epochs_are_measured_then_32_of_every_octave() -> None:
    assert all(is_measured(epoch) for epoch in range(1, 65))
    for exponent in range(6, 20):
        octave = range(2**exponent + 1, 2 ** (exponent + 1) + 1)
        measured = [epoch for epoch in octave if is_measured(epoch)]
        assert len(measured) == 32
        assert measured[-1] == octave[-1]
        assert set(np.diff(measured)) == {2 ** (exponent - 5)}


# What they are


def length(*arrays: Floats) -> float:
    return float(np.sqrt(sum(float((array**2).sum()) for array in arrays)))


@pytest.mark.parametrize("document", [TWO_CLASSES, THREE_CLASSES, VALUES])
@settings(max_examples=examples(25))
@given(
    options=st.fixed_dictionaries(
        {
            "training.optimizer": st.sampled_from(["sgd", "momentum", "rmsprop", "adam", "adamw"]),
            "training.batch_size": st.sampled_from([7, 13, "full"]),
            "training.l1": st.sampled_from([0.0, 0.01]),
            "training.l2": st.sampled_from([0.0, 0.1]),
            "training.clip": st.sampled_from([0.0, 0.05]),
            "training.schedule": st.sampled_from([{"kind": "constant"}, {"kind": "exponential", "factor": 0.5}]),
        }
    )
)
def test_they_are_those_of_the_epochs_last_step_penalties_and_clipping_included(
    document: dict[str, Any], options: dict[str, Any]
) -> None:
    trainer = measuring(document, **options)
    training = trainer.spec.training
    network, update = oracle_of(trainer)
    for epoch in (1, 2, 3):
        rate = training.learning_rate * (0.5 ** (epoch - 1) if training.schedule.kind == "exponential" else 1)
        result = None
        while result is None:
            result = trainer.step()
            dW, db = gradients_of_latest(trainer, network)
            W_before, b_before = copies(network.weights), copies(network.biases)
            update.apply(network, dW, db, rate)
        [norms] = trainer.layer_norms.take()
        assert (norms.epoch, norms.step) == (epoch, epoch * trainer.steps)
        dW = [g + training.l1 * np.sign(W) + training.l2 * W for g, W in zip(dW, W_before, strict=True)]
        shrink = min(1.0, training.clip / length(*dW, *db)) if training.clip else 1.0
        for layer in range(len(dW)):
            expected = shrink * length(dW[layer], db[layer])
            assert norms.gradient_norm[layer] == pytest.approx([expected], rel=1e-6)
            moved = length(network.weights[layer] - W_before[layer], network.biases[layer] - b_before[layer])
            assert norms.update_ratio[layer] == pytest.approx(
                [moved / length(W_before[layer], b_before[layer])], rel=1e-5
            )


def copies(arrays: Sequence[Floats]) -> list[Floats]:
    return [array.copy() for array in arrays]


def gradients_of_latest(trainer: Trainer, network: Network) -> tuple[list[Floats], list[Floats]]:
    """Return the oracle's gradient over the rows and masks of the step that the trainer has just done."""
    latest = trainer.inside.latest_step()
    assert latest is not None
    masks = [latest.masks[index][0].T if index in latest.masks else None for index in range(len(network.weights))]
    X, y = trainer.data.train.X[latest.rows[0]], column(trainer.data.train.y)[latest.rows[0]]
    dW, db, _ = network.gradients(X, y, trainer.spec.training.loss, masks)
    return dW, db


@pytest.mark.parametrize("document", [TWO_CLASSES, THREE_CLASSES, VALUES])
def test_the_gradient_is_that_of_finite_differences(document: dict[str, Any]) -> None:
    trainer = measuring(document, training__batch_size="full", training__optimizer="sgd", network__dropout=0.0)
    list(zip(range(2), trainer.epochs(), strict=False))  # away from where biases are 0
    trainer.layer_norms.take()
    wiggle = 1e-6
    expected = []
    for layer in trainer.network.parameters.layers:
        slopes = np.zeros(layer.shape)
        for place in np.ndindex(layer.shape):
            kept = layer[place]
            layer[place] = kept + wiggle
            above = trainer.evaluate("train").loss
            layer[place] = kept - wiggle
            slopes[place] = (above - trainer.evaluate("train").loss) / (2 * wiggle)
            layer[place] = kept
        expected.append(length(slopes))
    trainer.step()
    [norms] = trainer.layer_norms.take()
    assert norms.gradient_norm[:, 0] == pytest.approx(expected, rel=1e-5)
    assert norms.update_ratio.shape == norms.gradient_norm.shape == (len(expected), 1)


# However the epochs are trained


@settings(max_examples=examples(40))
@given(
    optimizer=st.sampled_from(["sgd", "momentum", "rmsprop", "adam", "adamw"]),
    batch_size=st.sampled_from([13, "full"]),
    dtype=st.sampled_from(["float32", "float64"]),
    seeds=st.sampled_from([None, [1], [1, 2, 3]]),
    portions=st.lists(st.tuples(st.integers(0, 90), st.sampled_from(["block", "steps", "resume"])), max_size=5),
)
def test_paused_resumed_or_in_blocks_the_same_epochs_give_the_same_bits(
    optimizer: str, batch_size: Any, dtype: str, seeds: list[int] | None, portions: list[tuple[int, str]]
) -> None:
    options = {"training__optimizer": optimizer, "training__batch_size": batch_size, "training__dtype": dtype}
    whole = measuring(training__epochs=1000, seeds=seeds, **options)
    divided = measuring(training__epochs=1000, seeds=seeds, **options)
    measured: list[LayerNorms] = []
    for count, way in portions:
        if way == "block":
            divided.advance(count)
        elif way == "steps":
            for _ in range(count):
                divided.step()
        else:
            measured += divided.layer_norms.take()
            divided = Trainer.from_checkpoint(divided.checkpoint())
            divided.layer_norms.enabled = True
    measured += divided.layer_norms.take()
    for _ in range(divided.epoch):
        next(whole.epochs())
    assert_same(measured, whole.layer_norms.take())
    assert [norms.epoch for norms in measured] == [e for e in range(1, whole.epoch + 1) if is_measured(e)]


def test_seeds_trained_in_several_processes_are_measured_alike() -> None:
    options: dict[str, Any] = {"training__epochs": 300, "training__dtype": "float32"}
    alone, divided = measuring(seeds=range(9), **options), measuring(seeds=range(9), **options)
    alone.advance(300)
    pool = SeedPool(divided, processes=2)
    for _ in range(3):
        pool.advance(100)
    pool.close()
    assert pool.parallel_is_faster is not None, "both ways have been measured"
    assert_same(divided.layer_norms.take(), alone.layer_norms.take())


@pytest.mark.parametrize("seeds", [None, [1, 2, 3]])
def test_measuring_changes_no_bit_of_the_training(seeds: list[int] | None) -> None:
    measured, plain = measuring(seeds=seeds, training__epochs=300), Trainer(recipe(training__epochs=300), seeds=seeds)
    np.testing.assert_array_equal(measured.advance(300), plain.advance(300))
    np.testing.assert_array_equal(measured.network.parameters.flat, plain.network.parameters.flat)
    assert plain.layer_norms.take() == []


def test_a_block_that_is_done_again_is_measured_once() -> None:
    options: dict[str, Any] = {"training__learning_rate": 1e3, "training__optimizer": "sgd", "training__epochs": 200}
    trainer = measuring(VALUES, **options)
    with np.errstate(all="ignore"):
        trainer.advance(200)
    assert trainer.ended == "non_finite"
    assert [norms.epoch for norms in trainer.layer_norms.take()] == list(range(1, trainer.epoch + 1))


# What has no number


def test_a_seed_that_has_stopped_has_none() -> None:
    trainer = measuring(seeds=range(4), training__epochs=200, training__stopping={"patience": 2})
    results = list(trainer.epochs())
    for result, norms in zip(results, trainer.layer_norms.take(), strict=True):
        has_stopped = np.isnan(result.train.loss)
        np.testing.assert_array_equal(np.isnan(norms.gradient_norm), np.broadcast_to(has_stopped, (3, 4)))
        np.testing.assert_array_equal(np.isnan(norms.update_ratio), np.broadcast_to(has_stopped, (3, 4)))
    assert np.isnan(results[-1].train.loss).any()


def test_a_layer_of_zeros_has_no_ratio_at_first() -> None:
    trainer = measuring(network__initializer="zeros")
    next(trainer.epochs())
    list(trainer.epochs())
    first = trainer.layer_norms.take()[0]
    assert np.isnan(first.update_ratio[0])
    assert first.gradient_norm[0] == 0


def test_gradients_whose_squares_leave_float32_have_a_norm() -> None:
    trainer = measuring(VALUES, training__dtype="float32", training__optimizer="sgd", training__batch_size="full")
    for layer in trainer.layers:
        layer.weights[...] = 1e25
    with np.errstate(all="ignore"):
        trainer.step()
    [norms] = trainer.layer_norms.take()
    assert np.isfinite(norms.gradient_norm).all()
    assert norms.gradient_norm.max() > 1e20


def test_an_edit_changes_how_many_layers_there_are_from_its_epoch_on() -> None:
    trainer = measuring(training__epochs=4)
    trainer.advance(2)
    edit: Change = trainer.change("network.edit", {"kind": "remove-layer", "layer": 0})
    assert edit.epoch == 3
    trainer.advance(2)
    assert [len(norms.gradient_norm) for norms in trainer.layer_norms.take()] == [3, 3, 2, 2]
