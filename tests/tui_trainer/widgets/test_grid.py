from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_trainer.themes.inks import Ink
from tui_trainer.widgets.grid import Grid, changed_regions

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("abc漢字é"), max_size=12
)
puts = st.lists(st.tuples(st.integers(-5, 14), st.integers(-2, 5), texts, st.sampled_from(Ink)), max_size=12)


def drawn(pieces: list[tuple[int, int, str, Ink]]) -> Grid:
    grid = Grid(12, 4)
    for x, y, text, ink in pieces:
        grid.put(x, y, text, ink)
    return grid


@given(puts)
def test_a_row_is_as_wide_as_the_grid_whatever_is_written(pieces: list[tuple[int, int, str, Ink]]) -> None:
    grid = drawn(pieces)
    for y in range(4):
        assert cell_len(grid.strip(y).text) == 12


def test_no_text_cuts_no_wide_character_in_two() -> None:
    wide = [(2, 2, "漢", Ink.TEXT)]
    assert drawn([*wide, (3, 2, "", Ink.TEXT)]).strip(2).text == drawn(wide).strip(2).text


@given(puts, puts)
def test_the_changed_regions_are_all_that_has_changed(
    before: list[tuple[int, int, str, Ink]], after: list[tuple[int, int, str, Ink]]
) -> None:
    old, new = drawn(before), drawn(before + after)
    codes, inks = old.codes.copy(), old.inks.copy()
    regions = changed_regions(old, new)
    for x, y, width, height in regions:
        assert height == 1
        assert 0 <= x < x + width <= 12
        codes[y, x : x + width] = new.codes[y, x : x + width]
        inks[y, x : x + width] = new.inks[y, x : x + width]
    np.testing.assert_array_equal(codes, new.codes)
    np.testing.assert_array_equal(inks, new.inks)


def test_nothing_changed_is_no_region() -> None:
    assert changed_regions(drawn([(0, 0, "abc", Ink.TEXT)]), drawn([(0, 0, "abc", Ink.TEXT)])) == []


def test_near_changes_are_one_region_and_far_ones_are_two() -> None:
    old = Grid(30, 1)
    near, far = Grid(30, 1), Grid(30, 1)
    near.put(2, 0, "a  b")
    far.put(2, 0, "a          b")
    assert [tuple(region) for region in changed_regions(old, near)] == [(2, 0, 4, 1)]
    assert [tuple(region) for region in changed_regions(old, far)] == [(2, 0, 1, 1), (13, 0, 1, 1)]


def test_a_window_draws_on_its_grid() -> None:
    grid = Grid(10, 3)
    window = grid.window(4, 1, 3, 1)
    window.put(0, 0, "abcdef", Ink.ACCENT)
    window.put(0, 1, "below")
    assert [grid.strip(y).text for y in range(3)] == [" " * 10, "    abc   ", " " * 10]


def test_wide_characters_take_two_cells_and_are_never_cut() -> None:
    grid = Grid(5, 1)
    assert grid.put(0, 0, "漢字") == 4
    grid.put(1, 0, "x")
    assert grid.strip(0).text == " x字 "
    grid.put(4, 0, "漢")
    assert grid.strip(0).text == " x字 "


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("\x1b[2Ja\x07b", "[2Jab"),
        ("a\x9b31mb", "a31mb"),
        ("\u202ea\u2066b\u200f", "ab"),
        ("a\r\n\tb\x00\x7f", "ab"),
        ("a\ud800b", "a�b"),
    ],
    ids=["escape", "its short form", "directions", "lines", "half a character"],
)
def test_what_would_move_the_cursor_or_cannot_be_encoded_is_not_drawn(text: str, drawn: str) -> None:
    grid = Grid(8, 1)
    grid.put(0, 0, text)
    assert grid.strip(0).text.rstrip() == drawn


def test_put_right_ends_where_it_is_told() -> None:
    grid = Grid(8, 1)
    assert grid.put_right(8, 0, "abc") == 5
    assert grid.strip(0).text == "     abc"


def test_segments_are_runs_of_one_ink() -> None:
    grid = Grid(6, 1)
    grid.put(0, 0, "ab", Ink.ACCENT)
    grid.paint(4, 0, 9, Ink.ERROR)
    assert [segment.text for segment in grid.strip(0)] == ["ab", "  ", "  "]


def test_a_text_that_is_too_long_takes_more_lines() -> None:
    grid = Grid(12, 4)
    grid.put_wrapped(2, 1, "it has ended: no step")
    assert [grid.codes[y].tobytes().decode("utf-32-le").rstrip() for y in range(4)] == [
        "",
        "  it has",
        "  ended: no",
        "  step",
    ]
