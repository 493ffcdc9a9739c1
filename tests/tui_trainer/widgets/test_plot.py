from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tui_trainer.widgets.plot import BRAILLE_BLANK, DOTS_ACROSS, DOTS_DOWN, Plot, Trace

Points = NDArray[np.float64]

DOTS = ((0, 3), (1, 4), (2, 5), (6, 7))
"""Unicode's bit of each dot of a braille cell, by row and column."""


def dots_of(cells: NDArray[np.uint32]) -> set[tuple[int, int]]:
    """Return the dots that are set, as (column from the left, row from the top)."""
    found = set()
    for (y, x), code in np.ndenumerate(cells):
        for row, bits in enumerate(DOTS):
            for column, bit in enumerate(bits):
                if code and (int(code) - BRAILLE_BLANK) >> bit & 1:
                    found.add((x * DOTS_ACROSS + column, y * DOTS_DOWN + row))
    return found


@st.composite
def curves(draw: st.DrawFn, width: int) -> list[Points]:
    columns = sorted(draw(st.sets(st.integers(0, width * DOTS_ACROSS - 1), min_size=1, max_size=30)))
    heights = draw(st.lists(st.floats(0, 1), min_size=len(columns), max_size=len(columns)))
    line = np.array(list(zip(columns, heights, strict=True)), np.float64)
    cut = draw(st.integers(0, len(line)))
    return [line[:cut], line[cut:]]


@given(st.integers(1, 30), st.integers(1, 12), st.data())
@settings(max_examples=60)
def test_points_stand_where_they_are_told(width: int, height: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, width * DOTS_ACROSS - 1))
    row = data.draw(st.integers(0, height * DOTS_DOWN - 1))
    share = 1 - row / (height * DOTS_DOWN - 1)
    cells = Plot().draw(width, height, [np.array([[x, share]])])
    assert cells.shape == (height, width)
    assert dots_of(cells) == {(x, row)}


@given(st.data())
@settings(max_examples=60)
def test_a_line_is_unbroken_from_point_to_point(data: st.DataObject) -> None:
    width, height = 20, 8
    (line, _) = data.draw(curves(width).filter(lambda lines: len(lines[0]) > 1))
    dots = dots_of(Plot().draw(width, height, [line]))
    columns = {x for x, _ in dots}
    assert columns == set(range(int(line[0, 0]), int(line[-1, 0]) + 1))
    for x in sorted(columns)[1:]:
        here, before = ([y for column, y in dots if column == at] for at in (x, x - 1))
        assert min(abs(a - b) for a in here for b in before) <= 1


def test_a_size_of_its_own_however_large_the_terminal() -> None:
    assert Plot().draw(300, 90, [np.array([[0.0, 0.0], [599.0, 1.0]])]).shape == (90, 300)


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (-3, 2)])
def test_no_room_is_no_error(width: int, height: int) -> None:
    assert not Plot().draw(width, height, [np.array([[0.0, 0.5]])]).size


def test_no_points_are_no_dots() -> None:
    assert not Plot().draw(5, 5, []).any()
    assert not Plot().draw(5, 5, [np.empty((0, 2))]).any()


@given(st.integers(1, 25), st.integers(1, 8), st.data())
@settings(max_examples=40)
def test_a_trace_shows_what_a_fresh_drawing_shows(width: int, height: int, data: st.DataObject) -> None:
    plot = Plot()
    trace = Trace(plot)
    lines: list[Points] = []
    for _ in range(5):
        kept = data.draw(st.integers(0, 10))
        lines = _grown_from(lines[0][:kept] if lines else np.empty((0, 2)), data.draw(curves(width)))
        np.testing.assert_array_equal(trace.draw(width, height, lines), plot.draw(width, height, lines))


def _grown_from(start: Points, lines: list[Points]) -> list[Points]:
    """Return lines of which the first begins as ``start`` does, and goes on as it did."""
    after = lines[0][lines[0][:, 0] > (start[-1, 0] if len(start) else -1)]
    return [np.concatenate([start, after]), lines[1][lines[1][:, 0] > (after[-1, 0] if len(after) else 99)]]


def test_a_trace_follows_a_new_size() -> None:
    plot = Plot()
    trace = Trace(plot)
    lines = [np.array([[0.0, 0.0], [9.0, 1.0]])]
    trace.draw(10, 4, lines)
    np.testing.assert_array_equal(trace.draw(5, 6, lines), plot.draw(5, 6, lines))
