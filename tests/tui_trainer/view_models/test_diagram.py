from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_trainer.view_models.diagram import MOST_NEURONS, columns_of, lines_between

sizes = st.integers(12, 200), st.integers(3, 60)
networks = st.lists(st.integers(1, 5000), min_size=2, max_size=40)


@given(networks, *sizes)
def test_neurons_stand_inside_of_the_drawing_in_rising_columns(widths: list[int], width: int, height: int) -> None:
    columns = columns_of(widths, width, height)
    xs = [column.x for column in columns]
    assert xs == sorted(set(xs))
    assert 0 <= xs[0] <= xs[-1] < width
    for column, units in zip(columns, widths, strict=False):
        assert column.whole == (len(column.rows) == units)
        assert 1 <= len(column.rows) <= MOST_NEURONS
        assert 0 <= column.rows[0] <= column.rows[-1] < height
        assert column.whole or column.rows[-1] + 1 < height or height < 3


def test_two_single_neurons_are_joined_by_a_level_line() -> None:
    columns = columns_of([1, 1], 20, 5)
    cells = lines_between(columns, 20, 5)
    assert [y for y in range(5) if any(cells[y] != ord(" "))] == [2]
    assert all(cells[2, columns[0].x + 2 : columns[1].x - 1] != ord(" "))
    assert cells[2, columns[0].x] == cells[2, columns[1].x] == ord(" ")


@given(networks, *sizes)
def test_lines_fill_the_drawing_and_no_more(widths: list[int], width: int, height: int) -> None:
    cells = lines_between(columns_of(widths, width, height), width, height)
    assert cells.shape == (height, width)
    assert ((cells == ord(" ")) | ((cells > 0x2800) & (cells <= 0x28FF))).all()
