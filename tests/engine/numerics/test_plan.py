"""The compiled plan against the textbook, step for step, over random networks, batches, windows, seeds and masks."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.numerics import compiler, kernels, textbook
from engine.numerics import plan as plans
from engine.numerics.compiler import Architecture, Layer
from engine.numerics.forward import CHUNK_BYTES, ForwardPlan
from engine.numerics.losses import make_output_head
from engine.numerics.metrics import total_sum_of_squares
from engine.numerics.parameters import Parameters
from engine.numerics.plan import TrainingPlan
from tests.engine.numerics.networks import HIDDEN, Floats, Problem, problems

REGRESSION = ("mse", "mae")
Orders = list[NDArray[np.intp]] | None


def assert_close(ours: Floats, theirs: Floats) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@contextmanager
def windows_of(batches: int, wide: int = compiler.WIDE_INPUT) -> Iterator[None]:
    with patch.object(plans, "WINDOW_BATCHES", batches), patch.object(compiler, "WIDE_INPUT", wide):
        yield


def make_plan(
    problem: Problem, parameters: Parameters, batch_size: int, *, ordered: bool = False, granularity: str = "example"
) -> tuple[TrainingPlan, Floats]:
    """Return the plan and the gradient (S, P) that it fills."""
    share = total_sum_of_squares(problem.Y) if problem.loss in REGRESSION else None
    architecture = problem.architecture(granularity)
    gradient = np.zeros_like(parameters.flat)
    plan = TrainingPlan(
        parameters,
        architecture,
        problem.X,
        problem.Y,
        gradient,
        batch_size=batch_size,
        total_sum_of_squares=share,
        ordered=ordered,
    )
    return plan, gradient


def textbook_step(
    problem: Problem, parameters: Parameters, seed: int, rows: NDArray[np.intp], masks: Sequence[Floats | None]
) -> tuple[textbook.Trace, list[textbook.Gradient]]:
    layers = problem.layers(parameters, seed)
    trace = textbook.forward(layers, problem.X[rows], masks)
    return trace, textbook.backward(layers, trace, problem.Y[rows], problem.head)


def batch_rows(order: Orders, seed: int, start: int, stop: int) -> NDArray[np.intp]:
    return np.arange(start, stop) if order is None else order[seed][start:stop]


def of_seed(by_layer: dict[int, Floats], layers: int, seed: int) -> list[Floats | None]:
    """Return the plan's masks (S, units, B) of one network as the textbook takes them: (B, units), one a layer."""
    return [by_layer[layer][seed].T.copy() if layer in by_layer else None for layer in range(layers)]


