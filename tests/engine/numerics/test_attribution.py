"""Integrated gradients against what is known of them: linear networks, wiggles, and sums."""

from __future__ import annotations

import numpy as np
import pytest

from engine.numerics.attribution import Score, input_gradient, integrated_gradients
from engine.numerics.textbook import Layer, forward

RANDOM = np.random.default_rng(7)
ROW, REFERENCE = RANDOM.normal(size=4), RANDOM.normal(size=4)


def network(hidden: str, last: str = "identity") -> list[Layer]:
    random = np.random.default_rng(11)
    first = Layer(random.normal(size=(6, 4)), random.normal(size=6), hidden)
    return [first, Layer(random.normal(size=(3, 6)), random.normal(size=3), last)]


def test_of_a_linear_network_a_contribution_is_weight_times_difference() -> None:
    first, last = network("identity")
    found = integrated_gradients([first, last], ROW, REFERENCE, Score(np.array([1.0, -1.0, 0.0])))
    weights = (last.weights @ first.weights)[0] - (last.weights @ first.weights)[1]
    np.testing.assert_allclose(found.contributions, weights * (ROW - REFERENCE))


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "leaky_relu"])
@pytest.mark.parametrize("of_outputs", [False, True])
def test_contributions_add_up_to_the_difference_of_the_scores(hidden: str, *, of_outputs: bool) -> None:
    layers = network(hidden, "tanh")
    score = Score(np.array([0.5, 2.0, -1.0]), of_outputs=of_outputs)
    found = integrated_gradients(layers, ROW, REFERENCE, score)
    trace = forward(layers, np.stack([REFERENCE, ROW]))
    ends = (trace.a[-1] if of_outputs else trace.z[-1]) @ score.weights
    assert (found.start, found.score) == pytest.approx(tuple(ends))
    assert found.contributions.sum() == pytest.approx(ends[1] - ends[0], rel=0.05, abs=0.05)


def test_the_derivative_by_the_inputs_is_what_wiggling_them_shows() -> None:
    layers, weights, step = network("tanh", "sigmoid"), np.array([1.0, -2.0, 0.5]), 1e-6
    score = Score(weights, of_outputs=True)
    trace = forward(layers, ROW[None])
    slopes = input_gradient(layers, trace, score.delta(layers, trace))[0]
    for index in range(4):
        moved = np.stack([ROW, ROW])
        moved[0, index] -= step
        moved[1, index] += step
        low, high = score.value(forward(layers, moved))
        assert slopes[index] == pytest.approx((high - low) / (2 * step), rel=1e-5)


def test_a_step_has_no_derivative() -> None:
    with pytest.raises(ValueError, match="step has no derivative"):
        integrated_gradients(network("step"), ROW, REFERENCE, Score(np.ones(3)))
