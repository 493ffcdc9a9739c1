"""Optimisers against the papers' own formulas, against scikit-learn, and on two well-known valleys."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.neural_network import _stochastic_optimizers as sklearn_optimizers

from engine.numerics.optimizers import OPTIMIZERS, Optimizer, Rates, regularizing_operations
from engine.numerics.parameters import Parameters

Floats = NDArray[np.floating[Any]]


def descend(optimizer: Optimizer, gradient_at: Callable[[Floats], Floats]) -> Iterator[Floats]:
    """Yield the parameters after each step."""
    operations = optimizer.operations()
    while True:
        optimizer.gradient[...] = gradient_at(optimizer.parameters)
        for function, arguments in operations:
            function(*arguments)
        yield optimizer.parameters


def make(name: str, start: Floats, rate: float, rates: Rates = Rates()) -> Optimizer:  # noqa: B008 (frozen)
    optimizer = OPTIMIZERS[name](start.copy(), rates)
    optimizer.learning_rate[...] = rate
    return optimizer


def test_adamw_is_pytorchs() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    random = np.random.default_rng(0)
    start, gradients = random.normal(size=(1, 6)), random.normal(size=(30, 1, 6))
    theirs = torch.tensor(start, requires_grad=True)
    reference = torch.optim.AdamW([theirs], lr=0.05, betas=(0.8, 0.95), eps=1e-7, weight_decay=0.2)
    ours = descend(
        make("adamw", start, 0.05, Rates(beta1=0.8, beta2=0.95, weight_decay=0.2)), lambda _: gradients[step]
    )
    for step in range(30):
        w = next(ours)
        theirs.grad = torch.tensor(gradients[step])
        reference.step()
        np.testing.assert_allclose(w, theirs.detach().numpy(), rtol=1e-12, atol=1e-14)


def test_the_first_step_of_adamw_by_hand() -> None:
    """Adam's first step is η against the gradient's sign, ε aside: 2 − .1 · .5 · 2 − .1 = 1.8."""
    optimizer = make("adamw", np.array([[2.0]]), 0.1, Rates(weight_decay=0.5, epsilon=1e-30))
    w = next(descend(optimizer, lambda _: np.array([[3.0]])))
    assert w[0, 0] == pytest.approx(1.8, rel=1e-12)
    assert optimizer.last_update()[0, 0] == pytest.approx(-0.2, rel=1e-12)
    assert -optimizer.update[0, 0] == pytest.approx(-0.2, rel=1e-12)


# The papers' formulas, one parameter at a time, in plain Python


def paper_sgd(w: float, gradients: list[float], rate: float, _: Rates) -> float:
    for g in gradients:
        w -= rate * g
    return w


def paper_momentum(w: float, gradients: list[float], rate: float, rates: Rates) -> float:
    """Polyak's heavy ball: each step repeats μ times the one before it."""
    before = w
    for g in gradients:
        w, before = w - rate * g + rates.momentum * (w - before), w
    return w


def paper_rmsprop(w: float, gradients: list[float], rate: float, rates: Rates) -> float:
    """Hinton's lecture 6e, with ε added to the root."""
    for t in range(1, len(gradients) + 1):
        mean_square = sum(
            (1 - rates.momentum) * rates.momentum ** (t - i) * g**2 for i, g in enumerate(gradients[:t], start=1)
        )
        w -= rate * gradients[t - 1] / (math.sqrt(mean_square) + rates.epsilon)
    return w


def paper_adam(w: float, gradients: list[float], rate: float, rates: Rates) -> float:
    """Kingma & Ba 2015, algorithm 1, line by line."""
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m = rates.beta1 * m + (1 - rates.beta1) * g
        v = rates.beta2 * v + (1 - rates.beta2) * g * g
        m_hat = m / (1 - rates.beta1**t)
        v_hat = v / (1 - rates.beta2**t)
        w -= rate * m_hat / (math.sqrt(v_hat) + rates.epsilon)
    return w


def paper_adamw(w: float, gradients: list[float], rate: float, rates: Rates) -> float:
    """Loshchilov & Hutter 2019, algorithm 2, with λ times the learning rate as PyTorch has it."""
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m = rates.beta1 * m + (1 - rates.beta1) * g
        v = rates.beta2 * v + (1 - rates.beta2) * g * g
        m_hat, v_hat = m / (1 - rates.beta1**t), v / (1 - rates.beta2**t)
        w -= rate * (m_hat / (math.sqrt(v_hat) + rates.epsilon) + rates.weight_decay * w)
    return w


