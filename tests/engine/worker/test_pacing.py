"""The clock of a run, by a clock of the test's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.worker.pacing import Pacer

paces = st.floats(0.01, 1000)
costs = st.lists(st.floats(0, 0.3), min_size=1, max_size=60)
"""Seconds that successive epochs take."""


def begins(pacer: Pacer, seconds: list[float], now: float = 100.0) -> list[float]:
    """Train epochs that take so many seconds as soon as they may begin; return when they began."""
    times = []
    for epoch, cost in enumerate(seconds, start=1):
        now += pacer.wait(now)
        pacer.begin(now)
        times.append(now)
        now += cost
        pacer.end_epoch(now, epoch)
    return times


@given(costs)
def test_at_full_speed_nothing_waits(seconds: list[float]) -> None:
    expected = [100.0 + sum(seconds[:number]) for number in range(len(seconds))]
    assert begins(Pacer(None), seconds) == pytest.approx(expected)


@given(paces, st.integers(2, 50), st.floats(0, 0.99))
def test_epochs_that_are_fast_enough_begin_on_the_beat(pace: float, epochs: int, busy: float) -> None:
    times = begins(Pacer(pace), [busy / pace] * epochs)
    assert times == pytest.approx([100.0 + number / pace for number in range(epochs)])


@given(st.floats(1, 100), costs)
def test_no_stretch_of_time_sees_more_epochs_than_its_beats_and_one_in_hand(pace: float, seconds: list[float]) -> None:
    times = begins(Pacer(pace), seconds)
    for first, start in enumerate(times):
        for last, end in enumerate(times[first:], start=first):
            assert last - first <= (end - start) * pace + 1 + 1e-6


def test_one_late_epoch_does_not_put_off_the_following_ones() -> None:
    times = begins(Pacer(10), [0.01, 0.15, 0.01, 0.01])
    assert times == pytest.approx([100.0, 100.1, 100.25, 100.3])


def test_after_a_long_pause_nothing_is_caught_up() -> None:
    pacer = Pacer(10)
    begins(pacer, [0.01])
    pacer.pause()
    assert begins(pacer, [0.01] * 4, now=500.0) == pytest.approx([500.0, 500.1, 500.2, 500.3])


def test_a_new_pace_holds_at_once() -> None:
    pacer = Pacer(0.01)
    begins(pacer, [0.0])
    assert pacer.wait(100.0) == pytest.approx(100)
    pacer.pace = 20
    assert pacer.pace == 20
    assert pacer.wait(100.0) == 0
    assert begins(pacer, [0.0] * 3) == pytest.approx([100.0, 100.05, 100.1])
    pacer.pace = None
    assert pacer.wait(100.1) == 0


# Step by step


def begins_of_steps(pacer: Pacer, epochs: int, steps: int) -> list[float]:
    """Train epochs of so many steps that take no time as soon as they may begin; return when each step began."""
    now, times = 100.0, []
    for step in [*range(steps)] * epochs:
        if pacer.is_tick(step):
            now += pacer.wait(now)
            pacer.begin(now, steps)
        times.append(now)
    return times


@given(st.floats(0.001, 0.999), st.integers(1, 50), st.integers(1, 3))
def test_below_an_epoch_a_second_the_steps_are_spread_over_its_time(pace: float, steps: int, epochs: int) -> None:
    times = begins_of_steps(Pacer(pace), epochs, steps)
    assert times == pytest.approx([100.0 + number / (pace * steps) for number in range(epochs * steps)])


@given(st.floats(1, 100), st.integers(1, 50))
def test_else_an_epoch_goes_at_a_stretch(pace: float, steps: int) -> None:
    times = begins_of_steps(Pacer(pace), 2, steps)
    assert times == pytest.approx([100.0] * steps + [100.0 + 1 / pace] * steps)


def test_steps_shorter_than_the_wait_of_a_socket_come_to_the_pace_all_the_same() -> None:
    pacer, now, done = Pacer(0.5), 100.0, 0
    while now < 110:
        while not pacer.wait(now):
            pacer.begin(now, 10_000)
            done += 1
        now += 0.001  # as long as a socket is waited for at least
    assert done == pytest.approx(50_000, rel=0.01)


# Speed


@given(st.floats(0.05, 10_000), st.integers(3, 200))
def test_the_speed_of_even_epochs_is_theirs(speed: float, epochs: int) -> None:
    pacer = Pacer(None)
    begins(pacer, [1 / speed] * epochs)
    if epochs / speed >= 0.1:
        assert pacer.epochs_per_second == pytest.approx(speed, rel=1e-6)


def test_the_speed_is_that_of_the_last_second_not_of_what_was_before() -> None:
    pacer = Pacer(None)
    begins(pacer, [0.025] * 400 + [0.5] * 5)
    assert pacer.epochs_per_second == pytest.approx(2)


def test_epochs_slower_than_a_second_have_a_speed_too() -> None:
    pacer = Pacer(None)
    begins(pacer, [1.0] * 3 + [20.0] * 3)
    assert pacer.epochs_per_second == pytest.approx(1 / 20)


def test_there_is_no_speed_before_two_epochs_nor_after_a_rest_nor_at_a_new_pace() -> None:
    pacer = Pacer(None)
    assert pacer.epochs_per_second is None
    begins(pacer, [0.1])
    assert pacer.epochs_per_second is None
    begins(pacer, [0.1, 0.1], now=101)
    assert pacer.epochs_per_second is not None
    pacer.pause()
    assert pacer.epochs_per_second is None
    begins(pacer, [0.1, 0.1])
    pacer.pace = 3
    assert pacer.epochs_per_second is None


def test_epochs_that_end_at_the_same_instant_do_not_divide_by_zero() -> None:
    pacer = Pacer(None)
    begins(pacer, [0.0] * 10)
    assert pacer.epochs_per_second is None
