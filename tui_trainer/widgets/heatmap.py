"""The heatmap: the insides of the layers in colour, their weights, slopes, updates, moments and activations."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from textual import events

from engine.errors import sanitize
from engine.protocol.queries import AnyQuery, View, simple_queries
from tui_trainer.bindings import bindings_of
from tui_trainer.formatting import MINUS, plain, signed
from tui_trainer.themes.inks import HEAT_EMPTY, HEAT_STEPS, Ink, heat, heat_sign
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.heat_layout import Cursor
from tui_trainer.view_models.heat_scale import Levels
from tui_trainer.view_models.heatmap import HeatmapModel, LayerPicture, read_number
from tui_trainer.view_models.requests import SetWeight
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.weights import weight_path
from tui_trainer.widgets.grid import BLANK, Grid
from tui_trainer.widgets.value_field import FieldPane

VALUE_AT = 9
"""Column of the value under the cursor."""

CURSOR_SIGN = "●"


class HeatmapPane(FieldPane):
    """A row of pixels for each neuron and a column for each input; pictures where the inputs are one."""

    PERIOD_FACTOR: ClassVar[float] = 5.0
    BINDINGS: ClassVar[list[Any]] = bindings_of("heatmap")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self.heatmap = HeatmapModel(model.word)
        self._views_drawn = self.views()
        self._value_at = (0, 0)

    def views(self) -> tuple[View, ...]:
        """Return what frames must carry for what is shown."""
        return self.heatmap.views(self.model.run, details=self.has_focus)

    def queries(self) -> tuple[AnyQuery, ...]:
        """Return what frames must answer for what is shown."""
        return simple_queries(*self.views())

    def title(self) -> str:
        """Return the title."""
        return self.heatmap.title(self.model.run)

    def subtitle(self, run: RunModel) -> str:
        """Return the layer shown, and the shapes of its parameters."""
        return self.heatmap.subtitle(run, self.size.width - len(self.title()) - 4)

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
            return self.model.may_steer and self.heatmap.kind(run) == "weights" and bool(run.weights)
        if action == "wiggle":
            return self.heatmap.kind(run) != "activations" and self.heatmap.cursor(run) is not None
        if action == "move":
            return self.heatmap.cursor(run) is not None
        if action in {"next_layer", "all_layers"}:
            return len(self.heatmap.layers(run)) > 1
        return super().check_action(action, parameters)

    def watch_has_focus(self, has_focus: bool) -> None:
        """Ask for the details of the weight under the cursor, or for them no longer."""
        self._views_drawn = self.views()
        self.post_message(self.ViewChanged())
        super().watch_has_focus(has_focus)

    def paint(self, grid: Grid) -> None:
        """Draw everything; where that needs other views, ask for them: the optimiser shown may have been replaced."""
        super().paint(grid)
        if self.views() != self._views_drawn:
            self._views_drawn = self.views()
            self.post_message(self.ViewChanged())

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the picture, what is under the cursor, and the scale."""
        self.heatmap.pixels_in_cell = self.pixels_in_cell
        picture = self.heatmap.picture(run, grid.height, grid.width)
        if picture is None:
            waiting = "no weights yet" if self.heatmap.kind(run) == "weights" else self.model.why_no_step
            grid.put_wrapped(0, 1, waiting if self.model.has_frame else "", Ink.MUTED)
            return
        for layer in picture.layers:
            self._paint_layer(grid, run, layer, is_current=layer.layer == picture.cursor.layer)
        sign = picture.sign
        if self.has_focus:
            grid.put(sign.x, sign.y, CURSOR_SIGN, heat_sign(sign.level))
        notes = grid.window(picture.notes_x, 0)
        notes.put(0, picture.note_row, picture.note, Ink.FAINT)
        self._value_at = (picture.notes_x + VALUE_AT, 1 + picture.value_row)
        self._paint_value(notes, picture.value_row, run, picture.cursor)
        if picture.has_details and self.has_focus:
            self._paint_details(notes.window(0, picture.value_row + 1), run, picture.cursor)
        _paint_scale(notes, picture.scale_row, picture.bound, sign.level if self.has_focus else HEAT_EMPTY)

    def action_move(self, down: int, across: int) -> None:
        """Move the cursor by one value."""
        self.heatmap.move(self.model.run, down, across)
        self.invalidate(immediate=True)

    def action_next_layer(self) -> None:
        """Go to the next layer."""
        self.heatmap.next_layer(self.model.run)
        self.invalidate(immediate=True)

    def action_all_layers(self) -> None:
        """Show all layers one above the other, on one scale; or one of them again."""
        self.heatmap.all_layers = not self.heatmap.all_layers
        self.invalidate(immediate=True)

    def action_next_kind(self) -> None:
        """Show something else of the same network."""
        self.heatmap.next_kind(self.model.run)
        self.invalidate(immediate=True)

    async def action_edit(self) -> None:
        """Open a field on the weight under the cursor."""
        run = self.model.run
        cursor = self.heatmap.cursor(run)
        if cursor is None:
            return
        path, value_now = weight_path(*cursor), self.heatmap.value(run, cursor)
        name = f"{self.heatmap.layer_name(run, cursor.layer)} {self.heatmap.value_name(run, cursor)}"

        def take(text: str) -> None:
            value = read_number(text)
            before = self.model.pending.value(path, value_now)
            self.post_message(self.ChangeRequested(SetWeight(path, name, value, before)))

        await self.open_field(f"{value_now:.6g}", take, *self._value_at)

    async def action_wiggle(self) -> None:
        """Take a sample apart by hand at the weight under the cursor, and wiggle that."""
        cursor = self.heatmap.cursor(self.model.run)
        if cursor is not None:
            await self.run_action(f"app.by_hand({cursor.layer}, {cursor.row}, {cursor.column})")

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the value clicked on."""
        if self.heatmap.point_at(event.x, event.y - 1):
            self.invalidate(immediate=True)

    def _paint_layer(self, grid: Grid, run: RunModel, layer: LayerPicture, *, is_current: bool) -> None:
        if layer.top:
            ink = Ink.ACCENT if is_current and self.has_focus else Ink.MUTED
            grid.put(0, layer.top - 1, self.heatmap.heading(run, layer.layer), ink)
        _paint_levels(grid.window(0, layer.top), layer.levels)

    def _paint_value(self, grid: Grid, y: int, run: RunModel, cursor: Cursor) -> None:
        """Write the value under the cursor, its name, and what it is for; or what it is to become."""
        x = grid.put(0, y, self.heatmap.value_name(run, cursor), Ink.ACCENT if self.has_focus else Ink.MUTED)
        x = grid.put(max(x + 1, VALUE_AT), y, f"{signed(self.heatmap.value(run, cursor)):>7}", Ink.TEXT)
        requested = self.model.pending.value(weight_path(*cursor))
        if requested is not None and self.heatmap.kind(run) == "weights":
            grid.put(x, y, f" → {signed(requested)}", Ink.ACCENT)
        else:
            grid.put(x + 2, y, sanitize(self.heatmap.origin(run, cursor), max(1, grid.width - x - 2)), Ink.MUTED)

    def _paint_details(self, grid: Grid, run: RunModel, cursor: Cursor) -> None:
        """Write what the latest step did to the weight under the cursor."""
        lines = self.heatmap.details(run, cursor)
        if lines is None:
            grid.put_wrapped(0, 0, self.model.why_no_step, Ink.FAINT)
            return
        for y, pairs in enumerate(lines):
            x = 0
            for name, value in pairs:
                if x + len(name) + 1 + len(value) > grid.width:
                    break  # a number that is cut would be another one
                x = grid.put(grid.put(x, y, f"{name} ", Ink.MUTED), y, f"{value:<7}", Ink.TEXT) + 1


def _paint_levels(grid: Grid, levels: Levels) -> None:
    """Draw heat levels (height, width), two rows of them to a row of cells; what has no room is cut off."""
    field = levels.astype(np.int64)
    if len(field) % 2:
        field = np.vstack([field, np.full((1, field.shape[1]), HEAT_EMPTY)])
    top, bottom = field[::2][: grid.height, : grid.width], field[1::2][: grid.height, : grid.width]
    rows, columns = top.shape
    # A blank is a third of the bytes of a half block.
    grid.codes[:rows, :columns] = np.where(top == bottom, BLANK, ord("▀"))
    grid.inks[:rows, :columns] = heat(top, bottom)


def _paint_scale(grid: Grid, y: int, bound: float, marked: int) -> None:
    """Draw the colours from the lowest level to the highest, one marked, between the values that they stand for."""
    x = grid.put(0, y, f"{MINUS}{plain(bound)} ", Ink.MUTED)
    for level in range(-HEAT_STEPS, HEAT_STEPS + 1):
        sign, ink = (CURSOR_SIGN, heat_sign(level)) if level == marked else (" ", heat(level, level))
        x = grid.put(x, y, sign, ink)
    grid.put(x, y, f" +{plain(bound)}", Ink.MUTED)
