"""The boundaries of a sweep as SVG: small multiples, with what each trial's seeds came to below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from tui_trainer.formatting import wrapped_text
from tui_trainer.handouts.svg import COLORS, element, text
from tui_trainer.view_models.boundary_grid import BoundaryGrid, GridPicture

SIDE, GAP, CAPTION = 120, 14, 18
LEFT, TOP = 64, 66
LEVELS = 8
"""Shades of a class, from unsure to sure."""
NOTE_LINE, NOTE_WIDTH = 17, 100


def drawing(grid: BoundaryGrid, title: str, notes: Sequence[str]) -> str:
    """Return the grid as one ``<svg>`` element.

    Args:
        grid: The pictures.
        title: What they are of.
        notes: Sentences below them.
    """
    down, across = SIDE + GAP + CAPTION + (0 if grid.is_table else CAPTION), SIDE + GAP
    left = LEFT if grid.is_table else GAP
    lines = [line for note in notes for line in wrapped_text(note, NOTE_WIDTH)]
    width = max(left + across * len(grid.columns), 640)
    bottom = TOP + down * len(grid.rows)
    parts = [text(GAP, 22, title, font_weight="bold", font_size="14")]
    parts += _heads(grid, left, down, across)
    for (row, column), picture in sorted(grid.pictures.items()):
        parts += _picture(picture, left + column * across, TOP + row * down, titled=not grid.is_table)
    parts += [text(GAP, bottom + NOTE_LINE * (number + 1), said) for number, said in enumerate(lines)]
    return element(width, bottom + NOTE_LINE * (len(lines) + 1), title, parts)


def _heads(grid: BoundaryGrid, left: float, down: float, across: float) -> Iterator[str]:
    if not grid.is_table:
        return
    yield text(left, 42, f"{grid.column_head} →", fill="#555")
    yield text(GAP, 58, f"{grid.row_head} ↓", fill="#555")
    for column, value in enumerate(grid.columns):
        yield text(left + column * across + SIDE / 2, 58, value, "middle", font_weight="bold")
    for row, value in enumerate(grid.rows):
        yield text(left - 10, TOP + row * down + SIDE / 2, value, "end", font_weight="bold")


def _picture(picture: GridPicture, x: float, y: float, *, titled: bool) -> Iterator[str]:
    """Yield a field, the line between its classes, the training rows, a frame (thick: the best), and how good it is."""
    is_best = picture.row.rank == 1
    if titled:
        yield text(x, y + 12, picture.title, font_size="10")
        y += CAPTION
    yield f'<g transform="translate({x:g} {y:g})">'
    if picture.field is not None and picture.answers is not None and picture.classes is not None:
        size = len(picture.answers)
        yield f'<g transform="scale({SIDE / size:.4f})" shape-rendering="crispEdges">'
        yield from _field(picture.answers, picture.classes, two=picture.field.classes == 2)
        yield "</g>"
        yield _border(picture.classes, SIDE / size)
        yield from _points(picture)
    frame = 'stroke="#000" stroke-width="3"' if is_best else 'stroke="#888"'
    yield f'<rect width="{SIDE}" height="{SIDE}" fill="none" {frame}/>'
    weight = "bold" if is_best else "normal"
    yield text(SIDE / 2, SIDE + 13, picture.caption, "middle", font_size="10", font_weight=weight)
    yield "</g>"


def _field(answers: NDArray[np.float64], classes: NDArray[np.intp], *, two: bool) -> Iterator[str]:
    """Yield a path for each colour: a stretch of a row is one rectangle of it."""
    sure = np.abs(answers - 0.5) * 2 if two else np.full(answers.shape, 0.6)
    shades = np.ceil(sure * LEVELS).astype(int) + classes * (LEVELS + 1)
    stretches: dict[int, list[str]] = {}
    for row, of_row in enumerate(shades.tolist()):
        column = 0
        for shade, cells in groupby(of_row):
            count = len(list(cells))
            stretches.setdefault(shade, []).append(f"M{column} {row}h{count}v1h-{count}z")
            column += count
    for shade, path in sorted(stretches.items()):
        number, level = divmod(shade, LEVELS + 1)
        yield f'<path fill="{_color(number, level / LEVELS)}" d="{"".join(path)}"/>'


def _border(classes: NDArray[np.intp], scale: float) -> str:
    """Return the line between the classes, which is seen without colours too."""
    steps = [f"M{x + 1} {y}v1" for y, x in np.argwhere(classes[:, 1:] != classes[:, :-1]).tolist()]
    steps += [f"M{x} {y + 1}h1" for y, x in np.argwhere(classes[1:] != classes[:-1]).tolist()]
    return f'<path d="{"".join(steps)}" fill="none" stroke="#222" stroke-width=".5" transform="scale({scale:.4f})"/>'


def _points(picture: GridPicture) -> Iterable[str]:
    """Yield the training rows, those of each class as dots of its colour around white or black."""
    if picture.field is None:
        return
    for number in range(picture.field.classes):
        places = picture.field.points[picture.field.labels == number] * SIDE
        dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in places.tolist())
        if dots:
            outline = "#fff" if number % 2 else "#000"
            for color, width in ((outline, 4.6), (_color(number, 1.0), 3.2)):
                yield f'<path d="{dots}" stroke="{color}" stroke-width="{width}" stroke-linecap="round"/>'


def _color(number: int, share: float) -> str:
    """Return a class's colour, the whiter the less sure: orange and blue for two."""
    base = (COLORS[1], COLORS[0], *COLORS[2:])[number % len(COLORS)]
    channels = [int(base[start : start + 2], 16) for start in (1, 3, 5)]
    return "#" + "".join(f"{round(255 + (channel - 255) * (0.15 + 0.6 * share)):02x}" for channel in channels)
