"""What stands in for a character that the terminal cannot show.

The widgets draw as if every terminal had every glyph. What is written to the terminal goes through one of these tables
on its last way: character for character of one width, so that nothing moves.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final, Literal

from rich.cells import cell_len

Glyphs = Literal["braille", "blocks", "ascii"]
GlyphChoice = Literal["auto", "braille", "blocks", "ascii"]

BRAILLE: Final = range(0x2800, 0x2900)

# The bits of a braille pattern: its dots 1, 4 / 2, 5 / 3, 6 / 7, 8 are the rows from the top.
_ROWS: Final = (0x01 | 0x08, 0x02 | 0x10, 0x04 | 0x20, 0x40 | 0x80)
_UPPER: Final = _ROWS[0] | _ROWS[1]
_LOWER: Final = _ROWS[2] | _ROWS[3]
_MIDDLE: Final = _ROWS[1] | _ROWS[2]

# A console's font has code page 437: light lines with square corners, half blocks, shades, arrows, a square.
_CONSOLE: Final = {
    **dict(zip("╭╮╰╯", "┌┐└┘", strict=True)),
    **dict(zip("┊┆━╸╺", "::=--", strict=True)),
    **dict(zip("▁▂▃▅▆▇", "__▄▄██", strict=True)),
    **dict(zip("▶▸◀◂●○□✕✓‖", ">><<*oox+H", strict=True)),
    **dict(zip("–—…−•⏎", "--.-*<", strict=True)),
    **dict(zip("▬◇", "■d", strict=True)),
    **dict(zip("∂⊙ᵀ", "d*T", strict=True)),
    **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
}
_ASCII: Final = {
    **_CONSOLE,
    **dict(zip("─│┌┐└┘├┤┬┴┼", "-|+++++++++", strict=True)),
    **dict(zip("╭╮╰╯", "++++", strict=True)),
    **dict(zip("▀▄█▌▐░▒▓■", '"_#||.:%#', strict=True)),
    **dict(zip("▁▂▃▄▅▆▇", "__..==#", strict=True)),
    **dict(zip("←→↑↓↔·×÷²√≈βεδΣ±", "<>^v-.x/2V~bedS+", strict=True)),
    # Letters and signs of formulas, and quotation marks.
    **dict(zip("γδηθκλμπρσΠ⁻′″‴≤≥€“”", 'gdntklmprsP-\'""<>E""', strict=True)),
    # Rows of the classes: letters for those to learn from, small ones for those to practise on.
    **dict(zip("▲◆★▼△◇☆▽▷◁✚◉", "ADSVadsv)(+@", strict=True)),
    # Strokes of what is negative, where there are no colours.
    **dict(zip("≡▬", "nN", strict=True)),
}


class _AsciiTable(dict[int, str]):
    """A table that has something for every character."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if code < 0x80:
            return char
        plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
        width = cell_len(char)
        return plain if len(plain) == width else "?" * width


def table_of(glyphs: Glyphs) -> Mapping[int, str] | None:
    """Return the table for ``str.translate``, None where every glyph can be shown."""
    return _TABLES[glyphs]


def _as_block(dots: int) -> str:
    """Return a cell of eight dots as one of two."""
    return {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}[
        bool(dots & _UPPER), bool(dots & _LOWER)
    ]


def _as_letter(dots: int) -> str:
    """Return a cell of eight dots as the character that lies where most of them do."""
    if not dots:
        return " "
    if not dots & ~_MIDDLE:
        return "-"
    if dots & _UPPER and dots & _LOWER:
        return ":"
    return "'" if dots & _UPPER else "."


_TABLES: Final[dict[Glyphs, Mapping[int, str] | None]] = {
    "braille": None,
    "blocks": {code: _as_block(code - BRAILLE.start) for code in BRAILLE}
    | {ord(char): instead for char, instead in _CONSOLE.items()},
    "ascii": _AsciiTable(
        {code: _as_letter(code - BRAILLE.start) for code in BRAILLE}
        | {ord(char): instead for char, instead in _ASCII.items()}
    ),
}
