from __future__ import annotations

from itertools import pairwise

import pytest

from tui_trainer.themes.inks import HEAT_STEPS, heat
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


def test_without_colours_what_is_further_from_zero_is_brighter() -> None:
    shades = " ░▒▓█"
    for side in (-1, 1):
        inks = [heat(side * level, side * level) for level in range(HEAT_STEPS + 1)]
        drawn = [shades.index(text_of(" ", ink, "no-color")) for ink in inks]
        assert drawn == sorted(drawn)
        assert drawn[-1] > drawn[0]
        assert not any(style_of(ink, "no-color").reverse for ink in inks)
