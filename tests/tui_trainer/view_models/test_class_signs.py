from __future__ import annotations

import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui_trainer.view_models.test_boundary import make_picture
from tui_trainer.themes.inks import DARK_PEN, HUES, tile_tint
from tui_trainer.view_models.class_signs import NO_TILE, class_signs, drawing_order, point_signs

DIGITS = list(string.digits)


def test_wrong_points_are_drawn_over_right_ones() -> None:
    snapshot = make_picture(p=[0.9, 0.9, 0.1, 0.1], labels=np.array([0, 1, 0, 1.0]))
    assert snapshot.wrong.tolist() == [True, False, False, True]
    assert drawing_order(snapshot)[2:].tolist() == [0, 3]
    assert not make_picture(answer="class").wrong.any()


def test_signs_tell_class_and_part_apart() -> None:
    snapshot = make_picture(p=[0.5] * 4, labels=np.array([0, 1, 0, 1.0]), parts=np.array([0, 0, 1, 1], np.uint8))
    few = point_signs(snapshot, ["no", "yes"])
    assert "".join(map(chr, few.codes.tolist())) == "●▲○△"
    assert few.pens.tolist() == [0, 1, 0, 1]
    assert set(few.tiles.tolist()) == {NO_TILE}
    many = point_signs(snapshot, DIGITS)
    assert "".join(map(chr, many.codes.tolist())) == "0101"
    assert many.pens.tolist() == [DARK_PEN, DARK_PEN, 0, 1]
    assert many.tiles.tolist() == [tile_tint(0), tile_tint(1), NO_TILE, NO_TILE]


def test_a_digit_is_its_own_sign() -> None:
    assert class_signs(DIGITS).filled == "0123456789"
    assert class_signs(DIGITS[::-1]).filled == "9876543210"


def test_other_names_have_a_letter_of_theirs() -> None:
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    assert class_signs(names).filled == "AUBCDOFHST"
    assert class_signs([*DIGITS, "10", "11"]).filled == "0123456789AB"
    assert class_signs(["10", *DIGITS]).filled == "A0123456789"  # a name of one letter comes first
    assert class_signs([*["狐"] * 3, *map(str, range(7))]).filled[:3] == "ABC"  # no sign is two cells wide


@given(st.lists(st.text(max_size=5), min_size=1, max_size=36))
def test_no_two_classes_share_a_sign(names: list[str]) -> None:
    signs = class_signs(names)
    assert len(set(signs.filled[: len(names)])) == len(names)
    assert signs.are_letters or not set(signs.filled) & set(signs.hollow)
    assert signs.are_letters == (len(names) > 8)


@given(st.integers(37, 200))
def test_more_classes_than_letters_still_have_signs(classes: int) -> None:
    assert len(class_signs([f"c{number}" for number in range(classes)]).filled) == classes


def test_a_value_s_pen_says_low_middling_or_high() -> None:
    snapshot = make_picture(answer="value", labels=np.array([0, 50, 90, 100.0]))
    low, middling, high, top = point_signs(snapshot, ()).pens.tolist()
    assert len({low, middling, high}) == 3
    assert top == high
    pens = point_signs(make_picture(labels=np.array([0, 1, 9, 17.0]), parts=np.ones(4, np.uint8)), DIGITS).pens
    assert pens.tolist() == [0, 1, 9 % HUES, 17 % HUES]


@pytest.mark.parametrize("label", [np.nan, np.inf, -1.0, 1e300])
def test_what_is_the_number_of_no_class_has_a_sign(label: float) -> None:
    assert chr(int(point_signs(make_picture(p=[0.5], labels=np.array([label])), DIGITS).codes[0])) == "0"
