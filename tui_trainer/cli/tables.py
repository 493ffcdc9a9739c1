"""Aligned columns of text."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import click

from engine.errors import sanitize
from tui_trainer.formatting import cell_width, ljust, rjust


def show(head: Sequence[str], rows: Sequence[Sequence[object]], *, right: Collection[str] = ()) -> None:
    """Print ``rows`` under ``head``; whole numbers and the columns ``right`` are flush right, all else flush left.

    A column without any text is left out.
    """
    kept = [index for index in range(len(head)) if not rows or any(str(row[index]) for row in rows)]
    head, rows = [head[index] for index in kept], [[row[index] for index in kept] for row in rows]
    cells = [list(head), *([sanitize(cell, 60) for cell in row] for row in rows)]
    widths = [max(map(cell_width, column)) for column in zip(*cells, strict=True)]
    flush = [name in right or all(isinstance(row[i], int) for row in rows) for i, name in enumerate(head)]
    for line in cells:
        padded = (
            rjust(str(cell), w) if r else ljust(str(cell), w) for cell, w, r in zip(line, widths, flush, strict=True)
        )
        click.echo("  ".join(padded).rstrip())
