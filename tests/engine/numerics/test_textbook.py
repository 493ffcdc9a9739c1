"""The textbook: gradients against central differences, training against the compiled plan and against the oracle."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.numerics import textbook
from engine.numerics.gradcheck import numeric_gradient
from engine.numerics.losses import CLIP, make_output_head
from engine.numerics.metrics import total_sum_of_squares
from engine.numerics.optimizers import OPTIMIZERS, Rates, regularizing_operations
from engine.numerics.parameters import Parameters
from engine.numerics.plan import TrainingPlan
from tests.engine.numerics.networks import KINKED, Floats, Problem, mean_loss, problems
from tests.reference import straightforward

CLEARANCE = 1e-3
"""How far z stays from a kink: much farther than the wiggle moves it."""


def random_masks(problem: Problem, seed: int) -> list[Floats | None]:
    random = np.random.default_rng(seed)
    shapes = [(len(problem.X), units) for units in problem.sizes[1:]]
    return [
        (random.random(shape) >= rate) / (1 - rate) if rate else None
        for shape, rate in zip(shapes, problem.dropout, strict=True)
    ]


def is_smooth(problem: Problem, trace: textbook.Trace) -> bool:
    """Whether no kink of an activation, of |p − y|, or of a clipped loss lies within the wiggle's reach."""
    kinks = [np.abs(z) for z, name in zip(trace.z, problem.activations, strict=True) if name in KINKED]
    if problem.loss == "mae":
        kinks.append(np.abs(trace.outputs - problem.Y))
    if problem.loss == "bce" and problem.activations[-1] != "sigmoid":
        # Beside 0 and 1 the unmatched gradient is 1/p: too steep there for a finite wiggle.
        kinks += [np.abs(trace.outputs - edge) - 0.02 for edge in (CLIP, 1 - CLIP)]
    return all((distance > CLEARANCE).all() for distance in kinks)