@given(
    problem=problems(max_rows=11, dropout=True),
    batch_size=st.integers(1, 12),
    window=st.integers(1, 4),
    wide=st.sampled_from([0, compiler.WIDE_INPUT]),
    seeds=st.integers(1, 3),
    shuffled=st.booleans(),
    granularity=st.sampled_from(["example", "step", "epoch"]),
)
def test_two_epochs_are_the_textbooks_step_for_step(
    problem: Problem, batch_size: int, window: int, wide: int, seeds: int, shuffled: bool, granularity: str
) -> None:
    """Gradients, activations and running sums of every step, dropout with the plan's own masks; weights move on."""
    parameters, rows = problem.parameters(seeds), len(problem.X)
    with windows_of(window, wide):
        plan, gradient = make_plan(problem, parameters, batch_size, ordered=not shuffled, granularity=granularity)
    assert plan.steps == -(-rows // batch_size)
    streams = [np.random.default_rng(seed) for seed in range(seeds)]
    for _ in range(2):
        orders: Orders = [stream.permutation(rows) for stream in streams] if shuffled else None
        plan.begin_epoch(orders, streams)
        traces: list[list[textbook.Trace]] = [[] for _ in range(seeds)]
        for step in range(plan.steps):
            plan.step(step)
            latest = plan.latest(step)
            for seed in range(seeds):
                expected = batch_rows(orders, seed, step * batch_size, min((step + 1) * batch_size, rows))
                np.testing.assert_array_equal(latest.rows[seed], expected)
                masks = of_seed(latest.masks, len(problem.activations), seed)
                trace, gradients = textbook_step(problem, parameters, seed, expected, masks)
                traces[seed].append(trace)
                for ours, theirs in zip(parameters.split(gradient), gradients, strict=True):
                    assert_close(ours[seed, :, :-1], theirs.weights)
                    assert_close(ours[seed, :, -1], theirs.biases)
                for ours, theirs_in in zip(latest.activations, trace.inputs[1:], strict=True):
                    assert_close(ours[seed].T, theirs_in)
            parameters.flat -= 0.1 * np.clip(gradient, -1, 1)  # so that nothing diverges
        for seed in range(seeds):
            assert_sums(problem, plan, seed, traces[seed], batch_rows(orders, seed, 0, rows))


def assert_sums(
    problem: Problem, plan: TrainingPlan, seed: int, traces: Sequence[textbook.Trace], order: NDArray[np.intp]
) -> None:
    z, p = np.concatenate([trace.z[-1] for trace in traces]), np.concatenate([trace.outputs for trace in traces])
    y = problem.Y[order]
    assert_close(np.atleast_1d(plan.running.accumulator.loss())[seed], problem.head.row_losses(z.T, y.T).mean())
    if problem.loss in REGRESSION:
        total = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            score = np.where(total > 0, 1 - ((p - y) ** 2).sum(axis=0) / total, np.nan).mean()
    elif y.shape[1] == 1:
        score = ((p >= 0.5) == (y == 1)).mean()
    else:
        score = (p.argmax(axis=1) == y.argmax(axis=1)).mean()
    np.testing.assert_allclose(np.atleast_1d(plan.running.accumulator.score())[seed], score, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4), (5, 4, 3)])
@pytest.mark.parametrize("batch_size", [4, 12])
@pytest.mark.parametrize("seeds", [1, 2])
def test_sigmoids_whose_signal_scale_alternates(hidden: tuple[int, ...], batch_size: int, seeds: int) -> None:
    random = np.random.default_rng(len(hidden))
    X, Y = random.normal(size=(12, 3)), random.integers(2, size=(12, 1)).astype(float)
    layers = len(hidden) + 1
    problem = Problem((3, *hidden, 1), ("sigmoid",) * layers, (0.0,) * layers, "bce", X, Y, seed=4)
    assert compiler.alternates_sigmoid_scale(problem.architecture()) == bool(hidden)
    parameters = problem.parameters(seeds)
    plan, gradient = make_plan(problem, parameters, batch_size, ordered=True)
    plan.begin_epoch(None, ())
    for step in range(plan.steps):
        plan.step(step)
        rows = np.arange(step * batch_size, (step + 1) * batch_size)
        for seed in range(seeds):
            trace, gradients = textbook_step(problem, parameters, seed, rows, [None] * layers)
            for ours, theirs in zip(parameters.split(gradient), gradients, strict=True):
                assert_close(ours[seed, :, :-1], theirs.weights)
                assert_close(ours[seed, :, -1], theirs.biases)
            for activations, expected in zip(plan.latest(step).activations, trace.inputs[1:], strict=True):
                assert_close(activations[seed].T, expected)
        parameters.flat -= 0.5 * gradient


@pytest.mark.parametrize("inputs", [1, compiler.FEW_COLUMNS - 1, compiler.FEW_COLUMNS, 9])
@pytest.mark.parametrize("activation", HIDDEN)
@pytest.mark.parametrize("seeds", [1, 2])
@pytest.mark.parametrize("small", [0, kernels.SMALL])
def test_one_hidden_layer_below_one_output_over_the_same_rows_again_and_again(
    inputs: int, activation: str, seeds: int, small: int
) -> None:
    random = np.random.default_rng(inputs)
    X, Y = random.normal(size=(12, inputs)), random.integers(2, size=(12, 1)).astype(float)
    problem = Problem((inputs, 7, 1), (activation, "sigmoid"), (0.0, 0.0), "bce", X, Y, seed=4)
    parameters = problem.parameters(seeds)
    with patch.object(kernels, "SMALL", small):
        plan, gradient = make_plan(problem, parameters, 12, ordered=True)
    for _ in range(2):
        plan.begin_epoch(None, ())
        plan.step(0)
        for seed in range(seeds):
            _, gradients = textbook_step(problem, parameters, seed, np.arange(12), [None, None])
            for ours, theirs in zip(parameters.split(gradient), gradients, strict=True):
                assert_close(ours[seed, :, :-1], theirs.weights)
                assert_close(ours[seed, :, -1], theirs.biases)
        parameters.flat -= 0.5 * gradient


