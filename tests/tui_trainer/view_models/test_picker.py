from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_trainer.view_models.picker import matching, window

NAMES = ["mean radius", "mean texture", "worst radius", "[red]"]


def test_every_word_typed_must_be_in_the_name_whatever_the_case() -> None:
    assert matching(NAMES, "") == [0, 1, 2, 3]
    assert matching(NAMES, "RADIUS") == [0, 2]
    assert matching(NAMES, "radius worst") == [2]
    assert matching(NAMES, "[r") == [3]
    assert matching(NAMES, "x y z") == []


@given(st.lists(st.text(max_size=12), max_size=20), st.text(max_size=6))
def test_more_letters_never_find_more(names: list[str], typed: str) -> None:
    assert set(matching(names, typed)) <= set(matching(names, typed[:-1])) or " " in typed or not typed


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 40))
def test_the_window_holds_the_marked_line_and_no_line_that_is_not_there(marked: int, count: int, rows: int) -> None:
    shown = window(min(marked, max(0, count - 1)), count, rows)
    assert len(shown) == min(rows, count)
    assert all(0 <= line < count for line in shown)
    if shown:
        assert min(marked, count - 1) in shown
