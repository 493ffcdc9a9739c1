"""A document as plain text, for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.errors import sanitize
from presets.labs.contract import Plot, Table
from tui_trainer.formatting import are_numbers, cell_text, cell_width, ljust, rjust, wrapped_text
from tui_trainer.handouts.document import Block, Document, Formula, Heading, Paragraph, Picture
from tui_trainer.view_models.lab_text import table_lines

GAP = 2
"""Cells between columns, and before the first."""
WIDTH = 100
"""Of sentences, in cells."""


def written(document: Document, columns: int | None = None) -> str:
    """Return a document as lines of text; pictures and plots, which no line can show, are left out.

    Args:
        document: The document.
        columns: Of the terminal, which sentences and tables keep to; without, tables are as wide as they are. Formulas
            are in either case.
    """
    width = min(WIDTH, columns or WIDTH)
    lines = [sanitize(document.title), "═" * min(width, cell_width(sanitize(document.title)))]
    for block in document.blocks:
        lines += _lines(block, width, columns)
    return "\n".join(lines) + "\n"


def _lines(block: Block, width: int, columns: int | None) -> list[str]:
    match block:
        case Heading():
            text = sanitize(block.text)
            return ["", text, ("─" if block.level == 2 else "·") * cell_width(text)]
        case Paragraph():
            return ["", *wrapped_text(sanitize(block.text, 2000), width)]
        case Formula():
            return ["", *(f"  {sanitize(line, 2000)}" for line in block.lines)]
        case Table():
            return ["", *_table(block, columns)]
        case Plot() | Picture():
            return []


def _table(table: Table, columns: int | None) -> Iterator[str]:
    """Yield a table's lines, in columns; numbers are flush right, and texts are broken where there is no room."""
    if table.title:
        yield sanitize(table.title)
    cells = [list(table.columns), *([cell_text(cell) for cell in row] for row in table.rows)]
    cells = [[sanitize(cell, 100) for cell in row] for row in cells]
    right = [are_numbers(row[column] for row in table.rows) for column in range(len(table.columns))]
    widths = [max(map(cell_width, column)) for column in zip(*cells, strict=True)]
    if columns is not None and sum(widths) + GAP * len(widths) > columns:
        for line in table_lines([replace(table, title="")], columns - GAP):
            yield " " * GAP + "".join(text for text, _ in line)
        return
    for row in cells:
        padded = ((rjust if r else ljust)(cell, width) for cell, width, r in zip(row, widths, right, strict=True))
        yield ("  " + "  ".join(padded)).rstrip()
