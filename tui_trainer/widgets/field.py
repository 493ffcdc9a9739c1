"""Fields of pixels, two to a cell, and signs on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_trainer.formatting import narrow, plain
from tui_trainer.layout import Rect
from tui_trainer.themes.inks import EMPTY, Ink, halves, sign_ink
from tui_trainer.view_models.axes import Limits
from tui_trainer.view_models.boundary import PlaneProjection
from tui_trainer.view_models.class_signs import NO_TILE
from tui_trainer.widgets.grid import BLANK, Grid

Pixels = NDArray[np.int64]

UPPER_HALF = ord("▀")


def paint_pixels(grid: Grid, tints: Pixels) -> None:
    """Draw tints (height, width) from the top left corner on; what has no room is cut off."""
    tints = tints[: 2 * grid.height, : grid.width]
    if len(tints) % 2:
        tints = np.vstack([tints, np.full((1, tints.shape[1]), EMPTY)])
    top, bottom = tints[::2], tints[1::2]
    rows, columns = top.shape
    # A blank is a third of the bytes of a half block.
    grid.codes[:rows, :columns] = np.where(top == bottom, BLANK, UPPER_HALF)
    grid.inks[:rows, :columns] = halves(top, bottom)


def paint_signs(
    grid: Grid, tints: Pixels, places: Pixels, codes: NDArray[np.uint32], pens: Pixels, tiles: Pixels | int = NO_TILE
) -> None:
    """Draw signs over the pixels they stand on; where several share a cell, the last one is seen.

    Args:
        grid: Where ``paint_pixels`` has drawn ``tints``.
        tints: (height, width) the pixels.
        places: (m, 2) column and row of the pixel of each sign; those outside are left out.
        codes: (m,) code points.
        pens: (m,) pens.
        tiles: (m,) or for all the tint behind a sign, ``NO_TILE`` for that of the pixel.
    """
    bounds = min(grid.width, tints.shape[1]), min(2 * grid.height, tints.shape[0])
    inside = ((places >= 0) & (places < bounds)).all(axis=1)
    (x, down), tiles = places[inside].T, np.broadcast_to(tiles, pens.shape)[inside]
    grid.codes[down // 2, x] = codes[inside]
    grid.inks[down // 2, x] = sign_ink(pens[inside], np.where(tiles == NO_TILE, tints[down, x], tiles))


def paint_axes(grid: Grid, field: Rect, ends: tuple[float, float, float, float]) -> None:
    """Draw axes along the left and the lower edge of a field.

    Args:
        grid: What the field is a part of; labels stand in the columns left of it, and in the second row below it.
        field: Where the field stands; its left edge leaves room for the labels, and it begins in row 0.
        ends: Left, right, bottom, top: the values at the centres of the outermost pixels.
    """
    left, right, bottom, top = ends
    projection = PlaneProjection(
        ends, field.width, 2 * field.height
    )  # the field's own: halves of a pixel are its affair
    edge = field.x - 1
    for y in range(field.height):
        grid.put(edge, y, "│", Ink.FAINT)
    for value in Limits(bottom, top, "linear").ticks(max(2, field.height // 4)):
        y = int(projection.pixels(np.array([[left, value]]))[0, 1]) // 2
        grid.put_right(edge, y, narrow(value, edge, plain), Ink.MUTED)
        grid.put(edge, y, "┤", Ink.FAINT)
    grid.put(edge, field.height, "└" + "─" * field.width, Ink.FAINT)
    for value in Limits(left, right, "linear").ticks(max(2, field.width // 12)):
        x = field.x + int(projection.pixels(np.array([[value, bottom]]))[0, 0])
        label = narrow(value, field.width, plain)
        grid.put(x, field.height, "┴", Ink.FAINT)
        start = min(max(field.x, x - len(label) // 2), field.x + field.width - len(label))
        grid.put(start, field.height + 1, label, Ink.MUTED)
