"""Writes updates of the screen to the terminal in few bytes.

Textual (up to 8.2) sends a changed span from the left edge of its widget, and every piece of text with its whole style
and a reset after it: for a chart, ten times what has changed. ``compact`` takes such an update and writes the same
cells: exactly the changed columns, only what differs from one style to the next, and the shorter codes of the
256-colour cube wherever a colour lies on it. It keeps nothing between updates, so it cannot go out of step.

An update of a kind that ``textual_patches`` does not know is passed on untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from rich.color import Color, ColorSystem
from rich.console import Console, RenderableType
from rich.style import Style

from tui_trainer.textual_patches import (
    PictureOfScreen,
    Piece,
    PiecesUpdate,
    attribute_codes,
    color_system_of,
    pieces_of,
)

BOLD = "1"
_CUBE_STEPS = (0, 95, 135, 175, 215, 255)


def compact(
    update: RenderableType | None, glyphs: Mapping[int, str] | None = None, picture: PictureOfScreen | None = None
) -> Any:
    """Return an update that writes the same cells in fewer bytes.

    Args:
        update: What is to be written.
        glyphs: What stands in for the characters that the terminal cannot show, see ``themes.glyphs``.
        picture: What the terminal is known to show, and so need not be sent.
    """
    pieces = pieces_of(update)
    if pieces is not None and picture is not None:
        pieces = picture.pieces_not_shown(pieces)
    return update if pieces is None else CompactUpdate(pieces, glyphs)


class CompactUpdate(PiecesUpdate):
    """Pieces of rows, in reading order."""

    def __init__(self, pieces: Iterable[Piece], glyphs: Mapping[int, str] | None = None) -> None:
        self._pieces = pieces
        self._glyphs = glyphs or {}

    def render_segments(self, console: Console) -> str:
        """Return the bytes for the terminal, as text."""
        colors = color_system_of(console)
        parts: list[str] = []
        sgr, at = DEFAULT_SGR, (-1, -1)
        for x, y, strip in self._pieces:
            parts.append(_move(at, (x, y)))
            for text, style, _ in strip:
                following = sgr_of(style, colors) if style else DEFAULT_SGR
                if not text.strip(" ") and _blank_alike(sgr, following):
                    following = sgr
                parts.append(_change(sgr, following))
                parts.append(text.translate(self._glyphs) if self._glyphs else text)
                sgr = following
            at = (x + strip.cell_length, y)
        parts.append(_change(sgr, DEFAULT_SGR))
        return "".join(parts)


class SgrStyle(NamedTuple):
    """What the terminal writes with: codes of the two colours and of the attributes (bold, underlined, …)."""

    foreground: str
    background: str
    attributes: frozenset[str]


DEFAULT_SGR = SgrStyle("39", "49", frozenset())


@lru_cache(maxsize=4096)
def sgr_of(style: Style, colors: ColorSystem) -> SgrStyle:
    """Return what the terminal must write with to show a style."""
    return SgrStyle(
        _color_code(style.color, colors, foreground=True),
        _color_code(style.bgcolor, colors, foreground=False),
        attribute_codes(style),
    )


def _color_code(color: Color | None, colors: ColorSystem, *, foreground: bool) -> str:
    if color is None:
        return "39" if foreground else "49"
    if colors != ColorSystem.STANDARD and (number := _cube_number(color)) is not None:
        return f"{38 if foreground else 48};5;{number}"
    return ";".join(color.downgrade(colors).get_ansi_codes(foreground))


def _cube_number(color: Color) -> int | None:
    """Return the number of the entry of the 256-colour table (its fixed part) that is this very colour."""
    if color.triplet is None:
        return None
    red, green, blue = color.triplet
    if red == green == blue and red % 10 == 8 and red <= 238:
        return 232 + (red - 8) // 10
    if all(part in _CUBE_STEPS for part in color.triplet):
        high, middle, low = (_CUBE_STEPS.index(part) for part in (red, green, blue))
        return 16 + 36 * high + 6 * middle + low
    return None


def _change(before: SgrStyle, after: SgrStyle) -> str:
    """Return the escape sequence from one pen to the next."""
    if before == after:
        return ""
    if after == DEFAULT_SGR:
        return "\x1b[m"
    codes: list[str] = []
    if not before.attributes <= after.attributes:
        codes.append("0")
        before = DEFAULT_SGR
    codes += sorted(after.attributes - before.attributes)
    if after.foreground != before.foreground:
        codes.append(after.foreground)
    if after.background != before.background:
        codes.append(after.background)
    return f"\x1b[{';'.join(codes)}m"


def _blank_alike(sgr: SgrStyle, other: SgrStyle) -> bool:
    """Return whether blanks look the same with either sgr: they show nothing of it but its background."""
    return sgr.background == other.background and sgr.attributes | other.attributes <= {BOLD}


def _move(at: tuple[int, int], to: tuple[int, int]) -> str:
    """Return the shortest escape sequence that moves the cursor, of (column, row) from 0; ``at`` is where it stands."""
    if at == to:
        return ""
    (x, y), (from_x, from_y) = to, at
    if y == from_y and x > from_x >= 0:
        return f"\x1b[{x - from_x}C" if x - from_x > 1 else "\x1b[C"
    return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
