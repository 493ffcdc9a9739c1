from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from engine.errors import InputError
from engine.sweep.axes import Choices, Interval, Plan, make_plan, parse_axis
from tests.engine.sweep.small import recipe
from tests.properties import examples

MANY = ",".join(map(str, range(200)))


def drawn(text: str, count: int, seed: int = 7) -> list[float]:
    axis = parse_axis(text, recipe())
    return [trial[axis.path] for trial in make_plan([axis], count, seed).trials()]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("training.learning_rate=.1,1e-2, 0.001", (0.1, 0.01, 0.001)),
        ("network.units=[4],[16, 8]", ([4], [16, 8])),
        ("network.layers.0.activation=relu,tanh", ("relu", "tanh")),
        ('network.layers.0.activation="relu"', ("relu",)),
        ("training.batch_size=16,full", (16, "full")),
        ("training.shuffle=true,false", (True, False)),
        ("network.dropout=[.1],[.2]", ([0.1], [0.2])),
    ],
)
def test_values_are_the_inside_of_an_array_of_toml_with_bare_words(text: str, values: tuple[object, ...]) -> None:
    axis = parse_axis(text, recipe())
    assert isinstance(axis, Choices)
    assert axis.values == values


def test_a_grid_is_that_of_nested_loops() -> None:
    plan = make_plan(
        [parse_axis("training.learning_rate=.1,.2,.3", recipe()), parse_axis("training.l2=0,1", recipe())], None, 0
    )
    loops = [{"training.learning_rate": rate, "training.l2": l2} for rate in (0.1, 0.2, 0.3) for l2 in (0, 1)]
    assert plan.trials() == loops


def test_draws_from_a_range_are_even_and_those_of_log_even_by_orders_of_magnitude() -> None:
    linear = np.array(drawn("training.learning_rate=2..6", 400))
    log = np.log10(drawn("training.learning_rate=1e-4..1e-1:log", 400))
    assert kstest((linear - 2) / 4, "uniform").pvalue > 0.01
    assert kstest((log + 4) / 3, "uniform").pvalue > 0.01


def test_whole_numbers_are_drawn_where_the_recipe_has_one_both_ends_among_them_and_each_once() -> None:
    assert sorted(drawn("network.layers.0.units=3..9", 100)) == list(range(3, 10))
    assert all(isinstance(units, int) for units in drawn("network.layers.0.units=4..64:log", 10))
    assert any(rate != round(rate) for rate in drawn("training.learning_rate=1..9", 10))


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=examples(40))
def test_more_draws_begin_with_those_of_fewer(few: int, more: int, seed: int, has_range: bool) -> None:
    axes: list[Choices | Interval] = [Choices(path="a", values=(1, 2, 3)), Choices(path="b", values=tuple("wxyz"))]
    if has_range:
        axes.append(Interval(path="c", low=0.5, high=2.0))
    short, long = (Plan(axes=tuple(axes), draws=draws, seed=seed).trials() for draws in (few, few + more))
    assert long[: len(short)] == short
    assert len(short) == (few if has_range else min(few, 12))


@given(st.floats(1e-6, 1e3), st.floats(1.001, 1e3), st.booleans(), st.integers(0, 99))
@settings(max_examples=examples(60))
def test_a_draw_lies_within_its_range(low: float, factor: float, is_log: bool, seed: int) -> None:
    axis = Interval(path="a", low=low, high=low * factor, scale="log" if is_log else "linear")
    values = [axis.draw(np.random.default_rng([seed, k])) for k in range(20)]
    assert all(axis.low <= value <= axis.high for value in values)


def test_some_of_a_grid_are_different_cells_of_it() -> None:
    axes = [parse_axis("training.learning_rate=.1,.2,.3", recipe()), parse_axis("training.l2=0,1", recipe())]
    some = make_plan(axes, 4, 1).trials()
    grid = [
        dict(zip(("training.learning_rate", "training.l2"), cell, strict=True))
        for cell in itertools.product((0.1, 0.2, 0.3), (0, 1))
    ]
    assert len(some) == 4
    assert all(some.count(cell) <= 1 for cell in grid)
    assert sorted(map(str, make_plan(axes, 99, 1).trials())) == sorted(map(str, grid))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x", "--over x: expected PATH=VALUES"),
        ("training.nope=1", "--over training.nope: there is no 'nope'"),
        ("training.learning_rate=1..0", "low end is below its high end (got 1..0)"),
        ("training.learning_rate=0..1:log", "expected a range above 0 for log"),
        ("training.learning_rate=1..2:cube", "low..high:log (got :cube)"),
        ("training.learning_rate=.1,.2,.1", "has 0.1 twice"),
        ("training.learning_rate=2020-01-01", "expected numbers, texts, lists or tables"),
        ("training.seed=1,2", "--seeds says with how many"),
        ("training.learning_rate=,", "expected at least one value"),
    ],
)
def test_what_cannot_be_varied_is_one_line(text: str, complaint: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_axis(text, recipe())
    assert complaint in str(raised.value)


@pytest.mark.parametrize(
    ("axes", "complaint"),
    [
        (("training.l2=0..1",), "a range is drawn from; expected a number of trials"),
        (("training.l2=0", "training.l2=1"), "training.l2: is given twice"),
        (
            (f"training.l2={','.join(map(str, range(200)))}", f"training.l1={','.join(map(str, range(200)))}"),
            "at most 10000",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_one_line(axes: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(InputError) as raised:
        make_plan([parse_axis(text, recipe()) for text in axes], None, 0)
    assert complaint in str(raised.value)
