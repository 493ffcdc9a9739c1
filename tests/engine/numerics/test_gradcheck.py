"""Wiggling a parameter: exact on parabolas, and it leaves no trace."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.numerics.gradcheck import central_difference, numeric_gradient, relative_difference

FINITE = st.floats(-10, 10)


@given(a=FINITE, b=FINITE, c=FINITE, x=FINITE)
def test_it_is_exact_on_a_parabola(a: float, b: float, c: float, x: float) -> None:
    w = np.array([x])
    derivative = central_difference(lambda: float(a * w[0] ** 2 + b * w[0] + c), w, (0,), width=0.5)
    assert derivative == pytest.approx(2 * a * x + b, abs=1e-9)


def test_the_gradient_has_the_shape_of_the_array() -> None:
    w = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    np.testing.assert_allclose(numeric_gradient(lambda: float((w**3).sum()), w), 3 * w**2, rtol=1e-8)


def test_the_value_is_put_back_exactly_even_when_the_function_fails() -> None:
    w = np.array([0.1, 0.2])

    def fails() -> float:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        central_difference(fails, w, (1,))
    numeric_gradient(lambda: float(w.sum()), w)
    np.testing.assert_array_equal(w, [0.1, 0.2])


def test_relative_difference_is_symmetric_and_knows_zero() -> None:
    assert relative_difference(0.0, 0.0) == 0
    assert relative_difference(1.0, 0.0) == relative_difference(0.0, 1.0) == 1
    assert relative_difference(np.array([3.0, 4.0]), np.array([3.0, 4.5])) == pytest.approx(0.5 / np.hypot(3, 4.5))
