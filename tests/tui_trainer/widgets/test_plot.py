from __future__ import annotations

import json
import math
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.properties import examples
from tui_trainer.widgets.plot import BRAILLE_BLANK, DOTS_ACROSS, DOTS_DOWN, Trace, draw_lines

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
@settings(max_examples=examples(60))
def test_points_stand_where_they_are_told(width: int, height: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, width * DOTS_ACROSS - 1))
    row = data.draw(st.integers(0, height * DOTS_DOWN - 1))
    share = 1 - row / (height * DOTS_DOWN - 1)
    cells = draw_lines(width, height, [np.array([[x, share]])])
    assert cells.shape == (height, width)
    assert dots_of(cells) == {(x, row)}


@given(st.data())
@settings(max_examples=examples(60))
def test_a_line_is_unbroken_from_point_to_point(data: st.DataObject) -> None:
    width, height = 20, 8
    (line, _) = data.draw(curves(width).filter(lambda lines: len(lines[0]) > 1))
    dots = dots_of(draw_lines(width, height, [line]))
    columns = {x for x, _ in dots}
    assert columns == set(range(int(line[0, 0]), int(line[-1, 0]) + 1))
    for x in sorted(columns)[1:]:
        here, before = ([y for column, y in dots if column == at] for at in (x, x - 1))
        assert min(abs(a - b) for a in here for b in before) <= 1


def test_a_size_of_its_own_however_large_the_terminal() -> None:
    dots = dots_of(draw_lines(300, 90, [np.array([[0.0, 0.0], [599.0, 1.0]])]))
    assert {(0, 359), (599, 0)} <= dots


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (-3, 2)])
def test_no_room_is_no_error(width: int, height: int) -> None:
    assert not draw_lines(width, height, [np.array([[0.0, 0.5]])]).size


def test_no_points_are_no_dots() -> None:
    assert not draw_lines(5, 5, []).any()
    assert not draw_lines(5, 5, [np.empty((0, 2))]).any()


def dots_between(start: tuple[int, int], end: tuple[int, int]) -> set[tuple[int, int]]:
    """Return the dots of a straight line, column and row from below, by exact fractions one after the other."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    ways = [Fraction(b - a, steps) for a, b in zip(start, end, strict=True)]
    return {(round(start[0] + nth * ways[0]), round(start[1] + nth * ways[1])) for nth in range(steps + 1)}


def all_near(dots: set[tuple[int, int]], others: set[tuple[int, int]]) -> bool:
    """Return whether each dot is one of the others, or beside one."""
    around = {(x + right, y + down) for x, y in others for right in (-1, 0, 1) for down in (-1, 0, 1)}
    return dots <= around


@given(st.integers(1, 25), st.integers(1, 8), st.data())
@settings(max_examples=examples(40))
def test_it_sets_the_points_and_straight_lines_between_them(width: int, height: int, data: st.DataObject) -> None:
    rows = height * DOTS_DOWN
    lines = data.draw(curves(width))
    points, between = set(), set()
    for line in lines:
        ends = [(int(x), rows - 1 - math.floor(round(share * (rows - 1) + 0.5, 8))) for x, share in line.tolist()]
        points |= set(ends)
        for start, end in zip(ends, ends[1:] or ends, strict=False):
            between |= dots_between(start, end)
    drawn = dots_of(draw_lines(width, height, lines))
    assert points <= drawn
    assert all_near(drawn, between)
    assert all_near(between, drawn)


def test_lines_that_meet_in_a_cell_share_it() -> None:
    lines = [np.array([[0.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [1.0, 1.0]])]
    assert dots_of(draw_lines(1, 1, lines)) == {(x, y) for x in range(2) for y in range(4)}


@pytest.mark.parametrize("height", [-1.0, 2.0, -1e300, 1e300])
def test_what_lies_outside_is_cut_off(height: float) -> None:
    dots = dots_of(draw_lines(4, 2, [np.array([[-3.0, 0.5], [2.0, 0.5], [3.0, height], [30.0, height]])]))
    assert {x for x, _ in dots} == {0, 1, 2}
    assert all(0 <= y < 2 * DOTS_DOWN for _, y in dots)


def test_what_lies_far_to_the_side_costs_nothing() -> None:
    assert dots_of(draw_lines(4, 1, [np.array([[-1e300, 1.0], [1e300, 1.0]])])) == {(x, 0) for x in range(8)}


@st.composite
def drawings(draw: st.DrawFn) -> list[tuple[int, int, list[Points]]]:
    """Return what a chart draws one after the other: mostly a longer curve in the same room, at times another one."""
    width, height = draw(st.integers(1, 25)), draw(st.integers(1, 6))
    lines = draw(curves(width))
    steps = [(width, height, lines)]
    for _ in range(draw(st.integers(1, 5))):
        match draw(st.sampled_from(["grow", "move", "resize", "other"])):
            case "grow":
                lines = [line[: draw(st.integers(0, len(line)))] for line in lines]
            case "move":
                moved = draw(st.sampled_from([-7.3, -0.5, 0.4, 3.0]))
                lines = [np.add(line, (moved, 0.0)) for line in lines]
            case "resize":
                width, height = draw(st.integers(0, 25)), draw(st.integers(0, 6))
            case _:
                lines = draw(curves(max(1, width)))
        steps.append((width, height, lines))
    return steps if draw(st.booleans()) else steps[::-1]


@given(drawings())
@settings(max_examples=examples(60))
def test_a_curve_drawn_again_is_the_same_as_one_drawn_anew(steps: list[tuple[int, int, list[Points]]]) -> None:
    trace = Trace()
    for width, height, lines in steps:
        np.testing.assert_array_equal(trace.draw(width, height, lines), draw_lines(width, height, lines))


def test_a_curve_that_grew_is_drawn_from_its_last_columns_on(monkeypatch: pytest.MonkeyPatch) -> None:
    line = np.array([[float(x), x % 7 / 7] for x in range(40)])
    trace = Trace()
    trace.draw(20, 4, [line[:30]])
    points_drawn: list[int] = []

    def count_points(width: int, height: int, lines: list[Points]) -> NDArray[np.uint32]:
        points_drawn.append(sum(len(line) for line in lines))
        return draw_lines(width, height, lines)

    monkeypatch.setattr("tui_trainer.widgets.plot.draw_lines", count_points)
    trace.draw(20, 4, [line[:32]])
    trace.draw(20, 4, [line[:32]])
    assert points_drawn == [5]


def test_plotext_draws_the_same_without_its_manual_which_is_not_read() -> None:
    line = np.array([[0.0, 0.0], [7.0, 1.0], [15.0, 0.25]])
    program = """
import json, sys
import numpy as np
from tui_trainer.widgets.plot import draw_lines
cells = draw_lines(8, 3, [np.array(json.loads(sys.argv[1]))])
print(json.dumps([cells.tolist(), [name for name in sys.modules if name.startswith("plotext._doc.sections")]]))
"""
    printed = subprocess.run(
        [sys.executable, "-c", program, json.dumps(line.tolist())], capture_output=True, check=True, text=True
    )
    cells, pages = json.loads(printed.stdout)
    assert cells == draw_lines(8, 3, [line]).tolist()
    assert pages == []
