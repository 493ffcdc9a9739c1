"""Lines about a run's data: its parts, the classes in each, how it was divided and scaled, notes of its reader."""

from __future__ import annotations

from textwrap import wrap

from engine.errors import sanitize
from tui_trainer.formatting import ljust, within
from tui_trainer.themes.inks import Ink, class_tint, halves
from tui_trainer.view_models.data import PARTS, Contents, Word, scaler_text, segments, share_text, split_text
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.styled_text import StyledLine

SHARE, COUNT = 9, 6
"""Cells of a count and its share, of a count alone."""

SHORTEST_NAME = 10


def parts_lines(run: RunModel, contents: Contents, width: int, word: Word) -> list[StyledLine]:
    """Return everything there is to say of the parts, in lines of at most ``width`` cells."""
    sections = [
        _bars(run, contents, width, word),
        _classes(run, contents, width, word),
        _sentences(run, width, word),
    ]
    return [line for section in sections if section for line in (*section, [])][:-1]


def _bars(run: RunModel, contents: Contents, width: int, word: Word) -> list[StyledLine]:
    """Return for each part its name and rows, and below a bar of its classes, as long as it is large."""
    every = run.welcome.rows
    lines: list[StyledLine] = []
    for part, rows, counts in zip(PARTS, every, contents.counts.tolist(), strict=True):
        if rows:
            name = f"{word(part)}, sealed" if part == "test" and "sealed" not in word(part) else word(part)
            share = share_text(rows, sum(every))
            lines.append([(name.ljust(max(0, width - len(share))), Ink.TEXT), (share, Ink.MUTED)])
            lines.append(_bar(counts, max(1, round(width * rows / max(every)))))
    return lines


def _bar(counts: list[int], width: int) -> StyledLine:
    tints = [class_tint(number, 1) for number in range(len(counts))]
    return [(" " * cells, halves(tint, tint)) for tint, cells in zip(tints, segments(counts, width), strict=True)]


def _classes(run: RunModel, contents: Contents, width: int, word: Word) -> list[StyledLine]:
    """Return a line for each class: its colour, its name, its rows in each part that there is, and their share.

    Where there is no room for that, the shares are left out.
    """
    classes = run.welcome.classes
    if not classes:
        return []
    filled_parts = [part for part in range(len(PARTS)) if run.welcome.rows[part]]
    heads = [word(PARTS[part]).split()[0] for part in filled_parts]
    shares_fit = SHARE * len(filled_parts) + SHORTEST_NAME <= width
    cells = SHARE if shares_fit else COUNT
    name_width = max(1, width - cells * len(filled_parts))
    head_texts = (f"{head if len(head) < cells else head[: COUNT - 1]:>{cells}}" for head in heads)
    lines: list[StyledLine] = [[(" " * name_width + "".join(head_texts), Ink.MUTED)]]
    for number, name in enumerate(classes):
        tint = class_tint(number, 1)
        rows = [contents.counts[part].tolist() for part in filled_parts]
        texts = (share_text(c[number], sum(c)) if shares_fit else str(c[number]) for c in rows)
        shares = "".join(text.rjust(cells) for text in texts)
        name_text = ljust(f" {within(sanitize(name), name_width - 3)}", name_width - 2)
        lines.append([("  ", halves(tint, tint)), (name_text, Ink.TEXT), (shares, Ink.MUTED)])
    return lines


def _sentences(run: RunModel, width: int, word: Word) -> list[StyledLine]:
    spec = run.spec
    said = [split_text(spec.split, run.welcome.rows, word), scaler_text(spec.scaler, word)]
    texts: list[tuple[str, int]] = [(text, Ink.MUTED) for text in said]
    texts += [(f"note: {sanitize(note, 400)}", Ink.WARNING) for note in run.welcome.notes]
    paragraphs = [[[(line, ink)] for line in wrap(text, max(10, width))] for text, ink in texts]
    return [line for paragraph in paragraphs for line in (*paragraph, [])][:-1]
