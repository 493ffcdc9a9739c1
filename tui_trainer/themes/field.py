"""The colours of fields: pixels of half a cell, and signs that stand on them.

A field is drawn in tints, never in colours, for the same reasons as everything else is drawn in inks. A cell shows two
tints, one above the other, or a sign in one of a few pens on a tint. Blue and orange, dark in the middle and brighter
towards the ends, stay apart for the common kinds of colour blindness and in grey; the classes of a larger problem
follow the order of Okabe and Ito, and their signs differ in shape or letter. What there are no colours for has a
texture, see ``textures``.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from rich.color import Color
from rich.style import Style

from tui_trainer.themes.inks import (
    BRIGHT_PEN,
    CLASSES,
    EMPTY,
    FIELD_BASE,
    GREYS,
    HUES,
    SIGN_BASE,
    TINTS,
    grey_tint,
)
from tui_trainer.themes.textures import field_style_without_colors, field_texture
from tui_trainer.themes.variants import GROUND, ThemeVariant, color_in

_DIVERGING: Final = ("#0087af", "#005f87", "#262626", "#875f00", "#af5f00")
_RISING: Final = ("#00005f", "#005f87", "#008787", "#00875f", "#5f8700", "#878700", "#afaf00")
_SURE: Final = (
    *("#0087af", "#af5f00", "#00875f", "#875f87", "#878700"),
    *("#5f5faf", "#af0000", "#767676", "#d75f87", "#5faf00"),
)
_UNSURE: Final = (
    *("#005f87", "#875f00", "#005f5f", "#5f005f", "#5f5f00"),
    *("#00005f", "#5f0000", "#444444", "#87005f", "#005f00"),
)
_LIGHT: Final = (
    *("#87d7ff", "#ffd7af", "#87ffd7", "#ffafff", "#ffff87"),
    *("#afffff", "#ffafaf", "#eeeeee", "#ffafd7", "#afff87"),
)
_PENS: Final = (*_LIGHT, "#ffffff", "#121212")
_GREYS: Final = tuple(f"#{10 * step + 8:02x}{10 * step + 8:02x}{10 * step + 8:02x}" for step in range(GREYS))
_TINTS: Final = (
    *_DIVERGING,
    *_RISING,
    *_SURE * (CLASSES // HUES),
    *_UNSURE * (CLASSES // HUES),
    *_LIGHT,
    *_GREYS,
    *("#121212", "#bcbcbc", "#ffd75f"),
)

# With sixteen colours a surer answer is the darker of two; the middle is black, and no two neighbours are the same.
_SIXTEEN_HUES: Final = ("blue", "red", "green", "magenta", "yellow", "cyan", "white", "bright_black")
_SIXTEEN_UNSURE: Final = (*(f"bright_{hue}" for hue in _SIXTEEN_HUES[:7]), "black")
_SIXTEEN_GREYS: Final = ("black", "bright_black", "white", "bright_white")
_SIXTEEN: Final = (
    *("blue", "bright_blue", "black", "bright_red", "red"),
    *("blue", "bright_blue", "cyan", "green", "bright_green", "yellow", "bright_yellow"),
    *(_SIXTEEN_HUES * 3)[:CLASSES],
    *(_SIXTEEN_UNSURE * 3)[:CLASSES],
    *("white",) * HUES,
    *(grey for grey in _SIXTEEN_GREYS for _ in range(GREYS // len(_SIXTEEN_GREYS))),
    *("default", "white", "bright_yellow"),
)
_PALE: Final = {"yellow", "cyan", "white", *_SIXTEEN_UNSURE[1:7]}
"""Grounds on which signs are black."""


@cache
def field_style(ink: int, variant: ThemeVariant = "dark") -> Style:
    """Return the style of an ink from ``FIELD_BASE`` on."""
    if variant == "no-color":
        return field_style_without_colors(ink)
    if ink >= SIGN_BASE:
        pen, tint = divmod(ink - SIGN_BASE, TINTS)
        return Style(color=_pen_color(pen, tint, variant), bgcolor=_tint_color(tint, variant), bold=pen == BRIGHT_PEN)
    top, bottom = divmod(ink - FIELD_BASE, TINTS)
    if top == bottom:
        return Style(color=_ground_color(ink, variant), bgcolor=_tint_color(top, variant))
    return Style(color=_tint_color(top, variant), bgcolor=_tint_color(bottom, variant))


def _tint_color(tint: int, variant: ThemeVariant) -> Color:
    """Return the colour of a tint; what is dark in a picture is dark in every theme."""
    if variant == "16-colors":
        return Color.parse(_SIXTEEN[tint])
    color = Color.parse(_TINTS[tint])
    return color if grey_tint(0) <= tint < EMPTY else color_in(color, variant)


def _ground_color(ink: int, variant: ThemeVariant) -> Color | None:
    """Return the colour of the texture on a tint, None where it has none."""
    if not field_texture(ink, variant):
        return None
    return Color.parse("black") if variant == "16-colors" else color_in(Color.parse(GROUND), variant)


def _pen_color(pen: int, tint: int, variant: ThemeVariant) -> Color:
    if variant == "16-colors":
        ground = _SIXTEEN[tint]
        return Color.parse("default" if ground == "default" else "black" if ground in _PALE else "bright_white")
    return color_in(Color.parse(_PENS[pen]), variant)
