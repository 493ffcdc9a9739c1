"""Fields of pixels, two to a cell, and signs on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_trainer.themes.field import EMPTY, halves, sign_ink
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
    grid: Grid, tints: Pixels, places: Pixels, codes: NDArray[np.uint32], pens: Pixels, ground: int | None = None
) -> None:
    """Draw signs over the pixels they stand on; where several share a cell, the last one is seen.

    Args:
        grid: Where ``paint_pixels`` has drawn ``tints``.
        tints: (height, width) the pixels.
        places: (m, 2) column and row of the pixel of each sign; those outside are left out.
        codes: (m,) code points.
        pens: (m,) pens.
        ground: The tint behind the signs, None for that of the pixel.
    """
    bounds = min(grid.width, tints.shape[1]), min(2 * grid.height, tints.shape[0])
    inside = ((places >= 0) & (places < bounds)).all(axis=1)
    (x, down), codes, pens = places[inside].T, codes[inside], pens[inside]
    grid.codes[down // 2, x] = codes
    grid.inks[down // 2, x] = sign_ink(pens, tints[down, x] if ground is None else np.full_like(pens, ground))
