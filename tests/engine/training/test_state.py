"""Saving anywhere and going on: bit for bit the run that was never interrupted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.numerics import plan
from engine.run.changes import Change
from engine.store.checkpoints import Checkpoint
from engine.training.trainer import Trainer
from tests.engine.training.recipes import TWO_CLASSES, VALUES, recipe
from tests.properties import examples

CHANGES = [
    ("training.learning_rate", 0.003),
    ("training.l2", 0.1),
    ("training.clip", 0.02),
    ("training.batch_size", 5),
    ("training.batch_size", "full"),
    ("training.shuffle", False),
    ("training.optimizer", "momentum"),
    ("training.beta1", 0.5),
    ("training.momentum", 0.5),
    ("training.schedule", {"kind": "exponential", "factor": 0.7}),
    ("training.epochs", 9),
    ("training.stopping.patience", 2),
    ("network.dropout", 0.4),
    ("network.dropout", [0.0, 0.5]),
    ("network.dropout_mask", "epoch"),
    ("weights.0.1.2", 0.5),
    ("network.edit", {"kind": "set-units", "layer": 1, "units": 6}),
    ("network.edit", {"kind": "add-layer", "layer": 1}),
]
OPTIONS = st.fixed_dictionaries(
    {
        "training__optimizer": st.sampled_from(["sgd", "momentum", "rmsprop", "adam"]),
        "training__batch_size": st.sampled_from([5, 13, "full"]),
        "training__shuffle": st.booleans(),
        "training__dtype": st.sampled_from(["float32", "float64"]),
        "training__stopping": st.sampled_from([{}, {"patience": 2}]),
        "network__dropout_mask": st.sampled_from(["example", "step", "epoch"]),
    }
)
STEPS = st.integers(0, 22)


@contextmanager
def small_windows() -> Iterator[None]:
    with patch.object(plan, "WINDOW_BATCHES", 3):
        yield


def reloaded(trainer: Trainer) -> Trainer:
    with tempfile.TemporaryDirectory() as directory:
        trainer.save(directory)
        return Trainer.load(directory)


def advance(trainer: Trainer, steps: int) -> list[Any]:
    """Do so many steps, or as many as are left; return the results of the epochs that end on the way."""
    results = []
    for _ in range(steps):
        trainer.apply(())  # a change that is due may say how many epochs there are
        if trainer.ended is not None:
            break
        result = trainer.step()
        if result is not None:
            results.append(result.row())
    return results


def keys(changes: Sequence[Change]) -> list[tuple[int, str]]:
    return [(change.number, change.content) for change in changes]


def assert_same(left: Trainer, right: Trainer) -> None:
    np.testing.assert_array_equal(left.network.parameters.flat, right.network.parameters.flat)
    assert (left.epoch, left.step_in_epoch, left.state.total_steps) == (
        right.epoch,
        right.step_in_epoch,
        right.state.total_steps,
    )
    assert (left.spec, left.ended, left.state.best_epoch) == (right.spec, right.ended, right.state.best_epoch)
    assert keys(left.change_log.done) == keys(right.change_log.done)


@settings(max_examples=examples(60))
@given(options=OPTIONS, before=STEPS, after=STEPS, seeds=st.sampled_from([None, [1], [1, 2, 3]]))
def test_a_loaded_run_goes_on_bit_for_bit(
    options: dict[str, Any], before: int, after: int, seeds: list[int] | None
) -> None:
    with small_windows():
        whole = Trainer(recipe(training__epochs=5, **options), seeds=seeds)
        advance(whole, before)
        resumed = reloaded(whole)
        assert_same(whole, resumed)
        np.testing.assert_array_equal(advance(whole, after), advance(resumed, after))
        assert_same(whole, resumed)


@settings(max_examples=examples(60))
@given(
    options=OPTIONS,
    turned=st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 9)), min_size=1, max_size=4),
    after=STEPS,
)
def test_changes_that_wait_are_saved_too(
    options: dict[str, Any], turned: list[tuple[tuple[str, Any], int]], after: int
) -> None:
    with small_windows():
        whole = Trainer(recipe(training__epochs=6, **options))
        for (path, value), steps in turned:
            advance(whole, steps)
            change_if_possible(whole, path, value)
        resumed = reloaded(whole)
        assert keys(resumed.change_log.pending) == keys(whole.change_log.pending)
        np.testing.assert_array_equal(advance(whole, after), advance(resumed, after))
        assert_same(whole, resumed)


def change_if_possible(trainer: Trainer, path: str, value: Any) -> None:
    """Turn a dial; some do not fit the network that earlier edits have made of it."""
    try:
        trainer.change(path, value)
    except InputError:
        assert path in ("network.edit", "network.dropout", "weights.0.1.2")


@settings(max_examples=examples(60))
@given(
    options=OPTIONS,
    turned=st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 9)), min_size=1, max_size=4),
    saved_at=st.integers(0, 3),
)
def test_the_log_of_changes_replayed_from_any_checkpoint_is_the_same_run(
    options: dict[str, Any], turned: list[tuple[tuple[str, Any], int]], saved_at: int
) -> None:
    with small_windows():
        live = Trainer(recipe(training__epochs=4, **options))
        checkpoints: list[Checkpoint] = [live.checkpoint()]

        def go(steps: int) -> None:
            for _ in range(steps):
                live.apply(())
                if live.ended is None and live.step() is not None:
                    checkpoints.append(live.checkpoint())

        for (path, value), steps in turned:
            go(steps)
            change_if_possible(live, path, value)
        go(200)
        log = [*live.change_log.done, *live.change_log.pending]
        replayed = Trainer.from_checkpoint(checkpoints[min(saved_at, len(checkpoints) - 1)])
        replayed.apply(log)
        advance(replayed, 200)
        assert_same(live, replayed)


def test_a_log_may_be_given_twice() -> None:
    live = Trainer(recipe())
    advance(live, 2)
    live.change("training.learning_rate", 0.1)
    live.change("training.batch_size", 7)
    log = [*live.change_log.done, *live.change_log.pending]
    live.apply(log)
    live.apply(log)
    advance(live, 20)
    assert [change.path for change in live.change_log.done] == ["training.learning_rate", "training.batch_size"]


def test_a_run_that_went_wrong_is_still_wrong_when_loaded() -> None:
    trainer = Trainer(recipe(VALUES, training__learning_rate=1e300, training__optimizer="sgd"))
    with np.errstate(all="ignore"):
        list(trainer.epochs())
    assert trainer.ended == "non_finite"
    resumed = reloaded(trainer)
    assert resumed.ended == "non_finite"
    assert resumed.non_finite == trainer.non_finite


def test_data_of_another_source_are_not_taken_for_those_of_the_recipe() -> None:
    trainer = Trainer(recipe())
    other = Trainer(recipe(data__seed=2))
    again = Trainer.from_checkpoint(trainer.checkpoint(), data=other.data)
    assert np.array_equal(again.data.train.X, trainer.data.train.X)


def test_other_data_is_refused() -> None:
    trainer = Trainer(recipe())
    other = Trainer(recipe(data__seed=2), data=replace(Trainer(recipe(data__seed=2)).data, source=None))
    with pytest.raises(InputError, match="data: the rows are not those that this run began with"):
        Trainer.from_checkpoint(trainer.checkpoint(), data=other.data)


def test_a_checkpoint_is_a_copy() -> None:
    trainer = Trainer(recipe(TWO_CLASSES))
    advance(trainer, 2)
    checkpoint = trainer.checkpoint()
    before = {name: array.copy() for name, array in checkpoint.arrays.items()}
    advance(trainer, 9)
    for name, array in checkpoint.arrays.items():
        np.testing.assert_array_equal(array, before[name])


def test_nothing_saved_there_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read") as raised:
        Trainer.load(tmp_path)
    assert "\n" not in str(raised.value)
