from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_trainer.view_models.arrangement import Arrangement, Box, Place, arrange

sizes = st.tuples(st.integers(1, 320), st.integers(1, 120))
places = st.sampled_from([1, 2, 3, 4, 5, 6])


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


@given(sizes, places, st.integers(1, 300))
def test_panes_lie_on_the_screen_and_never_over_each_other(size: tuple[int, int], place: Place, layers: int) -> None:
    boxes = arrange(*size, place, layers).boxes
    for box in boxes.values():
        assert 0 <= box.x <= box.x + box.width <= size[0]
        assert 0 <= box.y <= box.y + box.height <= size[1]
    assert not any(overlap(one, other) for one, other in combinations(boxes.values(), 2))


@given(sizes, places, st.integers(1, 300))
def test_every_pane_shown_has_room_for_a_title_and_a_line(size: tuple[int, int], place: Place, layers: int) -> None:
    arrangement = arrange(*size, place, layers)
    if arrangement.mode != "overview":
        panes = {"architecture", "dials", "loss", "accuracy", "heatmap", "neurons"} & set(arrangement.boxes)
        assert all(box.width >= 20 and box.height >= 4 for name, box in arrangement.boxes.items() if name in panes)


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
    assert arrange(*size, 2, 3).mode == mode


@pytest.mark.parametrize(
    ("place", "panes"),
    [(1, {"architecture", "dials"}), (2, {"loss", "accuracy"}), (3, {"heatmap"}), (4, {"neurons"}), (5, {"boundary"})],
)
def test_on_80_columns_a_tab_shows_its_panes_and_the_lines_around_them(place: Place, panes: set[str]) -> None:
    arrangement: Arrangement = arrange(80, 24, place, 3)
    assert set(arrangement.boxes) == panes | {"header", "tabs", "notice", "keys"}


def test_on_120_columns_all_panes_are_shown() -> None:
    shown = set(arrange(120, 40, 2, 3).boxes)
    assert shown >= {"architecture", "dials", "loss", "accuracy", "heatmap", "neurons", "header", "notice", "keys"}


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (100, 40), (120, 40), (300, 100)])
def test_boundary_and_data_have_the_screen_to_themselves(size: tuple[int, int]) -> None:
    around = {"header", "tabs", "notice", "keys"}
    assert set(arrange(*size, 5, 3).boxes) == {"boundary"} | around
    assert set(arrange(*size, 6, 3).boxes) == {"sample", "ranges", "parts"} | around
    assert set(arrange(*size, 6, 3, pictures=True).boxes) == {"sample", "ranges", "parts", "picture"} | around


@given(sizes, places, st.booleans())
def test_panes_of_the_data_never_overlap_and_have_room(size: tuple[int, int], place: Place, pictures: bool) -> None:
    arrangement = arrange(*size, place, 3, pictures=pictures)
    boxes = arrangement.boxes
    assert not any(overlap(one, other) for one, other in combinations(boxes.values(), 2))
    panes = {"boundary", "sample", "ranges", "parts", "picture"} & set(boxes)
    assert all(box.width >= 20 and box.height >= 4 for name, box in boxes.items() if name in panes)


def test_rows_of_the_data_get_what_its_columns_do_not_need() -> None:
    few, many = (arrange(120, 40, 6, 3, inputs=inputs).boxes for inputs in (2, 64))
    assert few["ranges"].height == 5
    assert few["sample"].height > many["sample"].height
    assert many["ranges"].height >= 14
