from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui_trainer.formatting import cell_width
from tui_trainer.view_models.data import FIGURE, Contents, Selection
from tui_trainer.view_models.data_tables import (
    NUMBER,
    SHORTEST_NAME,
    RowsModel,
    ranges_layout,
    rows_layout,
    shortened_name,
)
from tui_trainer.view_models.scroll import Scroll


def contents(rows: int, columns: int) -> Contents:
    values = np.arange(rows * columns, dtype=float).reshape(rows, columns)
    figures, numbers = np.zeros((columns, 4)), np.arange(rows)
    return Contents(figures, figures, np.ones((3, 1), np.int64), values, values[:, :1], numbers, numbers.astype("u1"))


@given(st.integers(0, 300))
def test_every_figure_of_the_ranges_has_room_and_names_come_before_figures(width: int) -> None:
    layout = ranges_layout(width)
    last = layout.raw if layout.scaled is None else layout.scaled
    assert last + NUMBER * len(layout.figures) == max(0, width)
    assert layout.names >= SHORTEST_NAME or not layout.figures
    assert NUMBER > FIGURE  # a blank between two
    if width >= SHORTEST_NAME + NUMBER:
        assert layout.figures


def test_a_wide_table_shows_all_figures_before_and_after_scaling() -> None:
    assert ranges_layout(100).figures == ("low", "high", "mean", "std")
    assert ranges_layout(100).scaled is not None
    assert ranges_layout(28) == (12, ("low", "high"), 12, None)


@given(st.integers(20, 200), st.integers(0, 10**9))
def test_numbers_of_rows_are_whole_however_large(width: int, largest: int) -> None:
    layout = rows_layout(width, largest)
    assert layout.case >= len(str(largest))
    assert layout.case < (layout.part or layout.target) < layout.columns


@given(st.text(max_size=40), st.integers(0, 40))
def test_a_shortened_name_fits(name: str, width: int) -> None:
    name = "".join(char for char in name if char.isprintable())
    assert cell_width(shortened_name(name, width)) <= width


def test_columns_are_told_apart_by_how_they_begin_and_end() -> None:
    assert shortened_name("mean fractal dimension", 13) == "mean f…ension"
    assert shortened_name("mean radius", 11) == "mean radius"
    assert len({shortened_name(f"sensor_reading_{number}", 8) for number in range(100)}) == 100


@given(st.integers(1, 30), st.integers(1, 9), st.lists(st.integers(-40, 40), max_size=8))
def test_the_marked_row_is_always_in_sight(rows: int, height: int, steps: list[int]) -> None:
    table, model = contents(rows, 2), RowsModel(Selection())
    for step in steps:
        model.choose(table, step)
        model.page(table, step % 3 - 1, height)
        shown = model.rows_in_sight(table, height)
        assert model.selection.row in shown
        assert len(shown) <= height


@given(st.integers(0, 60), st.integers(0, 30), st.lists(st.integers(-50, 50), max_size=6))
def test_scrolling_stops_at_both_ends(lines: int, height: int, steps: list[int]) -> None:
    scroll = Scroll()
    scroll.fit(lines, height)
    for step in steps:
        scroll.move(step)
        shown = scroll.fit(lines, height)
        assert 0 <= shown.start <= max(0, lines - max(1, height))
        assert len(shown) <= height
    assert not scroll.can_move(scroll.below + 1)
