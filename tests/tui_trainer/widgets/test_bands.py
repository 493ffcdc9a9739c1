from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.properties import examples
from tui_trainer.widgets.bands import hollowed
from tui_trainer.widgets.plot import DOTS_ACROSS, DOTS_DOWN, draw_lines

DOTS = ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1))
"""Row and column of the dots of a braille character, as Unicode numbers them from 1."""

WIDTH, HEIGHT = 12, 5
bands = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=WIDTH * DOTS_ACROSS, max_size=WIDTH * DOTS_ACROSS
)


def dots(cells: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return (rows, columns) of dots, read from the characters one by one."""
    lit = np.zeros((cells.shape[0] * DOTS_DOWN, cells.shape[1] * DOTS_ACROSS), bool)
    for (y, x), code in np.ndenumerate(cells):
        for bit, (row, column) in enumerate(DOTS):
            lit[y * DOTS_DOWN + row, x * DOTS_ACROSS + column] = bool(int(code) >> bit & 1) and code >= 0x2800
    return lit


def solid(ends: list[tuple[float, float]]) -> NDArray[np.uint32]:
    points = [(x, end) for x, (low, high) in enumerate(ends) for end in sorted((low, high))]
    return draw_lines(WIDTH, HEIGHT, [np.array(points, float)])


@settings(max_examples=examples(40))
@given(bands)
def test_a_band_keeps_its_edges_and_a_part_of_its_inside(ends: list[tuple[float, float]]) -> None:
    whole = dots(solid(ends))
    edges, inside = (dots(part) for part in hollowed(solid(ends), 0))
    assert not (edges & inside).any()
    assert ((edges | inside) <= whole).all()
    for column in range(whole.shape[1]):
        lit = np.flatnonzero(whole[:, column])
        inner = [row for row in (lit[0], lit[-1]) if 0 < row < HEIGHT * DOTS_DOWN - 1]
        assert edges[inner, column].all()


@settings(max_examples=examples(40))
@given(bands)
def test_the_insides_of_two_bands_have_no_dot_in_common(ends: list[tuple[float, float]]) -> None:
    first, second = (dots(hollowed(solid(ends), number).inside) for number in (0, 1))
    assert not (first & second).any()
