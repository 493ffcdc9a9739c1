"""Lines of any course as braille dots, held against plotext's where that can draw them too."""

from __future__ import annotations

import numpy as np
import pytest

from tui_trainer.widgets.plot import BRAILLE_BLANK, DOTS_ACROSS, DOTS_DOWN, draw_lines
from tui_trainer.widgets.polylines import cells_of, draw_points, draw_polyline

WIDTH, HEIGHT = 12, 5


def dots(cells: np.ndarray) -> set[tuple[int, int]]:
    """Return the dots of a picture, as columns and rows from above: another reading of braille than the code's."""
    bits = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
    return {
        (x * DOTS_ACROSS + right, y * DOTS_DOWN + down)
        for y, x in zip(*np.nonzero(cells), strict=True)
        for bit, (right, down) in enumerate(bits)
        if int(cells[y, x]) - BRAILLE_BLANK & 1 << bit
    }


@pytest.mark.parametrize("heights", [(0, 1), (1, 0), (0.5, 0.5), (0, 0.3)])
def test_a_straight_line_has_the_dots_that_plotext_gives_it_or_their_neighbours(heights: tuple[float, float]) -> None:
    line = np.array([[0.0, heights[0]], [WIDTH * DOTS_ACROSS - 1.0, heights[1]]])
    ours, theirs = dots(draw_polyline(WIDTH, HEIGHT, line)), dots(draw_lines(WIDTH, HEIGHT, [line]))
    assert {x for x, _ in ours} == {x for x, _ in theirs} == set(range(WIDTH * DOTS_ACROSS))
    assert all(any((x, y + off) in theirs for off in (-1, 0, 1)) for x, y in ours)


def test_a_line_runs_back_and_straight_up_without_gaps() -> None:
    line = np.array([[20.0, 0.0], [20.0, 1.0], [2.0, 1.0], [2.0, 0.0]])
    drawn = dots(draw_polyline(WIDTH, HEIGHT, line))
    rows = range(HEIGHT * DOTS_DOWN)
    assert {(20, y) for y in rows} | {(x, 0) for x in range(2, 21)} | {(2, y) for y in rows} == drawn


def test_a_dashed_line_has_as_many_dots_and_gaps_as_it_is_told() -> None:
    line = np.array([[0.0, 0.5], [23.0, 0.5]])
    columns = sorted(x for x, _ in dots(draw_polyline(WIDTH, HEIGHT, line, (3, 2))))
    assert columns == [x for x in range(24) if x % 5 < 3]


@pytest.mark.parametrize("line", [np.empty((0, 2)), np.array([[4.0, 0.5]]), np.array([[-50.0, 3.0], [900.0, -2.0]])])
@pytest.mark.parametrize("size", [(12, 5), (1, 1), (0, 0), (5, 0)])
def test_nothing_a_point_and_what_lies_outside_are_drawn_as_far_as_there_is_room(
    line: np.ndarray, size: tuple[int, int]
) -> None:
    cells = draw_polyline(*size, line)
    assert cells.shape == (size[1], size[0])
    assert all(0 <= x < size[0] * 2 and 0 <= y < size[1] * 4 for x, y in dots(cells))


def test_points_are_a_dot_each_with_nothing_between_them() -> None:
    points = np.array([[0.0, 1.0], [23.0, 0.0], [5.4, 0.5], [-1.0, 0.5], [3.0, 7.0]])
    assert dots(draw_points(12, 5, points)) == {(0, 0), (23, 19), (5, 10)}


def test_the_cells_of_points_are_named_once_each() -> None:
    assert cells_of(12, 5, np.array([[0.0, 1.0], [1.0, 1.0], [23.0, 0.0], [99.0, 0.0]])) == [(0, 0), (11, 4)]