@given(problem=problems(max_rows=9), seeds=st.integers(1, 3), chunk=st.integers(1, 10), wide=st.sampled_from([0, 512]))
def test_evaluation_is_the_textbooks_forward_whatever_the_chunk(
    problem: Problem, seeds: int, chunk: int, wide: int
) -> None:
    parameters = problem.parameters(seeds)
    with windows_of(256, wide):
        evaluation = ForwardPlan(parameters, problem.architecture(), problem.X, chunk)
    for _ in range(2):
        parameters.flat *= 0.9  # it reads the parameters as they stand
        z, p = evaluation.run().copy(), evaluation.outputs()
        activations = evaluation.activations()
        for seed in range(seeds):
            trace = textbook.forward(problem.layers(parameters, seed), problem.X)
            assert_close(z[seed].T, trace.z[-1])
            assert_close(p[seed].T, trace.outputs)
            for layer, (ours, a) in enumerate(zip(activations, trace.a[:-1], strict=True)):
                assert_close(ours[seed].T, a)
                assert_close(evaluation.neuron(layer, a.shape[1] - 1)[seed], a[:, -1])


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_memory_of_an_evaluation_does_not_grow_with_the_rows(seeds: int) -> None:
    parameters = Parameters((2, 500, 1), seeds, np.dtype(np.float32))
    parameters.flat[...] = 0.01
    architecture = Architecture((Layer("relu"), Layer("sigmoid")), make_output_head("sigmoid", "bce"))
    X = np.ones((40_000, 2), np.float32)
    tracemalloc.start()
    ForwardPlan(parameters, architecture, X).run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * CHUNK_BYTES < 40_000 * 500 * 4


def test_a_wide_input_in_float32_is_the_textbooks_within_rounding() -> None:
    random = np.random.default_rng(0)
    X = random.random((20, 600)).astype(np.float32)
    Y = random.integers(2, size=(20, 1)).astype(np.float32)
    problem = Problem((600, 4, 1), ("relu", "sigmoid"), (0.0, 0.0), "bce", X, Y, seed=1)
    parameters = problem.parameters(2, np.float32)
    parameters.flat *= 0.05
    plan, gradient = make_plan(problem, parameters, batch_size=8)
    orders = [random.permutation(20) for _ in range(2)]
    plan.begin_epoch(orders, ())
    for step in range(plan.steps):
        plan.step(step)
        for seed in range(2):
            rows = orders[seed][step * 8 : step * 8 + 8]
            _, gradients = textbook_step(problem, parameters, seed, rows, [None, None])
            for ours, theirs in zip(parameters.split(gradient), gradients, strict=True):
                np.testing.assert_allclose(ours[seed, :, :-1], theirs.weights, rtol=1e-4, atol=1e-6)


def test_a_step_activation_goes_forward() -> None:
    parameters = Parameters((2, 3, 1), 1, np.dtype(np.float64))
    parameters.flat[...] = np.random.default_rng(0).normal(size=parameters.flat.shape)
    architecture = Architecture((Layer("step"), Layer("step")), make_output_head("step", "mse"))
    X = np.random.default_rng(1).normal(size=(6, 2))
    hidden = (X @ parameters.layers[0][0, :, :-1].T + parameters.layers[0][0, :, -1] > 0).astype(float)
    expected = hidden @ parameters.layers[1][0, :, :-1].T + parameters.layers[1][0, :, -1] > 0
    np.testing.assert_array_equal(ForwardPlan(parameters, architecture, X).outputs()[0].T, expected)


