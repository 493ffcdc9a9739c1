"""Losses and output heads: values by hand, derivatives against central differences, finite however sure it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special

from engine.numerics.gradcheck import central_difference
from engine.numerics.losses import make_output_head
from tests.engine.numerics.networks import MATCHED, UNMATCHED

Floats = NDArray[np.floating[Any]]
PAIRS = MATCHED + UNMATCHED


@pytest.mark.parametrize(
    ("activation", "loss", "z", "y", "expected"),
    [
        ("sigmoid", "bce", [1.4], [1.0], -np.log(1 / (1 + np.exp(-1.4)))),
        ("sigmoid", "bce", [0.0, 2.0], [0.0, 1.0], (np.log(2) + np.log1p(np.exp(-2.0))) / 2),
        ("softmax", "cce", [1.0, 2.0, 3.0], [0.0, 0.0, 1.0], np.log(1 + np.exp(-1) + np.exp(-2))),
        ("identity", "mse", [2.8, 4.2], [3.0, 4.5], (0.2**2 + 0.3**2) / 2),
        ("identity", "mae", [2.8, 4.2], [3.0, 4.5], (0.2 + 0.3) / 2),
        ("sigmoid", "mse", [0.0], [1.0], 0.25),
        ("relu", "bce", [0.25], [1.0], -np.log(0.25)),
        ("relu", "bce", [14.7], [1.0], -np.log(1 - 1e-7)),  # clipped as Keras does, so never negative
        ("relu", "bce", [14.7], [0.0], -np.log(1e-7)),
        ("identity", "bce", [-3.0], [1.0], -np.log(1e-7)),
        ("tanh", "mae", [0.0], [0.5], 0.5),
        ("leaky_relu", "mse", [-1.0], [0.0], 1e-4),
    ],
)
def test_values_by_hand(activation: str, loss: str, z: list[float], y: list[float], expected: float) -> None:
    rows = make_output_head(activation, loss).row_losses(np.array(z)[:, None], np.array(y)[:, None])
    assert rows.shape == (1,)
    assert rows[0] == pytest.approx(expected, rel=1e-8)


@given(seed=st.integers(0, 2**32 - 1), pair=st.sampled_from(PAIRS), outputs=st.integers(1, 4))
def test_the_delta_is_the_gradient_of_the_row_loss(seed: int, pair: tuple[str, str], outputs: int) -> None:
    random = np.random.default_rng(seed)
    head = make_output_head(*pair)
    z = random.choice([-1, 1], (outputs, 1)) * random.uniform(0.05, 3, (outputs, 1))
    y = random.uniform(4, 5, (outputs, 1)) if pair[1] in ("mse", "mae") else np.zeros((outputs, 1))
    if pair[1] in ("bce", "cce"):
        y[random.integers(outputs)] = 1
        z[:] = np.where(np.abs(z - 1) < 0.01, 0.9, z)  # away from where the clipping of ReLU + BCE sets in
    numeric = [central_difference(lambda: float(head.row_losses(z, y)[0]), z, index) for index in np.ndindex(z.shape)]
    np.testing.assert_allclose(head.delta(head.value(z), y).ravel(), numeric, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("y", [0.0, 1.0])
def test_binary_cross_entropy_from_logits_never_overflows(dtype: type[np.floating], y: float) -> None:
    z = np.concatenate([-np.logspace(4, -4, 60), [0.0], np.logspace(-4, 4, 60)]).astype(dtype)[None]
    head, targets = make_output_head("sigmoid", "bce"), np.full(z.shape, y, dtype)
    with np.errstate(all="raise", under="ignore"):
        rows, delta = head.row_losses(z, targets), head.delta(head.value(z), targets)
    assert rows.dtype == dtype
    np.testing.assert_allclose(rows, np.logaddexp(0, (1 - 2 * y) * z[0].astype(np.float64)), rtol=2e-6, atol=1e-30)
    assert np.isfinite(delta).all()
    assert (np.abs(delta) <= 1).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_categorical_cross_entropy_from_logits_never_overflows(dtype: type[np.floating]) -> None:
    random = np.random.default_rng(0)
    z = (random.choice([-1, 1], (4, 200)) * 10 ** random.uniform(-3, 4, (4, 200))).astype(dtype)
    y = np.eye(4, dtype=dtype)[random.integers(4, size=200)].T
    head = make_output_head("softmax", "cce")
    with np.errstate(all="raise", under="ignore"):
        rows, delta = head.row_losses(z, y), head.delta(head.value(z), y)
    assert rows.dtype == dtype
    expected = -(special.log_softmax(z.astype(np.float64), axis=0) * y).sum(axis=0)
    np.testing.assert_allclose(rows, expected, rtol=2e-6, atol=1e-6)
    assert (np.abs(delta) <= 1).all()


@pytest.mark.parametrize("pair", PAIRS)
def test_every_pair_is_finite_for_large_z_in_float32(pair: tuple[str, str]) -> None:
    z = np.array([[-1e4, -100.0, 0.0, 100.0, 1e4]] * 2, np.float32)
    y = np.array([[0, 1, 0, 1, 0], [1, 0, 1, 0, 1]], np.float32)
    head = make_output_head(*pair)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        rows, delta = head.row_losses(z, y), head.delta(head.value(z), y)
    assert np.isfinite(rows).all()
    assert np.isfinite(delta).all()
    assert rows.dtype == delta.dtype == np.float32


@pytest.mark.parametrize("pair", PAIRS)
def test_the_seed_axis_leads(pair: tuple[str, str]) -> None:
    """(S, K, B) gives what each (K, B) gives alone."""
    random = np.random.default_rng(1)
    z, y = random.normal(size=(3, 2, 5)), random.integers(2, size=(3, 2, 5)).astype(np.float64)
    head = make_output_head(*pair)
    p = head.value(z)
    for seed in range(3):
        np.testing.assert_array_equal(p[seed], head.value(z[seed]))
        np.testing.assert_array_equal(head.row_losses(z, y)[seed], head.row_losses(z[seed], y[seed]))
        np.testing.assert_array_equal(head.delta(p, y)[seed], head.delta(p[seed], y[seed]))


def test_an_output_without_a_derivative_says_so() -> None:
    head = make_output_head("step", "mse")
    with pytest.raises(ValueError, match="no derivative"):
        head.delta(np.ones((1, 1)), np.ones((1, 1)))
