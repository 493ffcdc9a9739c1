"""The weights of neurons that look at a picture: a small picture for each, its bias a pixel below it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tui_trainer.view_models.heat_scale import Matrix
from tui_trainer.view_models.pixel_maps import PixelRect, max_abs_pool

SMALLEST = 8
"""Pixels below which no picture is shrunk to make room for others."""

FOOT = 2
"""Pixels below a picture: its bias, and a gap."""


@dataclass(frozen=True)
class FilterTiles:
    """How a matrix (units, height × width + 1) fills a field of pixels as pictures.

    Attributes:
        units: Neurons.
        shape: (height, width) of a picture.
        zoom: Pixels a value is high and wide.
        block: Values a pixel stands for, down and across; 1 where the pictures fit.
        across: Pictures side by side.
        down: Rows of pictures.
        first: The first neuron shown.
    """

    units: int
    shape: tuple[int, int]
    zoom: int
    block: int
    across: int
    down: int
    first: int

    @property
    def shown(self) -> range:
        """The neurons shown."""
        return range(self.first, min(self.units, self.first + self.across * self.down))

    @property
    def height(self) -> int:
        """Pixels down."""
        return -(-len(self.shown) // self.across) * (self._tile[0] + FOOT) - 1

    @property
    def width(self) -> int:
        """Pixels across."""
        return min(self.across, len(self.shown)) * (self._tile[1] + 1) - 1

    @property
    def is_pooled(self) -> bool:
        """Whether a pixel stands for several values."""
        return self.block > 1

    @property
    def note(self) -> str:
        """What there is to know about the picture, empty where it shows everything as it is."""
        parts = [f"each pixel the largest of {self.block}×{self.block}"] if self.block > 1 else []
        if len(self.shown) < self.units:
            parts.append(f"{self.first + 1}–{self.shown.stop} of {self.units}")
        return " · ".join(parts)

    def pixels(self, matrix: Matrix) -> Matrix:
        """Return the field of pixels; what is between the pictures has no value."""
        high, wide = self._tile
        field = np.full((self.height, self.width), np.nan, matrix.dtype)
        for neuron in self.shown:
            top, left = self._corner(neuron)
            picture = max_abs_pool(matrix[neuron, :-1].reshape(self.shape), self.block, self.block)
            field[top : top + high, left : left + wide] = picture.repeat(self.zoom, axis=0).repeat(self.zoom, axis=1)
            field[top + high, left : left + self.zoom] = matrix[neuron, -1]
        return field

    def rect(self, row: int, column: int) -> PixelRect:
        """Return the pixels of a value."""
        top, left = self._corner(row)
        if column == math.prod(self.shape):
            return PixelRect(top + self._tile[0], left, 1, self.zoom)
        down, across = divmod(column, self.shape[1])
        return PixelRect(
            top + down // self.block * self.zoom, left + across // self.block * self.zoom, self.zoom, self.zoom
        )

    def value_at(self, down: int, across: int) -> tuple[int, int]:
        """Return row and column of the value under a pixel, the nearest one if outside."""
        high, wide = self._tile
        tile_down, down = divmod(max(0, down), high + FOOT)
        tile_across, across = divmod(max(0, across), wide + 1)
        row = self.first + min(tile_down, self.down - 1) * self.across + min(tile_across, self.across - 1)
        if down >= high:
            return min(row, self.units - 1), math.prod(self.shape)
        y, x = (value // self.zoom * self.block for value in (down, across))
        y, x = min(y, self.shape[0] - 1), min(x, self.shape[1] - 1)
        return min(row, self.units - 1), y * self.shape[1] + x

    def moved(self, row: int, column: int, down: int, across: int) -> tuple[int, int]:
        """Return the value beside another one; beyond the edge of a picture comes the next one."""
        high, wide = self.shape
        y, x = (high, 0) if column == high * wide else divmod(column, wide)
        y, x = y + down * (1 if y == high else self.block), x + across * self.block
        if y == high or x < 0 or x >= wide:
            row, x = (row, 0) if y == high and down else (row + across, 0 if across > 0 else wide - 1)
        if y < 0 or y > high:
            row, y = row + down * self.across, 0 if down > 0 else high
        return row % self.units, high * wide if y >= high else y * wide + x

    @property
    def _tile(self) -> tuple[int, int]:
        """Pixels of a picture, down and across."""
        high, wide = (-(-side // self.block) * self.zoom for side in self.shape)
        return high, wide

    def _corner(self, neuron: int) -> tuple[int, int]:
        tile_down, tile_across = divmod(neuron - self.first, self.across)
        return tile_down * (self._tile[0] + FOOT), tile_across * (self._tile[1] + 1)


def fit_filter_tiles(units: int, shape: tuple[int, int], height: int, width: int, row: int) -> FilterTiles:
    """Return the map with the largest pictures that all have room; where they have none, those about neuron ``row``."""
    for zoom, block in _sizes(shape, max(height, width)):
        across, down = _room(shape, zoom, block, height, width)
        if across * down >= units:
            return FilterTiles(units, shape, zoom, block, across, down, 0)
    across, down = max(1, across), max(1, down)
    first = min(row // across, max(0, -(-units // across) - down)) * across
    return FilterTiles(units, shape, zoom, block, across, down, first)


def _sizes(shape: tuple[int, int], most: int) -> list[tuple[int, int]]:
    """Return pairs of zoom and block, the largest pictures first."""
    zooms = [(zoom, 1) for zoom in range(max(1, most // max(shape)), 0, -1)]
    blocks = [(1, block) for block in range(2, max(shape) + 1) if max(shape) // block >= SMALLEST]
    return zooms + blocks


def _room(shape: tuple[int, int], zoom: int, block: int, height: int, width: int) -> tuple[int, int]:
    """Return how many pictures fit across and down."""
    high, wide = (-(-side // block) * zoom for side in shape)
    return (width + 1) // (wide + 1), (height + 1) // (high + FOOT)
