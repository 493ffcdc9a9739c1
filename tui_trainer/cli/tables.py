"""Aligned columns of text."""

from __future__ import annotations

from collections.abc import Sequence

import click

from engine.errors import sanitize
from tui_trainer.formatting import cell_width, ljust, rjust


def show(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print ``rows`` under ``head``; numbers are flush right, all else flush left."""
    cells = [list(head), *([sanitize(cell, 60) for cell in row] for row in rows)]
    widths = [max(map(cell_width, column)) for column in zip(*cells, strict=True)]
    right = [all(isinstance(row[index], int) for row in rows) for index in range(len(head))]
    for line in cells:
        padded = (
            rjust(str(cell), w) if r else ljust(str(cell), w) for cell, w, r in zip(line, widths, right, strict=True)
        )
        click.echo("  ".join(padded).rstrip())
