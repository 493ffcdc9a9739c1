"""The neurons of the hidden layers in the latest forward pass: at work, dropped, dead; and how alike they answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from tui_trainer.bindings import bindings_of
from tui_trainer.formatting import count, numbered
from tui_trainer.themes.inks import HEAT_EMPTY, Ink, heat
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.dropout_switch import DropoutSwitch
from tui_trainer.view_models.neurons import (
    DEAD,
    DROPPED,
    WORKING,
    LayerActivity,
    batch_rows,
    captions,
    coadaptation_parts,
    layer_activities,
    levels_of,
    matrix_heading,
    place_parts,
    shelved,
)
from tui_trainer.view_models.requests import FlipSwitch
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.scroll import Scroll
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import Pane

COUNT_AT = 11
"""Column of the head count."""

CAPTION_WIDTH = 16
HEAD = 2
"""Rows above the layers."""

SIGN_INKS = {WORKING: Ink.TEXT, DROPPED: Ink.MUTED, DEAD: Ink.ERROR}


class NeuronsPane(Pane):
    """Each hidden layer as a row of signs, with a bar below each neuron; then how alike the neurons answer."""

    PERIOD_FACTOR: ClassVar[float] = 4.0
    PAINTED_LAST: ClassVar[bool] = True
    BINDINGS: ClassVar[list[Any]] = bindings_of("neurons")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self._row = 0
        self._scroll = Scroll()
        self._dropout = DropoutSwitch(model)

    def title(self) -> str:
        """Return the title."""
        return self.model.word("neurons").capitalize()

    def subtitle(self, run: RunModel) -> str:
        """Return in which epoch the forward pass shown was, and of several seeds which one it was."""
        return f"{run.seed_shown}{self.model.word('epoch')} {count(run.batch_step.epoch)}" if run.batch_step else ""

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "The hidden neurons in the latest training step, for one row of its batch: at work, dropped, or dead "
            "(firing for no row of the training set). Beside the head count stand how many dropout leaves in on "
            "average, and how many it has left in over the steps seen. The bar below a neuron says for how many rows "
            "of the batch it was dropped. Those at work are scaled by 1/(1−p). During evaluation nobody is dropped. "
            "Co-adaptation is the mean size of the correlations between the neurons of a layer over the training "
            "rows, with its course over the time watched and the two that are most alike; the squares below show "
            "every pair, in the colours of the weights. ← → choose the row; n does a step and draws the next mask."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        if action == "row":
            return batch_rows(self.model.run) > 1
        if action == "scroll_layers":
            return self._scroll.can_move(int(str(parameters[0])))
        if action == "switch_dropout":
            return self._dropout.can_switch
        return super().check_action(action, parameters)

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw which row is shown, the layers, how alike they answer, and what the signs mean."""
        layers = layer_activities(run, self._row)
        if not layers:
            grid.put(0, 0, f"no hidden {self.model.word('layer')}", Ink.MUTED)
            return
        self._paint_place(grid, run)
        grid.put(0, 1, f"{self.model.word('dropout')} is off in evaluation", Ink.MUTED)
        field = grid.window(0, HEAD, None, max(0, grid.height - HEAD - 1))
        page = self._page(layers, run, field.width)
        shown = page.window(0, self._scroll.fit(page.height, field.height).start, None, field.height)
        field.codes[: shown.height], field.inks[: shown.height] = shown.codes, shown.inks
        if grid.height > HEAD + 1:
            self._paint_legend(grid, min(grid.height - 1, HEAD + page.height))
            self.paint_more(grid, self._scroll.below)

    def action_row(self, step: int) -> None:
        """Show another row of the batch."""
        self._row = (self._row + step) % max(1, batch_rows(self.model.run))
        self.invalidate(immediate=True)

    def action_scroll_layers(self, step: int) -> None:
        """Scroll through layers that do not fit."""
        self._scroll.move(step)
        self.invalidate(immediate=True)

    def action_switch_dropout(self) -> None:
        """Switch dropout off in all layers, or on again as it was."""
        self.post_message(self.ChangeRequested(FlipSwitch(self._dropout)))

    def on_mouse_scroll_down(self) -> None:
        """Scroll down."""
        self.action_scroll_layers(1)

    def on_mouse_scroll_up(self) -> None:
        """Scroll up."""
        self.action_scroll_layers(-1)

    def _page(self, layers: list[LayerActivity], run: RunModel, width: int) -> Grid:
        """Return all there is to scroll through."""
        tall = [layer.rows_of_cells(width) for layer in layers]
        sides = {index: len(matrix) for index, matrix in run.coadaptation.matrices.items()}
        places, matrix_rows = shelved(sides, width, self.pixels_in_cell)
        top = sum(tall)
        page = Grid(width, top + 1 + len(layers) + matrix_rows)
        captions_at = min(max(COUNT_AT + 10, max(layer.units for layer in layers) + 3), width - CAPTION_WIDTH)
        for y, layer in zip(np.cumsum([0, *tall]).tolist(), layers, strict=False):
            self._paint_layer(page.window(0, y), layer, captions_at)
        self._paint_idle(page, top, layers)
        for layer in layers:
            self._paint_coadaptation(page, top + 1 + layer.index, layer, run)
        for layer in layers:
            if layer.index in places:
                x, y = places[layer.index]
                self._paint_matrix(page.window(x, top + 1 + len(layers) + y), layer, run)
        return page

    def _paint_place(self, grid: Grid, run: RunModel) -> None:
        parts = place_parts(run, self._row, self.model.word)
        if parts:
            _put_fitting(grid, 0, [*(f"{part} · " for part in parts[:-1]), f"{parts[-1]} "])
        else:
            grid.put(0, 0, self.model.why_no_step, Ink.MUTED)

    def _paint_layer(self, grid: Grid, layer: LayerActivity, captions_at: int) -> None:
        end = self._paint_head_count(grid, layer)
        if layer.rate and captions_at > min(layer.units, grid.width) + 1:
            for row, caption in enumerate(captions(layer, grid.width - captions_at, self.model.word)):
                grid.put(captions_at, row, caption, Ink.MUTED)
        elif layer.rate:
            said = captions(layer, grid.width - end - 1, self.model.word)
            _put_fitting(grid.window(end + 1, 0), 0, [f" · {part}" if at else part for at, part in enumerate(said)])
        bars, y = layer.bars(), 1
        for start in range(0, layer.units, max(1, grid.width)):
            signs = layer.states[start : start + grid.width]
            grid.put(0, y, signs)
            grid.inks[y, : len(signs)] = [SIGN_INKS[sign] for sign in signs]
            if bars:
                grid.put(0, y + 1, bars[start : start + grid.width], Ink.MUTED)
            y += 2 if bars else 1

    def _paint_head_count(self, grid: Grid, layer: LayerActivity) -> int:
        """Draw a layer's name and how many of its neurons are at work; return the column after it."""
        grid.put(0, 0, numbered(self.model.word("layer"), layer.index + 1, COUNT_AT - 1), Ink.TEXT)
        if not layer.rate:
            return grid.put(COUNT_AT, 0, f"all {layer.units}, no {self.model.word('dropout')}", Ink.MUTED)
        # Without a batch nobody knows who was at work.
        at_work = f"{layer.at_work:>{len(str(layer.units))}} of " if layer.rows else ""
        return grid.put(COUNT_AT, 0, f"{at_work}{layer.units}", Ink.BRIGHT)

    def _paint_idle(self, page: Grid, y: int, layers: list[LayerActivity]) -> None:
        """Draw how many neurons are dead or saturated, by layer."""
        dead, saturated = (
            "/".join(str(layer.dead) for layer in layers),
            "/".join(str(layer.saturated) for layer in layers),
        )
        _put_fitting(page, y, [f"{self.model.word('dead')} {dead} · ", f"{self.model.word('saturated')} {saturated}"])

    def _paint_coadaptation(self, page: Grid, y: int, layer: LayerActivity, run: RunModel) -> None:
        """Draw how alike a layer's neurons answer: the number, its course, and the two most alike."""
        _put_fitting(page, y, coadaptation_parts(run, layer.index))

    def _paint_matrix(self, grid: Grid, layer: LayerActivity, run: RunModel) -> None:
        """Draw the correlations among a layer's first neurons, as many as fit, two rows in a row of cells."""
        matrix = run.coadaptation.matrices[layer.index]
        side = min(len(matrix), grid.width)
        levels = levels_of(matrix[:side, :side])
        grid.put(0, 0, matrix_heading(layer, side), Ink.MUTED)
        levels = levels.repeat(2 // self.pixels_in_cell, axis=0)
        lower = np.vstack([levels[1::2], np.full((len(levels) % 2, side), HEAT_EMPTY)])
        pairs = heat(levels[::2], lower)
        grid.codes[1 : 1 + len(pairs), :side] = ord("▀")
        grid.inks[1 : 1 + len(pairs), :side] = pairs[: grid.height - 1]

    def _paint_legend(self, grid: Grid, y: int) -> None:
        x = 0
        for sign, key in ((WORKING, "working"), (DROPPED, "dropped"), (DEAD, "dead")):
            x = grid.put(x, y, sign, SIGN_INKS[sign])
            x = grid.put(x, y, f" {self.model.word(key)}  ", Ink.MUTED)


def _put_fitting(grid: Grid, y: int, parts: Iterable[str]) -> None:
    """Write as many parts of a line as fit as a whole."""
    x = 0
    for part in parts:
        if x + len(part.rstrip(" ·")) > grid.width:
            break
        x = grid.put(x, y, part, Ink.MUTED)
