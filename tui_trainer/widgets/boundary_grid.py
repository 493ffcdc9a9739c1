"""The boundaries of a sweep's trials as small pictures side by side, each as large as there is room for all of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tui_trainer.formatting import within
from tui_trainer.themes.inks import EMPTY, Ink, class_tint, halves, probability_tint
from tui_trainer.view_models.boundary import P_EDGES
from tui_trainer.view_models.boundary_grid import BoundaryGrid, GridPicture
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.grid import BLANK, Grid

GAP = 2
SMALLEST = 2
"""Cells down, below which a picture tells nothing."""
WIDTH_OF_A_CAPTION = 10
HEADS = 2
"""Rows of what columns are values of, and of their values."""


class BoundaryGridPane(Canvas):
    """Small multiples: a cell of the terminal is two pixels, one above the other.

    Args:
        grid: Returns what there is to show now.
        chosen: Returns the trial whose picture is marked.
    """

    def __init__(self, grid: Callable[[], BoundaryGrid | None], chosen: Callable[[], int | None], *, id: str) -> None:
        super().__init__(id=id)
        self._grid = grid
        self._chosen = chosen

    def paint(self, grid: Grid) -> None:
        """Draw heads and pictures."""
        answer_grid = self._grid()
        if answer_grid is None:
            grid.put(0, 0, "no boundaries: they are of two columns, and of classes", Ink.MUTED)
            return
        left = (
            max((len(value) for value in (*answer_grid.rows, answer_grid.row_head)), default=0) + 1
            if answer_grid.is_table
            else 0
        )
        body = grid.window(left, HEADS if answer_grid.is_table else 0)
        width, height = _picture_size(answer_grid, body)
        if answer_grid.is_table:
            grid.put(0, 0, within(f"{answer_grid.row_head} ↓  {answer_grid.column_head} →", grid.width), Ink.MUTED)
            for column, value in enumerate(answer_grid.columns):
                grid.put(left + column * (width + GAP), 1, within(value, width), Ink.BRIGHT)
        left_out = 0
        for (row, column), picture in sorted(answer_grid.pictures.items()):
            x, y = column * (width + GAP), row * (height + 1)
            if y + height > body.height or x + width > body.width:
                left_out += 1
                continue
            if answer_grid.is_table and column == 0:
                grid.put(0, HEADS + y + height // 2, answer_grid.rows[row], Ink.BRIGHT)
            self._paint_picture(body.window(x, y, width, height + 1), picture, width, height)
        if left_out:
            grid.put_right(grid.width, grid.height - 1, f" {left_out} more ", Ink.MUTED)

    def _paint_picture(self, grid: Grid, picture: GridPicture, width: int, height: int) -> None:
        is_chosen = picture.row.trial == self._chosen()
        ink = Ink.ACCENT if is_chosen else Ink.GOOD if picture.row.rank == 1 else Ink.MUTED
        mark = "▸" if is_chosen else "★" if picture.row.rank == 1 else " "
        if picture.answers is None or picture.classes is None or picture.field is None:
            grid.put(0, height, within(f"{mark}{picture.row.state}", width), ink)
            return
        grid.put(0, height, f"{mark}{picture.short_caption(width - 1)}", ink)
        pixels = self.pixels_in_cell
        answers, classes = (_resized(values, height * pixels, width) for values in (picture.answers, picture.classes))
        tints = _tints(answers, classes, two=picture.field.classes == 2)
        top, bottom = tints[::pixels], tints[pixels - 1 :: pixels]
        grid.codes[:height, :width] = np.where(top == bottom, BLANK, ord("▀"))
        grid.inks[:height, :width] = halves(top, bottom)


def _picture_size(shown: BoundaryGrid, body: Grid) -> tuple[int, int]:
    """Return cells across and down of a picture, so that all fit if they can; low ones are stretched, to tell more."""
    across, down = max(1, len(shown.columns)), max(1, len(shown.rows))
    width = max(2 * SMALLEST, (body.width + GAP) // across - GAP)
    height = max(SMALLEST, body.height // down - 1)
    height = min(height, max(SMALLEST, width // 2))
    return min(width, max(WIDTH_OF_A_CAPTION, 2 * height + 1)), height


def _resized(values: NDArray[np.generic], height: int, width: int) -> NDArray[np.float64]:
    """Return (height, width) of the nearest values."""
    rows = np.rint(np.linspace(0, values.shape[0] - 1, height)).astype(np.intp)
    columns = np.rint(np.linspace(0, values.shape[1] - 1, width)).astype(np.intp)
    return values[rows][:, columns].astype(np.float64)


def _tints(answers: NDArray[np.float64], classes: NDArray[np.float64], *, two: bool) -> NDArray[np.int64]:
    """Return the tint of each pixel, as the boundary has them."""
    if two:
        return np.asarray(probability_tint(np.digitize(answers, P_EDGES)), np.int64)
    finite_classes = np.where(np.isfinite(answers), classes, EMPTY).astype(np.int64)
    return np.asarray(class_tint(finite_classes, np.ones_like(finite_classes)), np.int64)
