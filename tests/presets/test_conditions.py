"""Conditions: as tasks write them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic_core import PydanticCustomError

from presets.conditions import Condition, parse_condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("validation.accuracy >= 0.95", Condition("validation.accuracy", ">=", 0.95)),
        ("dead=0", Condition("dead", "=", 0)),
        (" train.loss.rise > 1e1 ", Condition("train.loss.rise", ">", 10)),
        ("parameters<=40", Condition("parameters", "<=", 40)),
        ("train.loss = inf", Condition("train.loss", "=", math.inf)),
    ],
)
def test_a_condition_is_a_measure_a_relation_and_a_number(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition
    assert parse_condition(str(condition)) == condition


@pytest.mark.parametrize("text", ["", "dead", "dead 0", "dead >= x", "dead >= nan", "ded >= 1", "dead => 1", 3, None])
def test_what_is_no_condition_says_what_was_expected(text: Any) -> None:
    with pytest.raises(PydanticCustomError):
        parse_condition(text)


@pytest.mark.parametrize(
    ("relation", "below", "at", "above"),
    [(">=", False, True, True), (">", False, False, True), ("<=", True, True, False), ("<", True, False, False)],
)
def test_relations(relation: str, below: bool, at: bool, above: bool) -> None:
    condition = Condition("dead", relation, 2)
    assert [condition.holds(value) for value in (1, 2, 3)] == [below, at, above]
    assert not condition.holds(None)
    assert not condition.holds(math.nan)
