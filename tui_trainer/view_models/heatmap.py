"""The heatmap without a screen: what of which layer it shows, where the cursor is, and which cell has which colour.

From a matrix to the pane it goes in three steps: ``HeatmapModel.picture`` places the layers and turns their values into
heat levels; the widget draws these levels; ``move`` and ``point_at`` go the way back, from the pane to a value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.declarations.optimizers import MOMENT_TITLES
from engine.errors import InputError, sanitize
from engine.protocol.queries import View
from tui_trainer.formatting import MINUS, count, metric, signed
from tui_trainer.view_models.heat_layout import Cursor, LayerMap, LayerPlacer, PlacedLayer
from tui_trainer.view_models.heat_scale import HeatScale, Levels, largest_of
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.weights import Kind, detail_of, kinds_of, matrices_of, views_for

TITLES: Final = {
    "gradients": "Gradients",
    "updates": "Last update",
    **{f"moments.{symbol}": title for symbol, title in MOMENT_TITLES.items()},
    "activations": "Activations",
}

FOOT: Final = 4
"""Rows below the picture: the value under the cursor, two of its details, the scale."""

SHORT_FOOT: Final = 2
"""The same in a pane of fewer than ``LOWEST_WITH_DETAILS`` rows, without the details."""

LOWEST_WITH_DETAILS: Final = 14

RESTLESS_STEPS: Final = 3
RESTLESS_PATIENCE: Final = 10
"""Levels and patience of the scale for what changes everywhere with every step."""


@dataclass(frozen=True)
class LayerPicture:
    """A layer as it stands in the pane.

    Attributes:
        layer: Which one, from 0.
        top: First row of cells; where it is not 0, the row above has the layer's name.
        map: Where its values stand.
        levels: (height, width) heat level of each pixel; two rows of pixels make a row of cells.
    """

    layer: int
    top: int
    map: LayerMap
    levels: Levels


class CursorSign(NamedTuple):
    """The cell that shows where the cursor is, and the level of the value there, which is the sign's ground."""

    x: int
    y: int
    level: int


@dataclass(frozen=True)
class HeatmapPicture:
    """Everything there is to draw, with the cells in which it stands.

    Attributes:
        cursor: The value that is looked at.
        sign: Where that is.
        layers: The layers shown.
        note: What there is to know about the picture of the cursor's layer, maybe empty.
        notes_x: The first column of what is said: 0 below the picture, or beside it.
        note_row: Where the note stands.
        value_row: Where the value under the cursor stands.
        scale_row: Where the scale stands.
        has_details: Whether there is room for details below the value.
        bound: The value of the brightest colour.
    """

    cursor: Cursor
    sign: CursorSign
    layers: tuple[LayerPicture, ...]
    note: str
    notes_x: int
    note_row: int
    value_row: int
    scale_row: int
    has_details: bool
    bound: float