def test_a_network_of_seven_layers_and_two_windows_in_float32_keeps_its_dtype() -> None:
    problem = Problem(
        (3, *([4] * 6), 2),
        (*(["tanh"] * 6), "softmax"),
        (*([0.2] * 6), 0.0),
        "cce",
        np.random.default_rng(0).normal(size=(9, 3)),
        np.eye(2)[np.arange(9) % 2],
        seed=0,
    )
    parameters = problem.parameters(2, np.float32)
    with windows_of(2):
        plan, gradient = make_plan(problem, parameters, 3)
    plan.begin_epoch(None, [np.random.default_rng(seed) for seed in range(2)])
    for step in range(plan.steps):
        plan.step(step)
    assert gradient.dtype == np.float32
    assert all(array.dtype == np.float32 for array in plan.latest(2).activations + list(plan.latest(2).masks.values()))


@pytest.mark.parametrize("granularity", ["example", "step", "epoch"])
@given(stop=st.integers(1, 4), window=st.integers(1, 3), shuffled=st.booleans())
def test_a_restored_plan_goes_on_bit_for_bit(granularity: str, stop: int, window: int, shuffled: bool) -> None:
    random = np.random.default_rng(5)
    X, Y = random.normal(size=(13, 3)), random.integers(2, size=(13, 1)).astype(float)
    problem = Problem((3, 6, 1), ("relu", "sigmoid"), (0.5, 0.0), "bce", X, Y, seed=3)
    parameters = problem.parameters(2)

    def fresh() -> tuple[TrainingPlan, Floats]:
        with windows_of(window):
            return make_plan(problem, parameters, 3, ordered=not shuffled, granularity=granularity)

    orders: Orders = [random.permutation(13) for _ in range(2)] if shuffled else None
    streams = [np.random.default_rng(seed) for seed in range(2)]
    whole, gradient = fresh()
    whole.begin_epoch(orders, streams)
    for step in range(stop):
        whole.step(step)
    state = {name: array.copy() for name, array in whole.state().items()}
    copies: list[Any] = [np.random.default_rng() for _ in streams]
    for copy, stream in zip(copies, streams, strict=True):
        copy.bit_generator.state = stream.bit_generator.state
    resumed, resumed_gradient = fresh()
    resumed.begin_epoch(orders, copies)
    resumed.restore(stop, state)
    for step in range(stop, whole.steps):
        whole.step(step)
        resumed.step(step)
        np.testing.assert_array_equal(gradient, resumed_gradient)
    np.testing.assert_array_equal(whole.running.accumulator.state(), resumed.running.accumulator.state())


@pytest.mark.parametrize("ordered", [False, True])
def test_memory_does_not_grow_with_the_number_of_batches(ordered: bool) -> None:
    """Programs and gathered rows are those of a window, however many rows there are."""
    X, Y = np.zeros((5000, 3), np.float32), np.zeros((5000, 1), np.float32)
    problem = Problem((3, 2, 1), ("relu", "sigmoid"), (0.2, 0.0), "bce", X, Y, 0)
    with windows_of(4):
        plan, _ = make_plan(problem, problem.parameters(1, np.float32), 2, ordered=ordered)
    plan.begin_epoch(None, [np.random.default_rng(0)])
    for step in range(plan.steps):
        plan.step(step)
    assert sum(array.size for array in plan.state().values()) < 200


@pytest.mark.parametrize("seeds", [1, 2])
def test_the_batches_of_a_window_share_what_they_write_into(seeds: int) -> None:
    batches, rows, units = 64, 32, 400
    X, Y = np.zeros((batches * rows, 2), np.float32), np.zeros((batches * rows, 1), np.float32)
    problem = Problem((2, units, units, 1), ("tanh", "leaky_relu", "sigmoid"), (0.0, 0.0, 0.0), "mse", X, Y, 0)
    parameters = problem.parameters(seeds, np.float32)
    tracemalloc.start()
    plan, _ = make_plan(problem, parameters, rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert plan.window == batches
    assert peak < batches * seeds * rows * units * 4, "less than one array of a layer's size for each of them"
