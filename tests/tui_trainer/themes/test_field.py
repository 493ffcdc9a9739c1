from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from rich.color import Color

from tui_trainer.themes.field import (
    BRIGHT_PEN,
    DARK_PEN,
    EMPTY,
    GREYS,
    HUES,
    LINE,
    PROBABILITY_STEPS,
    SPOT,
    VALUE_STEPS,
    class_tint,
    grey_tint,
    halves,
    probability_tint,
    sign_ink,
    value_tint,
)
from tui_trainer.themes.palette import style_of
from tui_trainer.themes.variants import Look

COLORED: tuple[Look, ...] = ("dark", "light", "color-blind", "16-colors")


def ground(tint: int, look: Look) -> Color:
    color = style_of(halves(tint, tint), look).bgcolor
    assert color is not None
    return color


def brightness(color: Color) -> int:
    """Return the sum of a colour's three parts, of one of the sixteen as terminals usually show it."""
    return sum(color.get_truecolor())


@pytest.mark.parametrize("look", COLORED)
def test_a_picture_is_as_dark_in_every_theme_as_its_data(look: Look) -> None:
    shades = [brightness(ground(grey_tint(step), look)) for step in range(GREYS)]
    assert shades == sorted(shades)
    assert shades[0] < 60
    assert shades[-1] > 600
    assert len(set(shades)) >= (4 if look == "16-colors" else GREYS)


@pytest.mark.parametrize("look", COLORED)
def test_undecided_lies_between_two_answers_and_looks_like_neither(look: Look) -> None:
    tints = [ground(probability_tint(step), look).name for step in range(PROBABILITY_STEPS)]
    assert len(set(tints)) == PROBABILITY_STEPS
    assert ground(LINE, look).name not in tints


@pytest.mark.parametrize("look", COLORED)
def test_values_and_classes_can_be_told_apart(look: Look) -> None:
    steps = [ground(value_tint(step), look).name for step in range(VALUE_STEPS)]
    assert all(low != high for low, high in pairwise(steps))
    sure = [ground(class_tint(number, 1), look).name for number in range(HUES)]
    assert all(one != other for one, other in combinations(sure, 2))
    assert all(ground(class_tint(n, 0), look).name != ground(class_tint(n, 1), look).name for n in range(HUES))


@pytest.mark.parametrize("look", COLORED)
def test_the_legend_of_two_classes_has_the_colours_of_the_field(look: Look) -> None:
    assert ground(class_tint(0, 1), look) == ground(probability_tint(0), look)
    assert ground(class_tint(1, 1), look) == ground(probability_tint(PROBABILITY_STEPS - 1), look)


@pytest.mark.parametrize("look", COLORED)
def test_signs_can_be_read_on_what_they_stand_on(look: Look) -> None:
    grounds = [probability_tint(step) for step in range(PROBABILITY_STEPS)]
    places = [(pen, tint) for pen in (0, 1) for tint in grounds] + [(DARK_PEN, SPOT), (BRIGHT_PEN, EMPTY)]
    for pen, tint in places:
        style = style_of(sign_ink(pen, tint), look)
        assert style.color is not None
        assert style.bgcolor is not None
        if not style.color.is_default:
            assert abs(brightness(style.color) - brightness(style.bgcolor)) > 100, (pen, tint)
