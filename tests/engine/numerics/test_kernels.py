"""Operations on buffers against the functions that they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.declarations.activations import LEAK
from engine.numerics import kernels
from engine.numerics.activations import ACTIVATIONS, Activation, leaky_relu
from engine.numerics.compiler import run_program
from engine.numerics.workspace import Workspace
from tests.engine.numerics.networks import HIDDEN

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 5))


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(shape=SHAPES, seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([1.0, 50.0, 1e4]))
def test_activations_in_place(name: str, shape: tuple[int, int, int], seed: int, scale: float) -> None:
    z = (np.random.default_rng(seed).normal(size=shape) * scale).astype(np.float32)
    a = z.copy()
    run_program(kernels.activate(ACTIVATIONS[name], a, Workspace()))
    expected = np.stack([ACTIVATIONS[name].value(one) for one in z.astype(np.float64)])
    np.testing.assert_allclose(a, expected, rtol=1e-5, atol=3e-7)


@pytest.mark.parametrize("name", HIDDEN)
@given(shape=SHAPES, seed=st.integers(0, 2**32 - 1))
def test_derivatives_in_place(name: str, shape: tuple[int, int, int], seed: int) -> None:
    check_derivative(ACTIVATIONS[name], shape, seed)


@pytest.mark.parametrize("slope", [0.0, 0.3, 0.99])
@given(shape=SHAPES, seed=st.integers(0, 2**32 - 1))
def test_leaky_relu_has_the_slope_that_it_is_given(slope: float, shape: tuple[int, int, int], seed: int) -> None:
    z = np.random.default_rng(seed).normal(size=shape)
    a = z.copy()
    run_program(kernels.activate(leaky_relu(slope), a, Workspace()))
    np.testing.assert_array_equal(a, np.where(z > 0, z, slope * z))
    check_derivative(leaky_relu(slope), shape, seed)


def check_derivative(activation: Activation, shape: tuple[int, int, int], seed: int) -> None:
    random = np.random.default_rng(seed)
    assert activation.derivative is not None
    a, delta = activation.value(random.normal(size=shape)), random.normal(size=shape)
    expected = delta * activation.derivative(a)
    run_program(kernels.multiply_by_derivative(activation, delta, a, Workspace()))
    np.testing.assert_allclose(delta, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("name", "left"), [("relu", 0.0), ("leaky_relu", LEAK)])
@pytest.mark.parametrize("shape", [(2, 4), (2, kernels.SMALL), (2, 3, kernels.SMALL)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_smallest_number_there_is_opens_a_gate(
    name: str, left: float, shape: tuple[int, ...], dtype: type[np.floating]
) -> None:
    tiny = np.finfo(dtype)
    z = np.resize(np.array([tiny.smallest_subnormal, tiny.tiny, 1e-30, 1, 0, -1e-30], dtype), shape)
    slopes = np.where(z > 0, 1, left).astype(dtype)
    a, derivative, delta = z.copy(), np.empty_like(z), np.full_like(z, 3)
    run_program(kernels.activate(ACTIVATIONS[name], a, Workspace()))
    run_program(kernels.write_derivative(ACTIVATIONS[name], a, derivative, Workspace()))
    run_program(kernels.multiply_by_derivative(ACTIVATIONS[name], delta, a, Workspace()))
    np.testing.assert_array_equal(derivative, slopes)
    np.testing.assert_array_equal(delta, 3 * slopes)


def test_what_has_no_derivative_is_refused() -> None:
    with pytest.raises(ValueError, match="softmax has no derivative"):
        kernels.multiply_by_derivative(ACTIVATIONS["softmax"], np.ones((1, 1)), np.ones((1, 1)), Workspace())