@given(problem=problems(dropout=True), masks_seed=st.integers(0, 2**32 - 1))
def test_gradients_are_the_slopes_of_the_mean_loss(problem: Problem, masks_seed: int) -> None:
    layers, masks = problem.layers(problem.parameters()), random_masks(problem, masks_seed)
    trace = textbook.forward(layers, problem.X, masks)
    assume(is_smooth(problem, trace))
    gradients = textbook.backward(layers, trace, problem.Y, problem.head)

    def loss() -> float:
        return mean_loss(layers, problem.X, problem.Y, problem.head, masks)

    for layer, gradient in zip(layers, gradients, strict=True):
        np.testing.assert_allclose(gradient.weights, numeric_gradient(loss, layer.weights), rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(gradient.biases, numeric_gradient(loss, layer.biases), rtol=1e-5, atol=1e-8)


def test_a_step_has_no_way_back() -> None:
    layers = [textbook.Layer(np.ones((1, 1)), np.zeros(1), name) for name in ("step", "identity")]
    trace = textbook.forward(layers, np.ones((1, 1)))
    assert trace.outputs == 1
    with pytest.raises(ValueError, match="step has no derivative"):
        textbook.backward(layers, trace, np.ones((1, 1)), make_output_head("identity", "mse"))


def test_the_trace_keeps_what_each_layer_took_in() -> None:
    layers = [
        textbook.Layer(np.array([[1.0, -1.0], [2.0, 0.0]]), np.array([0.5, 0.0]), "relu"),
        textbook.Layer(np.array([[1.0, 3.0]]), np.array([-1.0]), "identity"),
    ]
    mask = np.array([[2.0, 0.0]])
    trace = textbook.forward(layers, np.array([[1.0, 4.0]]), [mask, None])
    np.testing.assert_array_equal(trace.z[0], [[-2.5, 2.0]])
    np.testing.assert_array_equal(trace.a[0], [[0.0, 2.0]])
    np.testing.assert_array_equal(trace.inputs[1], [[0.0, 0.0]])  # both silent: one by ReLU, one on a break
    np.testing.assert_array_equal(trace.outputs, [[-1.0]])


@st.composite
def recipes(draw: st.DrawFn) -> tuple[Problem, dict[str, Any]]:
    """A problem, and how it is learned; what is steep is clipped, so that rounding is not blown up."""
    problem = draw(problems(max_rows=9, dropout=True))
    steep = problem.loss == "bce" and problem.activations[-1] != "sigmoid"
    options = {
        "optimizer": draw(st.sampled_from(sorted(textbook.UPDATE_RULES))),
        "learning_rate": draw(st.sampled_from([0.001, 0.01])),
        "rates": Rates(momentum=draw(st.sampled_from([0.5, 0.9])), epsilon=1e-4),
        "l1": draw(st.sampled_from([0.0, 0.01])),
        "l2": draw(st.sampled_from([0.0, 0.1])),
        "clip": draw(st.just(0.5) if steep else st.sampled_from([0.0, 0.5])),
    }
    return problem, options


@given(recipe=recipes(), batch_size=st.integers(1, 10), granularity=st.sampled_from(["example", "step", "epoch"]))
def test_training_is_what_the_compiled_plan_does(
    recipe: tuple[Problem, dict[str, Any]], batch_size: int, granularity: str
) -> None:
    problem, options = recipe
    parameters = problem.parameters()
    layers = [copied(layer) for layer in problem.layers(parameters)]
    random = np.random.default_rng(problem.seed)
    orders = [random.permutation(len(problem.X)) for _ in range(3)]
    losses, masks = compiled_training(problem, parameters, options, orders, batch_size, granularity)
    epochs = [[order[start : start + batch_size] for start in range(0, len(order), batch_size)] for order in orders]
    history = textbook.train(
        layers, problem.X, problem.Y, problem.head, textbook.Update(**options), epochs, iter(masks)
    )
    np.testing.assert_allclose(history, losses, rtol=1e-6, atol=1e-9)
    for book, compiled in zip(layers, problem.layers(parameters), strict=True):
        np.testing.assert_allclose(book.weights, compiled.weights, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(book.biases, compiled.biases, rtol=1e-6, atol=1e-7)


def copied(layer: textbook.Layer) -> textbook.Layer:
    return replace(layer, weights=layer.weights.copy(), biases=layer.biases.copy())


def compiled_training(
    problem: Problem,
    parameters: Parameters,
    options: dict[str, Any],
    orders: list[Any],
    batch_size: int,
    granularity: str,
) -> tuple[list[float], list[list[Floats | None]]]:
    """Train the parameters by plan and compiled optimiser; return each epoch's loss, and the masks of each batch."""
    optimizer = OPTIMIZERS[options["optimizer"]](parameters.flat, options["rates"])
    optimizer.learning_rate[...] = options["learning_rate"]
    squares = total_sum_of_squares(problem.Y) if problem.loss in ("mse", "mae") else None
    plan = TrainingPlan(
        parameters,
        problem.architecture(granularity),
        problem.X,
        problem.Y,
        optimizer.gradient,
        batch_size=batch_size,
        total_sum_of_squares=squares,
    )
    penalties = {name: options[name] for name in ("l1", "l2", "clip")}
    regularizing = regularizing_operations(parameters.flat, optimizer.gradient, parameters.weight_mask(), **penalties)
    plan.set_update_operations([*regularizing, *optimizer.operations()])
    losses, masks, stream = [], [], np.random.default_rng(problem.seed)
    for order in orders:
        plan.begin_epoch([order], [stream])
        for step in range(plan.steps):
            plan.step(step)
            drawn = plan.latest(step).masks
            masks.append(
                [drawn[index][0].T.copy() if index in drawn else None for index in range(len(parameters.layers))]
            )
        losses.append(float(np.atleast_1d(plan.running.accumulator.loss())[0]))
    return losses, masks


@pytest.mark.parametrize("optimizer", textbook.UPDATE_RULES)
@pytest.mark.parametrize("penalties", [{}, {"l1": 0.01, "l2": 0.1}, {"clip": 0.1}], ids=["plain", "penalties", "clip"])
@pytest.mark.parametrize("pair", [("sigmoid", "bce"), ("softmax", "cce"), ("tanh", "mse"), ("identity", "mae")])
def test_training_is_what_one_would_write_in_an_afternoon(
    optimizer: str, penalties: dict[str, Any], pair: tuple[str, str]
) -> None:
    (activation, loss), random = pair, np.random.default_rng(0)
    X, Y = random.normal(size=(10, 3)), np.eye(2)[random.integers(2, size=10)]
    layers = [
        textbook.Layer(random.normal(size=(4, 3)), random.normal(size=4), "leaky_relu"),
        textbook.Layer(random.normal(size=(2, 4)), random.normal(size=2), activation),
    ]
    network = straightforward.Network(
        [layer.weights.copy() for layer in layers],
        [layer.biases.copy() for layer in layers],
        ["leaky_relu", activation],
    )
    epochs = [[np.arange(0, 6), np.arange(6, 10)]] * 3
    update = textbook.Update(optimizer, 0.01, **penalties)
    history = textbook.train(layers, X, Y, make_output_head(activation, loss), update, epochs)
    theirs = straightforward.train(network, X, Y, loss, straightforward.Update(optimizer, **penalties), 0.01, epochs)
    np.testing.assert_allclose(history, [epoch_loss for epoch_loss, _ in theirs], rtol=1e-10)
    for index, layer in enumerate(layers):
        np.testing.assert_allclose(layer.weights, network.weights[index], rtol=1e-9)
        np.testing.assert_allclose(layer.biases, network.biases[index], rtol=1e-9)
