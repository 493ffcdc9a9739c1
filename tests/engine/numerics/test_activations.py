"""Activations: values against SciPy and by hand, derivatives against central differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from engine.declarations.activations import HIDDEN_ACTIVATIONS, LEAK
from engine.numerics.activations import ACTIVATIONS, sigmoid, softmax

Z = np.array([-1e4, -500.0, -88.8, -2.0, -1e-3, 0.0, 1e-3, 2.0, 88.8, 500.0, 1e4])


def test_sigmoid_is_scipys_to_the_last_digits_and_never_overflows() -> None:
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_allclose(sigmoid(Z), special.expit(Z), rtol=1e-13)
        small = sigmoid(Z.astype(np.float32))
    assert small.dtype == np.float32
    np.testing.assert_allclose(small, special.expit(Z), rtol=1e-5, atol=1e-44)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_is_scipys_and_never_overflows(dtype: type[np.floating]) -> None:
    z = np.array([[1e4, -1e4, 3.0], [1e4, 1e4, -1.0], [-1e4, 0.0, 0.5]], dtype)
    with np.errstate(over="raise", invalid="raise"):
        p = softmax(z)
    assert p.dtype == dtype
    np.testing.assert_allclose(p, special.softmax(z.astype(np.float64), axis=0), atol=1e-7)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("identity", [-2.0, 0.0, 3.0]),
        ("step", [0.0, 0.0, 1.0]),
        ("sigmoid", [1 / (1 + np.e**2), 0.5, 1 / (1 + np.e**-3)]),
        ("tanh", [(np.e**-4 - 1) / (np.e**-4 + 1), 0.0, (np.e**6 - 1) / (np.e**6 + 1)]),
        ("relu", [0.0, 0.0, 3.0]),
        ("leaky_relu", [-2 * LEAK, 0.0, 3.0]),
    ],
)
def test_values_by_hand(name: str, expected: list[float]) -> None:
    np.testing.assert_allclose(ACTIVATIONS[name].value(np.array([-2.0, 0.0, 3.0])), expected, rtol=1e-12)


@pytest.mark.parametrize("name", HIDDEN_ACTIVATIONS)
@given(z=st.floats(-8, 8).filter(lambda z: abs(z) > 1e-3))
def test_a_derivative_is_that_of_the_curve(name: str, z: float) -> None:
    activation, h = ACTIVATIONS[name], 1e-5
    below, at, above = activation.value(np.array([z - h, z, z + h]))
    assert activation.derivative is not None
    assert activation.derivative(np.array([at]))[0] == pytest.approx((above - below) / (2 * h), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", ["step", "softmax"])
def test_what_has_no_derivative_of_its_own_says_so(name: str) -> None:
    assert ACTIVATIONS[name].derivative is None


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_stays(name: str, dtype: type[np.floating]) -> None:
    activation = ACTIVATIONS[name]
    a = activation.value(np.linspace(-2, 2, 6, dtype=dtype).reshape(3, 2))
    assert a.dtype == dtype
    if activation.derivative is not None:
        assert activation.derivative(a).dtype == dtype
