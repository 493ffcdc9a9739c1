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
    EMPTY,
    FIELD_BASE,
    FIRST_CLASS,
    FIRST_VALUE,
    GREYS,
    HEAT_BASE,
    HEAT_DARK_MARK,
    HEAT_LEVELS,
    HEAT_MARK,
    HEAT_STEPS,
    HUES,
    LINE,
    PROBABILITY_STEPS,
    SIGN_BASE,
    SPOT,
    TINTS,
    VALUE_STEPS,
    Ink,
    class_of,
    grey_tint,
    is_tile,
)
from tui_trainer.themes.variants import ThemeVariant

NO_STYLE: Final = Style()
DIM: Final = Style(dim=True)
BOLD: Final = Style(bold=True)
REVERSED: Final = Style(reverse=True)
STRIKING: Final = Style(reverse=True, bold=True, underline=True)

_NEGATIVE: Final = " -=≡▬"
_POSITIVE: Final = " ░▒▓█"

_PROBABILITIES: Final = "≡- ░▓"
_VALUES: Final = " ░░▒▒▓█"
_CLASSES: Final = "0123456789abcdefghij"
_UNSURE: Final = "₀₁₂₃₄₅₆₇₈₉··········"
_LINE: Final = "┼"
_ROUNDS: Final = ("", "▒", "░")
"""Textures of the classes that have a colour each, of as many beyond them, and so on."""

_SOLID: Final[dict[ThemeVariant, int]] = {"16-colors": 8}
"""Classes that have a colour of their own, where those are fewer than ``HUES``."""

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


@cache
def field_texture(ink: int, variant: ThemeVariant) -> str:
    """Return the character for a cell of two tints, empty where colours alone tell what it shows."""
    if ink >= SIGN_BASE:
        return ""
    top, bottom = divmod(ink - FIELD_BASE, TINTS)
    if variant == "no-color":
        return _texture_of(top, bottom)
    shown = class_of(top) if top == bottom else None
    return _ROUNDS[shown[0] // _SOLID.get(variant, HUES)] if shown else ""


@cache
def field_style_without_colors(ink: int) -> Style:
    """Return the style of a field's cell without colours: signs stand out, classes stand back."""
    if ink < SIGN_BASE:
        return DIM if class_of((ink - FIELD_BASE) // TINTS) else NO_STYLE
    tint = (ink - SIGN_BASE) % TINTS
    return STRIKING if tint == SPOT else REVERSED if is_tile(tint) else BOLD


def _texture_of(top: int, bottom: int) -> str:
    """Return the character for two pixels without colours: that of the one that says more."""
    if LINE in {top, bottom}:
        return _LINE
    if EMPTY in {top, bottom}:
        return " " if top == bottom else _character(min(top, bottom))
    if min(top, bottom) >= grey_tint(0):
        return _character((top + bottom) // 2)
    if max(top, bottom) < PROBABILITY_STEPS:
        return _character(max(top, bottom, key=lambda step: abs(step - PROBABILITY_STEPS // 2)))
    return _character(max(top, bottom) if max(top, bottom) < FIRST_CLASS else top)


def _character(tint: int) -> str:
    if tint < FIRST_VALUE:
        return _PROBABILITIES[tint]
    if tint < FIRST_VALUE + VALUE_STEPS:
        return _VALUES[tint - FIRST_VALUE]
    if (shown := class_of(tint)) is not None:
        return (_CLASSES if shown[1] else _UNSURE)[shown[0]]
    return _POSITIVE[(tint - grey_tint(0)) * len(_POSITIVE) // GREYS] if grey_tint(0) <= tint < EMPTY else " "
