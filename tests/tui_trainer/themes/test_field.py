from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color

from tui_trainer.themes import field
from tui_trainer.themes.inks import (
    BRIGHT_PEN,
    CLASSES,
    DARK_PEN,
    EMPTY,
    FIELD_BASE,
    GREYS,
    LINE,
    PENS,
    PROBABILITY_STEPS,
    SPOT,
    TINTS,
    VALUE_STEPS,
    class_tint,
    grey_tint,
    halves,
    probability_tint,
    sign_ink,
    tile_tint,
    value_tint,
)
from tui_trainer.themes.palette import style_of, text_of
from tui_trainer.themes.variants import ThemeVariant

COLORED: tuple[ThemeVariant, ...] = ("dark", "light", "color-blind", "16-colors")


def ground(tint: int, variant: ThemeVariant) -> Color:
    color = style_of(halves(tint, tint), variant).bgcolor
    assert color is not None
    return color


def looks(tint: int, variant: ThemeVariant) -> tuple[str | None, str]:
    """Return the colour of a tint, if there is one, and the character that a cell of it has."""
    ink = halves(tint, tint)
    color = style_of(ink, variant).bgcolor
    return color.name if color else None, text_of(" ", ink, variant)


def brightness(color: Color) -> int:
    """Return the sum of a colour's three parts, of one of the sixteen as terminals usually show it."""
    return sum(color.get_truecolor())


@pytest.mark.parametrize("variant", COLORED)
def test_a_picture_is_as_dark_in_every_theme_as_its_data(variant: ThemeVariant) -> None:
    shades = [brightness(ground(grey_tint(step), variant)) for step in range(GREYS)]
    assert shades == sorted(shades)
    assert shades[0] < 60
    assert shades[-1] > 600
    assert len(set(shades)) >= (4 if variant == "16-colors" else GREYS)


@pytest.mark.parametrize("variant", COLORED)
def test_undecided_lies_between_two_answers_and_looks_like_neither(variant: ThemeVariant) -> None:
    tints = [ground(probability_tint(step), variant).name for step in range(PROBABILITY_STEPS)]
    assert len(set(tints)) == PROBABILITY_STEPS
    assert ground(LINE, variant).name not in tints


@pytest.mark.parametrize("variant", COLORED)
def test_values_and_classes_can_be_told_apart(variant: ThemeVariant) -> None:
    steps = [ground(value_tint(step), variant).name for step in range(VALUE_STEPS)]
    assert all(low != high for low, high in pairwise(steps))
    sure = [looks(class_tint(number, 1), variant) for number in range(CLASSES)]
    assert all(one != other for one, other in combinations(sure, 2))
    assert all(looks(class_tint(n, 0), variant) != looks(class_tint(n, 1), variant) for n in range(CLASSES))


def test_without_colours_classes_have_figures_and_the_two_answers_strokes_and_dots() -> None:
    classes = [looks(class_tint(number, 1), "no-color")[1] for number in range(CLASSES)]
    assert classes == list("0123456789abcdefghij")
    tints = [looks(probability_tint(step), "no-color")[1] for step in range(PROBABILITY_STEPS)]
    assert tints == ["≡", "-", " ", "░", "▓"]
    values = [" ░▒▓█".index(looks(value_tint(step), "no-color")[1]) for step in range(VALUE_STEPS)]
    assert values == sorted(values)
    assert values[0] < values[-1]
    greys = [" ░▒▓█".index(looks(grey_tint(step), "no-color")[1]) for step in range(GREYS)]
    assert greys == sorted(greys)
    assert {*greys} == {*range(5)}


@given(st.integers(0, TINTS**2 - 1))
def test_without_colours_each_pair_of_pixels_has_one_character_and_no_colour(pair: int) -> None:
    ink = FIELD_BASE + pair
    text, style = text_of("▀", ink, "no-color"), style_of(ink, "no-color")
    assert len(text) == 1
    assert style.color is style.bgcolor is None


def test_without_colours_filled_letters_and_marked_points_stand_out() -> None:
    hollow, filled, marked = (
        style_of(ink, "no-color")
        for ink in (sign_ink(0, class_tint(0, 1)), sign_ink(DARK_PEN, tile_tint(0)), sign_ink(DARK_PEN, SPOT))
    )
    assert not hollow.reverse
    assert filled.reverse
    assert marked.reverse
    assert filled != marked


def test_every_tint_and_pen_has_a_colour_and_no_colour_is_left_over() -> None:
    assert len(field._TINTS) == len(field._SIXTEEN) == TINTS
    assert len(field._PENS) == PENS
    last = style_of(sign_ink(PENS - 1, TINTS - 1))
    assert (last.color, last.bgcolor) == (Color.parse(field._PENS[-1]), Color.parse(field._TINTS[-1]))


@pytest.mark.parametrize("variant", COLORED)
def test_the_legend_of_two_classes_has_the_colours_of_the_field(variant: ThemeVariant) -> None:
    assert ground(class_tint(0, 1), variant) == ground(probability_tint(0), variant)
    assert ground(class_tint(1, 1), variant) == ground(probability_tint(PROBABILITY_STEPS - 1), variant)


@pytest.mark.parametrize("variant", COLORED)
def test_signs_can_be_read_on_what_they_stand_on(variant: ThemeVariant) -> None:
    grounds = [probability_tint(step) for step in range(PROBABILITY_STEPS)]
    places = [(pen, tint) for pen in (0, 1) for tint in grounds] + [(DARK_PEN, SPOT), (BRIGHT_PEN, EMPTY)]
    for pen, tint in places:
        style = style_of(sign_ink(pen, tint), variant)
        assert style.color is not None
        assert style.bgcolor is not None
        if not style.color.is_default:
            assert abs(brightness(style.color) - brightness(style.bgcolor)) > 100, (pen, tint)
