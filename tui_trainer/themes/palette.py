"""Inks, and the colours behind them.

Widgets draw with an ink, never with a colour, so that a theme can be swapped under them. Every colour here lies on
the 256-colour cube: terminals that know no more show the same picture, and its codes are half as long on the wire.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final

from rich.color import Color
from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme

from tui_trainer.themes.field import field_style
from tui_trainer.themes.inks import FIELD_BASE, HEAT_BASE, HEAT_LEVELS, Ink
from tui_trainer.themes.textures import (
    curve_text,
    field_texture,
    heat_style_without_colors,
    heat_texture,
    is_heat_sign,
)
from tui_trainer.themes.variants import GROUND, RAISED, ThemeVariant, color_of, recolored

_INKS: Final[dict[Ink, Style]] = {
    Ink.TEXT: Style(color="#c6c6c6", bgcolor=GROUND),
    Ink.BRIGHT: Style(color="#eeeeee", bgcolor=GROUND, bold=True),
    Ink.MUTED: Style(color="#808080", bgcolor=GROUND),
    Ink.FAINT: Style(color="#444444", bgcolor=GROUND),
    Ink.ACCENT: Style(color="#5fd7af", bgcolor=GROUND),
    Ink.SELECTED: Style(color="#eeeeee", bgcolor=RAISED),
    Ink.KEY: Style(color="#5fd7af", bgcolor=GROUND),
    Ink.TRAIN: Style(color="#5fafff", bgcolor=GROUND),
    Ink.VALIDATION: Style(color="#ffaf5f", bgcolor=GROUND),
    Ink.TRAIN_RANGE: Style(color="#005f87", bgcolor=GROUND),
    Ink.VALIDATION_RANGE: Style(color="#875f00", bgcolor=GROUND),
    Ink.GOOD: Style(color="#87d787", bgcolor=GROUND),
    Ink.WARNING: Style(color="#ffd75f", bgcolor=GROUND),
    Ink.ERROR: Style(color="#ff8787", bgcolor=GROUND),
    Ink.MARKER: Style(color="#767676", bgcolor=GROUND),
    Ink.OTHER_1: Style(color="#d787d7", bgcolor=GROUND),
    Ink.OTHER_2: Style(color="#87d75f", bgcolor=GROUND),
    Ink.OTHER_3: Style(color="#d7d7af", bgcolor=GROUND),
    Ink.OTHER_4: Style(color="#d75f5f", bgcolor=GROUND),
}


def textual_theme(variant: ThemeVariant) -> Theme:
    """Return a variant for the widgets that Textual draws itself."""
    if variant in {"16-colors", "no-color"}:
        return _ansi_theme(variant)
    return Theme(
        name=variant,
        primary=color_of("#5fd7af", variant),
        background=color_of(GROUND, variant),
        surface=color_of(GROUND, variant),
        panel=color_of(RAISED, variant),
        foreground=color_of("#c6c6c6", variant),
        warning=color_of("#ffd75f", variant),
        error=color_of("#ff8787", variant),
        dark=variant != "light",
    )


def _ansi_theme(variant: ThemeVariant) -> Theme:
    """Return a variant in the terminal's own colours: Textual's, whose text cursor cannot be seen on every terminal."""
    theirs = BUILTIN_THEMES["ansi-dark"]
    field = "ansi_blue" if variant == "16-colors" else "ansi_default"
    variables = {**theirs.variables, "input-cursor-text-style": "reverse", "input-cursor-background": "ansi_default"}
    return replace(theirs, name=variant, panel=field, variables=variables)


# Blue for negative and orange for positive stay apart for the common kinds of colour blindness, and both grow brighter
# away from zero, so that the picture survives in grey.
_NEGATIVE: Final = ("#005f87", "#0087af", "#0087d7", "#00afff", "#5fd7ff", "#87d7ff", "#d7ffff")
_POSITIVE: Final = ("#875f00", "#af5f00", "#d75f00", "#ff8700", "#ffaf00", "#ffd75f", "#ffffaf")
_ZERO: Final = "#262626"
_HEAT: Final = (*reversed(_NEGATIVE), _ZERO, *_POSITIVE, "#ffffff", "#121212", GROUND)

_SIXTEEN_NEGATIVE: Final = ("blue",) * 3 + ("cyan",) * 2 + ("bright_cyan",) * 2
_SIXTEEN_POSITIVE: Final = ("red",) * 3 + ("yellow",) * 2 + ("bright_yellow",) * 2
_SIXTEEN_HEAT: Final = (*reversed(_SIXTEEN_NEGATIVE), "black", *_SIXTEEN_POSITIVE, "bright_white", "black", "default")

_SHADED: Final = {" ", "▀"}
"""What says nothing but its colours, where it stands in a pair of levels."""


def style_of(ink: int, variant: ThemeVariant = "dark") -> Style:
    """Return the style of an ink, of a pair of heat levels, or of what ``themes.field`` draws."""
    if ink >= FIELD_BASE:
        return field_style(ink, variant)
    if ink >= HEAT_BASE and variant == "no-color":
        return heat_style_without_colors(ink)
    if ink >= HEAT_BASE and variant == "16-colors":
        return _heat_style(ink, _SIXTEEN_HEAT)
    return recolored(_dark_style(ink), variant)


def text_of(text: str, ink: int, variant: ThemeVariant) -> str:
    """Return what to write for cells of an ink: where colours say it all, without them shades must."""
    if ink >= FIELD_BASE:
        texture = field_texture(ink, variant)
        return texture * len(text) if texture and set(text) <= _SHADED else text
    if variant != "no-color":
        return text
    if ink < HEAT_BASE:
        return curve_text(text, ink)
    return heat_texture(ink) * len(text) if is_heat_sign(ink) or set(text) <= _SHADED else text


@cache
def _dark_style(ink: int) -> Style:
    if ink >= FIELD_BASE:
        return field_style(ink)
    if ink < HEAT_BASE:
        return _INKS[Ink(ink)]
    return _heat_style(ink, _HEAT)


@cache
def _heat_style(ink: int, colors: tuple[str, ...]) -> Style:
    top, bottom = divmod(ink - HEAT_BASE, HEAT_LEVELS)
    return Style(color=Color.parse(colors[top]), bgcolor=Color.parse(colors[bottom]))
