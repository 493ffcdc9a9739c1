from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.run.metrics import METRICS
from tui_trainer.view_models.axes import Window
from tui_trainer.view_models.history import History

Rows = NDArray[np.float64]

CAPACITY = 8
values = st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf])
chunks = st.lists(st.lists(values, min_size=1, max_size=40), min_size=1, max_size=8)


def rows_of(metric: list[float]) -> Rows:
    """Rows of one seed whose every metric has these values."""
    return np.repeat(np.array(metric)[:, None, None], len(METRICS), axis=2)


def filled(parts: list[list[float]], capacity: int = CAPACITY) -> tuple[History, list[float]]:
    history, known = History(capacity), list[float]()
    for part in parts:
        history.add_rows(len(known) + 1, rows_of(part))
        known += part
    return history, known


@given(chunks)
def test_every_epoch_lies_within_its_column_and_the_extremes_are_met(parts: list[list[float]]) -> None:
    history, known = filled(parts)
    bins = history.columns(0, Window(1, len(known)), -(-len(known) // history.width))
    for index, (low, high) in enumerate(zip(bins.low.tolist(), bins.high.tolist(), strict=True)):
        epochs = [v for v in known[index * history.width : (index + 1) * history.width] if math.isfinite(v)]
        assert (min(epochs, default=math.nan), max(epochs, default=math.nan)) == pytest.approx((low, high), nan_ok=True)


@given(chunks, st.integers(1, 50))
def test_no_spike_is_lost_at_any_width(parts: list[list[float]], count: int) -> None:
    history, known = filled(parts)
    columns = history.columns(0, Window(1, len(known)), count)
    finite = [value for value in known if math.isfinite(value)]
    assert len(columns.place) <= count
    if finite:
        assert np.nanmax(columns.high) == max(finite)
        assert np.nanmin(columns.low) == min(finite)


@given(chunks)
def test_memory_is_bounded_and_bins_are_aligned_powers_of_two(parts: list[list[float]]) -> None:
    history, known = filled(parts)
    assert history.epochs == len(known) <= history.width * CAPACITY
    assert history.width.bit_count() == 1
    assert history.width == 1 or len(known) > history.width * CAPACITY // 2


@given(chunks)
def test_in_how_many_frames_it_came_makes_no_difference(parts: list[list[float]]) -> None:
    history, known = filled(parts)
    at_once, _ = filled([known])
    for metric in range(len(METRICS)):
        for ours, theirs in zip(
            vars(history.columns(metric, Window(1, len(known)), 30)).values(),
            vars(at_once.columns(metric, Window(1, len(known)), 30)).values(),
            strict=True,
        ):
            np.testing.assert_array_equal(ours, theirs)


@given(st.lists(values, min_size=1, max_size=60), st.integers(0, 59), st.lists(values, min_size=1, max_size=60))
def test_epochs_that_come_again_overwrite_what_follows_them(first: list[float], begin: int, again: list[float]) -> None:
    begin = min(begin, len(first))
    history = History(capacity=256)  # wide enough for bins of one epoch
    history.add_rows(1, rows_of(first))
    history.add_rows(begin + 1, rows_of(again))
    known = first[:begin] + again
    columns = history.columns(2, Window(1, len(known)), len(known))
    assert history.epochs == len(known)
    np.testing.assert_array_equal(columns.last, [v if math.isfinite(v) else math.nan for v in known])


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=64), st.sampled_from([1, 2, 4]))
def test_bins_of_a_frame_and_rows_come_to_the_same(metric: list[float], width: int) -> None:
    history, known = filled([metric])
    bins = np.array(
        [
            [[min(part), max(part), part[-1]]] * len(METRICS)
            for part in (known[start : start + width] for start in range(0, len(known), width))
        ]
    )
    binned = History(CAPACITY)
    binned.add_bins(1, width, bins, last_epoch=len(known))
    assert binned.width == max(history.width, width)
    assert binned.latest(0) == known[-1]
    for name in ("low", "high", "last"):
        ours = getattr(history.columns(0, Window(1, len(known)), 4), name)
        theirs = getattr(binned.columns(0, Window(1, len(known)), 4), name)
        if history.width >= width:
            np.testing.assert_array_equal(ours, theirs)


