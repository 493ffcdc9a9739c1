"""The insides of the layers in colour: weights, their slopes, updates and moments, activations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from textual import events
from textual.message import Message

from engine.declarations.optimizers import MOMENT_TITLES
from engine.errors import InputError, sanitize
from engine.protocol.commands import View
from tui_trainer.bindings import bindings_of
from tui_trainer.formatting import MINUS, count, metric, plain, signed
from tui_trainer.themes.inks import HEAT_CURSOR, HEAT_EMPTY, HEAT_STEPS, Ink, heat
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.filter_tiles import FilterTiles, fit_filter_tiles
from tui_trainer.view_models.heat_scale import HeatScale, Levels, largest_of
from tui_trainer.view_models.pixel_maps import FoldedMap, MatrixMap, fit_or_fold
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.weights import Kind, detail_of, kinds_of, matrices_of, views_for, weight_path
from tui_trainer.widgets.grid import BLANK, Grid
from tui_trainer.widgets.value_field import FieldPane

FOOT = 4
"""Rows below the picture: the value under the cursor, two of its details, the scale."""

SHORT_FOOT = 2
"""The same in a low pane, without the details."""

VALUE_AT = 9
"""Column of the value under the cursor."""

RESTLESS_STEPS = 3
RESTLESS_PATIENCE = 10
"""Levels and patience of the scale for what changes everywhere with every step."""

TITLES = {
    "gradients": "Gradients",
    "updates": "Last update",
    **{f"moments.{symbol}": title for symbol, title in MOMENT_TITLES.items()},
    "activations": "Activations",
}


@dataclass(frozen=True)
class Placed:
    """A layer's map, and the first row of cells of its picture."""

    layer: int
    top: int
    map: MatrixMap | FoldedMap | FilterTiles


