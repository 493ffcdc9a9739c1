"""A document as plain text, for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import sanitize
from presets.labs.contract import Plot, Table
from tui_trainer.formatting import are_numbers, cell_text, cell_width, ljust, rjust, wrapped_text
from tui_trainer.handouts.document import Block, Document, Formula, Heading, Paragraph, Picture

WIDTH = 100
"""Of sentences, in cells."""


def written(document: Document, width: int = WIDTH) -> str:
    """Return a document as lines of text; pictures and plots, which no line can show, are left out.

    Args:
        document: The document.
        width: Of sentences, in cells; formulas and tables are as wide as they are.
    """
    lines = [sanitize(document.title), "═" * min(width, cell_width(sanitize(document.title)))]
    for block in document.blocks:
        lines += _lines(block, width)
    return "\n".join(lines) + "\n"


def _lines(block: Block, width: int) -> list[str]:
    match block:
        case Heading():
            text = sanitize(block.text)
            return ["", text, ("─" if block.level == 2 else "·") * cell_width(text)]
        case Paragraph():
            return ["", *wrapped_text(sanitize(block.text, 2000), width)]
        case Formula():
            return ["", *(f"  {sanitize(line, 2000)}" for line in block.lines)]
        case Table():
            return ["", *_table(block)]
        case Plot() | Picture():
            return []


def _table(table: Table) -> Iterator[str]:
    """Yield a table's lines, in columns; numbers are flush right."""
    if table.title:
        yield sanitize(table.title)
    cells = [list(table.columns), *([cell_text(cell) for cell in row] for row in table.rows)]
    cells = [[sanitize(cell, 100) for cell in row] for row in cells]
    right = [are_numbers(row[column] for row in table.rows) for column in range(len(table.columns))]
    widths = [max(map(cell_width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = ((rjust if r else ljust)(cell, width) for cell, width, r in zip(row, widths, right, strict=True))
        yield ("  " + "  ".join(padded)).rstrip()
