"""A matrix as few levels of colour around zero, in pixels of half a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_trainer.themes.palette import HEAT_STEPS
from tui_trainer.view_models.axes import round_up

Levels = NDArray[np.int64]
Matrix = NDArray[np.floating[Any]]

RELUCTANCE = 0.2
"""How far beyond the edge of its level, in levels, a value must be before its colour changes."""


class HeatScale:
    """Turns values into levels −7 … 7; a value keeps its level until it is clearly in another."""

    def __init__(self) -> None:
        self.bound = 0.0
        self._levels: Levels = np.zeros((0, 0), np.int64)

    def levels(self, matrix: Matrix) -> Levels:
        """Return the level of each value; ``bound``, the value of the outermost level, follows the largest one."""
        held = self.bound
        finite = np.where(np.isfinite(matrix), matrix, 0)
        self._follow(float(np.abs(finite).max(initial=0)))
        exact = finite / self.bound * HEAT_STEPS
        levels = np.rint(exact).astype(np.int64)
        if self._levels.shape == matrix.shape and held == self.bound:
            levels = np.where(np.abs(exact - self._levels) <= 0.5 + RELUCTANCE, self._levels, levels)
        self._levels = np.clip(levels, -HEAT_STEPS, HEAT_STEPS)
        return self._levels

    def _follow(self, largest: float) -> None:
        if not self.bound * 0.3 <= largest <= self.bound or not self.bound:
            self.bound = round_up(largest) if largest > 0 else 1.0


@dataclass(frozen=True)
class PixelMap:
    """How a matrix fills a field of pixels: each value magnified, or each pixel standing for a block of values.

    Attributes:
        rows: Values a matrix has down.
        columns: Values it has across.
        zoom_down: Pixels a value is high.
        zoom_across: Pixels a value is wide.
        block_down: Values a pixel stands for down; 1 where the matrix fits.
        block_across: Values a pixel stands for across.
    """

    rows: int
    columns: int
    zoom_down: int
    zoom_across: int
    block_down: int
    block_across: int

    @property
    def height(self) -> int:
        """Pixels down."""
        return -(-self.rows // self.block_down) * self.zoom_down

    @property
    def width(self) -> int:
        """Pixels across."""
        return -(-self.columns // self.block_across) * self.zoom_across

    def pixels(self, levels: Levels) -> Levels:
        """Return the field of pixels; a pixel of many values shows the one furthest from zero."""
        if self.block_down > 1 or self.block_across > 1:
            levels = _furthest(levels, self.block_down, self.block_across)
        return levels.repeat(self.zoom_down, axis=0).repeat(self.zoom_across, axis=1)

    def place(self, row: int, column: int) -> tuple[int, int]:
        """Return the first pixel, down and across, of the value at ``row`` and ``column``."""
        return row // self.block_down * self.zoom_down, column // self.block_across * self.zoom_across

    def value_at(self, down: int, across: int) -> tuple[int, int]:
        """Return row and column of the value (of a block: its first one) under a pixel, the nearest one if outside."""
        row = down // self.zoom_down * self.block_down
        column = across // self.zoom_across * self.block_across
        return min(max(0, row), self.rows - 1), min(max(0, column), self.columns - 1)


def fit(rows: int, columns: int, height: int, width: int) -> PixelMap:
    """Return the map that fills ``height`` × ``width`` pixels best, values no more than twice as long as wide."""
    height, width = max(1, height), max(1, width)
    down, across = max(1, height // rows), max(1, width // columns)
    down, across = min(down, across * 2), min(across, down * 2)
    return PixelMap(rows, columns, down, across, -(-rows // height), -(-columns // width))


def _furthest(levels: Levels, down: int, across: int) -> Levels:
    rows, columns = levels.shape
    padded = np.pad(levels, ((0, -rows % down), (0, -columns % across)))
    blocks = padded.reshape(padded.shape[0] // down, down, padded.shape[1] // across, across).swapaxes(1, 2)
    flat = blocks.reshape(*blocks.shape[:2], -1)
    return np.take_along_axis(flat, np.abs(flat).argmax(axis=2)[..., None], axis=2)[..., 0]
