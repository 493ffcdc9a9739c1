"""What a lab says in words and in tables, as lines of a width."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Final

from engine.errors import sanitize
from presets.cards import Card
from presets.claims import Claim, lab_claims
from presets.courses import lab_card
from presets.labs.contract import Cell, LabResult, Table
from tui_trainer.formatting import MINUS, cell_text, cell_width, ljust, rjust, wrapped_text
from tui_trainer.glossary import Vocabulary, translated
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.cards import card_lines
from tui_trainer.view_models.claims import claim_lines
from tui_trainer.view_models.lab import LabModel
from tui_trainer.view_models.styled_text import StyledLine, wrapped_line

GAP: Final = 2
NARROWEST: Final = 14
"""Cells to which a column of texts may be narrowed before a table is as wide as it is."""

LONGEST: Final = 400
"""Characters of a text in a cell that are shown."""

DIGITS: Final = 6
"""Significant digits of a number in a table."""

MOST_DECIMALS: Final = 8


def all_tables(model: LabModel, width: int) -> list[StyledLine]:
    """Return the tables of what came out of a lab last, the figures by their cases below them."""
    if model.result is None:
        return [[(model.problem or "computing…", Ink.MUTED)]]
    figures = figures_table(model.result)
    return table_lines([*model.result.tables, *([figures] if figures else [])], width)


def all_words(model: LabModel, width: int) -> list[StyledLine]:
    """Return what is to be seen in what came out last, the lab's card, and what the tutorials print."""
    said = result_lines(model.result, width, model.vocabulary) if model.result else []
    card, claims = _beside(model.lab.name)
    parts = [said, card_lines(card, width, model.vocabulary), _claim_lines(claims, model.lab.name, width)]
    return [line for part in parts if part for line in [*part, []]][:-1]


@cache
def _beside(name: str) -> tuple[Card, tuple[Claim, ...]]:
    """Return what stands in the file beside a lab; it is read once, and not at every painting."""
    return lab_card(name), lab_claims(name)


def _claim_lines(claims: Sequence[Claim], name: str, width: int) -> list[StyledLine]:
    """Return what the tutorials print, and what comes out with the dials as they stand at first."""
    if not claims:
        return []
    lines = [line for piece in claim_lines(claims, name) for line in wrapped_line(piece, width, 2)]
    return [[("What the tutorials print", Ink.BRIGHT)], *lines]


def table_lines(tables: Sequence[Table], width: int) -> list[StyledLine]:
    """Return tables one below the other; columns of texts are narrowed and wrapped where a table is too wide."""
    lines: list[StyledLine] = []
    for table in tables:
        lines += [*([[]] if lines else []), *_table(table, width)]
    return lines


def result_lines(result: LabResult, width: int, vocabulary: Vocabulary = "standard") -> list[StyledLine]:
    """Return what there is to see, and the formulas behind it."""
    lines = [line for note in result.notes for line in [*paragraph(translated(note, vocabulary), width), []]]
    if result.formulas:
        lines.append([("Formulas", Ink.BRIGHT)])
        lines += [line for formula in result.formulas for line in paragraph(formula, width, Ink.ACCENT, 2)]
    return lines


def paragraph(text: str, width: int, ink: Ink = Ink.TEXT, indent: int = 0) -> list[StyledLine]:
    """Return a text in lines; all but the first are set in."""
    first, *rest = wrapped_text(sanitize(text, 2000), max(8, width - indent)) or [""]
    lines: list[StyledLine] = [[(first, ink)]]
    return lines + [[(" " * indent + line, ink)] for line in rest]


def figures_table(result: LabResult) -> Table | None:
    """Return the figures by their cases and keys, as ``lab NAME --json`` has them; None where there are none."""
    rows = [
        (case if number == 0 else "", key, _figure(value))
        for case, figures in result.values.items()
        for number, (key, value) in enumerate(figures.items())
    ]
    return Table("Figures, as on the command line with --json", ("case", "key", "value"), tuple(rows)) if rows else None


def _figure(value: object) -> Cell:
    """Return a figure as a cell: a number as it is, anything of several parts as a text."""
    if isinstance(value, list):
        return ", ".join(f"[{_figure(each)}]" if isinstance(each, list) else str(_figure(each)) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_figure(each)}" for key, each in value.items())
    return cell_text(value)


def _table(table: Table, width: int) -> list[StyledLine]:
    columns = [_column([row[place] for row in table.rows]) for place in range(len(table.columns))]
    heads = [sanitize(head, 60) for head in table.columns]
    rights = [all(_is_number(row[place]) for row in table.rows) and bool(table.rows) for place in range(len(heads))]
    natural = [max(map(cell_width, (head, *texts))) for head, texts in zip(heads, columns, strict=True)]
    widths = _narrowed(natural, rights, width)
    lines: list[StyledLine] = [[(line, Ink.BRIGHT)] for line in wrapped_text(sanitize(table.title, 200), max(8, width))]
    lines += _row(heads, widths, rights, Ink.MUTED)
    for place in range(len(table.rows)):
        lines += _row([texts[place] for texts in columns], widths, rights, Ink.TEXT)
    return lines


def _narrowed(natural: Sequence[int], rights: Sequence[bool], width: int) -> list[int]:
    """Return the columns' widths: those of texts give way, the widest first."""
    widths = list(natural)
    while (excess := sum(widths) + GAP * (len(widths) - 1) - width) > 0:
        texts = [place for place, right in enumerate(rights) if not right and widths[place] > NARROWEST]
        if not texts:
            break
        widest = max(texts, key=lambda place: widths[place])
        second_widest = max((widths[place] for place in texts if place != widest), default=NARROWEST)
        widths[widest] = max(NARROWEST, widths[widest] - excess, min(second_widest, widths[widest] - 1))
    return widths


def _row(texts: Sequence[str], widths: Sequence[int], rights: Sequence[bool], ink: Ink) -> list[StyledLine]:
    """Return a row of a table in as many lines as its longest cell takes."""
    cells = [wrapped_text(text, max(2, width)) or [""] for text, width in zip(texts, widths, strict=True)]
    lines: list[StyledLine] = []
    for number in range(max(map(len, cells), default=1)):
        parts = [cell[number] if number < len(cell) else "" for cell in cells]
        fill = [(rjust if right else ljust)(part, w) for part, w, right in zip(parts, widths, rights, strict=True)]
        lines.append([((" " * GAP).join(fill).rstrip(), ink)])
    return lines


def _column(cells: Sequence[Cell]) -> list[str]:
    """Return the cells of a column as texts: numbers with equally many decimals, where that takes no exponent."""
    numbers = [cell for cell in cells if isinstance(cell, float)]
    decimals = _decimals(numbers)
    return [_cell(cell, decimals) for cell in cells]


def _cell(cell: Cell, decimals: int | None) -> str:
    if isinstance(cell, float) and decimals is not None and math.isfinite(cell):
        return f"{cell + 0.0:.{decimals}f}".replace("-", MINUS)
    return sanitize(cell_text(cell, DIGITS), LONGEST)


def _decimals(numbers: Sequence[float]) -> int | None:
    """Return how many decimals show each of some numbers to six digits; None where some are too small or too large."""
    sizes = [abs(number) for number in numbers if math.isfinite(number) and number]
    if any(not 1e-5 <= size < 1e6 for size in sizes):
        return None
    texts = [f"{size:.{DIGITS}g}" for size in sizes]
    needed = [len(text.partition(".")[2]) if "e" not in text else MOST_DECIMALS for text in texts]
    return min(MOST_DECIMALS, max(needed, default=0))


def _is_number(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool))
