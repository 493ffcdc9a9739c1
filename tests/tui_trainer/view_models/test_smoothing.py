from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_trainer.view_models.smoothing import FACTORS, next_factor, smoothed

values = st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), max_size=40)
factors = st.floats(0, 0.99)


@given(values, factors)
def test_it_is_the_weighted_mean_of_what_came_before(series: list[float], factor: float) -> None:
    means = smoothed(np.array(series, np.float64), factor)
    for end, mean in enumerate(means.tolist(), start=1):
        past = [value for value in series[:end] if not math.isnan(value)]
        if math.isnan(series[end - 1]):
            assert math.isnan(mean)
        else:
            weights = [factor**age for age in range(len(past))][::-1]
            assert mean == pytest.approx(np.average(past, weights=weights), rel=1e-9, abs=1e-6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), factors)
def test_it_stays_within_what_it_smooths(series: list[float], factor: float) -> None:
    means = smoothed(np.array(series), factor)
    slack = 1e-9 * max(map(abs, series))
    assert min(series) - slack <= means.min() <= means.max() <= max(series) + slack


def test_a_factor_of_zero_changes_nothing_and_a_constant_stays_one() -> None:
    series = np.array([3.0, 1.0, 2.0])
    np.testing.assert_array_equal(smoothed(series, 0.0), series)
    np.testing.assert_allclose(smoothed(np.full(50, 0.7), 0.97), 0.7)


def test_the_key_goes_through_all_factors_and_begins_anew() -> None:
    seen = [0.0]
    for _ in FACTORS:
        seen.append(next_factor(seen[-1]))
    assert tuple(seen) == (*FACTORS, 0.0)
