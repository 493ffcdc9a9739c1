"""A picture, and what is one number a pixel, as a grid: grey for values, two colours around zero for slopes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from engine.array_types import Floats
from tui_trainer.formatting import cell_text
from tui_trainer.handouts.svg import element, text

SIDE = 220
"""Of a grid, at most."""
MOST_NUMBERED = 8
"""Cells a side that have their number written in them."""
LEVELS = 32


def drawing(values: Floats, title: str, *, signed: bool) -> str:
    """Return a grid (height, width) as SVG, its top row first.

    Args:
        values: One a cell.
        title: What they are.
        signed: Whether they lie around zero: blue above, orange below. Else from white, the least, to black.
    """
    height, width = values.shape
    cell = SIDE / max(height, width)
    cells = _cells(values, cell, 24.0, signed=signed)
    parts = [text(0, 14, title, font_weight="bold"), '<g shape-rendering="crispEdges">', *cells, "</g>"]
    if max(height, width) <= MOST_NUMBERED:
        parts += _numbers(values, cell, 24.0, signed=signed)
    frame = f'fill="none" stroke="#333" width="{cell * width:g}" height="{cell * height:g}"'
    return element(max(cell * width, 300), 26 + cell * height, title, [*parts, f'<rect x="0" y="24" {frame}/>'])


def _shades(values: Floats, *, signed: bool) -> Floats:
    """Return how dark each cell is, from −``LEVELS`` (orange) to ``LEVELS`` (blue, or black); 0 is white."""
    finite = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    if not signed:
        finite = finite / 2  # whose differences cannot overflow
        finite = finite - finite.min()
    largest = float(np.abs(finite).max()) or 1.0
    return np.round(finite / largest * LEVELS)


def _cells(values: Floats, cell: float, top: float, *, signed: bool) -> Iterator[str]:
    """Yield a rectangle for each stretch of one shade in a row."""
    for row, shades in enumerate(_shades(values, signed=signed)):
        column = 0
        for shade, stretch in groupby(shades.tolist()):
            count = len(list(stretch))
            if shade:
                place = f'x="{column * cell:.2f}" y="{top + row * cell:.2f}"'
                size = f'width="{count * cell:.2f}" height="{cell:.2f}"'
                yield f'<rect {place} {size} fill="{_color(shade, signed=signed)}"/>'
            column += count


def _color(shade: float, *, signed: bool) -> str:
    end = (0, 0, 0) if not signed else (0, 114, 178) if shade > 0 else (213, 94, 0)
    share = abs(shade) / LEVELS
    red, green, blue = (round(255 + (channel - 255) * share) for channel in end)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _numbers(values: Floats, cell: float, top: float, *, signed: bool) -> Iterator[str]:
    shades = _shades(values, signed=signed)
    for (row, column), value in np.ndenumerate(values):
        ink = "#fff" if abs(shades[row, column]) > LEVELS * 0.55 else "#111"
        x, y = (column + 0.5) * cell, top + (row + 0.5) * cell + 4
        yield text(x, y, cell_text(float(value), 3), "middle", fill=ink, font_size=f"{min(12.0, cell / 4):g}")
