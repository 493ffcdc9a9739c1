from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tui_trainer.view_models.axes import SHORTEST_WINDOW, HoldingLimits, Scale, Window, epoch_span, round_down, round_up

scales = st.sampled_from(["linear", "log", "share"])
finite = st.floats(1e-9, 1e9)


@given(finite)
def test_round_values_enclose_closely(value: float) -> None:
    low, high = round_down(value), round_up(value)
    assert low <= value * (1 + 1e-8)
    assert high >= value * (1 - 1e-8)
    assert high / low <= 2.5 + 1e-6
    assert f"{low:.0e}"[0] in "125"


@given(finite, finite, scales)
def test_data_lie_within_the_limits(one: float, other: float, scale: Scale) -> None:
    low, high = min(one, other), max(one, other)
    limits = HoldingLimits().around(low, high, scale)
    for value in (low, high):
        assert -1e-6 <= limits.position(value) <= 1 + 1e-6


@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=20), scales)
def test_limits_enclose_whatever_came_before(pairs: list[tuple[float, float]], scale: Scale) -> None:
    holding = HoldingLimits()
    for one, other in pairs:
        low, high = min(one, other), max(one, other)
        limits = holding.around(low, high, scale)
        assert limits.position(low) >= -1e-6
        assert limits.position(high) <= 1 + 1e-6


def test_limits_hold_still_while_the_data_wander_inside() -> None:
    holding = HoldingLimits()
    first = holding.around(0.05, 0.7, "log")
    assert all(holding.around(low, 0.7, "log") == first for low in (0.06, 0.051, 0.08, 0.055))


def test_a_falling_loss_moves_the_lower_limit_seldom() -> None:
    holding = HoldingLimits()
    seen = {holding.around(0.7 * 0.99**epoch, 0.7, "log") for epoch in range(500)}
    assert len(seen) < 10


def test_limits_come_back_after_a_spike_is_gone() -> None:
    holding = HoldingLimits()
    holding.around(0.1, 1e6, "linear")
    assert holding.around(0.1, 0.9, "linear").high == 1


def test_an_accuracy_axis_ends_at_one() -> None:
    limits = HoldingLimits().around(0.62, 0.97, "share")
    assert (limits.low, limits.high) == (0.6, 1.0)
    assert HoldingLimits().around(1.0, 1.0, "share").low == 0.9
    assert HoldingLimits().around(-3.0, 0.5, "share").low == -5


@given(finite, finite, scales, st.integers(1, 12))
def test_ticks_are_few_rising_and_within(one: float, other: float, scale: Scale, most: int) -> None:
    low, high = min(one, other), max(one, other)
    assume(high > low)
    limits = HoldingLimits().around(low, high, scale)
    ticks = limits.ticks(most)
    assert 1 <= len(ticks) <= max(2, most)
    assert ticks == sorted(set(ticks))
    assert all(-1e-6 <= limits.position(tick) <= 1 + 1e-6 for tick in ticks)


def test_ticks_of_a_log_axis_are_its_round_values() -> None:
    limits = HoldingLimits().around(0.05, 0.9, "log")
    assert limits.ticks(8) == [0.05, 0.1, 0.2, 0.5, 1.0]
    assert limits.ticks(3) == [0.1, 1.0]


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_epoch_axis_shows_all_epochs_and_doubles(epoch: int, end: int) -> None:
    span = epoch_span(epoch, end)
    assert span >= epoch
    assert span in {epoch, end, 2} or math.log2(span / 16).is_integer()


@pytest.mark.parametrize(
    ("epoch", "end", "span"), [(0, 50, 16), (17, 50, 32), (33, 50, 50), (50, 50, 50), (40, 1000, 64)]
)
def test_the_epoch_axis_stops_at_the_end(epoch: int, end: int, span: int) -> None:
    assert epoch_span(epoch, end) == span


windows = st.builds(lambda first, epochs: Window(first, first + epochs - 1), st.integers(1, 5000), st.integers(2, 5000))


@given(windows, st.integers(1, 200))
def test_columns_of_a_window_begin_and_end_at_its_edges(window: Window, count: int) -> None:
    columns = window.columns(np.arange(window.first, window.last + 1), count)
    assert (columns[0], columns[-1]) == (0, count - 1)
    assert np.all(np.diff(columns) >= 0)
    assert window.column(window.last, count) == count - 1


@given(windows, st.integers(2, 200), st.integers(-5, 205))
def test_the_epoch_in_a_column_lies_there_or_is_the_first_after_it(window: Window, count: int, column: int) -> None:
    epoch = window.epoch_in(column, count)
    assert window.first <= epoch <= window.last
    if 0 <= column < count:
        assert window.column(epoch, count) >= column
        assert epoch == window.first or window.column(epoch - 1, count) < column


@given(windows, st.floats(0.1, 10), st.integers(1, 10_000))
def test_zooming_keeps_an_epoch_of_the_window_in_its_place(window: Window, factor: float, around: int) -> None:
    scaled = window.scaled(factor, around)
    assert scaled.epochs == max(SHORTEST_WINDOW, round(window.epochs * factor))
    if window.first <= around <= window.last:
        before = (around - window.first) / max(1, window.epochs - 1)
        after = (around - scaled.first) / max(1, scaled.epochs - 1)
        assert abs(before - after) <= 0.5 / (scaled.epochs - 1) + 1e-9


@given(windows, st.integers(1, 10_000))
def test_a_window_is_centred_on_an_epoch_and_moves_no_further_than_it_must(window: Window, epoch: int) -> None:
    centred, including = window.centred(epoch), window.including(epoch)
    assert centred.epochs == including.epochs == window.epochs
    assert 0 <= (centred.last - epoch) - (epoch - centred.first) <= 1
    assert including.first <= epoch <= including.last
    assert (including == window) == (window.first <= epoch <= window.last)


@given(windows, windows)
def test_a_window_within_another_is_as_long_as_that_allows(window: Window, whole: Window) -> None:
    inner = window.within(whole)
    assert whole.first <= inner.first <= inner.last <= whole.last
    assert inner.epochs == min(window.epochs, whole.epochs)
    if whole.first <= window.first and window.last <= whole.last:
        assert inner == window


@given(windows, st.sampled_from([-1.0, -0.25, 0.25, 1.0]))
def test_going_along_moves_by_a_share_and_by_an_epoch_at_least(window: Window, share: float) -> None:
    moved = window.moved(share)
    assert moved.epochs == window.epochs
    assert (moved.first > window.first) == (share > 0)
    assert moved.first != window.first
