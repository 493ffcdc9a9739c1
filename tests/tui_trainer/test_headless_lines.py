"""The JSON lines, against the contract's own examples and against a strict reader."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from engine.run.metrics import METRICS
from tests.exams import exam_of
from tests.tui_trainer.welcomes import make_welcome
from tui_trainer.headless import lines

EXAM = exam_of(epoch=50, loss=0.1, accuracy=0.974, confusion=[[70, 1], [2, 41]], precision=0.9, roc_auc=0.99)


def strictly(text: str) -> Any:
    """Read JSON as its standard has it: without NaN and infinity."""

    def refuse(constant: str) -> NoReturn:
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def one(metrics: list[list[float]], **kind: Any) -> str:
    (line,) = lines.epochs(make_welcome(**kind), 1, np.array([metrics]))
    return lines.encode(line)


def test_started() -> None:
    assert lines.encode(lines.started(make_welcome())) == (
        '{"kind":"started","run":"breast-cancer-1","preset":"breast-cancer","seed":42,"parameters":641,'
        '"layers":[[30,16],[16,8],[8,1]]}'
    )


def test_epoch() -> None:
    assert one([[0.71, 0.52, 0.66, 0.61, 0.001]]) == (
        '{"kind":"epoch","epoch":1,"train":{"loss":0.71,"accuracy":0.52},'
        '"validation":{"loss":0.66,"accuracy":0.61},"learning_rate":0.001}'
    )


def test_finished() -> None:
    assert lines.encode(lines.finished(make_welcome(), "epochs", 50, EXAM)) == (
        '{"kind":"finished","reason":"epochs","epochs":50,'
        '"exam":{"loss":0.1,"accuracy":0.974,"confusion":[[70,1],[2,41]]}}'
    )


def test_an_exam_that_was_not_opened_is_null() -> None:
    assert strictly(lines.encode(lines.finished(make_welcome(), "stopped", 7, None)))["exam"] is None


def test_a_regression_has_r2_and_a_null_accuracy() -> None:
    assert '"train":{"loss":0.71,"accuracy":null,"r2":0.52}' in one([[0.71, 0.52, 0.66, 0.61, 0.001]], classes=())
    exam = exam_of(epoch=1, loss=3.0, accuracy=None, r2=0.4, mae=1.5, rmse=1.7)
    assert lines.finished(make_welcome(classes=()), "epochs", 1, exam)["exam"] == {
        "loss": 3.0,
        "accuracy": None,
        "r2": 0.4,
        "mae": 1.5,
        "rmse": 1.7,
    }


def test_a_run_without_a_validation_part_has_null_for_it() -> None:
    nan = math.nan
    assert '"validation":null' in one([[0.71, 0.52, nan, nan, 0.001]], rows=(455, 0, 114))


def test_several_seeds_have_lists_in_place_of_seed_and_metrics() -> None:
    welcome = make_welcome(seeds=(3, 4))
    assert lines.started(welcome)["seed"] == [3, 4]
    assert one([[0.1, 0.2, 0.3, 0.4, 0.001], [0.5, 0.6, 0.7, 0.8, 0.001]], seeds=(3, 4)) == (
        '{"kind":"epoch","epoch":1,"train":{"loss":[0.1,0.5],"accuracy":[0.2,0.6]},'
        '"validation":{"loss":[0.3,0.7],"accuracy":[0.4,0.8]},"learning_rate":0.001}'
    )
    assert '"accuracy":[null,null],"r2":[0.2,0.6]' in one(
        [[0.1, 0.2, 0.3, 0.4, 0.001], [0.5, 0.6, 0.7, 0.8, 0.001]], seeds=(3, 4), classes=()
    )


@given(
    rows=array_shapes(min_dims=2, max_dims=2, max_side=4).flatmap(
        lambda shape: arrays(np.float64, (*shape, len(METRICS)), elements=st.floats())
    ),
    first=st.integers(1, 10**9),
)
def test_numbers_survive_to_the_last_bit_and_undefined_ones_are_null(rows: Any, first: int) -> None:
    welcome = make_welcome(seeds=tuple(range(rows.shape[1])))
    for offset, line in enumerate(lines.epochs(welcome, first, rows)):
        read = strictly(lines.encode(line))
        assert read["epoch"] == first + offset
        told = [read["train"]["loss"], read["train"]["accuracy"], *read["validation"].values()]
        for column, values in enumerate(told):
            for value, true in zip(np.atleast_1d(np.array(values, object)), rows[offset, :, column], strict=True):
                assert value == true if math.isfinite(true) else value is None
