"""Intervals of areas and of R²: by the definitions, against SciPy's bootstrap, and by how often they hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit, logit
from sklearn.metrics import average_precision_score, r2_score

from engine.numerics import intervals
from tests.properties import examples

SIMULATIONS = 500
HOLDS = (0.92, 0.985)
"""Shares of the simulations in which a 95 % interval may hold the truth: 3 standard errors, and what few rows cost."""
tenths = st.integers(0, 10).map(lambda part: part / 10)


def delong(own: list[float], others: list[float]) -> tuple[float, float]:
    """Return the area and its variance, by the paper's sums over all pairs."""
    pairs = np.array([[1.0 if x > y else 0.5 if x == y else 0.0 for y in others] for x in own])
    m, n = pairs.shape
    area = pairs.mean()
    of_own = sum((pairs[i].mean() - area) ** 2 for i in range(m)) / (m - 1)
    of_others = sum((pairs[:, j].mean() - area) ** 2 for j in range(n)) / (n - 1)
    return float(area), float(of_own / m + of_others / n)


@settings(max_examples=examples(60))
@given(st.lists(tenths, min_size=2, max_size=12), st.lists(tenths, min_size=2, max_size=12))
def test_the_interval_of_an_area_is_delongs_on_the_scale_of_log_odds(own: list[float], others: list[float]) -> None:
    scores, positive = np.array(own + others), np.arange(len(own) + len(others)) < len(own)
    found = intervals.roc_area_interval(scores, positive)
    area, variance = delong(own, others)
    assert found is not None
    if area in {0.0, 1.0}:
        rows = min(len(own), len(others))
        wilson = stats.binomtest(round(area * rows), rows).proportion_ci(method="wilson")
        assert found == pytest.approx((wilson.low, wilson.high))
        return
    error = np.sqrt(variance) / (area * (1 - area))
    assert found == pytest.approx(tuple(expit(logit(area) + stats.norm.ppf([0.025, 0.975]) * error)), abs=1e-9)


def test_an_area_of_one_row_of_a_class_has_no_interval() -> None:
    assert intervals.roc_area_interval(np.array([0.1, 0.2, 0.9]), np.array([False, False, True])) is None


def test_the_interval_of_an_area_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    positive = np.arange(90) < 40
    truth = stats.norm.cdf(1.5 / np.sqrt(2))  # of two normal distributions that lie 1.5 deviations apart
    held = 0
    for _ in range(SIMULATIONS):
        found = intervals.roc_area_interval(random.normal(size=90) + 1.5 * positive, positive)
        assert found is not None
        held += found[0] <= truth <= found[1]
    assert HOLDS[0] <= held / SIMULATIONS <= HOLDS[1]


@given(st.integers(1, 500), st.floats(0, 1))
def test_the_interval_of_an_average_precision_is_that_of_a_share_of_the_positives(positives: int, area: float) -> None:
    """Wilson's ends are where a share's distance is 1.96 of the standard errors that it would have there."""
    ends = intervals.average_precision_interval(area, positives)
    assert ends is not None
    assert ends[0] <= area + 1e-12
    assert area - 1e-12 <= ends[1]
    for end in ends:
        error = np.sqrt(end * (1 - end) / positives)
        assert (area - end) ** 2 == pytest.approx((stats.norm.ppf(0.975) * error) ** 2, abs=1e-9)


def test_the_interval_of_an_average_precision_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)

    def drawn(rows: int) -> float:
        positive = np.arange(rows) < rows // 3
        return float(average_precision_score(positive, random.normal(size=rows) + 1.5 * positive))

    truth = drawn(300_000)
    ends = [intervals.average_precision_interval(drawn(120), 40) for _ in range(SIMULATIONS // 2)]
    assert np.mean([each is not None and each[0] <= truth <= each[1] for each in ends]) >= HOLDS[0]


def regression(random: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return true values, and predictions with errors that grow with them; r² is .6 of very many rows."""
    x = random.exponential(size=rows)
    predicted = x * 3
    return predicted + random.normal(size=rows) * np.sqrt(3 * (1 + x)), predicted


def test_the_interval_of_r2_is_about_that_of_scipys_bootstrap() -> None:
    true, predicted = regression(np.random.default_rng(2), 250)
    found = intervals.r2_interval(true, predicted)
    theirs = stats.bootstrap(
        (true, predicted), r2_score, paired=True, vectorized=False, n_resamples=1500, random_state=3
    ).confidence_interval
    width = theirs.high - theirs.low
    assert found is not None
    assert found == pytest.approx((theirs.low, theirs.high), abs=0.2 * width)
    assert found[0] < r2_score(true, predicted) < found[1]


def test_the_interval_of_r2_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(4)
    truth = r2_score(*regression(random, 10**6))
    ends = [intervals.r2_interval(*regression(random, 150)) for _ in range(SIMULATIONS)]
    held = np.mean([each is not None and each[0] <= truth <= each[1] for each in ends])
    assert HOLDS[0] - 0.02 <= held <= HOLDS[1]  # few rows of skewed values hold it a little less often


@pytest.mark.parametrize(
    ("true", "predicted"),
    [([1.0, 2.0], [1.0, 1.0]), ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]), ([1.0, 2.0, 4.0], [1.0, 2.0, 4.0])],
    ids=["two rows", "targets that do not vary", "no error"],
)
def test_an_r2_that_nothing_can_be_said_of_has_no_interval(true: list[float], predicted: list[float]) -> None:
    assert intervals.r2_interval(np.array(true), np.array(predicted)) is None


def test_numbers_beyond_all_measure_have_no_interval() -> None:
    assert intervals.r2_interval(np.array([1e200, -1e200, 3.0]), np.array([0.0, 1.0, 2.0])) is None
    assert intervals.r2_interval(np.array([1.0, 2.0, 3.0]), np.array([1e160, -1e160, 1e159])) is None
