"""One sample by hand: against the compiled plan, finite differences, and numbers worked out with pencil and paper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.numerics import textbook
from engine.numerics.by_hand import Explanation, Penalties, explain, float64_layers
from engine.numerics.gradcheck import numeric_gradient
from engine.numerics.losses import OutputHead, make_output_head
from engine.numerics.optimizers import regularizing_operations
from engine.numerics.parameters import Parameters
from engine.numerics.plan import TrainingPlan
from engine.numerics.textbook import Layer
from tests.engine.numerics.networks import KINKED, Floats, Problem, problems

RATE = 0.1


def explained(problem: Problem, row: int = 0, rate: float = RATE, penalties: Penalties | None = None) -> Explanation:
    layers = problem.layers(problem.parameters())
    return explain(layers, problem.X[row], problem.Y[row], problem.head, rate, penalties)


def plan_gradient(problem: Problem, row: int, penalties: Penalties, head: OutputHead) -> list[Floats]:
    """Return (out, in + 1) of each layer: the gradient that the compiled plan goes by, on a batch of one row."""
    parameters = problem.parameters()
    gradient = parameters.like()
    architecture = replace(problem.architecture(), head=head)
    X, Y = problem.X[row : row + 1], problem.Y[row : row + 1]
    plan = TrainingPlan(parameters, architecture, X, Y, gradient.flat, batch_size=1, ordered=True)
    plan.set_update_operations(
        regularizing_operations(
            parameters.flat,
            gradient.flat,
            parameters.weight_mask(),
            l1=penalties.l1,
            l2=penalties.l2,
            clip=0.0,
        )
    )
    plan.begin_epoch(None, [np.random.default_rng(0)])
    plan.step(0)
    return [layer[0] for layer in gradient.layers]


@given(
    problem=problems(max_rows=3),
    l1=st.sampled_from([0.0, 0.01]),
    l2=st.sampled_from([0.0, 0.3]),
    weighted=st.booleans(),
    smoothing=st.sampled_from([0.0, 0.2]),
)
def test_the_slopes_are_the_gradient_of_the_compiled_plan(
    problem: Problem, l1: float, l2: float, weighted: bool, smoothing: float
) -> None:
    classes = max(2, problem.sizes[-1]) if problem.loss in {"bce", "cce"} and weighted else 0
    weights = tuple(np.linspace(0.5, 3, classes).tolist())
    of_classes = problem.loss in {"bce", "cce"}
    head = replace(problem.head, class_weights=weights, label_smoothing=smoothing if of_classes else 0.0)
    row = len(problem.X) - 1
    layers = problem.layers(problem.parameters())
    explanation = explain(layers, problem.X[row], problem.Y[row], head, RATE, Penalties(l1, l2))
    expected = plan_gradient(problem, row, Penalties(l1, l2), head)
    assert len(explanation.backward) == len(expected)
    for step, gradient in zip(explanation.backward, expected, strict=True):
        np.testing.assert_allclose(step.weights + step.penalty, gradient[:, :-1], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(step.biases, gradient[:, -1], rtol=1e-9, atol=1e-12)


@given(problem=problems(max_rows=1), smoothing=st.sampled_from([0.0, 0.2]))
def test_the_two_links_multiplied_out_are_what_the_network_goes_back_from(problem: Problem, smoothing: float) -> None:
    head = replace(problem.head, label_smoothing=smoothing if problem.loss in {"bce", "cce"} else 0.0)
    explanation = explain(_layers(problem), problem.X[0], problem.Y[0], head, RATE)
    loss = explanation.loss
    assert loss.delta is not None
    assert loss.product is not None
    np.testing.assert_allclose(loss.product, loss.delta, rtol=1e-9, atol=1e-12)
    if loss.collapses:
        outputs = len(loss.delta)
        even = 1 / outputs if loss.name == "cce" else 0.5
        targets = problem.Y[0] * (1 - smoothing) + smoothing * even
        share = outputs if loss.name == "bce" else 1
        np.testing.assert_allclose(loss.delta, (explanation.outputs - targets) / share, rtol=0, atol=1e-15)


def test_the_links_are_exact_where_p_rounds_to_1() -> None:
    layer = Layer(np.array([[60.0]]), np.zeros(1), "sigmoid")
    loss = explain([layer], np.ones(1), np.zeros(1), make_output_head("sigmoid", "bce"), RATE).loss
    assert loss.value == pytest.approx(60)
    assert loss.gradient[0] == pytest.approx(np.exp(60))
    assert loss.product is not None
    assert loss.product[0] == pytest.approx(1)


def test_links_beyond_what_a_float_holds_are_no_numbers_and_the_collapsed_form_is_left() -> None:
    layer = Layer(np.array([[2000.0]]), np.zeros(1), "sigmoid")
    loss = explain([layer], np.ones(1), np.zeros(1), make_output_head("sigmoid", "bce"), RATE).loss
    assert loss.product is not None
    assert np.isnan(loss.product[0])
    assert loss.delta is not None
    assert loss.delta[0] == 1


@given(problem=problems(max_rows=1))
def test_an_update_is_a_step_of_plain_descent_whatever_the_penalties(problem: Problem) -> None:
    explanation = explained(problem, penalties=Penalties(l1=0.5, l2=2.0))
    for before, slopes, after in zip(explanation.forward, explanation.backward, explanation.updates, strict=True):
        np.testing.assert_array_equal(after.weights, before.weights - RATE * slopes.weights)
        np.testing.assert_array_equal(after.biases, before.biases - RATE * slopes.biases)


@given(problem=problems(max_rows=1, dropout=True), seed=st.integers(0, 2**32 - 1))
def test_with_masks_the_slopes_are_those_of_the_thinned_network(problem: Problem, seed: int) -> None:
    random = np.random.default_rng(seed)
    masks = [
        (random.random(units) >= rate) / (1 - rate) if rate else None
        for units, rate in zip(problem.sizes[1:], problem.dropout, strict=True)
    ]
    layers = problem.layers(problem.parameters())
    explanation = explain(layers, problem.X[0], problem.Y[0], problem.head, RATE, masks=masks)
    rows = [None if mask is None else mask[None] for mask in masks]
    expected = textbook.backward(layers, textbook.forward(layers, problem.X[:1], rows), problem.Y[:1], problem.head)
    for back, gradient in zip(explanation.backward, expected, strict=True):
        np.testing.assert_array_equal(back.weights, gradient.weights)
        np.testing.assert_array_equal(back.delta, gradient.delta[0])
    for step, back in zip(explanation.forward, explanation.backward, strict=True):
        if back.derivative is not None:
            np.testing.assert_allclose(back.error * back.derivative, back.delta, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(step.contributions.sum(axis=1) + step.biases, step.z, rtol=1e-9, atol=1e-12)


def test_another_delta_is_gone_back_from() -> None:
    """The exercise of the first tutorial: with δ = −0.40 the error of the hidden neuron is −0.60, the slope −0.30."""
    layers = [Layer(np.array([[1.0]]), np.array([0.3]), "relu"), Layer(np.array([[1.5]]), np.array([0.2]), "sigmoid")]
    head = make_output_head("sigmoid", "bce")
    explanation = explain(layers, np.array([0.5]), np.ones(1), head, RATE, delta=np.array([-0.40]))
    hidden = explanation.backward[0]
    assert (hidden.error[0], hidden.delta[0], hidden.weights[0, 0]) == pytest.approx((-0.60, -0.60, -0.30))


def test_a_network_that_only_goes_forward_has_no_way_back() -> None:
    layer = Layer(np.array([[0.3, 2.0, 0.1, -0.2]]), np.array([-3.0]), "step")
    x = np.array([1.5, 3.4, 3.0, 3.0])
    explanation = explain([layer], x, np.ones(1), make_output_head("step", "mse"), RATE)
    np.testing.assert_allclose(explanation.forward[0].contributions, [[0.45, 6.8, 0.3, -0.6]])
    assert explanation.forward[0].z[0] == pytest.approx(3.95)
    assert explanation.outputs == 1
    assert (explanation.backward, explanation.updates, explanation.loss.delta) == ((), (), None)


def test_layers_are_copied_into_float64() -> None:
    parameters = Parameters((2, 1), 1, np.dtype(np.float32))
    parameters.flat[...] = [[0.1, 0.2, 0.3]]
    (layer,) = float64_layers([parameters.layers[0][0]], ["sigmoid"])
    parameters.flat[...] = 0
    assert layer.weights.dtype == layer.biases.dtype == np.float64
    np.testing.assert_array_equal(layer.weights, [[np.float32(0.1), np.float32(0.2)]])


@given(problem=problems(max_rows=1))
@pytest.mark.filterwarnings("error")
def test_nothing_is_said_of_a_network_that_has_diverged(problem: Problem) -> None:
    layers = [Layer(np.full_like(each.weights, np.inf), each.biases, each.activation) for each in _layers(problem)]
    explanation = explain(layers, problem.X[0], problem.Y[0], problem.head, RATE)
    assert len(explanation.forward) == len(layers)


def _layers(problem: Problem) -> list[Layer]:
    return problem.layers(problem.parameters())


@given(problem=problems(max_rows=1))
def test_slopes_are_those_of_the_loss(problem: Problem) -> None:
    layers = _layers(problem)
    explanation = explained(problem)
    clear = [np.abs(step.z) for step in explanation.forward if step.activation in KINKED]
    clear += [np.abs(explanation.outputs - problem.Y[0])] if problem.loss == "mae" else []
    steep = problem.loss == "bce" and problem.activations[-1] != "sigmoid"
    clear += [np.abs(explanation.outputs - edge) - 0.02 for edge in (0, 1)] if steep else []
    assume(all((distance > 1e-3).all() for distance in clear))

    def loss() -> float:
        return textbook.mean_loss(layers, problem.X, problem.Y, problem.head)

    for layer, step in zip(layers, explanation.backward, strict=True):
        np.testing.assert_allclose(step.weights, numeric_gradient(loss, layer.weights), rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(step.biases, numeric_gradient(loss, layer.biases), rtol=1e-5, atol=1e-8)
