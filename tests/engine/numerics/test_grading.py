"""Curves, areas and calibration against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle
from sklearn.calibration import calibration_curve

from engine.numerics import grading
from tests.properties import examples

Rows = list[tuple[float, bool]]
TENTHS = st.integers(0, 20).map(lambda part: part / 20)
rows = st.lists(st.tuples(TENTHS | st.floats(0, 1), st.booleans()), min_size=2, max_size=60).filter(
    lambda pairs: len({positive for _, positive in pairs}) == 2
)


def taken_apart(pairs: Rows) -> tuple[np.ndarray, np.ndarray]:
    scores, positive = zip(*pairs, strict=True)
    return np.array(scores), np.array(positive)


@settings(max_examples=examples(60))
@given(rows)
def test_the_roc_curve_and_its_area_are_those_of_scikit_learn(pairs: Rows) -> None:
    scores, positive = taken_apart(pairs)
    ours = grading.roc_curve(scores, positive)
    assert ours is not None
    x, y, _ = oracle.roc_curve(positive, scores, drop_intermediate=False)
    assert ours.area == pytest.approx(oracle.roc_auc_score(positive, scores))
    assert set(zip(ours.x.round(9), ours.y.round(9), strict=True)) <= set(zip(x.round(9), y.round(9), strict=True))
    for place, height in zip(x, y, strict=True):  # what was left out lies on the straight way
        at = np.flatnonzero(np.isclose(ours.x, place))
        between = [ours.y[at].min(), ours.y[at].max()] if len(at) else [np.interp(place, ours.x, ours.y)] * 2
        assert between[0] - 1e-9 <= height <= between[1] + 1e-9


@settings(max_examples=examples(60))
@given(rows)
def test_precision_over_recall_and_the_average_precision_are_those_of_scikit_learn(pairs: Rows) -> None:
    scores, positive = taken_apart(pairs)
    ours = grading.precision_recall_curve(scores, positive)
    assert ours is not None
    precision, recall, _ = oracle.precision_recall_curve(positive, scores)
    assert ours.area == pytest.approx(oracle.average_precision_score(positive, scores))
    theirs = set(zip(recall.round(9), precision.round(9), strict=True))
    assert set(zip(ours.x.round(9), ours.y.round(9), strict=True)) <= theirs
    assert (ours.x[0], ours.y[0], ours.x[-1]) == (0, 1, 1)


@settings(max_examples=examples(60))
@given(rows)
def test_the_reliability_diagram_and_the_brier_score_are_those_of_scikit_learn(pairs: Rows) -> None:
    p, happened = taken_apart(pairs)
    ours = grading.reliability(p, happened)
    observed, predicted = calibration_curve(happened, p, n_bins=10)
    np.testing.assert_allclose(ours.observed, observed)
    np.testing.assert_allclose(ours.predicted, predicted)
    assert ours.rows.sum() == len(p)
    assert grading.brier(p[None], happened[None]) == pytest.approx(oracle.brier_score_loss(happened, p))


def test_the_brier_score_of_several_classes_is_that_of_scikit_learn() -> None:
    p = np.random.default_rng(3).dirichlet(np.ones(4), 50)
    y = np.random.default_rng(4).integers(0, 4, 50)
    expected = oracle.brier_score_loss(y, p, labels=range(4), scale_by_half=False)
    assert grading.brier(p.T, np.eye(4)[y].T) == pytest.approx(expected)


def test_without_one_of_the_classes_there_is_no_curve() -> None:
    for positive in (np.zeros(3, bool), np.ones(3, bool)):
        assert grading.roc_curve(np.arange(3.0), positive) is None
        assert grading.precision_recall_curve(np.arange(3.0), positive) is None
    assert grading.roc_curve(np.empty(0), np.empty(0, bool)) is None


def test_a_thinned_curve_keeps_its_ends_and_its_area_and_strays_little() -> None:
    random = np.random.default_rng(1)
    positive = random.random(4000) < 0.3
    whole = grading.roc_curve(random.normal(positive * 1.0), positive)
    assert whole is not None
    assert len(whole.x) > 1000
    thin = grading.thinned(whole, 64)
    assert len(thin.x) <= 64
    assert thin.area == whole.area
    assert (thin.x[0], thin.y[0], thin.x[-1], thin.y[-1]) == (0, 0, 1, 1)
    assert np.abs(np.interp(whole.x, thin.x, thin.y) - whole.y).max() < 0.03


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ([[0.2, 1.0]], True),
        ([[0.2, 1.1]], False),
        ([[0.2, 0.5], [0.8, 0.5]], True),
        ([[0.2, 0.5], [0.2, 0.5]], False),
    ],
)
def test_only_what_lies_between_0_and_1_and_adds_up_is_a_probability(
    outputs: list[list[float]], *, expected: bool
) -> None:
    assert grading.are_probabilities(np.array(outputs)) is expected