class HeatmapModel:
    """What the user has chosen to see, and what follows from it for a run.

    The choices are kept as they were made; a network that has changed since has no such layer, value or optimiser any
    more, so every method asks for them together with the run, and gets the nearest that there is.

    Args:
        word: Gives a term its name.

    Attributes:
        all_layers: Whether all layers are shown, on one scale.
        pixels_in_cell: Pixels of a cell, one above the other: 2, or 1 where there are no colours to tell them apart.
    """

    def __init__(self, word: Callable[[str], str]) -> None:
        self.all_layers = False
        self.pixels_in_cell = 2
        self._word = word
        self._kind: Kind = "weights"
        self._cursor = Cursor(0, 0, 0)
        self._scales: dict[tuple[Kind, int | None], HeatScale] = {}
        self._picture: HeatmapPicture | None = None

    def kind(self, run: RunModel) -> Kind:
        """Return what of the network is shown."""
        return self._kind if self._kind in kinds_of(run.spec) else "weights"

    def views(self, run: RunModel, *, details: bool) -> tuple[View, ...]:
        """Return what frames must carry, with ``details`` for what is said of the value under the cursor."""
        kind = self.kind(run)
        return views_for(kind, details=details and kind != "activations")

    def layers(self, run: RunModel) -> list[int]:
        """Return the layers that there is something to show of."""
        return [layer for layer in sorted(self._matrices(run)) if layer < len(run.spec.network.layers)]

    def cursor(self, run: RunModel) -> Cursor | None:
        """Return the value that is looked at, None where there is nothing to show."""
        layers = self.layers(run)
        if not layers:
            return None
        layer = min(self._cursor.layer, layers[-1])
        layer = layer if layer in layers else layers[0]
        rows, columns = self._matrices(run)[layer].shape
        return Cursor(layer, min(self._cursor.row, rows - 1), min(self._cursor.column, columns - 1))

    def value(self, run: RunModel, cursor: Cursor) -> float:
        """Return the value at the cursor."""
        return float(self._matrices(run)[cursor.layer][cursor.row, cursor.column])

    # What the keys and the mouse do

    def move(self, run: RunModel, down: int, across: int) -> None:
        """Move the cursor by one value of what was last drawn."""
        cursor = self.cursor(run)
        drawn = self._picture.layers if self._picture else ()
        layer_map = next((layer.map for layer in drawn if cursor and layer.layer == cursor.layer), None)
        if cursor is not None and layer_map is not None:
            self._cursor = Cursor(cursor.layer, *layer_map.moved(cursor.row, cursor.column, down, across))

    def point_at(self, column: int, row: int) -> bool:
        """Move the cursor to the value drawn in a cell; return whether there is one, or one above."""
        above = [layer for layer in (self._picture.layers if self._picture else ()) if row >= layer.top]
        if above:
            layer = above[-1]
            self._cursor = Cursor(layer.layer, *layer.map.value_at(self.pixels_in_cell * (row - layer.top), column))
        return bool(above)

    def next_layer(self, run: RunModel) -> None:
        """Go to the next layer; after the last comes the first."""
        layers, cursor = self.layers(run), self.cursor(run)
        if cursor is not None:
            self._cursor = cursor._replace(layer=layers[(layers.index(cursor.layer) + 1) % len(layers)])

    def next_kind(self, run: RunModel) -> None:
        """Show something else of the same network."""
        kinds = kinds_of(run.spec)
        self._kind = kinds[(kinds.index(self.kind(run)) + 1) % len(kinds)]

    # What is drawn

    def picture(self, run: RunModel, height: int, width: int) -> HeatmapPicture | None:
        """Return what to draw in ``height`` × ``width`` cells, None where there is nothing to show."""
        cursor = self.cursor(run)
        if cursor is None:
            self._picture = None
            return None
        has_details = height >= LOWEST_WITH_DETAILS and self.kind(run) != "activations"
        foot = FOOT if has_details else SHORT_FOOT
        placer = self._placer(run, cursor)
        placed, note, notes_x = placer.arrange(height, width, foot)
        scale = self._scale(run, cursor)
        levels = self._levels(run, placed, scale)
        end = 0 if notes_x else placer.end(placed)
        value_row = end + bool(note)
        value_row += bool(end) and value_row + foot < height
        layers = tuple(LayerPicture(*layer, pixels) for layer, pixels in zip(placed, levels, strict=True))
        sign = next(_sign(layer, cursor, self.pixels_in_cell) for layer in layers if layer.layer == cursor.layer)
        self._picture = HeatmapPicture(
            cursor, sign, layers, note, notes_x, end, value_row, value_row + foot - 1, has_details, scale.bound
        )
        return self._picture

    def _placer(self, run: RunModel, cursor: Cursor) -> LayerPlacer:
        biases = self.kind(run) != "activations"
        layers = self.layers(run) if self.all_layers else []
        matrices = {layer: matrix.shape for layer, matrix in self._matrices(run).items()}
        return LayerPlacer(matrices, layers, cursor, run.welcome.image_shape, biases, self.pixels_in_cell)

    def _scale(self, run: RunModel, cursor: Cursor) -> HeatScale:
        kind = self.kind(run)
        key = (kind, None if self.all_layers else cursor.layer)
        if key not in self._scales:
            self._scales[key] = HeatScale() if kind == "weights" else HeatScale(RESTLESS_STEPS, RESTLESS_PATIENCE)
        return self._scales[key]

    def _levels(self, run: RunModel, placed: Sequence[PlacedLayer], scale: HeatScale) -> list[Levels]:
        """Return the pixels of what is placed as levels of one scale, that of all layers where all are asked for."""
        matrices = self._matrices(run)
        fields = [layer.map.pixels(matrices[layer.layer]) for layer in placed]
        on_scale = self.layers(run) if self.all_layers else [placed[0].layer]
        largest = max(largest_of(matrices[layer]) for layer in on_scale)
        levels = scale.levels(np.concatenate([field.ravel() for field in fields])[None, :], largest)[0]
        parts = np.split(levels, np.cumsum([field.size for field in fields])[:-1])
        halves = 2 // self.pixels_in_cell
        return [part.reshape(field.shape).repeat(halves, axis=0) for part, field in zip(parts, fields, strict=True)]

    def _matrices(self, run: RunModel) -> dict[int, NDArray[Any]]:
        return matrices_of(run, self.kind(run))

    # What is said

    def title(self, run: RunModel) -> str:
        """Return what is shown, in a word or two."""
        kind = self.kind(run)
        return TITLES.get(kind, self._word("weights").capitalize())

    def subtitle(self, run: RunModel, width: int) -> str:
        """Return the layer shown and the shapes of its parameters; of several seeds, whose they are."""
        cursor = self.cursor(run)
        if cursor is None or self.all_layers:
            return f"{run.seed_shown}all {self._word('layer')}s" if self.all_layers else ""
        name, units, columns = f"{run.seed_shown}{self.layer_name(run, cursor.layer)}", *self._shape(run, cursor.layer)
        if self.kind(run) == "activations":
            return f"{name} · {units}×{columns} rows"
        long = f"{name} · W {units}×{columns - 1} · b {units}"
        return long if len(long) <= width else f"{name} · {units}×{columns - 1}"

    def layer_name(self, run: RunModel, layer: int) -> str:
        """Return what a layer is called."""
        is_last = layer == len(run.spec.network.layers) - 1
        return self._word("output") if is_last else f"{self._word('layer')} {layer + 1}"

    def heading(self, run: RunModel, layer: int) -> str:
        """Return the name and the shape of a layer, for the row above its picture."""
        units, columns = self._shape(run, layer)
        return f"{self.layer_name(run, layer)} · {units}×{columns - (self.kind(run) != 'activations')}"

    def value_name(self, run: RunModel, cursor: Cursor) -> str:
        """Return the value's name: ``w[neuron,input]``, ``b[neuron]`` or ``a[neuron]``, from 1."""
        if self.kind(run) == "activations":
            return f"a[{cursor.row + 1}]"
        is_bias = cursor.column == _inputs(run, cursor.layer)
        return f"b[{cursor.row + 1}]" if is_bias else f"w[{cursor.row + 1},{cursor.column + 1}]"

    def origin(self, run: RunModel, cursor: Cursor) -> str:
        """Return the name of the input that a weight is for, or of the row that an activation is of."""
        column = cursor.column
        if self.kind(run) == "activations":
            numbers = run.batch_row_numbers
            return f"row {column + 1}" + (f" · case {count(int(numbers[column]))}" if column < len(numbers) else "")
        if column == _inputs(run, cursor.layer):
            return ""
        if cursor.layer:
            return f"of {self._word('neuron')} {column + 1}"
        names = run.welcome.feature_names
        return f"of {sanitize(names[column], 30)}" if column < len(names) else ""

    def details(self, run: RunModel, cursor: Cursor) -> tuple[list[tuple[str, str]], list[tuple[str, str]]] | None:
        """Return two lines of names and values of what the latest step did to a weight, None where none is known."""
        detail = detail_of(run, *cursor)
        if detail is None:
            return None
        moments = [(name, signed(value) if name != "v" else metric(value)) for name, value in detail.moments.items()]
        size = [("step size", metric(detail.step_size))] if detail.step_size is not None else []
        return [(self._word("gradient"), signed(detail.slope)), ("update", signed(detail.update))], [*moments, *size]

    def _shape(self, run: RunModel, layer: int) -> tuple[int, int]:
        rows, columns = self._matrices(run)[layer].shape
        return rows, columns


def read_number(text: str) -> float:
    """Return the weight that was typed.

    Raises:
        InputError: It is no finite number.
    """
    try:
        value = float(text.strip().replace(MINUS, "-"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError("expected a number")
    return value


def _sign(layer: LayerPicture, cursor: Cursor, pixels_in_cell: int) -> CursorSign:
    """Return the cell for the cursor's sign: one in the middle of the value's that shows nothing else, if there is."""
    rect = layer.map.rect(cursor.row, cursor.column)
    first, end = -(-rect.down // pixels_in_cell), (rect.down + rect.high) // pixels_in_cell
    y = (first + end - 1) // 2 if first < end else rect.down // pixels_in_cell
    level = int(layer.levels[rect.down * 2 // pixels_in_cell, rect.across])
    return CursorSign(rect.across + (rect.wide - 1) // 2, layer.top + y, level)


def _inputs(run: RunModel, layer: int) -> int:
    return run.spec.network.layers[layer - 1].units if layer else run.welcome.inputs
