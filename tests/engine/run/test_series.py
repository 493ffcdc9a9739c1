"""Bins by epoch and points by step, against a plain re-computation from all that came."""

from __future__ import annotations

import math
import statistics

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from engine.run.metrics import Metric, MetricSet
from engine.run.series import BinnedSeries, SparseSeries, bins_of_rows, median_over_seeds

Rows = NDArray[np.float64]
TWO = MetricSet([Metric(name="loss"), Metric(name="bleu")])

rows_of_two = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 40), st.just(3), st.just(2)),
    elements=st.floats(-100, 100) | st.sampled_from([math.nan, math.inf]),
)


@given(
    values=hnp.arrays(
        np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 3)), elements=st.floats(width=32)
    )
)
def test_the_median_over_seeds_leaves_out_those_that_have_no_number(values: NDArray[np.float64]) -> None:
    columns = values.transpose(0, 2, 1).reshape(-1, values.shape[1])
    for column, found in zip(columns, median_over_seeds(values).flat, strict=True):
        known = [value for value in column if not np.isnan(value)]
        if known and np.isfinite(known).all():
            assert found == statistics.median(known)
        else:
            assert np.isnan(found)


def expected_bins(rows: Rows, width: int) -> Rows:
    """Return (k, C, 3) as the definition of a bin has them, number by number."""
    bins: list[list[list[float]]] = []
    for start in range(0, len(rows), width):
        epochs = rows[start : start + width]
        bins.append([])
        for metric in range(rows.shape[2]):
            finite = [value for value in epochs[:, :, metric].flat if math.isfinite(value)]
            last = [value for value in epochs[-1, :, metric] if not math.isnan(value)]
            median = statistics.median(last) if last and all(map(math.isfinite, last)) else math.nan
            bins[-1].append([min(finite, default=math.nan), max(finite, default=math.nan), median])
    return np.array(bins, np.float64).reshape(-1, rows.shape[2], 3)


@given(parts=st.lists(rows_of_two, min_size=1, max_size=6), capacity=st.sampled_from([1, 4, 64]))
def test_bins_are_those_of_all_epochs_however_they_came(parts: list[Rows], capacity: int) -> None:
    series, rows = BinnedSeries(TWO, capacity), np.concatenate(parts)
    for part in parts:
        series.add(series.epochs + 1, 1, bins_of_rows(part, 1), series.epochs + len(part))
    assert series.epochs == len(rows) <= capacity * series.width
    assert series.width.bit_count() == 1
    np.testing.assert_allclose(series.values, expected_bins(rows, series.width), rtol=1e-15)


@given(rows=rows_of_two, width=st.sampled_from([1, 2, 8]), capacity=st.sampled_from([2, 16]))
def test_bins_that_came_as_bins_are_merged_into_wider_ones(rows: Rows, width: int, capacity: int) -> None:
    series = BinnedSeries(TWO, capacity)
    series.add(1, width, bins_of_rows(rows, width), len(rows))
    assert series.width >= width
    np.testing.assert_allclose(series.values, expected_bins(rows, series.width), rtol=1e-15)


@given(first=rows_of_two, again=rows_of_two, at=st.integers(1, 40))
def test_epochs_that_come_again_replace_what_followed(first: Rows, again: Rows, at: int) -> None:
    at = min(at, len(first))
    series = BinnedSeries(TWO, 256)
    series.add(1, 1, bins_of_rows(first, 1), len(first))
    series.add(at, 1, bins_of_rows(again, 1), at - 1 + len(again))
    np.testing.assert_allclose(series.values, expected_bins(np.concatenate([first[: at - 1], again]), 1), rtol=1e-15)


def test_bins_of_the_widest_kind_are_not_merged_any_more() -> None:
    series, rows = BinnedSeries(TWO, 4, widest=2), np.arange(60.0).reshape(10, 3, 2)
    for start in (0, 10, 20):
        series.add(start + 1, series.width, bins_of_rows(rows, series.width), start + 10)
    assert (series.width, series.count) == (2, 15)
    np.testing.assert_array_equal(series.values, expected_bins(np.concatenate([rows, rows, rows]), 2))


# Points by step

stretches = st.lists(st.integers(1, 30), min_size=1, max_size=8)


def expected_points(count: int, capacity: int) -> list[int]:
    """Return the places, from 0 on, of the points that are kept of so many."""
    stride = 1
    while len(range(0, count, stride)) > capacity:
        stride *= 2
    return sorted({*range(0, count, stride), count - 1})


@given(stretches=stretches, seeds=st.integers(1, 3), capacity=st.sampled_from([2, 5, 16, 1000]))
def test_points_are_thinned_by_their_place_alone(stretches: list[int], seeds: int, capacity: int) -> None:
    count = sum(stretches)
    steps, epochs = np.arange(count) * 7 + 3, np.arange(count) // 4
    values = np.random.default_rng(count).normal(size=(count, seeds))
    series, start = SparseSeries(seeds, capacity), 0
    for length in stretches:
        part = slice(start, start + length)
        series.extend(steps[part], epochs[part], values[part])
        start += length
    kept = expected_points(count, capacity)
    for found, all_of_them in zip(series.recall(), (steps, epochs, values), strict=True):
        np.testing.assert_array_equal(found, all_of_them[kept])
    assert len(series) == len(kept) <= capacity + 1


@given(count=st.integers(1, 60), again=st.integers(0, 59), capacity=st.sampled_from([4, 1000]))
def test_points_that_come_again_replace_what_followed(count: int, again: int, capacity: int) -> None:
    again = min(again, count - 1)
    series = SparseSeries(1, capacity)
    for value, steps in ((0.0, range(count)), (1.0, range(again, again + 3))):
        for step in steps:
            series.append(step, 1, np.array([value]))
    steps_kept, _, values = series.recall()
    assert (np.diff(steps_kept) > 0).all()
    assert steps_kept[-1] == again + 2
    assert (values[steps_kept >= again] == 1).all()
    assert (values[steps_kept < again] == 0).all()
    assert len(series) <= capacity + 1


def test_points_are_recalled_from_a_step_on() -> None:
    series = SparseSeries(2)
    assert [part.shape for part in series.recall()] == [(0,), (0,), (0, 2)]
    series.append(5, 1, np.array([0.5, math.nan]))
    series.append(9, 2, np.array([0.25, 0.75]))
    steps, epochs, values = series.recall(6)
    assert (steps.tolist(), epochs.tolist(), values.tolist()) == ([9], [2], [[0.25, 0.75]])