PAPERS = {
    "sgd": paper_sgd,
    "momentum": paper_momentum,
    "rmsprop": paper_rmsprop,
    "adam": paper_adam,
    "adamw": paper_adamw,
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@given(
    start=st.floats(-5, 5),
    gradients=st.lists(st.floats(-3, 3).filter(lambda g: g == 0 or abs(g) > 1e-6), min_size=1, max_size=25),
    rate=st.floats(1e-4, 1),
    rates=st.builds(
        Rates,
        momentum=st.floats(0, 0.99),
        beta1=st.floats(0, 0.99),
        beta2=st.floats(0, 0.9999),
        epsilon=st.sampled_from([1e-8, 1e-7, 1e-3]),
        weight_decay=st.sampled_from([0.0, 0.01, 0.5]),
    ),
)
def test_it_is_the_papers(name: str, start: float, gradients: list[float], rate: float, rates: Rates) -> None:
    optimizer = make(name, np.array([[start]]), rate, rates)
    steps = descend(optimizer, lambda _: np.array([[gradients[taken]]]))
    for taken in range(len(gradients)):  # noqa: B007 (read by the lambda)
        w = next(steps)
    assert w[0, 0] == pytest.approx(PAPERS[name](start, gradients, rate, rates), rel=1e-9, abs=1e-9)


@given(seed=st.integers(0, 2**32 - 1), momentum=st.sampled_from([0.0, 0.5, 0.9]))
def test_descent_with_momentum_is_scikit_learns(seed: int, momentum: float) -> None:
    random = np.random.default_rng(seed)
    start, gradients = random.normal(size=(1, 6)), random.normal(size=(30, 1, 6))
    theirs = [start.copy()]
    reference = sklearn_optimizers.SGDOptimizer(theirs, 0.05, "constant", momentum, nesterov=False)
    ours = descend(make("momentum", start, 0.05, Rates(momentum=momentum)), lambda _: gradients[step])
    for step in range(30):
        w = next(ours)
        reference.update_params(theirs, [gradients[step]])
        np.testing.assert_allclose(w, theirs[0], rtol=1e-12, atol=1e-14)


@given(seed=st.integers(0, 2**32 - 1))
def test_adam_is_scikit_learns_but_for_where_epsilon_stands(seed: int) -> None:
    random = np.random.default_rng(seed)
    start, gradients = random.normal(size=(1, 6)), random.normal(size=(30, 1, 6))
    theirs = [start.copy()]
    reference = sklearn_optimizers.AdamOptimizer(theirs, 0.05, beta_1=0.8, beta_2=0.95, epsilon=1e-20)
    ours = descend(make("adam", start, 0.05, Rates(beta1=0.8, beta2=0.95, epsilon=1e-20)), lambda _: gradients[step])
    for step in range(30):
        w = next(ours)
        reference.update_params(theirs, [gradients[step]])
        np.testing.assert_allclose(w, theirs[0], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "rate"), [("sgd", 0.1), ("momentum", 0.02), ("rmsprop", 0.01), ("adam", 0.05)])
def test_it_reaches_the_bottom_of_a_parabola(name: str, rate: float, dtype: type[np.floating]) -> None:
    bottom = np.array([[3.0, -2.0]], dtype)
    steps = descend(make(name, np.array([[10.0, 10.0]], dtype), rate), lambda w: 2 * (w - bottom))
    for _ in range(3000):
        w = next(steps)
    assert w.dtype == dtype
    np.testing.assert_allclose(w, bottom, atol=2 * rate if name == "rmsprop" else 1e-3)


def rosenbrock_gradient(w: Floats) -> Floats:
    x, y = w[:, 0], w[:, 1]
    return np.stack([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)], axis=1)


@pytest.mark.parametrize(
    ("name", "rate", "steps"),
    [("sgd", 1e-3, 20_000), ("momentum", 1e-4, 20_000), ("rmsprop", 1e-3, 15_000), ("adam", 0.01, 6000)],
)
def test_it_walks_rosenbrocks_valley(name: str, rate: float, steps: int) -> None:
    walk = descend(make(name, np.array([[-1.0, 1.0]]), rate), rosenbrock_gradient)
    for _ in range(steps):
        w = next(walk)
    np.testing.assert_allclose(w, [[1.0, 1.0]], atol=0.05)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_seeds_do_not_touch_each_other(name: str) -> None:
    start = np.random.default_rng(0).normal(size=(3, 4))
    band = descend(make(name, start, 0.1), lambda w: 2 * w)
    alone = [descend(make(name, start[seed : seed + 1], 0.1), lambda w: 2 * w) for seed in range(3)]
    for _ in range(10):
        w = next(band)
        for seed in range(3):
            np.testing.assert_array_equal(w[seed], next(alone[seed])[0])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_it_goes_on_bit_for_bit_from_its_state(name: str) -> None:
    start = np.random.default_rng(1).normal(size=(1, 5)).astype(np.float32)
    whole = make(name, start, 0.1)
    walk = descend(whole, lambda w: 2 * w)
    for _ in range(7):
        next(walk)
    resumed = make(name, whole.parameters, 0.1)
    resumed.restore(whole.steps, {key: array.copy() for key, array in whole.state.items()})
    other = descend(resumed, lambda w: 2 * w)
    for _ in range(7):
        np.testing.assert_array_equal(next(walk), next(other))


