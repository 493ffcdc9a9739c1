"""The scales that dials are turned on."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_trainer.view_models.dial_scales import (
    turn_batch,
    turn_count,
    turn_derived,
    turn_fraction,
    turn_pace,
    turn_penalty,
    turn_rate,
)
from tui_trainer.view_models.dials import read_derived


@given(st.floats(1e-9, 1e9))
def test_a_rate_turns_by_half_or_double_and_back(value: float) -> None:
    up = turn_rate(value, +1)
    assert 1 < up / value <= 2.5 + 1e-6
    assert turn_rate(turn_rate(up, +1), -1) == up
    assert turn_rate(value, -1) < value


@pytest.mark.parametrize(
    ("turn", "values"),
    [
        (turn_rate, [0.001, 0.002, 0.005, 0.01, 0.02]),
        (turn_penalty, [0.0, 1e-5, 2e-5, 5e-5, 1e-4]),
        (turn_fraction, [0.0, 0.05, 0.1, 0.15]),
        (turn_count, [0, 1, 2, 5, 10, 20]),
        (partial(turn_pace, steps=1), [1.0, 2.0, 5.0]),
        (partial(turn_pace, steps=11), [1 / 11, 2 / 11, 5 / 11, 10 / 11, 1.0, 2.0]),
        (partial(turn_pace, steps=11), [500.0, 1000.0]),
    ],
)
def test_scales(turn: Any, values: list[Any]) -> None:
    assert [turn(value, +1) for value in values[:-1]] == pytest.approx(values[1:])
    assert [turn(value, -1) for value in values[1:]] == pytest.approx(values[:-1])


def test_scales_end() -> None:
    assert turn_pace(1000.0, +1, steps=11) is None
    assert turn_pace(None, -1, steps=11) == 1000
    assert turn_pace(None, +1, steps=11) is None
    assert turn_pace(1 / 11, -1, steps=11) == 1 / 11
    assert turn_pace(0.01, -1, steps=11) == 0.01
    assert turn_fraction(0.95, +1) == 0.95
    assert turn_fraction(0.0, -1) == 0.0
    assert turn_penalty(0.0, -1) == 0.0
    assert turn_count(0, -1) == 0


def test_values_off_the_scale_turn_to_its_next_value() -> None:
    assert turn_rate(0.003, +1) == 0.005
    assert turn_fraction(0.22, -1) == pytest.approx(0.2)
    assert turn_fraction(0.22, +1) == pytest.approx(0.25)


@given(st.integers(2, 5000))
def test_batch_sizes_are_powers_of_two_up_to_all_rows(rows: int) -> None:
    seen: list[Any] = [1]
    while seen[-1] != "full":
        seen.append(turn_batch(seen[-1], +1, rows))
    assert [turn_batch(value, -1, rows) for value in seen[1:]] == seen[:-1]
    assert all(value.bit_count() == 1 and value < rows for value in seen[1:-1])


def test_derived_columns_turn_through_the_usual_ones_and_back() -> None:
    first = turn_derived((), 1)
    assert first == ("x1^2", "x2^2")
    assert turn_derived(first, -1) == ()
    assert turn_derived(("exp(x1)",), 1) == first
    assert read_derived("x1^2, x1*x2") == ("x1^2", "x1*x2")
    assert read_derived(" none ") == read_derived("") == ()
