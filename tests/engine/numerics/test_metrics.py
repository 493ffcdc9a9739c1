"""Metrics against scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as oracle

from engine.numerics.losses import make_output_head
from engine.numerics.metrics import (
    MetricAccumulator,
    confusion,
    predicted_classes,
    roc_auc,
    total_sum_of_squares,
)

Floats = NDArray[np.floating[Any]]
SEEDS = st.integers(0, 2**32 - 1)


@given(
    scores=st.lists(st.sampled_from([-1e300, 0.0, 0.1, 0.5, 0.5 + 1e-15, 0.9, 1.0, 1e300]), min_size=2, max_size=30),
    seed=SEEDS,
)
def test_roc_auc_is_scikit_learns_ties_included(scores: list[float], seed: int) -> None:
    positive = np.random.default_rng(seed).random(len(scores)) < 0.5
    assume(positive.any() and not positive.all())
    assert roc_auc(np.array(scores), positive) == pytest.approx(oracle.roc_auc_score(positive, scores), abs=1e-12)


@pytest.mark.parametrize("positive", [[True, True], [False, False]])
def test_roc_auc_of_one_class_is_undefined(positive: list[bool]) -> None:
    assert np.isnan(roc_auc(np.array([0.1, 0.2]), np.array(positive)))


@given(seed=SEEDS, classes=st.integers(2, 5), rows=st.integers(1, 40))
def test_confusion_and_accuracy_are_scikit_learns(seed: int, classes: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    true = random.integers(classes, size=rows)
    p, y = random.normal(size=(classes, rows)), np.eye(classes)[true].T
    expected = oracle.confusion_matrix(true, p.argmax(axis=0), labels=range(classes))
    np.testing.assert_array_equal(confusion(p, y, classes), expected)
    accumulator = MetricAccumulator(make_output_head("softmax", "cce"), 1, None)
    accumulator.add(p[None], y[None])
    assert accumulator.score()[0] == pytest.approx(oracle.accuracy_score(true, p.argmax(axis=0)))
    assert accumulator.loss()[0] == pytest.approx(
        oracle.log_loss(true, make_output_head("softmax", "cce").value(p).T, labels=range(classes))
    )


def test_one_output_is_positive_from_one_half_on() -> None:
    p = np.array([[0.0, np.nextafter(0.5, 0), 0.5, 1.0]])
    np.testing.assert_array_equal(predicted_classes(p), [0, 0, 1, 1])


@given(seed=SEEDS, outputs=st.integers(1, 3), rows=st.integers(2, 30))
def test_r2_is_scikit_learns(seed: int, outputs: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    y, p = random.normal(3, 2, (rows, outputs)), random.normal(3, 2, (rows, outputs))
    accumulator = MetricAccumulator(make_output_head("identity", "mse"), 1, total_sum_of_squares(y))
    accumulator.add(p.T[None], y.T[None])
    assert accumulator.score()[0] == pytest.approx(oracle.r2_score(y, p), rel=1e-9, abs=1e-9)
    assert accumulator.loss()[0] == pytest.approx(oracle.mean_squared_error(y, p), rel=1e-12)


def test_r2_of_targets_that_do_not_vary_is_undefined() -> None:
    accumulator = MetricAccumulator(make_output_head("identity", "mse"), 1, total_sum_of_squares(np.full((4, 1), 2.0)))
    accumulator.add(np.zeros((1, 1, 4)), np.full((1, 1, 4), 2.0))
    assert np.isnan(accumulator.score()[0])


@given(seed=SEEDS, cuts=st.lists(st.integers(1, 19), max_size=4), regression=st.booleans())
def test_adding_block_by_block_weights_every_row_alike(seed: int, cuts: list[int], regression: bool) -> None:
    random = np.random.default_rng(seed)
    z, y = random.normal(size=(3, 2, 20)), np.eye(2)[random.integers(2, size=20)].T[None]
    head = make_output_head("identity", "mse") if regression else make_output_head("softmax", "cce")
    share = total_sum_of_squares(y[0].T) if regression else None
    whole, parts = MetricAccumulator(head, 3, share), MetricAccumulator(head, 3, share)
    whole.add(z, y)
    for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), 20], strict=True):
        parts.add(z[..., start:stop], y[..., start:stop])
    np.testing.assert_allclose(parts.loss(), whole.loss(), rtol=1e-12)
    np.testing.assert_allclose(parts.score(), whole.score(), rtol=1e-12, atol=1e-12)


def test_a_restored_sum_goes_on_where_it_was() -> None:
    random = np.random.default_rng(0)
    z, y = random.normal(size=(2, 1, 9)), random.normal(size=(1, 1, 9))
    head, share = make_output_head("identity", "mse"), total_sum_of_squares(y[0].T)
    whole, resumed = MetricAccumulator(head, 2, share), MetricAccumulator(head, 2, share)
    whole.add(z[..., :4], y[..., :4])
    resumed.restore(whole.state())
    for accumulator in (whole, resumed):
        accumulator.add(z[..., 4:], y[..., 4:])
    np.testing.assert_array_equal(whole.loss(), resumed.loss())
    np.testing.assert_array_equal(whole.score(), resumed.score())


def test_sums_of_float32_rows_are_kept_in_float64() -> None:
    head = make_output_head("identity", "mae")
    accumulator = MetricAccumulator(head, 1, total_sum_of_squares(np.array([[0.0], [1.0]])))
    for _ in range(2000):
        accumulator.add(np.full((1, 1, 10_000), 0.1, np.float32), np.zeros((1, 1, 10_000), np.float32))
    assert accumulator.loss()[0] == pytest.approx(float(np.float32(0.1)), rel=1e-12)