def test_moments_are_those_of_the_papers() -> None:
    gradients = [np.array([[g]]) for g in (1.0, -2.0, 0.5)]
    for name, expected in (
        ("adam", {"m": 0.1 * (0.81 * 1 - 0.9 * 2 + 0.5), "v": 0.001 * (0.999**2 * 1 + 0.999 * 4 + 0.25)}),
        ("rmsprop", {"v": 0.1 * (0.81 * 1 + 0.9 * 4 + 0.25)}),
        ("momentum", {"velocity": -0.1 * (0.81 * 1 - 0.9 * 2 + 0.5)}),
        ("sgd", {}),
    ):
        optimizer = make(name, np.zeros((1, 1)), 0.1)
        upcoming = iter(gradients)
        walk = descend(optimizer, lambda _: next(upcoming))  # noqa: B023 (used up before the next round)
        for _ in gradients:
            next(walk)
        moments = {key: float(array[0, 0]) for key, array in optimizer.moments().items()}
        assert moments == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["momentum", "rmsprop", "adam"])
def test_flushing_keeps_vanished_gradients_from_becoming_denormal(name: str) -> None:
    optimizer = make(name, np.zeros((1, 8), np.float32), 0.01, Rates(beta2=0.99))
    walk = descend(optimizer, lambda _: np.full((1, 8), float(step < 3), np.float32))
    smallest = np.inf
    for step in range(12_000):
        if step % 64 == 0:
            optimizer.flush_denormals()
        next(walk)
        sizes = np.concatenate([np.abs(array[array != 0]) for array in optimizer.state.values()])
        smallest = min(smallest, sizes.min(initial=np.inf))
    assert np.finfo(np.float32).tiny <= smallest < 1e-30  # it decayed that far, and no farther
    assert not any(array.any() for array in optimizer.state.values())


def test_flushing_leaves_alone_what_matters() -> None:
    optimizer = make("adam", np.zeros((1, 3), np.float32), 0.01)
    optimizer.state["M"][...] = [1e-20, -1e-33, 1.0]
    optimizer.flush_denormals()
    np.testing.assert_allclose(optimizer.state["M"], [[1e-20, -1e-33, 1.0]], rtol=1e-6)


# Penalties and clipping


def regularized(w: Floats, g: Floats, **options: float) -> Floats:
    """Return the gradient after the penalties and clipping of a (2, 2) weight matrix with two biases."""
    parameters = Parameters((2, 2), len(w), w.dtype)
    parameters.flat[...] = w
    gradient = g.copy()
    settings = {"l1": 0.0, "l2": 0.0, "clip": 0.0, **options}
    for function, arguments in regularizing_operations(parameters.flat, gradient, parameters.weight_mask(), **settings):
        function(*arguments)
    return gradient


@given(seed=st.integers(0, 2**32 - 1), l1=st.floats(0, 2), l2=st.floats(0, 2))
def test_the_penalty_is_the_gradient_of_l1_and_half_l2_over_weights(seed: int, l1: float, l2: float) -> None:
    random = np.random.default_rng(seed)
    w = random.choice([-1, 1], (2, 6)) * random.uniform(0.01, 2, (2, 6))
    g = random.normal(size=(2, 6))
    weights = np.array([1, 1, 0, 1, 1, 0])  # the bias is each row's last column

    def penalty(w: Floats) -> Floats:
        return np.asarray(l1 * (np.abs(w) * weights).sum(axis=1) + l2 / 2 * (w**2 * weights).sum(axis=1))

    h = 1e-6
    numeric = np.stack([(penalty(w + h * e) - penalty(w - h * e)) / (2 * h) for e in np.eye(6)], axis=1)
    np.testing.assert_allclose(regularized(w, g, l1=l1, l2=l2), g + numeric, rtol=1e-6, atol=1e-8)


@given(seed=st.integers(0, 2**32 - 1), clip=st.floats(0.01, 10))
def test_clipping_shortens_each_seeds_gradient_and_keeps_its_direction(seed: int, clip: float) -> None:
    g = np.random.default_rng(seed).normal(size=(3, 6)) * [[0.001], [1], [100]]
    clipped = regularized(np.zeros((3, 6)), g, clip=clip)
    lengths = np.linalg.norm(g, axis=1)
    np.testing.assert_allclose(np.linalg.norm(clipped, axis=1), np.minimum(lengths, clip), rtol=1e-12)
    np.testing.assert_allclose(clipped / np.linalg.norm(clipped, axis=1)[:, None], g / lengths[:, None], rtol=1e-9)


def test_clipping_measures_what_the_penalties_left() -> None:
    w, g = np.array([[3.0, 0, 0, 0, 0, 0]]), np.zeros((1, 6))
    np.testing.assert_allclose(regularized(w, g, l2=2.0, clip=1.5), [[1.5, 0, 0, 0, 0, 0]])


def test_clipping_does_not_overflow_float32() -> None:
    g = np.full((1, 6), 1e30, np.float32)
    np.testing.assert_allclose(np.linalg.norm(regularized(np.zeros((1, 6), np.float32), g, clip=1.0)), 1, rtol=1e-6)
