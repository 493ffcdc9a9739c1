"""Writes updates of the screen to the terminal in few bytes.

Textual (up to 8.2) sends a changed span from the left edge of its widget, and every piece of text with its whole style
and a reset after it: for a chart, ten times what has changed. ``compact`` takes such an update and writes the same
cells: exactly the changed columns, only what differs from one style to the next, and the shorter codes of the
256-colour cube wherever a colour lies on it. It keeps nothing between updates, so it cannot go out of step.

This is the one place that leans on Textual's private parts (``ChopsUpdate``, ``LayoutUpdate``); what it does not know
it passes on untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from rich.color import Color, ColorSystem
from rich.console import Console, RenderableType
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import SGR_STYLES, Strip

Piece = tuple[int, int, Strip]
"""Column, row, and what is to stand there."""

BOLD = "1"
_CUBE_STEPS = (0, 95, 135, 175, 215, 255)


def compact(update: RenderableType | None, glyphs: Mapping[int, str] | None = None) -> Any:
    """Return an update that writes the same cells in fewer bytes.

    ``glyphs`` is what stands in for the characters that the terminal cannot show, see ``themes.glyphs``.
    """
    if isinstance(update, ChopsUpdate):
        return CompactUpdate(_changed_pieces(update), glyphs)
    if isinstance(update, LayoutUpdate):
        return CompactUpdate(_all_pieces(update), glyphs)
    return update


class CompactUpdate(CompositorUpdate):
    """Pieces of rows, in reading order."""

    def __init__(self, pieces: Iterable[Piece], glyphs: Mapping[int, str] | None = None) -> None:
        self._pieces = pieces
        self._glyphs = glyphs or {}

    def render_segments(self, console: Console) -> str:
        """Return the bytes for the terminal, as text."""
        colors = console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001 (as Textual itself reads it)
        parts: list[str] = []
        pen, at = DEFAULT_PEN, (-1, -1)
        for x, y, strip in self._pieces:
            parts.append(_move(at, (x, y)))
            for text, style, _ in strip:
                following = pen_of(style, colors) if style else DEFAULT_PEN
                if not text.strip(" ") and _blank_alike(pen, following):
                    following = pen
                parts.append(_change(pen, following))
                parts.append(text.translate(self._glyphs) if self._glyphs else text)
                pen = following
            at = (x + strip.cell_length, y)
        parts.append(_change(pen, DEFAULT_PEN))
        return "".join(parts)


class Pen(NamedTuple):
    """What the terminal writes with: codes of the two colours and of the attributes (bold, underlined, …)."""

    foreground: str
    background: str
    attributes: frozenset[str]


DEFAULT_PEN = Pen("39", "49", frozenset())


@lru_cache(maxsize=4096)
def pen_of(style: Style, colors: ColorSystem) -> Pen:
    """Return the pen that shows a style."""
    bits = style._attributes & style._set_attributes  # noqa: SLF001 (as Strip.render_ansi reads them)
    attributes = frozenset(code for bit, code in enumerate(SGR_STYLES) if bits & (1 << bit))
    return Pen(
        _color_code(style.color, colors, foreground=True),
        _color_code(style.bgcolor, colors, foreground=False),
        attributes,
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


def _change(before: Pen, after: Pen) -> str:
    """Return the escape sequence from one pen to the next."""
    if before == after:
        return ""
    if after == DEFAULT_PEN:
        return "\x1b[m"
    codes: list[str] = []
    if not before.attributes <= after.attributes:
        codes.append("0")
        before = DEFAULT_PEN
    codes += sorted(after.attributes - before.attributes)
    if after.foreground != before.foreground:
        codes.append(after.foreground)
    if after.background != before.background:
        codes.append(after.background)
    return f"\x1b[{';'.join(codes)}m"


def _blank_alike(pen: Pen, other: Pen) -> bool:
    """Return whether blanks look the same with either pen: they show nothing of it but its background."""
    return pen.background == other.background and pen.attributes | other.attributes <= {BOLD}


def _move(at: tuple[int, int], to: tuple[int, int]) -> str:
    """Return the shortest escape sequence that moves the cursor, of (column, row) from 0; ``at`` is where it stands."""
    if at == to:
        return ""
    (x, y), (from_x, from_y) = to, at
    if y == from_y and x > from_x >= 0:
        return f"\x1b[{x - from_x}C" if x - from_x > 1 else "\x1b[C"
    return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"


def _changed_pieces(update: ChopsUpdate) -> Iterator[Piece]:
    for y, x1, x2 in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < x2 and end > x1:
                start = max(x, x1)
                yield start, y, strip.crop(start - x, min(end, x2) - x)


def _all_pieces(update: LayoutUpdate) -> Iterator[Piece]:
    for y, line in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in line:
            yield x, y, strip
            x += strip.cell_length
