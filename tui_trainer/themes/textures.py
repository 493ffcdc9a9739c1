"""What tells cells apart where colours cannot: strokes and dots, letters, and a sign for each curve.

Without colours (``NO_COLOR``) strokes are negative or the first class, dots positive or the second, and both grow
denser with the distance from the middle; each class has its letter. With colours only the classes that there is no
colour for have a texture.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from rich.style import Style

from tui_trainer.themes.inks import (
    FIELD_BASE,
    HEAT_BASE,
    HEAT_DARK_MARK,
    HEAT_LEVELS,
    HEAT_MARK,
    HEAT_STEPS,
    Ink,
)

NO_STYLE: Final = Style()
REVERSED: Final = Style(reverse=True)

_NEGATIVE: Final = " -=≡▬"
_POSITIVE: Final = " ░▒▓█"

CURVE_SIGNS: Final = {
    Ink.VALIDATION: "•",
    Ink.VALIDATION_RANGE: "·",
    Ink.OTHER_1: "+",
    Ink.OTHER_2: "×",
    Ink.OTHER_3: "◇",
    Ink.OTHER_4: "□",
}
"""What the dots of a curve become; the first one keeps them."""

_MARKS: Final = (HEAT_MARK, HEAT_DARK_MARK)
_DOTS: Final = {*range(0x2801, 0x2900), ord("━")}
_CURVES: Final = {ink: dict.fromkeys(_DOTS, sign) for ink, sign in CURVE_SIGNS.items()}


def curve_text(text: str, ink: int) -> str:
    """Return a part of a curve, or of its entry in the legend, as it is drawn without colours."""
    table = _CURVES.get(Ink(ink))
    return text.translate(table) if table else text


@cache
def heat_texture(ink: int) -> str:
    """Return the character for a cell of two heat levels, or for a sign on one: that further from zero counts."""
    top, bottom = (level - HEAT_STEPS for level in divmod(ink - HEAT_BASE, HEAT_LEVELS))
    levels = [level for level in (top, bottom) if abs(level) <= HEAT_STEPS]
    level = max(levels, key=abs, default=0)
    shades = _NEGATIVE if level < 0 else _POSITIVE
    return shades[-(-abs(level) * (len(shades) - 1) // HEAT_STEPS)]


@cache
def heat_style_without_colors(ink: int) -> Style:
    """Return the style of heat levels without colours: only a sign is set off."""
    return REVERSED if is_heat_sign(ink) else NO_STYLE


def is_heat_sign(ink: int) -> bool:
    """Return whether an ink is that of a sign on a heat level."""
    return HEAT_BASE <= ink < FIELD_BASE and (ink - HEAT_BASE) // HEAT_LEVELS - HEAT_STEPS in _MARKS
