"""Lines of words, each in its ink: what panes of text are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from tui_trainer.formatting import cell_width

StyledLine = list[tuple[str, int]]
"""Pieces of a line, from left to right."""


def wrapped_line(line: Sequence[tuple[str, int]], width: int, indent: int = 0) -> list[StyledLine]:
    """Return a line in lines of at most ``width`` cells, broken at blanks; all but the first are set in."""
    text = "".join(piece for piece, _ in line)
    if cell_width(text) <= width:
        return [_joined(line)]
    inks = [ink for piece, ink in line for _ in piece]
    indent = min(indent, max(0, width - 8))
    ends, start, room = list[tuple[int, int]](), 0, max(2, width)
    while cell_width(text[start:]) > room:
        end = _fitting_end(text, start, room)
        blank = text.rfind(" ", start + (end - start) // 2, end + 1)
        end = blank if blank > start else end
        ends.append((start, end))
        start, room = end + (text[end] == " "), max(2, width - indent)
    ends.append((start, len(text)))
    return [
        [*([(" " * indent, 0)] if number and indent else []), *_pieces(text, inks, first, last)]
        for number, (first, last) in enumerate(ends)
    ]


def _fitting_end(text: str, start: int, room: int) -> int:
    """Return the end of as many characters as fit, one at least."""
    end = start + 1
    while cell_width(text[start : end + 1]) <= room:
        end += 1
    return end


def _pieces(text: str, inks: Sequence[int], first: int, last: int) -> StyledLine:
    """Return a part of a text as pieces of one ink each."""
    return _joined(zip(text[first:last], inks[first:last], strict=True))


def _joined(line: Iterable[tuple[str, int]]) -> StyledLine:
    """Return a line with pieces of one ink that stand beside each other as one; empty ones are left out."""
    runs = groupby(line, key=itemgetter(1))
    return [(text, ink) for ink, pieces in runs if (text := "".join(piece for piece, _ in pieces))]
