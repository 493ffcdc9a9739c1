"""JAX: an update compiled by ``jit``, called once a step, or a hundred epochs in one call. Full batches only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.benchmarks.workloads import Workload

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh}
EPOCHS_A_CALL = 100


def forward(parameters: list[tuple[Any, Any]], X: Any, activations: list[str]) -> Any:
    """Return z of the exit."""
    signal = X
    for (weights, biases), name in zip(parameters[:-1], activations, strict=False):
        signal = ACTIVATIONS[name](signal @ weights + biases)
    return signal @ parameters[-1][0] + parameters[-1][1]


def _state(workload: Workload) -> tuple[Any, Any, Any, Any]:
    random = np.random.default_rng(0)
    parameters = [
        (jnp.array(random.normal(0, np.sqrt(1 / fan_in), (fan_in, out)), jnp.float32), jnp.zeros(out))
        for fan_in, out in zip(workload.sizes[:-1], workload.sizes[1:], strict=True)
    ]
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    return parameters, zeros, zeros, jnp.zeros(())


def _step(workload: Workload) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Return one full-batch update: state to (state, (loss, accuracy))."""
    X, Y, rate = jnp.array(workload.X), jnp.array(workload.Y), workload.spec.training.learning_rate
    adam = workload.spec.training.optimizer == "adam"

    def grade(parameters: Any) -> tuple[Any, Any]:
        z = forward(parameters, X, workload.activations)
        loss = (jnp.maximum(z, 0) - z * Y + jnp.log1p(jnp.exp(-jnp.abs(z)))).mean()
        return loss, ((z >= 0) == (Y == 1)).mean()

    def step(state: Any, _: Any) -> tuple[Any, Any]:
        parameters, m, v, t = state
        (loss, accuracy), g = jax.value_and_grad(grade, has_aux=True)(parameters)
        if not adam:
            return (jax.tree.map(lambda w, s: w - rate * s, parameters, g), m, v, t), (loss, accuracy)
        t = t + 1
        m = jax.tree.map(lambda old, s: 0.9 * old + 0.1 * s, m, g)
        v = jax.tree.map(lambda old, s: 0.999 * old + 0.001 * s * s, v, g)
        size = rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        parameters = jax.tree.map(lambda w, a, b: w - size * a / (jnp.sqrt(b) + 1e-8), parameters, m, v)
        return (parameters, m, v, t), (loss, accuracy)

    return step


def prepare(workload: Workload) -> Callable[[int], None]:
    """Return a function that trains so many epochs more, one call each."""
    if workload.steps > 1:
        raise NotImplementedError
    step, state = jax.jit(_step(workload)), _state(workload)
    state, _ = step(state, None)  # compiles

    def train(count: int) -> None:
        nonlocal state
        for _ in range(count):
            state, (loss, accuracy) = step(state, None)
        float(loss), float(accuracy)

    return train


def prepare_many(workload: Workload) -> Callable[[int], None]:
    """Return a function that trains so many epochs more, a hundred in each call."""
    if workload.steps > 1:
        raise NotImplementedError
    many, state = jax.jit(partial(jax.lax.scan, _step(workload), length=EPOCHS_A_CALL)), _state(workload)
    state, _ = many(state)

    def train(count: int) -> None:
        nonlocal state
        for _ in range(-(-count // EPOCHS_A_CALL)):
            state, log = many(state)
        np.asarray(log[0])

    return train
