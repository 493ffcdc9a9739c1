"""Noise, sample size and derived columns turned while a network learns: the data are drawn anew."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.dataset import load
from engine.errors import InputError
from engine.run.changes import Change
from engine.training.seed_pool import SeedPool
from engine.training.trainer import Trainer
from tests.engine.training.recipes import TWO_CLASSES, VALUES, recipe
from tests.properties import examples

TURNS: list[tuple[int, str, Any]] = [
    (1, "data.noise", 0.4),
    (2, "data.samples", 60),
    (3, "data.derived", ["x1^2", "x1*x2"]),
    (5, "network.edit", {"kind": "add-layer", "layer": 0}),
    (6, "data.derived", ["x1*x2"]),
    (7, "data.noise", 0.2),
    (8, "data.seed", 9),
]
EPOCHS = 11
SPEC = recipe(TWO_CLASSES, training__epochs=EPOCHS)


def trained(resumed_at: tuple[int, int] | None = None, **seeds: Any) -> tuple[np.ndarray, Trainer, list[Change]]:
    """Return the metrics of a run with ``TURNS``, its trainer, and its log; perhaps taken up at an epoch and step."""
    trainer = Trainer(SPEC, **seeds)
    rows, log = [], []
    for epoch in range(EPOCHS):
        log += [trainer.change(path, value) for at, path, value in TURNS if at == epoch]
        if resumed_at is not None and resumed_at[0] == epoch:
            for _ in range(resumed_at[1]):
                trainer.step()
            trainer = copy.deepcopy(trainer)
        rows.append(trainer.advance(1))
    return np.concatenate(rows), trainer, log


@pytest.fixture(scope="module")
def uninterrupted() -> np.ndarray:
    return trained(seeds=[1, 2])[0]


def test_a_start_that_the_recipe_fixes_is_given_up_with_the_columns_that_it_was_for() -> None:
    network = {"layers": [{"units": 1, "activation": "sigmoid"}], "weights": [[[0.5, -0.25]]], "biases": [[0.125]]}
    trainer = Trainer(recipe({**TWO_CLASSES, "network": network}, training__epochs=4))
    trainer.advance(2)
    trainer.change("data.derived", ["x1*x2"])
    assert trainer.spec.network.weights is None
    assert trainer.spec.network.biases is not None
    again = Trainer.from_checkpoint(trainer.checkpoint())
    np.testing.assert_array_equal(again.advance(2), trainer.advance(2))


def test_the_rows_are_those_of_the_new_recipe_and_so_are_split_and_scaler() -> None:
    trainer = Trainer(SPEC)
    trainer.advance(1)
    trainer.change("data.noise", 0.4)
    trainer.change("data.samples", 50)
    drawn = load(recipe(TWO_CLASSES, data__noise=0.4, data__samples=50))
    for part in ("train", "validation", "test"):
        here, there = getattr(trainer.data, part), getattr(drawn, part)
        np.testing.assert_array_equal(here.X, there.X)
        np.testing.assert_array_equal(here.rows, there.rows)
    assert trainer.steps == 3  # 30 training rows in batches of 13


def test_a_change_asked_for_within_an_epoch_waits_for_the_next_one() -> None:
    trainer = Trainer(SPEC)
    trainer.step()
    before = trainer.data
    change = trainer.change("data.noise", 0.4)
    assert (change.epoch, change.step, change.before) == (2, 0, 0.2)
    while trainer.step() is None:
        assert trainer.data is before
    trainer.step()
    assert trainer.data is not before


def test_what_was_learned_stays_when_the_rows_are_others() -> None:
    trainer = Trainer(SPEC)
    trainer.advance(2)
    weights, before = trainer.network.parameters.flat.copy(), trainer.state.require_learner().optimizer
    trainer.change("data.noise", 0.5)
    np.testing.assert_array_equal(trainer.network.parameters.flat, weights)
    after = trainer.state.require_learner().optimizer
    assert after.steps == before.steps
    for name, array in before.state.items():
        np.testing.assert_array_equal(after.state[name], array)


def test_a_new_column_comes_in_unheard_and_an_old_one_keeps_its_weights_by_its_name() -> None:
    trainer = Trainer(recipe(TWO_CLASSES, training__epochs=20, data__derived=["x1^2", "x2^2"]))
    trainer.advance(3)
    rows = trainer.data.table.X[:9, :2]
    before, first = trainer.predict(rows), trainer.layers[0].weights.copy()
    trainer.change("data.derived", ["x1*x2", "x2^2", "x1^2"])
    np.testing.assert_allclose(trainer.predict(rows), before, rtol=1e-12)
    np.testing.assert_array_equal(trainer.layers[0].weights[:, [0, 1, 4, 3]], first)
    assert not trainer.layers[0].weights[:, 2].any()
    trainer.advance(1)
    assert trainer.layers[0].weights[:, 2].all()


def test_what_was_best_on_other_rows_is_forgotten_and_seeds_that_stopped_learn_again() -> None:
    trainer = Trainer(recipe(TWO_CLASSES, training__epochs=300, training__stopping__patience=1))
    trainer.advance(300)
    assert trainer.ended == "early_stopping"
    stopped_at = trainer.epoch
    trainer.change("data.noise", 0.3)
    assert trainer.ended is None
    assert trainer.best_epoch is None
    trainer.advance(1)
    assert trainer.best_epoch == stopped_at + 1


@settings(max_examples=examples(12))
@given(st.integers(0, EPOCHS - 1), st.integers(0, 2))
def test_a_run_whose_data_changed_goes_on_bit_for_bit_from_wherever_it_is_taken_up(
    uninterrupted: np.ndarray, epoch: int, step: int
) -> None:
    np.testing.assert_array_equal(trained((epoch, step), seeds=[1, 2])[0], uninterrupted)


def test_the_log_alone_gives_the_run_again(uninterrupted: np.ndarray) -> None:
    replayed = Trainer(SPEC, seeds=[1, 2])
    replayed.apply(trained(seeds=[1, 2])[2])
    np.testing.assert_array_equal(replayed.advance(EPOCHS), uninterrupted)


def test_a_change_back_and_forth_leaves_the_data_as_they_were() -> None:
    trainer = Trainer(SPEC)
    X = trainer.data.train.X.copy()
    for noise in (0.7, 0.2):
        trainer.change("data.noise", noise)
    np.testing.assert_array_equal(trainer.data.train.X, X)


def test_several_processes_train_on_the_new_data() -> None:
    seeds = range(8)
    alone, divided = Trainer(SPEC, seeds=seeds), Trainer(SPEC, seeds=seeds)
    pool = SeedPool(divided, processes=2)
    try:
        for trainer in (alone, divided):
            trainer.advance(1)
            trainer.change("data.samples", 50)
        expected = alone.advance(3)
        pool.forget()
        first = pool.advance(1)  # alone, to be timed
        np.testing.assert_array_equal(np.concatenate([first, pool.advance(2)]), expected)
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("data.noise", -1, r"data\.noise: expected a number from 0 on"),
        ("data.samples", 2, "split"),
        ("data.samples", 10**7, r"data\.samples: expected a number of at most 1000000"),
        ("data.derived", ["x9^2"], r"data\.derived\.0: x9\^2: there is no column 'x9'"),
        ("data.cluster_std", 1, "there is no 'cluster_std'"),
        ("data.source", "iris", "cannot be changed while the network learns"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_when_it_is_asked_for(path: str, value: Any, complaint: str) -> None:
    trainer = Trainer(SPEC)
    trainer.step()
    with pytest.raises(InputError, match=complaint):
        trainer.change(path, value)
    assert not trainer.change_log.pending
    list(trainer.epochs())


def test_an_edit_and_derived_columns_that_wait_for_the_same_epoch_fit_each_other() -> None:
    trainer = Trainer(SPEC)
    trainer.step()
    trainer.change("data.derived", ["x1*x2"])
    trainer.change("network.edit", {"kind": "add-layer", "layer": 0, "activation": "identity"})
    trainer.advance(3)
    assert trainer.network.parameters.sizes[:2] == (3, 3)


def test_rows_of_a_recipe_may_have_derived_columns_while_the_network_learns() -> None:
    trainer = Trainer(recipe(VALUES, training__epochs=9))
    trainer.advance(2)
    trainer.change("data.derived", ["x1*x2"])
    assert trainer.inputs == 3
    trainer.advance(2)


def test_rows_put_together_by_hand_are_not_drawn_anew() -> None:
    from dataclasses import replace

    trainer = Trainer(SPEC, data=replace(load(SPEC), source=None))
    with pytest.raises(InputError, match="put together by hand"):
        trainer.change("data.noise", 0.5)


def test_recipes_may_turn_the_noise_by_themselves() -> None:
    changes = [{"epoch": 3, "set": {"data.noise": 0.5}}]
    trainer = Trainer(SPEC.model_copy(update={"changes": recipe({**TWO_CLASSES, "changes": changes}).changes}))
    trainer.advance(2)
    assert trainer.spec.data.noise == 0.2  # type: ignore[union-attr]
    trainer.advance(1)
    assert trainer.spec.data.noise == 0.5  # type: ignore[union-attr]


def test_data_and_parameters_of_one_stream_are_drawn_from_a_fresh_one() -> None:
    spec = recipe(TWO_CLASSES, training__streams="legacy-shared", training__epochs=6)
    trainer = Trainer(spec, seed=4)
    trainer.advance(2)
    trainer.change("data.noise", 0.5)
    drawn = Trainer(recipe(TWO_CLASSES, training__streams="legacy-shared", data__noise=0.5), seed=4)
    np.testing.assert_array_equal(trainer.data.train.X, drawn.data.train.X)
    again = Trainer.from_checkpoint(trainer.checkpoint())
    np.testing.assert_array_equal(again.advance(2), trainer.advance(2))
