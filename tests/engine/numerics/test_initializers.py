"""Initializers: their spread, their shape, the order of their draws."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.numerics.initializers import INITIALIZERS, initial_biases

OUT, FAN_IN = 300, 500
SPREADS = {
    "glorot_uniform": math.sqrt(2 / (FAN_IN + OUT)),
    "xavier": math.sqrt(1 / FAN_IN),
    "he": math.sqrt(2 / FAN_IN),
    "lecun": math.sqrt(1 / FAN_IN),
    "normal": 1.0,
    "zeros": 0.0,
}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_mean_and_spread_are_the_papers(name: str) -> None:
    weights = INITIALIZERS[name](np.random.default_rng(0), OUT, FAN_IN)
    assert weights.shape == (OUT, FAN_IN)
    error = SPREADS[name] / math.sqrt(OUT * FAN_IN)  # of the mean; the deviation's is smaller by √2
    assert abs(weights.mean()) <= 4 * error
    assert abs(weights.std() - SPREADS[name]) <= 4 * error


def test_glorot_uniform_fills_its_range_evenly() -> None:
    limit = math.sqrt(6 / (FAN_IN + OUT))
    weights = INITIALIZERS["glorot_uniform"](np.random.default_rng(1), OUT, FAN_IN)
    assert np.abs(weights).max() <= limit
    counts, _ = np.histogram(weights, bins=10, range=(-limit, limit))
    expected = OUT * FAN_IN / 10
    assert ((counts - expected) ** 2 / expected).sum() < 27.9  # χ² of 9 degrees of freedom, 0.1%


@pytest.mark.parametrize("name", ["xavier", "he", "lecun", "normal"])
def test_the_normal_ones_draw_as_the_tutorials_do(name: str) -> None:
    """``randn(out, in)`` of NumPy's old generator, times a factor, is what the published figures start from."""
    drawn = INITIALIZERS[name](np.random.RandomState(7), 4, 3)
    np.testing.assert_allclose(drawn, np.random.RandomState(7).randn(4, 3) * SPREADS_OF_3[name], rtol=1e-15)


SPREADS_OF_3 = {"xavier": math.sqrt(1 / 3), "he": math.sqrt(2 / 3), "lecun": math.sqrt(1 / 3), "normal": 1.0}


def test_biases_are_zero_or_drawn() -> None:
    assert not initial_biases("zeros", np.random.default_rng(0), 5).any()
    np.testing.assert_array_equal(
        initial_biases("normal", np.random.RandomState(3), 5), np.random.RandomState(3).randn(5)
    )
