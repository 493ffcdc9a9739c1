"""Where the layers of a heatmap stand in a pane, and where what is said of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from tui_trainer.view_models.filter_tiles import FilterTiles, fit_filter_tiles
from tui_trainer.view_models.pixel_maps import FoldedMap, MatrixMap, fit_or_fold

BESIDE: Final = 34
"""Columns of what is said of the picture, where that stands beside it."""

GAP: Final = 3
"""Columns between the two."""

LayerMap = MatrixMap | FoldedMap | FilterTiles


class Cursor(NamedTuple):
    """A value: its layer, and its row and column in the layer's matrix."""

    layer: int
    row: int
    column: int


class PlacedLayer(NamedTuple):
    """A layer, the first row of cells in which it stands, and how its values fill the pixels from there on."""

    layer: int
    top: int
    map: LayerMap


class Arrangement(NamedTuple):
    """Where the layers stand, what to say of the cursor's, and the column where what is said begins: 0 is below."""

    placed: list[PlacedLayer]
    note: str
    notes_x: int


@dataclass(frozen=True)
class LayerPlacer:
    """Places the layers of a heatmap.

    Attributes:
        shapes: Rows and columns of each layer's matrix.
        layers: Those of which as many are shown as there is room for; none where that of the cursor is shown alone.
        cursor: The value that is looked at.
        image_shape: Height and width of the inputs, where they are pictures.
        biases: Whether the last column of a matrix is apart from the others.
        pixels_in_cell: Pixels of a cell, one above the other.
    """

    shapes: Mapping[int, tuple[int, ...]]
    layers: Sequence[int]
    cursor: Cursor
    image_shape: tuple[int, int] | None
    biases: bool
    pixels_in_cell: int

    def arrange(self, height: int, width: int, foot: int) -> Arrangement:
        """Return where everything stands in ``height`` × ``width`` cells.

        What is said, ``foot`` rows, stands below the picture; beside it where only so every value is shown.
        """
        below = self._place_with_note(max(1, height - foot), width)
        if not any(layer.map.is_pooled for layer in below.placed):
            return below
        placed = self._place(height, width - BESIDE - GAP)
        if height <= foot or any(layer.map.is_pooled for layer in placed) or len(placed) < len(below.placed):
            return below
        return Arrangement(placed, self._note_on(placed), max(layer.map.width for layer in placed) + GAP)

    def end(self, placed: Sequence[PlacedLayer]) -> int:
        """Return the row below all layers."""
        return max(layer.top + self._cells_down(layer.map) for layer in placed)

    def _place_with_note(self, height: int, width: int) -> Arrangement:
        """Return where the layers stand, and what to say of the cursor's, which takes a row where it is not empty."""
        for rows in (height, max(1, height - 1)):
            placed = self._place(rows, width)
            note = self._note_on(placed)
            if not note:
                break
        return Arrangement(placed, note, 0)

    def _place(self, height: int, width: int) -> list[PlacedLayer]:
        """Return where what is shown stands: one layer, or as many as there is room for, a row above each."""
        current = self.cursor.layer
        rows = _shares(height - len(self.layers), [self.shapes[layer][0] for layer in self.layers])
        first = self.layers.index(current) if sum(rows) + len(rows) > height else 0
        placed: list[PlacedLayer] = []
        top = 1
        for layer, share in list(zip(self.layers, rows, strict=True))[first:]:
            if top + share <= height:
                placed.append(PlacedLayer(layer, top, self._fit(layer, share, width)))
                top += self._cells_down(placed[-1].map) + 1
        return placed or [PlacedLayer(current, 0, self._fit(current, height, width))]

    def _fit(self, layer: int, rows_of_cells: int, width: int) -> LayerMap:
        """Return the map of a layer that fills so many rows of so many cells best."""
        height, (rows, columns) = self.pixels_in_cell * rows_of_cells, self.shapes[layer]
        shape = self.image_shape
        if shape is not None and layer == 0 and self.biases and columns == math.prod(shape) + 1:
            first_row = self.cursor.row if layer == self.cursor.layer else 0
            tiles = fit_filter_tiles(rows, shape, height, width, first_row)
            if tiles.height <= height and tiles.width <= width:
                return tiles
        return fit_or_fold(rows, columns, height, width, biases=self.biases)

    def _cells_down(self, layer_map: LayerMap) -> int:
        return -(-layer_map.height // self.pixels_in_cell)

    def _note_on(self, placed: Sequence[PlacedLayer]) -> str:
        return next((layer.map.note for layer in placed if layer.layer == self.cursor.layer), "")


def _shares(rows: int, sizes: Sequence[int]) -> list[int]:
    """Return how many of the rows each gets: in proportion to its size, at least one, none more than it can use."""
    return [max(1, min(size, rows * size // max(1, sum(sizes)))) for size in sizes]
