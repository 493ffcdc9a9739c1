"""The weights of a layer in colour."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from textual import events

from engine.errors import printable
from tui_trainer.bindings import bindings_of
from tui_trainer.themes.palette import HEAT_CURSOR, HEAT_EMPTY, HEAT_STEPS, Ink, heat
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.figures import MINUS, plain, signed
from tui_trainer.view_models.heat import HeatScale, Levels, PixelMap, fit
from tui_trainer.view_models.run import RunModel
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import Pane

BIAS_GAP = 1
FOOT = 3
"""Rows below the picture: a blank one, the value under the cursor, the scale."""


class HeatmapPane(Pane):
    """A row of pixels for each neuron, a column for each input, the biases apart at the right."""

    KEY: ClassVar[str] = "3"
    SLOWNESS: ClassVar[float] = 5.0
    BINDINGS: ClassVar[list[Any]] = bindings_of("heatmap")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:  # noqa: A002 (Textual's name)
        super().__init__(model, id=id, period=period)
        self._layer = 0
        self._row = 0
        self._column = 0
        self._scales: dict[int, HeatScale] = {}
        self._map: PixelMap | None = None

    def title(self) -> str:
        """Return the title."""
        return self.model.word("weights").capitalize()

    def aside(self, run: RunModel) -> str:
        """Return the layer shown, and the shapes of its parameters."""
        weights = self._weights(run)
        if weights is None:
            return ""
        units, inputs = weights.shape[0], weights.shape[1] - 1
        return f"{self._layer_name(run)} · W {units}×{inputs} · b {units}"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "A layer's weights: a row for each neuron, a column for each of its inputs, the biases apart at the right. "
            "Blue is negative, orange positive, dark is near zero; the scale names the value of the brightest colour. "
            "The arrows move the cursor, whose value is written below."
        )

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the picture, the value under the cursor, and the scale."""
        weights = self._weights(run)
        if weights is None:
            grid.put(0, 1, "no weights yet" if self.model.has_frame else "", Ink.MUTED)
            return
        scale = self._scales.setdefault(self._layer, HeatScale())
        levels = scale.levels(weights)
        height = max(1, grid.height - FOOT)
        self._map = self._fit(levels, height, grid.width)
        if self._map.block_down * self._map.block_across > 1 and height > 1:
            height -= 1  # for the line that says what a pixel is
            self._map = self._fit(levels, height, grid.width)
        self._paint_pixels(grid.window(0, 0, None, height), self._field(levels, self._map))
        foot = min(height, -(-self._map.height // 2)) + 1
        if grid.height > 2:
            self._paint_value(grid, foot, weights, run)
        if grid.height > 3:
            self._paint_scale(grid, foot + 1, scale.bound)

    def action_move(self, down: int, across: int) -> None:
        """Move the cursor by one weight."""
        weights = self._weights(self.model.run) if self.model.run else None
        if weights is not None:
            self._row = (self._row + down) % weights.shape[0]
            self._column = (self._column + across) % weights.shape[1]
            self.touch(urgent=True)

    def action_next_layer(self) -> None:
        """Show the next layer."""
        run = self.model.run
        if run is not None and run.weights:
            self._layer = (self._layer + 1) % len(run.spec.network.layers)
            self.touch(urgent=True)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the weight clicked on."""
        if self._map is not None and event.y >= 1:
            across = event.x
            bias = across >= self._map.width + BIAS_GAP
            self._row, self._column = self._map.value_at(2 * (event.y - 1), across)
            self._column = self._map.columns if bias else self._column
            self.touch(urgent=True)

    def _fit(self, levels: Levels, height: int, width: int) -> PixelMap:
        return fit(levels.shape[0], levels.shape[1] - 1, 2 * height, width - BIAS_GAP - 1)

    def _weights(self, run: RunModel) -> NDArray[Any] | None:
        self._layer = min(self._layer, len(run.spec.network.layers) - 1)
        weights = run.weights.get(self._layer)
        if weights is not None:
            self._row, self._column = min(self._row, len(weights) - 1), min(self._column, weights.shape[1] - 1)
        return weights

    def _layer_name(self, run: RunModel) -> str:
        last = self._layer == len(run.spec.network.layers) - 1
        return self.model.word("exit") if last else f"{self.model.word('layer')} {self._layer + 1}"

    def _field(self, levels: Levels, pixel_map: PixelMap) -> Levels:
        """Return the pixels of the weights, a gap, and those of the biases; the cursor is drawn in."""
        weights, biases = pixel_map.pixels(levels[:, :-1]), pixel_map.pixels(levels[:, -1:])
        gap = np.full((len(weights), BIAS_GAP), HEAT_EMPTY)
        field = np.hstack([weights, gap, biases])
        if self.has_focus:
            on_bias = self._column == pixel_map.columns
            down, across = pixel_map.place(self._row, 0 if on_bias else self._column)
            across += pixel_map.width + BIAS_GAP if on_bias else 0
            field[down : down + pixel_map.zoom_down, across : across + pixel_map.zoom_across] = HEAT_CURSOR
        return field

    def _paint_pixels(self, grid: Grid, field: Levels) -> None:
        if len(field) % 2:
            field = np.vstack([field, np.full((1, field.shape[1]), HEAT_EMPTY)])
        top, bottom = field[::2][: grid.height, : grid.width], field[1::2][: grid.height, : grid.width]
        rows, columns = top.shape
        grid.codes[:rows, :columns] = ord("▀")
        grid.inks[:rows, :columns] = heat(top, bottom)

    def _paint_value(self, grid: Grid, y: int, weights: NDArray[Any], run: RunModel) -> None:
        value = float(weights[self._row, self._column])
        bias = self._column == weights.shape[1] - 1
        name = f"b[{self._row + 1}]" if bias else f"w[{self._row + 1},{self._column + 1}]"
        x = grid.put(0, y, name, Ink.ACCENT if self.has_focus else Ink.MUTED)
        x = grid.put(max(x + 1, 9), y, f"{signed(value):>7}", Ink.TEXT)
        if not bias:
            grid.put(x + 2, y, self._input_name(run, self._column), Ink.MUTED)

    def _input_name(self, run: RunModel, column: int) -> str:
        names = run.welcome.feature_names
        if self._layer == 0 and column < len(names):
            return f"of {printable(names[column], 30)}"
        return f"of {self.model.word('neuron')} {column + 1}" if self._layer else ""

    def _paint_scale(self, grid: Grid, y: int, bound: float) -> None:
        x = grid.put(0, y, f"{MINUS}{plain(bound)} ", Ink.MUTED)
        for level in range(-HEAT_STEPS, HEAT_STEPS + 1):
            x = grid.put(x, y, "▀", heat(level, level))
        grid.put(x, y, f" +{plain(bound)}", Ink.MUTED)
        if self._map is not None and self._map.block_down * self._map.block_across > 1:
            block = f"{self._map.block_down}×{self._map.block_across}"
            grid.put(0, y + 1, f"each pixel the largest of {block}", Ink.MUTED)
