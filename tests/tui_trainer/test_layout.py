from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_trainer.layout import Rect, compute_layout
from tui_trainer.panes import RunShape, Tab

sizes = st.tuples(st.integers(1, 320), st.integers(1, 120))
tabs = st.sampled_from([1, 2, 3, 4, 5, 6])


def overlap(one: Rect, other: Rect) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


@given(sizes, tabs, st.integers(1, 300))
def test_panes_lie_on_the_screen_and_never_over_each_other(size: tuple[int, int], tab: Tab, layers: int) -> None:
    rects = compute_layout(*size, tab, RunShape(layers)).rects
    for rect in rects.values():
        assert 0 <= rect.x <= rect.x + rect.width <= size[0]
        assert 0 <= rect.y <= rect.y + rect.height <= size[1]
    assert not any(overlap(one, other) for one, other in combinations(rects.values(), 2))


@given(sizes, tabs, st.integers(1, 300))
def test_every_pane_shown_has_room_for_a_title_and_a_line(size: tuple[int, int], tab: Tab, layers: int) -> None:
    layout = compute_layout(*size, tab, RunShape(layers))
    if layout.mode != "overview":
        panes = {"architecture", "dials", "loss", "accuracy", "heatmap", "neurons"} & set(layout.rects)
        assert all(rect.width >= 20 and rect.height >= 4 for name, rect in layout.rects.items() if name in panes)


@pytest.mark.parametrize(
    ("size", "mode"),
    [
        ((120, 40), "columns"),
        ((300, 100), "columns"),
        ((100, 40), "folded"),
        ((80, 24), "tabs"),
        ((60, 16), "tabs"),
        ((200, 20), "tabs"),
        ((59, 40), "overview"),
        ((120, 15), "overview"),
        ((1, 1), "overview"),
    ],
)
def test_the_form_follows_the_size(size: tuple[int, int], mode: str) -> None:
    assert compute_layout(*size, 2, RunShape()).mode == mode


@pytest.mark.parametrize(
    ("tab", "panes"),
    [(1, {"architecture", "dials"}), (2, {"loss", "accuracy"}), (3, {"heatmap"}), (4, {"neurons"}), (5, {"boundary"})],
)
def test_on_80_columns_a_tab_shows_its_panes_and_the_lines_around_them(tab: Tab, panes: set[str]) -> None:
    layout = compute_layout(80, 24, tab, RunShape())
    assert set(layout.rects) == panes | {"header", "tabs", "notice", "keys"}


def test_on_120_columns_all_panes_are_shown() -> None:
    shown = set(compute_layout(120, 40, 2, RunShape()).rects)
    assert shown >= {"architecture", "dials", "loss", "accuracy", "heatmap", "neurons", "header", "notice", "keys"}


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (100, 40), (120, 40), (300, 100)])
def test_boundary_and_data_have_the_screen_to_themselves(size: tuple[int, int]) -> None:
    around = {"header", "tabs", "notice", "keys"}
    assert set(compute_layout(*size, 5, RunShape()).rects) == {"boundary"} | around
    assert set(compute_layout(*size, 6, RunShape(inputs=99)).rects) == {"sample", "ranges", "parts"} | around
    assert (
        set(compute_layout(*size, 6, RunShape(inputs=99, pictures=True)).rects)
        == {"sample", "ranges", "parts", "picture"} | around
    )


@given(sizes, tabs, st.booleans())
def test_panes_of_the_data_never_overlap_and_have_room(size: tuple[int, int], tab: Tab, pictures: bool) -> None:
    layout = compute_layout(*size, tab, RunShape(inputs=99, pictures=pictures))
    rects = layout.rects
    assert not any(overlap(one, other) for one, other in combinations(rects.values(), 2))
    panes = {"boundary", "sample", "ranges", "parts", "picture"} & set(rects)
    assert all(rect.width >= 20 and rect.height >= 4 for name, rect in rects.items() if name in panes)


def test_rows_of_the_data_get_what_its_columns_do_not_need() -> None:
    few, many = (compute_layout(120, 40, 6, RunShape(inputs=inputs)).rects for inputs in (2, 64))
    assert few["ranges"].height == 5
    assert few["sample"].height > many["sample"].height
    assert many["ranges"].height >= 14
