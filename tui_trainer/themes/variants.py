"""The themes, as what becomes of the dark one's colours.

So an ink is given its colour in one place, and has one in every theme: the one that stands here, or what is nearest.
"""

from __future__ import annotations

import colorsys
from functools import cache
from typing import Final, Literal, get_args

from rich.color import Color, ColorSystem
from rich.style import Style

ThemeName = Literal["dark", "light", "color-blind", "16-colors"]
"""What can be chosen."""

ThemeVariant = Literal["dark", "light", "color-blind", "16-colors", "no-color"]
"""What can be shown: ``NO_COLOR`` is no matter of taste."""

GROUND: Final = "#121212"
RAISED: Final = "#262626"
_CUBE: Final = (0, 95, 135, 175, 215, 255)
_DIM: Final = 0.55
"""Brightness below which a text is set back where there are no colours."""

_BOLD: Final = ("#5fafff", "#5fd7af")
"""What stands out where there are no colours: the training curve, and what has the focus."""

_RECOLORED: Final[dict[ThemeVariant, dict[str, str]]] = {
    "light": {
        "#121212": "#ffffff",
        "#262626": "#d7d7d7",
        "#c6c6c6": "#303030",
        "#eeeeee": "#080808",
        "#808080": "#626262",
        "#767676": "#949494",
        "#444444": "#bcbcbc",
        "#5fd7af": "#00875f",
        "#5fafff": "#005fd7",
        "#ffaf5f": "#af5f00",
        "#005f87": "#afd7ff",
        "#875f00": "#ffd7af",
        "#87d787": "#008700",
        "#ffd75f": "#875f00",
        "#ff8787": "#d70000",
    },
    # After Okabe and Ito: good and bad differ in blue, not in red against green.
    "color-blind": {
        "#5fd7af": "#5fd7ff",
        "#ffaf5f": "#ffaf00",
        "#87d787": "#00afaf",
        "#ffd75f": "#ffff5f",
        "#ff8787": "#ff5f00",
        "#d787d7": "#d787af",
        "#87d75f": "#d7d7ff",
        "#d75f5f": "#d75f00",
    },
    "16-colors": {
        "#121212": "default",
        "#262626": "blue",
        "#c6c6c6": "white",
        "#eeeeee": "bright_white",
        "#808080": "white",
        "#767676": "bright_black",
        "#444444": "bright_black",
        "#5fd7af": "bright_cyan",
        "#5fafff": "bright_blue",
        "#ffaf5f": "bright_yellow",
        "#005f87": "blue",
        "#875f00": "yellow",
        "#87d787": "bright_green",
        "#ffd75f": "bright_yellow",
        "#ff8787": "bright_red",
        "#d787d7": "bright_magenta",
        "#87d75f": "green",
        "#d7d7af": "white",
        "#d75f5f": "red",
    },
}


def variant_of(theme: str) -> ThemeVariant:
    """Return the variant of that name; any other theme of Textual's counts as dark."""
    return next((variant for variant in get_args(ThemeVariant) if variant == theme), "dark")


@cache
def recolored(style: Style, variant: ThemeVariant) -> Style:
    """Return a style of the dark theme in another look."""
    if variant == "dark":
        return style
    if variant == "no-color":
        return _without_colors(style)
    front, back = (color and color_in(color, variant) for color in (style.color, style.bgcolor))
    return style + Style(color=front, bgcolor=back)


def color_of(name: str, variant: ThemeVariant) -> str:
    """Return what becomes of one of the dark theme's colours, for the widgets that Textual draws itself."""
    return color_in(Color.parse(name), variant).name


def color_in(color: Color, variant: ThemeVariant) -> Color:
    """Return what becomes of one of the dark theme's colours."""
    if color.triplet is None or variant == "dark":
        return color
    table = _RECOLORED.get(variant, {})
    if color.triplet.hex in table:
        return Color.parse(table[color.triplet.hex])
    if variant == "light":
        return _upside_down(color)
    return color.downgrade(ColorSystem.STANDARD) if variant == "16-colors" else color


def _upside_down(color: Color) -> Color:
    """Return the nearest colour of the 256 that is as light as this one is dark, of its hue."""
    assert color.triplet is not None  # noqa: S101 (for the type checker)
    hue, lightness, saturation = colorsys.rgb_to_hls(*color.triplet.normalized)
    parts = colorsys.hls_to_rgb(hue, 1 - lightness, saturation)
    nearest = (min(_CUBE, key=lambda step: abs(step - 255 * part)) for part in parts)
    return Color.from_rgb(*nearest)


def _without_colors(style: Style) -> Style:
    name = style.color.triplet.hex if style.color and style.color.triplet else None
    on = style.bgcolor.triplet.hex if style.bgcolor and style.bgcolor.triplet else GROUND
    return Style(
        bold=style.bold or name in _BOLD,
        dim=name is not None and _brightness(style.color) < _DIM,
        reverse=on != GROUND,
    )


def _brightness(color: Color | None) -> float:
    if color is None or color.triplet is None:
        return 0.0
    red, green, blue = color.triplet.normalized
    return 0.3 * red + 0.6 * green + 0.1 * blue
