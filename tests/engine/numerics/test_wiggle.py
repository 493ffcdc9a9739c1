"""Wiggling: equal to backpropagation where the loss is smooth, told where it has a kink, all parameters seen."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.numerics import wiggle as wiggling
from engine.numerics.by_hand import explain
from engine.numerics.losses import make_output_head
from engine.numerics.textbook import Layer
from engine.numerics.wiggle import Wiggle, check, parameter_name, wiggle
from tests.engine.numerics.networks import Floats, Problem, problems

BCE = make_output_head("sigmoid", "bce")


def one_clerk() -> tuple[list[Layer], Floats, Floats]:
    """The network of the first tutorial: 1-1-1, x = 0.5, y = 1."""
    layers = [Layer(np.array([[1.0]]), np.array([0.3]), "relu"), Layer(np.array([[1.5]]), np.array([0.2]), "sigmoid")]
    return layers, np.array([0.5]), np.ones(1)


def all_wiggles(problem: Problem) -> list[Wiggle]:
    layers = problem.layers(problem.parameters())
    return [
        wiggle(layers, problem.X[0], problem.Y[0], problem.head, number, index)
        for number, layer in enumerate(layers)
        for index in itertools.chain(np.ndindex(layer.weights.shape), np.ndindex(layer.biases.shape))
    ]


def is_steep(problem: Problem) -> bool:
    """Whether the loss is 1/p near 0, too steep for a finite wiggle."""
    return problem.loss == "bce" and problem.activations[-1] != "sigmoid"


@given(problem=problems(max_rows=1))
def test_what_is_measured_is_the_slope_of_backpropagation(problem: Problem) -> None:
    for each in all_wiggles(problem):
        if not is_steep(problem):
            assert each.relative_error < 1e-5, each


@given(problem=problems(max_rows=1))
def test_the_check_sees_every_parameter_and_the_worst_of_them(problem: Problem) -> None:
    layers = problem.layers(problem.parameters())
    progress = list(check(layers, problem.X[0], problem.Y[0], problem.head))
    one_by_one = all_wiggles(problem)
    last = progress[-1]
    assert [each.checked for each in progress] == sorted({each.checked for each in progress})
    assert last.checked == last.total == len(one_by_one)
    assert last.kinks == sum(each.kink for each in one_by_one)
    assert last.worst is not None
    largest = max(each.relative_error for each in one_by_one)
    assert last.worst.relative_error == pytest.approx(largest, rel=0.5, abs=1e-6)


def test_a_wrong_slope_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*args: object, **options: object) -> object:
        explanation = explain(*args, **options)  # type: ignore[arg-type]
        wrong = explanation.backward[1].weights.copy()
        wrong[0, 2] *= 1.001
        backward = (explanation.backward[0], replace(explanation.backward[1], weights=wrong))
        return replace(explanation, backward=backward)

    random = np.random.default_rng(0)
    layers = [
        Layer(random.normal(size=(4, 3)), np.zeros(4), "tanh"),
        Layer(random.normal(size=(1, 4)), np.zeros(1), "sigmoid"),
    ]
    monkeypatch.setattr(wiggling, "explain", mistaken)
    *_, last = check(layers, np.array([0.3, -1.0, 0.5]), np.ones(1), BCE)
    assert last.worst is not None
    assert last.worst.name == "W2[0,2]"
    assert last.worst.relative_error == pytest.approx(1e-3, rel=0.01)


def test_a_slope_at_a_kink_lies_between_those_of_its_sides() -> None:
    """With x = (0, 0) and no biases every ReLU stands exactly on its kink, where its derivative is taken as 0."""
    layers = [Layer(np.array([[1.0, -2.0]]), np.zeros(1), "relu"), Layer(np.array([[3.0]]), np.zeros(1), "sigmoid")]
    x, y = np.zeros(2), np.ones(1)
    bias = wiggle(layers, x, y, BCE, 0, (0,))
    assert bias.kink
    assert bias.slope == 0
    assert bias.one_sided == pytest.approx((0, -1.5), abs=1e-6)
    assert bias.measured == pytest.approx(-0.75, abs=1e-6)
    assert bias.relative_error == 0
    *_, last = check(layers, x, y, BCE)
    assert (last.kinks, last.checked) == (1, 5)
    assert last.worst is not None
    assert last.worst.relative_error < 1e-6


@given(distance=st.floats(1e-8, 1e-3))
def test_where_a_kink_lies_beside_the_wiggle_is_narrowed(distance: float) -> None:
    layers = [
        Layer(np.array([[1.0]]), np.array([distance - 0.5]), "relu"),
        Layer(np.ones((1, 1)), np.zeros(1), "sigmoid"),
    ]
    found = wiggle(layers, np.array([0.5]), np.ones(1), BCE, 0, (0,))
    assert not found.kink
    assert found.width < distance
    assert found.relative_error < 1e-4


def test_the_wiggles_of_the_tutorial() -> None:
    """It moves w2 by 0.1 to one side; the central difference is nearer to the slope."""
    layers, x, y = one_clerk()
    found = wiggle(layers, x, y, BCE, 1, (0, 0), width=0.1)
    assert found.above == pytest.approx(0.2050917442, rel=1e-9)
    assert found.one_sided[1] == pytest.approx(-0.1532566576, rel=1e-9)
    assert found.measured == pytest.approx(-0.1583347036, rel=1e-9)
    assert found.slope == pytest.approx(-0.1582528892, rel=1e-9)
    assert wiggle(layers, x, y, BCE, 1, (0,), width=0.1).measured == pytest.approx(-0.1979758793, rel=1e-9)
    assert wiggle(layers, x, y, BCE, 0, (0, 0), width=0.1).measured == pytest.approx(-0.148429499, rel=1e-9)


def test_inputs_of_thousands_are_wiggled_by_less() -> None:
    layer = Layer(np.array([[0.001, 0.002]]), np.zeros(1), "sigmoid")
    *_, last = check([layer], np.array([900.0, -400.0]), np.ones(1), BCE)
    assert last.worst is not None
    assert last.worst.relative_error < 1e-6


@given(problem=problems(max_rows=1))
def test_a_wiggle_leaves_the_network_as_it_was(problem: Problem) -> None:
    layers = problem.layers(problem.parameters())
    before = [(layer.weights.copy(), layer.biases.copy()) for layer in layers]
    list(check(layers, problem.X[0], problem.Y[0], problem.head))
    for layer, (weights, biases) in zip(layers, before, strict=True):
        np.testing.assert_array_equal(layer.weights, weights)
        np.testing.assert_array_equal(layer.biases, biases)


def test_many_parameters_are_checked_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiggling, "CHUNK", 40)
    random = np.random.default_rng(1)
    layers = [
        Layer(random.normal(size=(4, 6)), np.zeros(4), "relu"),
        Layer(random.normal(size=(1, 4)), np.zeros(1), "sigmoid"),
    ]
    progress = list(check(layers, random.normal(size=6), np.ones(1), BCE))
    assert [each.checked for each in progress] == [10, 20, 28, 33]


def test_a_network_that_only_goes_forward_cannot_be_wiggled() -> None:
    layer = Layer(np.ones((1, 1)), np.zeros(1), "step")
    with pytest.raises(ValueError, match="only goes forward"):
        wiggle([layer], np.ones(1), np.ones(1), make_output_head("step", "mse"), 0, (0,))
    with pytest.raises(ValueError, match="only goes forward"):
        next(check([layer], np.ones(1), np.ones(1), make_output_head("step", "mse")))


def test_parameters_are_named_as_on_paper() -> None:
    assert parameter_name(0, (0, 3)) == "W1[0,3]"
    assert parameter_name(1, (2,)) == "b2[2]"
