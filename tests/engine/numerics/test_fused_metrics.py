"""Compiled metrics against the functions that it stands for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.numerics.fused_metrics import FusedMetricKernel
from engine.numerics.losses import make_output_head
from engine.numerics.metrics import MetricAccumulator

EXIT = make_output_head("sigmoid", "bce")


@given(
    seeds=st.integers(1, 3),
    rows=st.integers(1, 9),
    scale=st.sampled_from([0.0, 1.0, 100.0]),
    signal_scale=st.sampled_from([0.5, 1.0, 3.0]),
    label_smoothing=st.sampled_from([0.0, 0.1, 0.9]),
    seed=st.integers(0, 2**32 - 1),
)
def test_it_adds_what_the_plain_way_adds_however_often(
    seeds: int, rows: int, scale: float, signal_scale: float, label_smoothing: float, seed: int
) -> None:
    random, head = np.random.default_rng(seed), replace(EXIT, label_smoothing=label_smoothing)
    buffer, y = np.empty((seeds, rows)), random.integers(2, size=(seeds, rows)).astype(float)
    kernel, accumulator, plain = (
        FusedMetricKernel(buffer, 2 * y - 1, signal_scale, head),
        MetricAccumulator(head, seeds, None),
        MetricAccumulator(head, seeds, None),
    )
    for _ in range(2):
        z = random.normal(size=(seeds, rows)) * scale
        buffer[...] = z * signal_scale
        kernel.add_to(accumulator)
        plain.add(z[:, None], y[:, None])
        np.testing.assert_allclose(accumulator.loss(), plain.loss(), rtol=1e-12, atol=1e-300)
        np.testing.assert_array_equal(accumulator.score(), plain.score())


def test_very_sure_and_right_is_no_loss_and_very_sure_and_wrong_is_z() -> None:
    z, y = np.array([[200.0, -200.0, 200.0]], np.float32), np.array([[1.0, -1.0, -1.0]], np.float32)
    accumulator = MetricAccumulator(EXIT, 1, None)
    FusedMetricKernel(z, y, 1.0, EXIT).add_to(accumulator)
    assert accumulator.loss()[0] == pytest.approx(200 / 3)
    assert accumulator.score()[0] == pytest.approx(2 / 3)


def test_what_is_no_number_is_not_swallowed() -> None:
    accumulator = MetricAccumulator(EXIT, 1, None)
    FusedMetricKernel(np.array([[np.nan, 1.0]]), np.array([[1.0, 1.0]]), 0.5, EXIT).add_to(accumulator)
    assert np.isnan(accumulator.loss()[0])


@pytest.mark.parametrize(("activation", "loss", "outputs"), [("sigmoid", "mse", 1), ("softmax", "cce", 3)])
def test_others_are_measured_the_plain_way(activation: str, loss: str, outputs: int) -> None:
    assert not FusedMetricKernel.supports(make_output_head(activation, loss), outputs)
    assert not FusedMetricKernel.supports(EXIT, 2)
