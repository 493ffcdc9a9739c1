"""How a matrix fills a field of pixels, each half a cell high, and where in it each value stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from tui_trainer.view_models.heat_scale import Matrix

BIAS_GAP, STRIP_GAP = 1, 3
"""Pixels between a matrix and its biases, and between the strips of a folded one."""


class PixelRect(NamedTuple):
    """The pixels of one value: the first of them, and how many."""

    down: int
    across: int
    high: int
    wide: int


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

    def pixels(self, matrix: Matrix) -> Matrix:
        """Return the field of pixels; a pixel of many values shows the one furthest from zero."""
        values = max_abs_pool(matrix, self.block_down, self.block_across)
        return values.repeat(self.zoom_down, axis=0).repeat(self.zoom_across, axis=1)

    def place(self, row: int, column: int) -> tuple[int, int]:
        """Return the first pixel, down and across, of the value at ``row`` and ``column``."""
        return row // self.block_down * self.zoom_down, column // self.block_across * self.zoom_across

    def value_at(self, down: int, across: int) -> tuple[int, int]:
        """Return row and column of the value (of a block: its first one) under a pixel, the nearest one if outside."""
        row = down // self.zoom_down * self.block_down
        column = across // self.zoom_across * self.block_across
        return min(max(0, row), self.rows - 1), min(max(0, column), self.columns - 1)


@dataclass(frozen=True)
class MatrixMap:
    """How a matrix fills a field of pixels, with its last column (the biases, if it has them) apart at the right.

    Attributes:
        inner: The map of the matrix without the biases.
        biases: Whether it has them.
    """

    inner: PixelMap
    biases: bool

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.inner.height

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.inner.width + (BIAS_GAP + self.inner.zoom_across if self.biases else 0)

    @property
    def is_pooled(self) -> bool:
        """Whether a pixel stands for several values."""
        return self.inner.block_down * self.inner.block_across > 1

    @property
    def note(self) -> str:
        """What there is to know about the picture, empty where it shows everything as it is."""
        if not self.is_pooled:
            return ""
        return f"each pixel the largest of {self.inner.block_down}×{self.inner.block_across}"

    def pixels(self, matrix: Matrix) -> Matrix:
        """Return the field of pixels; the gap before the biases has no value."""
        if not self.biases:
            return self.inner.pixels(matrix)
        gap = np.full((self.height, BIAS_GAP), np.nan, matrix.dtype)
        bias_map = replace(self.inner, columns=1, block_across=1)
        return np.hstack([self.inner.pixels(matrix[:, :-1]), gap, bias_map.pixels(matrix[:, -1:])])

    def rect(self, row: int, column: int) -> PixelRect:
        """Return the pixels of a value."""
        down, across = self.inner.place(row, min(column, self.inner.columns - 1))
        if column == self.inner.columns:
            across = self.inner.width + BIAS_GAP
        return PixelRect(down, across, self.inner.zoom_down, self.inner.zoom_across)

    def value_at(self, down: int, across: int) -> tuple[int, int]:
        """Return row and column of the value under a pixel, the nearest one if outside."""
        row, column = self.inner.value_at(down, across)
        on_biases = self.biases and across >= self.inner.width + BIAS_GAP
        return row, self.inner.columns if on_biases else column

    def moved(self, row: int, column: int, down: int, across: int) -> tuple[int, int]:
        """Return the value beside another one; beyond an edge it begins anew at the other."""
        return (row + down) % self.inner.rows, (column + across) % (self.inner.columns + self.biases)


@dataclass(frozen=True)
class FoldedMap:
    """How a tall matrix fills a field of pixels: cut into strips of as many rows, which stand side by side.

    Attributes:
        rows: Rows of the matrix; the last strip may have fewer than the others.
        strip: The map of a strip, each value magnified.
    """

    rows: int
    strip: MatrixMap

    @property
    def strips(self) -> int:
        """How many there are."""
        return -(-self.rows // self.strip.inner.rows)

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.strip.height

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.strips * self._step - STRIP_GAP

    @property
    def is_pooled(self) -> bool:
        """Whether a pixel stands for several values."""
        return self.strip.is_pooled

    @property
    def note(self) -> str:
        """What there is to know about the picture."""
        return f"{self.strips} strips of {self.strip.inner.rows} rows, side by side"

    def pixels(self, matrix: Matrix) -> Matrix:
        """Return the field of pixels; gaps between strips have no value."""
        short = self.strips * self.strip.inner.rows - self.rows
        whole = np.pad(matrix, ((0, short), (0, 0)), constant_values=np.nan)
        gap = np.full((self.height, STRIP_GAP), np.nan, matrix.dtype)
        parts = [part for strip in np.split(whole, self.strips) for part in (self.strip.pixels(strip), gap)]
        return np.hstack(parts[:-1])

    def rect(self, row: int, column: int) -> PixelRect:
        """Return the pixels of a value."""
        number, row = divmod(row, self.strip.inner.rows)
        rect = self.strip.rect(row, column)
        return rect._replace(across=rect.across + number * self._step)

    def value_at(self, down: int, across: int) -> tuple[int, int]:
        """Return row and column of the value under a pixel, the nearest one if outside."""
        number = min(across // self._step, self.strips - 1)
        row, column = self.strip.value_at(down, across - number * self._step)
        return min(number * self.strip.inner.rows + row, self.rows - 1), column

    def moved(self, row: int, column: int, down: int, across: int) -> tuple[int, int]:
        """Return the value beside another one; beyond an edge it begins anew at the other."""
        _, column = self.strip.moved(0, column, 0, across)
        return (row + down) % self.rows, column

    @property
    def _step(self) -> int:
        """Pixels from one strip to the next."""
        return self.strip.width + STRIP_GAP


def fit_or_fold(rows: int, columns: int, height: int, width: int, *, biases: bool) -> MatrixMap | FoldedMap:
    """Return the map that fills a field best, see ``fit_matrix``; folded where only so every value is shown."""
    whole = fit_matrix(rows, columns, height, width, biases=biases)
    strips = -(-rows // max(1, height))
    room = (width + STRIP_GAP) // strips - STRIP_GAP
    if strips == 1 or room < columns + BIAS_GAP * biases:
        return whole
    return FoldedMap(rows, fit_matrix(-(-rows // strips), columns, height, room, biases=biases))


def fit_matrix(rows: int, columns: int, height: int, width: int, *, biases: bool) -> MatrixMap:
    """Return the map that fills ``height`` × ``width`` pixels best; ``columns`` counts the biases, if there are any."""
    if not biases:
        return MatrixMap(fit(rows, columns, height, width), biases)
    inner = fit(rows, columns - 1, height, width - BIAS_GAP - 1)
    if inner.width + BIAS_GAP + inner.zoom_across > width:
        inner = fit(rows, columns - 1, height, width - BIAS_GAP - inner.zoom_across)
    return MatrixMap(inner, biases)


def fit(rows: int, columns: int, height: int, width: int) -> PixelMap:
    """Return the map that fills ``height`` × ``width`` pixels best, values no more than twice as long as wide."""
    height, width = max(1, height), max(1, width)
    down, across = max(1, height // rows), max(1, width // columns)
    down, across = min(down, across * 2), min(across, down * 2)
    return PixelMap(rows, columns, down, across, -(-rows // height), -(-columns // width))


def max_abs_pool(matrix: Matrix, down: int, across: int) -> Matrix:
    """Max-abs pooling of a matrix over blocks of (down, across) values, sign kept; NaN where the block has a NaN."""
    if down == across == 1:
        return matrix
    rows, columns = (np.arange(0, size, step) for size, step in zip(matrix.shape, (down, across), strict=True))
    highest, lowest = (  # along the rows first, as they lie in memory: twenty times as fast
        extreme.reduceat(extreme.reduceat(matrix, columns, axis=1), rows, axis=0)
        for extreme in (np.maximum, np.minimum)
    )
    return np.where(highest >= -lowest, highest, lowest)
