"""A document as one page of HTML that needs nothing beside it, and prints on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from engine.errors import sanitize
from presets.labs.contract import Plot, Table
from tui_trainer.formatting import cell_text
from tui_trainer.handouts import svg
from tui_trainer.handouts.document import Block, Document, Formula, Heading, Paragraph, Picture

STYLE = """
body { font: 11pt/1.45 Georgia, "DejaVu Serif", serif; color: #111; background: #fff; max-width: 46rem;
  margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; break-after: avoid; }
h1 { font-size: 1.6rem; border-bottom: 2px solid #111; padding-bottom: .3rem; }
h2 { font-size: 1.25rem; margin-top: 2rem; }
h3 { font-size: 1.05rem; }
pre { font: 10pt/1.5 "DejaVu Sans Mono", Menlo, Consolas, monospace; background: #f4f4f1; padding: .6rem .8rem;
  white-space: pre-wrap; overflow-wrap: anywhere; break-inside: avoid; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .92rem; }
caption { text-align: left; font-weight: bold; padding-bottom: .3rem; }
th, td { border-bottom: 1px solid #ccc; padding: .15rem .7rem .15rem 0; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #111; }
th.number { text-align: right; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr, figure { break-inside: avoid; }
thead { display: table-header-group; }
figure { margin: 1rem 0; }
.plots figure { display: inline-block; width: 49%; margin: .4rem 0; vertical-align: top; }
svg { max-width: 100%; height: auto; }
@page { margin: 18mm; }
@media print { body { max-width: none; margin: 0; padding: 0; } pre { background: none; border-left: 3px solid #999; } }
"""
SMALL = (440, 310)
"""Width and height of plots that stand side by side."""


def written(document: Document) -> str:
    """Return a document as HTML."""
    title = _escaped(document.title)
    body = "\n".join(line for group in _grouped(document.blocks) for line in _group(group))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )


def _grouped(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Yield blocks one by one, but plots that follow each other together."""
    for is_plot, group in groupby(blocks, key=lambda block: isinstance(block, Plot)):
        if is_plot:
            yield list(group)
        else:
            yield from ([block] for block in group)


def _group(blocks: Sequence[Block]) -> Iterator[str]:
    """Yield a block, or several plots side by side: what is compared stands together, and fits on paper."""
    plots = [block for block in blocks if isinstance(block, Plot)]
    if len(plots) < 2:
        yield from _lines(blocks[0])
        return
    figures = " ".join(f"<figure>{svg.plot(plot, *SMALL)}</figure>" for plot in plots)
    yield f'<div class="plots">{figures}</div>'


def _escaped(text: str) -> str:
    return escape(sanitize(text, 2000))


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"<h{block.level}>{_escaped(block.text)}</h{block.level}>"
        case Paragraph():
            yield f"<p>{_escaped(block.text)}</p>"
        case Formula():
            yield f"<pre>{chr(10).join(_escaped(line) for line in block.lines)}</pre>"
        case Table():
            yield from _table(block)
        case Plot():
            yield f"<figure>{svg.plot(block)}</figure>"
        case Picture():
            yield f"<figure>{block.svg}</figure>"


def _table(table: Table) -> Iterator[str]:
    yield "<table>"
    if table.title:
        yield f"<caption>{_escaped(table.title)}</caption>"
    heads = "".join(
        f'<th class="number">{_escaped(head)}</th>'
        if any(_is_number(row[index]) for row in table.rows)
        else f"<th>{_escaped(head)}</th>"
        for index, head in enumerate(table.columns)
    )
    yield f"<thead><tr>{heads}</tr></thead>\n<tbody>"
    for row in table.rows:
        yield f"<tr>{''.join(map(_cell, row))}</tr>"
    yield "</tbody>\n</table>"


def _cell(cell: object) -> str:
    text = _escaped(cell_text(cell))
    return f'<td class="number">{text}</td>' if _is_number(cell) else f"<td>{text}</td>"


def _is_number(cell: object) -> bool:
    return isinstance(cell, float | int) and not isinstance(cell, bool)
