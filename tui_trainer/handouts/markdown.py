"""A document as Markdown, in one file: tables as GitHub has them, pictures as SVG inside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.errors import sanitize
from presets.labs.contract import Plot, Table
from tui_trainer.formatting import are_numbers, cell_text
from tui_trainer.handouts import svg
from tui_trainer.handouts.document import Block, Document, Formula, Heading, Paragraph, Picture

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&$])")
_LIST = re.compile(r"^(\d*)([-+=.)])")
"""What would begin a list, or underline a heading, at the start of a line."""


def written(document: Document) -> str:
    """Return a document as Markdown."""
    blocks = [f"# {escaped(document.title)}", *("\n".join(_lines(block)) for block in document.blocks)]
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """Return text that stands for itself in Markdown, in one line."""
    line = _SPECIAL.sub(r"\\\1", sanitize(text, 2000))
    return _LIST.sub(r"\1\\\2", line)


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{'#' * block.level} {escaped(block.text)}"
        case Paragraph():
            yield escaped(block.text)
        case Formula():
            yield from ("```text", *(sanitize(line, 2000).replace("```", "'''") for line in block.lines), "```")
        case Table():
            yield from _table(block)
        case Plot():
            yield svg.plot(block)
        case Picture():
            yield block.svg


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield from (f"**{escaped(table.title)}**", "")
    right = [are_numbers(row[column] for row in table.rows) for column in range(len(table.columns))]
    yield _row(table.columns)
    yield f"|{'|'.join('---:' if each else '---' for each in right)}|"
    for row in table.rows:
        yield _row([cell_text(cell) for cell in row])


def _row(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"