class HeatmapPane(FieldPane):
    """A row of pixels for each neuron and a column for each input; pictures where the inputs are one."""

    KEY: ClassVar[str] = "3"
    PERIOD_FACTOR: ClassVar[float] = 5.0
    BINDINGS: ClassVar[list[Any]] = bindings_of("heatmap")

    class ViewChanged(Message):
        """Something else is looked at: frames must carry other views."""

    class Edited(Message):
        """A weight is to have another value; ``before`` is the one it has, or was last given."""

        def __init__(self, path: str, name: str, value: float, before: float) -> None:
            self.path = path
            self.name = name
            self.value = value
            self.before = before
            super().__init__()

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self._kind: Kind = "weights"
        self._all = False
        self._layer = 0
        self._row = 0
        self._column = 0
        self._scales: dict[tuple[Kind, int | None], HeatScale] = {}
        self._placed: list[Placed] = []
        self._value_row = 0

    def views(self) -> tuple[View, ...]:
        """Return what frames must carry for what is shown."""
        return views_for(self._kind, details=self.has_focus and self._kind != "activations")

    def title(self) -> str:
        """Return the title."""
        return TITLES.get(self._kind, self.model.word("weights").capitalize())

    def subtitle(self, run: RunModel) -> str:
        """Return the layer shown, and the shapes of its parameters; of several seeds, whose they are."""
        matrix = self._matrix(run)
        if matrix is None or self._all:
            return f"{run.seed_shown}all layers" if self._all else ""
        name, units, columns = f"{run.seed_shown}{self._layer_name(run, self._layer)}", *matrix.shape
        if self._kind == "activations":
            return f"{name} · {units}×{columns} rows"
        long = f"{name} · W {units}×{columns - 1} · b {units}"
        return long if len(long) + len(self.title()) + 4 <= self.size.width else f"{name} · {units}×{columns - 1}"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "A layer's weights: a row for each neuron, a column for each of its inputs, the biases apart at the right; "
            "where the inputs are a picture, a picture for each neuron with its bias below. Blue is negative, orange "
            "positive, dark is near zero; the scale names the value of the brightest colour. Another key shows the "
            "slopes of the latest batch, what the step added, the optimiser's running averages, and the activations "
            "of the latest batch, a column for each of its rows. The arrows move the cursor. Below stand its value, "
            "slope and update; the step size is how far the step went for each unit of what the optimiser followed. "
            "Enter types a weight: it is set in the networks of all seeds, and is an entry of the log."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        run = self.model.run
        if action == "edit":
            return self.model.may_steer and self._kind == "weights" and run is not None and bool(run.weights)
        if action == "move":
            return run is not None and self._matrix(run) is not None
        if action in {"next_layer", "all_layers"}:
            return run is not None and len(self._layers(run)) > 1
        return super().check_action(action, parameters)

    def watch_has_focus(self, has_focus: bool) -> None:
        """Ask for the details of the weight under the cursor, or for them no longer."""
        super().watch_has_focus(has_focus)
        self.post_message(self.ViewChanged())

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the picture, what is under the cursor, and the scale."""
        matrix = self._matrix(run)
        self._placed = []
        if matrix is None:
            waiting = "no weights yet" if self._kind == "weights" else self.model.why_no_step
            grid.put(0, 1, waiting if self.model.has_frame else "", Ink.MUTED)
            return
        foot = FOOT if grid.height >= 14 and self._kind != "activations" else SHORT_FOOT
        scale, note = self._scale(), ""
        for rows in (max(1, grid.height - foot), max(1, grid.height - foot - 1)):
            self._placed = self._place(run, rows, grid.width)
            note = next((placed.map.note for placed in self._placed if placed.layer == self._layer), "")
            if not note:
                break  # else a row less, for the line that says what a pixel is
        for placed, levels in zip(self._placed, self._levels(run, scale), strict=True):
            self._paint_layer(grid, run, placed, levels)
        y = max(placed.top + -(-placed.map.height // 2) for placed in self._placed)
        grid.put(0, y, note, Ink.FAINT)
        y += bool(note)
        y += y + foot < grid.height
        self._value_row = y
        self._paint_value(grid, y, matrix, run)
        if foot == FOOT and self.has_focus:
            self._paint_details(grid.window(0, y + 1), run)
        self._paint_scale(grid, y + foot - 1, scale.bound)

    def action_move(self, down: int, across: int) -> None:
        """Move the cursor by one value."""
        matrix = self._matrix(self.model.run) if self.model.run else None
        layer_map = next((placed.map for placed in self._placed if placed.layer == self._layer), None)
        if matrix is not None and layer_map is not None:
            self._row, self._column = layer_map.moved(self._row, self._column, down, across)
            self.invalidate(immediate=True)

    def action_next_layer(self) -> None:
        """Go to the next layer."""
        if self.model.run is not None and (layers := self._layers(self.model.run)):
            self._layer = layers[(layers.index(self._layer) + 1) % len(layers)] if self._layer in layers else layers[0]
            self.invalidate(immediate=True)

    def action_all_layers(self) -> None:
        """Show all layers one above the other, on one scale; or one of them again."""
        self._all = not self._all
        self.invalidate(immediate=True)

    def action_next_kind(self) -> None:
        """Show something else of the same network."""
        if self.model.run is not None:
            kinds = kinds_of(self.model.run.spec)
            self._kind = kinds[(kinds.index(self._kind) + 1) % len(kinds)] if self._kind in kinds else kinds[0]
            self.post_message(self.ViewChanged())
            self.invalidate(immediate=True)

    async def action_edit(self) -> None:
        """Open a field on the weight under the cursor."""
        run = self.model.run
        matrix = self._matrix(run) if run is not None else None
        if run is None or matrix is None:
            return
        path, known = weight_path(self._layer, self._row, self._column), float(matrix[self._row, self._column])
        name = f"{self._layer_name(run, self._layer)} {self._value_name(run)}"

        def take(text: str) -> None:
            value = _read_number(text)
            self.post_message(self.Edited(path, name, value, self.model.requested.get(path, known)))

        await self.open_field(f"{known:.6g}", take, VALUE_AT, 1 + self._value_row)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the value clicked on."""
        under = [placed for placed in self._placed if event.y > placed.top]
        if under:
            self._layer = under[-1].layer
            self._row, self._column = under[-1].map.value_at(2 * (event.y - 1 - under[-1].top), event.x)
            self.invalidate(immediate=True)

    def _layers(self, run: RunModel) -> list[int]:
        """Return the layers that there is something to show of."""
        return [layer for layer in sorted(matrices_of(run, self._kind)) if layer < len(run.spec.network.layers)]

    def _matrix(self, run: RunModel) -> NDArray[Any] | None:
        """Return what is shown of the cursor's layer; the cursor is moved to where there is something."""
        if self._kind not in kinds_of(run.spec):
            self._kind = "weights"
            self.post_message(self.ViewChanged())
        layers = self._layers(run)
        if not layers:
            return None
        self._layer = min(self._layer, layers[-1]) if min(self._layer, layers[-1]) in layers else layers[0]
        matrix = matrices_of(run, self._kind)[self._layer]
        self._row, self._column = min(self._row, len(matrix) - 1), min(self._column, matrix.shape[1] - 1)
        return matrix

    def _layer_name(self, run: RunModel, layer: int) -> str:
        last = layer == len(run.spec.network.layers) - 1
        return self.model.word("output") if last else f"{self.model.word('layer')} {layer + 1}"

    def _scale(self) -> HeatScale:
        key = (self._kind, None if self._all else self._layer)
        if key not in self._scales:
            quiet = self._kind == "weights"
            self._scales[key] = HeatScale() if quiet else HeatScale(RESTLESS_STEPS, RESTLESS_PATIENCE)
        return self._scales[key]

    def _levels(self, run: RunModel, scale: HeatScale) -> list[Levels]:
        """Return the pixels of what is placed as levels of one scale, that of all layers where all are asked for."""
        matrices = matrices_of(run, self._kind)
        fields = [placed.map.pixels(matrices[placed.layer]) for placed in self._placed]
        largest = max(largest_of(matrices[layer]) for layer in (self._layers(run) if self._all else [self._layer]))
        levels = scale.levels(np.concatenate([field.ravel() for field in fields])[None, :], largest)[0]
        parts = np.split(levels, np.cumsum([field.size for field in fields])[:-1])
        return [part.reshape(field.shape) for part, field in zip(parts, fields, strict=True)]

    def _place(self, run: RunModel, height: int, width: int) -> list[Placed]:
        """Return where what is shown stands: one layer, or as many as there is room for, a row above each."""
        matrices = matrices_of(run, self._kind)
        layers = self._layers(run) if self._all else []
        rows = _shares(height - len(layers), [len(matrices[layer]) for layer in layers])
        first = layers.index(self._layer) if sum(rows) + len(rows) > height else 0
        placed: list[Placed] = []
        top = 1
        for layer, share in list(zip(layers, rows, strict=True))[first:]:
            if top + share <= height:
                placed.append(Placed(layer, top, self._fit(run, layer, matrices[layer], 2 * share, width)))
                top += -(-placed[-1].map.height // 2) + 1
        return placed or [Placed(self._layer, 0, self._fit(run, self._layer, matrices[self._layer], 2 * height, width))]

    def _paint_layer(self, grid: Grid, run: RunModel, placed: Placed, levels: Levels) -> None:
        if placed.top:
            units, columns = matrices_of(run, self._kind)[placed.layer].shape
            here = placed.layer == self._layer and self.has_focus
            shape = f"{units}×{columns - (self._kind != 'activations')}"
            name = f"{self._layer_name(run, placed.layer)} · {shape}"
            grid.put(0, placed.top - 1, name, Ink.ACCENT if here else Ink.MUTED)
        self._paint_pixels(grid.window(0, placed.top), placed, levels.astype(np.int64))

    def _fit(
        self, run: RunModel, layer: int, matrix: NDArray[Any], height: int, width: int
    ) -> MatrixMap | FoldedMap | FilterTiles:
        rows, columns = matrix.shape
        biases = self._kind != "activations"
        shape = run.welcome.image_shape
        if shape is not None and layer == 0 and biases and columns == math.prod(shape) + 1:
            tiles = fit_filter_tiles(rows, shape, height, width, self._row if layer == self._layer else 0)
            if tiles.height <= height and tiles.width <= width:
                return tiles
        return fit_or_fold(rows, columns, height, width, biases=biases)

    def _paint_pixels(self, grid: Grid, placed: Placed, field: NDArray[np.int64]) -> None:
        if self.has_focus and placed.layer == self._layer:
            rect = placed.map.rect(self._row, self._column)
            field[rect.down : rect.down + rect.high, rect.across : rect.across + rect.wide] = HEAT_CURSOR
        if len(field) % 2:
            field = np.vstack([field, np.full((1, field.shape[1]), HEAT_EMPTY)])
        top, bottom = field[::2][: grid.height, : grid.width], field[1::2][: grid.height, : grid.width]
        rows, columns = top.shape
        # A blank is a third of the bytes of a half block.
        grid.codes[:rows, :columns] = np.where(top == bottom, BLANK, ord("▀"))
        grid.inks[:rows, :columns] = heat(top, bottom)

    def _paint_value(self, grid: Grid, y: int, matrix: NDArray[Any], run: RunModel) -> None:
        value = float(matrix[self._row, self._column])
        x = grid.put(0, y, self._value_name(run), Ink.ACCENT if self.has_focus else Ink.MUTED)
        x = grid.put(max(x + 1, VALUE_AT), y, f"{signed(value):>7}", Ink.TEXT)
        asked = self.model.requested.get(weight_path(self._layer, self._row, self._column))
        if asked is not None and self._kind == "weights":
            grid.put(x, y, f" → {signed(asked)}", Ink.ACCENT)
        else:
            grid.put(x + 2, y, sanitize(self._what_it_reads(run), max(1, grid.width - x - 2)), Ink.MUTED)

    def _paint_details(self, grid: Grid, run: RunModel) -> None:
        """Write what the latest step did to the weight under the cursor."""
        detail = detail_of(run, self._layer, self._row, self._column)
        if detail is None:
            grid.put(0, 0, self.model.why_no_step, Ink.FAINT)
            return
        moments = [(name, signed(value) if name != "v" else metric(value)) for name, value in detail.moments.items()]
        size = [("step size", metric(detail.step_size))] if detail.step_size is not None else []
        _put_pairs(grid, 0, [(self.model.word("gradient"), signed(detail.slope)), ("update", signed(detail.update))])
        _put_pairs(grid, 1, [*moments, *size])

    def _value_name(self, run: RunModel) -> str:
        if self._kind == "activations":
            return f"a[{self._row + 1}]"
        bias = self._column == _inputs(run, self._layer)
        return f"b[{self._row + 1}]" if bias else f"w[{self._row + 1},{self._column + 1}]"

    def _what_it_reads(self, run: RunModel) -> str:
        """Return the name of the input that a weight is for, or of the row that an activation is of."""
        if self._kind == "activations":
            known = self._column < len(run.batch_row_numbers)
            return f"row {self._column + 1}" + (
                f" · case {count(int(run.batch_row_numbers[self._column]))}" if known else ""
            )
        if self._column == _inputs(run, self._layer):
            return ""
        if self._layer:
            return f"of {self.model.word('neuron')} {self._column + 1}"
        names = run.welcome.feature_names
        return f"of {sanitize(names[self._column], 30)}" if self._column < len(names) else ""

    def _paint_scale(self, grid: Grid, y: int, bound: float) -> None:
        x = grid.put(0, y, f"{MINUS}{plain(bound)} ", Ink.MUTED)
        for level in range(-HEAT_STEPS, HEAT_STEPS + 1):
            x = grid.put(x, y, " ", heat(level, level))
        grid.put(x, y, f" +{plain(bound)}", Ink.MUTED)


def _shares(rows: int, sizes: list[int]) -> list[int]:
    """Return how many of the rows each gets: in proportion to its size, at least one, none more than it can use."""
    return [max(1, min(size, rows * size // max(1, sum(sizes)))) for size in sizes]


def _put_pairs(grid: Grid, y: int, pairs: list[tuple[str, str]]) -> None:
    x = 0
    for name, value in pairs:
        x = grid.put(grid.put(x, y, f"{name} ", Ink.MUTED), y, f"{value:<7}", Ink.TEXT) + 1


def _inputs(run: RunModel, layer: int) -> int:
    return run.spec.network.layers[layer - 1].units if layer else run.welcome.inputs


def _read_number(text: str) -> float:
    try:
        value = float(text.strip().replace(MINUS, "-"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError("expected a number")
    return value
