from __future__ import annotations

from itertools import pairwise

import pytest

from tui_trainer.themes.inks import HEAT_STEPS, Ink, heat, heat_sign
from tui_trainer.themes.palette import style_of, text_of
from tui_trainer.themes.variants import ThemeVariant


@pytest.mark.parametrize("variant", ["dark", "light", "color-blind", "16-colors"])
def test_negative_zero_and_positive_look_different(variant: ThemeVariant) -> None:
    grounds = [style_of(heat(level, level), variant).bgcolor for level in range(-HEAT_STEPS, HEAT_STEPS + 1)]
    names = [ground.name for ground in grounds if ground]
    negative, zero, positive = names[:HEAT_STEPS], names[HEAT_STEPS], names[HEAT_STEPS + 1 :]
    assert not set(negative) & set(positive)
    assert zero not in {*negative, *positive}
    # A colour that has been left behind does not come again further out.
    for side in (negative[::-1], positive):
        changes = [name for before, name in pairwise(["", *side]) if name != before]
        assert len(changes) == len(set(changes)) >= 3


def test_without_colours_what_is_further_from_zero_is_denser_and_each_sign_has_shades_of_its_own() -> None:
    drawn_shades = []
    for side, shades in ((-1, " -=≡▬"), (1, " ░▒▓█")):
        inks = [heat(side * level, side * level) for level in range(HEAT_STEPS + 1)]
        drawn = [shades.index(text_of(" ", ink, "no-color")) for ink in inks]
        assert drawn == sorted(drawn)
        assert drawn[0] == 0 < drawn[1]  # only zero is blank
        assert drawn[-1] == len(shades) - 1
        assert not any(style_of(ink, "no-color").reverse for ink in inks)
        drawn_shades.append({shades[at] for at in drawn[1:]})
    assert not drawn_shades[0] & drawn_shades[1]


def test_a_sign_on_a_heat_level_keeps_its_colour_as_ground() -> None:
    for variant in ("dark", "light", "color-blind", "16-colors"):
        for level in range(-HEAT_STEPS, HEAT_STEPS + 1):
            style = style_of(heat_sign(level), variant)
            assert style.bgcolor == style_of(heat(level, level), variant).bgcolor
            assert style.color != style.bgcolor
    assert text_of("●", heat_sign(-7), "no-color") == text_of(" ", heat(-7, -7), "no-color")
    assert style_of(heat_sign(-7), "no-color").reverse


def test_without_colours_each_curve_has_a_sign_of_its_own() -> None:
    inks = [Ink.TRAIN, Ink.VALIDATION, Ink.OTHER_1, Ink.OTHER_2, Ink.OTHER_3, Ink.OTHER_4]
    assert len({text_of("⣿", ink, "no-color") for ink in inks}) == len(inks)
    assert text_of("━ validation ", Ink.VALIDATION, "no-color") == "• validation "
    assert text_of("⣿", Ink.VALIDATION, "dark") == "⣿"
    assert text_of("⣿", Ink.TRAIN_RANGE, "no-color") != text_of("⣿", Ink.VALIDATION_RANGE, "no-color")
