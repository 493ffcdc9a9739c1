"""Many epochs at once, their metrics graded together: the numbers of one epoch after the other, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training.trainer import Trainer
from tests.engine.training.recipes import THREE_CLASSES, TWO_CLASSES, VALUES, recipe
from tests.properties import examples

OPTIONS = st.fixed_dictionaries(
    {
        "split__validation": st.sampled_from([0.2, 0.0]),
        "training__optimizer": st.sampled_from(["sgd", "adam"]),
        "training__batch_size": st.sampled_from([5, 13, "full"]),
        "training__shuffle": st.booleans(),
        "training__dtype": st.sampled_from(["float32", "float64"]),
        "training__stopping": st.sampled_from([{}, {"patience": 2}, {"patience": 1, "restore_best": False}]),
        "training__schedule": st.sampled_from([{"kind": "constant"}, {"kind": "exponential", "factor": 0.7}]),
        "network__dropout_mask": st.sampled_from(["example", "step", "epoch"]),
    }
)
SEEDS = st.sampled_from([None, [1], [1, 2, 3]])


def assert_same(left: Trainer, right: Trainer) -> None:
    assert (left.epoch, left.step_in_epoch, left.state.total_steps) == (
        right.epoch,
        right.step_in_epoch,
        right.state.total_steps,
    )
    assert (left.ended, left.state.best_epoch, left.non_finite) == (
        right.ended,
        right.state.best_epoch,
        right.non_finite,
    )
    left_state, right_state = left.checkpoint(), right.checkpoint()
    assert left_state.meta == right_state.meta
    for name, array in left_state.arrays.items():
        np.testing.assert_array_equal(array, right_state.arrays[name])


@settings(max_examples=examples(100))
@given(
    document=st.sampled_from([TWO_CLASSES, THREE_CLASSES, VALUES]),
    options=OPTIONS,
    seeds=SEEDS,
    steps=st.integers(0, 6),
    portions=st.lists(st.integers(0, 100), max_size=4),
)
def test_it_is_one_epoch_after_the_other(
    document: dict[str, Any], options: dict[str, Any], seeds: list[int] | None, steps: int, portions: list[int]
) -> None:
    spec = recipe(document, training__epochs=150, **options)
    ahead, behind = Trainer(spec, seeds=seeds), Trainer(spec, seeds=seeds)
    for trainer in (ahead, behind):
        for _ in range(steps):
            if trainer.ended is None:
                trainer.step()
    epochs = behind.epochs()
    for portion in portions:
        rows = ahead.advance(portion)
        results = [result for _, result in zip(range(portion), epochs, strict=False)]
        np.testing.assert_array_equal(rows, np.array([result.row() for result in results]).reshape(rows.shape))
        assert_same(ahead, behind)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=examples(30))
@given(
    seeds=SEEDS,
    optimizer=st.sampled_from(["sgd", "adam"]),
    rate=st.sampled_from([1e3, 1e6, 1e30]),
    dtype=st.sampled_from(["float32", "float64"]),
    validation=st.sampled_from([0.0, 0.2]),
)
def test_it_ends_in_the_very_epoch_in_which_a_value_is_no_number_any_more(
    seeds: list[int] | None, optimizer: str, rate: float, dtype: str, validation: float
) -> None:
    options = {"training__optimizer": optimizer, "training__learning_rate": rate, "training__dtype": dtype}
    spec = recipe(VALUES, training__epochs=200, split__validation=validation, **options)
    ahead, behind = Trainer(spec, seeds=seeds), Trainer(spec, seeds=seeds)
    rows, results = ahead.advance(1000), list(behind.epochs())
    np.testing.assert_array_equal(rows, np.stack([result.row() for result in results]))
    assert_same(ahead, behind)


def test_changes_act_at_their_places() -> None:
    spec = recipe(
        training__epochs=40,
        changes=[
            {"epoch": 11, "set": {"training.learning_rate": 0.1}},
            {"epoch": 30, "set": {"network.dropout": 0.5}},
        ],
    )
    ahead, behind = Trainer(spec), Trainer(spec)
    rows = ahead.advance(100)
    assert rows[9, 0, 4] == 0.01
    assert rows[10, 0, 4] == 0.1
    np.testing.assert_array_equal(rows, np.stack([result.row() for result in behind.epochs()]))
    assert_same(ahead, behind)
