"""The textbook's gradients against central differences, over random networks, exits and masks of dropout."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.numerics import textbook
from engine.numerics.gradcheck import numeric_gradient
from engine.numerics.losses import CLIP, make_output_head
from tests.engine.numerics.networks import KINKED, Floats, Problem, mean_loss, problems

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