def test_rows_go_on_where_bins_ended() -> None:
    history = History(CAPACITY)
    history.add_bins(1, 4, np.tile([1.0, 3.0, 2.0], (2, len(METRICS), 1)), last_epoch=6)
    history.add_rows(7, rows_of([9.0, 0.5, 7.0]))
    columns = history.columns(0, Window(1, 9), 3)
    assert columns.high.tolist() == [3.0, 9.0, 7.0]
    assert columns.low.tolist() == [1.0, 0.5, 7.0]


def test_several_seeds_give_a_range_and_a_median() -> None:
    rows = np.zeros((2, 3, len(METRICS)))
    rows[:, :, 0] = [[1.0, 5.0, 2.0], [4.0, 3.0, 8.0]]
    history = History()
    history.add_rows(1, rows)
    columns = history.columns(0, Window(1, 2), 2)
    assert (columns.low.tolist(), columns.last.tolist(), columns.high.tolist()) == ([1.0, 3.0], [2.0, 4.0], [5.0, 8.0])


def test_the_median_goes_on_when_seeds_have_stopped_early() -> None:
    rows = np.full((1, 3, len(METRICS)), np.nan)
    rows[:, 1:, 0] = [[2.0, 4.0]]
    history = History()
    history.add_rows(1, rows)
    assert history.latest(0) == 3.0
    assert history.not_finite_since(0) is None


def test_the_first_value_that_is_not_finite_is_named_until_it_is_overwritten() -> None:
    history = History()
    history.add_rows(1, rows_of([1.0, 2.0, math.nan, 4.0]))
    assert history.not_finite_since(0) == 3
    history.add_rows(3, rows_of([3.0]))
    assert history.not_finite_since(0) is None


def test_what_has_been_drawn_does_not_move_while_the_axis_holds() -> None:
    history, known = filled([[float(value) for value in np.sin(np.arange(40))]], capacity=4096)
    before = history.columns(0, Window(1, 1024), 100)
    history.add_rows(len(known) + 1, rows_of([100.0] * 40))
    after = history.columns(0, Window(1, 1024), 100)
    settled = len(before.place) - 1
    np.testing.assert_array_equal(before.place[:settled], after.place[:settled])
    np.testing.assert_array_equal(before.low[:settled], after.low[:settled])
    np.testing.assert_array_equal(before.high[:settled], after.high[:settled])


def test_a_million_epochs_take_no_more_room_than_ten_thousand() -> None:
    history = History()
    chunk = rows_of([float(value) for value in range(4096)])
    for first in range(1, 1_000_001, 4096):
        history.add_rows(first, chunk)
    stored = [part for part in vars(history).values() if isinstance(part, np.ndarray)]
    assert history.epochs >= 1_000_000
    assert sum(part.nbytes for part in stored) < 2**20


@given(chunks, st.integers(1, 60), st.integers(1, 60), st.integers(1, 30))
def test_a_window_shows_its_epochs_whole_bins_at_its_edges(
    parts: list[list[float]], first: int, length: int, count: int
) -> None:
    history, known = filled(parts)
    window = Window(first, first + length - 1)
    columns = history.columns(0, window, count)
    start, end = (first - 1) // history.width * history.width, -(-window.last // history.width) * history.width
    within = [value for value in known[start:end] if math.isfinite(value) and first <= len(known)]
    assert np.all((columns.place >= 0) & (columns.place < count))
    assert np.nanmax(columns.high, initial=-math.inf) == max(within, default=-math.inf)
    assert np.nanmin(columns.low, initial=math.inf) == min(within, default=math.inf)


def test_a_reading_is_of_its_epoch_and_there_is_none_beyond_or_of_what_is_not_finite() -> None:
    history, _ = filled([[3.0, math.nan, 5.0]])
    assert history.at(0, 3) == (5.0, 5.0, 5.0)
    assert (history.at(0, 0), history.at(0, 2), history.at(0, 4)) == (None, None, None)


def test_smoothing_does_not_depend_on_the_window() -> None:
    history, known = filled([[float(epoch % 7) for epoch in range(60)]], capacity=64)
    whole = history.columns(0, Window(1, 60), 60, smoothing=0.9).last
    part = history.columns(0, Window(31, 60), 30, smoothing=0.9).last
    np.testing.assert_array_equal(whole[30:], part)
    assert len(known) == len(whole)
