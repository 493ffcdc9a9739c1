"""Running metrics against the losses and scores of each row, computed plainly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.numerics.kernels import encode_targets
from engine.numerics.losses import make_output_head
from engine.numerics.metrics import total_sum_of_squares
from engine.numerics.running import MAX_DEFERRED_EPOCHS, RunningMetrics

Floats = NDArray[np.floating[Any]]

EXITS = [("sigmoid", "bce", 1), ("sigmoid", "bce", 2), ("softmax", "cce", 3), ("sigmoid", "mse", 1)]
REGRESSIONS = [("identity", "mse", 1), ("identity", "mae", 2)]


def in_batches(z: Floats, batch_size: int) -> Floats:
    """Lay z (S, K, rows) out as a plan does: batch after batch, each (K, B)."""
    batches = [z[..., start : start + batch_size] for start in range(0, z.shape[-1], batch_size)]
    return np.concatenate([batch.reshape(len(z), -1) for batch in batches], axis=1)


@given(
    kind=st.sampled_from(EXITS + REGRESSIONS),
    seeds=st.integers(1, 3),
    rows=st.integers(1, 40),
    batch_size=st.integers(1, 41),
    signal_scale=st.sampled_from([0.5, 1.0]),
    epochs=st.integers(1, 5),
    seed=st.integers(0, 99),
)
def test_epochs_are_graded_row_by_row_at_once_or_one_by_one(
    kind: tuple[str, str, int], seeds: int, rows: int, batch_size: int, signal_scale: float, epochs: int, seed: int
) -> None:
    activation, loss, outputs = kind
    head, random = make_output_head(activation, loss), np.random.default_rng(seed)
    z_buffer, y_buffer = np.empty((seeds, rows * outputs)), np.empty((seeds, rows, outputs))
    squares = np.full(outputs, 3.0) if kind in REGRESSIONS else None
    metrics = RunningMetrics(
        head,
        z_buffer,
        y_buffer,
        batch_size=min(batch_size, rows),
        signal_scale=signal_scale,
        total_sum_of_squares=squares,
    )
    expected, alone = [], []
    for _ in range(epochs):
        z = random.normal(size=(seeds, outputs, rows)) * 3
        y = np.eye(outputs)[random.integers(outputs, size=(seeds, rows))] if outputs > 1 else None
        y = random.integers(2, size=(seeds, rows, 1)).astype(float) if y is None else y
        z_buffer[...], y_buffer[...] = in_batches(z * signal_scale, min(batch_size, rows)), y
        encode_targets(head, y_buffer)
        metrics.defer()
        metrics.accumulator.clear()
        metrics.add(rows)
        alone.append((np.atleast_1d(metrics.accumulator.loss()), np.atleast_1d(metrics.accumulator.score())))
        true = y.swapaxes(-1, -2)
        if squares is None:
            classes = true.argmax(axis=-2) if outputs > 1 else true[:, 0] >= 0.5
            score = (head.classes(z) == classes).mean(axis=-1)
        else:
            score = (1 - ((head.value(z) - true) ** 2).sum(axis=-1) / squares).mean(axis=-1)
        expected.append((head.row_losses(z, true).mean(axis=-1), score))
    together = np.stack(metrics.flush(), axis=1)
    np.testing.assert_allclose(together, np.array(expected), rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(together, np.array(alone))
    assert len(metrics.flush()[0]) == 0


@pytest.mark.parametrize(("rows", "capacity"), [(100, MAX_DEFERRED_EPOCHS), (2**11, 16), (2**11 + 1, 0)])
def test_only_short_epochs_are_deferred(rows: int, capacity: int) -> None:
    z, y = np.zeros((1, rows)), np.zeros((1, rows, 1))
    metrics = RunningMetrics(
        make_output_head("identity", "mse"),
        z,
        y,
        batch_size=8,
        signal_scale=1,
        total_sum_of_squares=total_sum_of_squares(y[0]),
    )
    assert metrics.capacity == capacity
