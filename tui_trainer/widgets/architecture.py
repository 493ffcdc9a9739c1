"""The network, layer by layer from the input to the output."""

from __future__ import annotations

from typing import ClassVar

from engine.spec import LayerSpec
from tui_trainer.themes.palette import Ink
from tui_trainer.view_models.figures import count, percent
from tui_trainer.view_models.run import RunModel
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import Pane

UNITS_END = 13
"""The column after the widths."""

SHORT = {"leaky_relu": "leaky"}


class ArchitecturePane(Pane):
    """Widths, activations, dropout, and the shapes and numbers of the parameters."""

    KEY: ClassVar[str] = "1"

    def title(self) -> str:
        """Return the title."""
        return "Architecture"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "The layers from top to bottom: how many neurons, their activation, and the dropout that follows them. "
            "Below each, the shapes of its weights W (neurons × inputs) and biases b, and how many numbers that makes."
        )

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the layers, and the sum of all parameters below them."""
        layers = run.spec.network.layers
        grid.put(0, 0, self.model.word("input"), Ink.MUTED)
        grid.put_right(UNITS_END, 0, count(run.welcome.inputs), Ink.TEXT)
        inputs, total = run.welcome.inputs, 0
        room = (grid.height - 2) // 2
        for index, layer in enumerate(layers):
            if index < room:
                self._paint_layer(grid.window(0, 1 + 2 * index, None, 2), index, layer, inputs, layer is layers[-1])
            total += layer.units * (inputs + 1)
            inputs = layer.units
        self._paint_total(grid, min(room, len(layers)), len(layers) - room, total)

    def _paint_layer(self, grid: Grid, index: int, layer: LayerSpec, inputs: int, last: bool) -> None:
        name = self.model.word("exit") if last else f"{self.model.word('layer')} {index + 1}"
        grid.put(0, 0, name, Ink.TEXT)
        grid.put_right(UNITS_END, 0, count(layer.units), Ink.BRIGHT)
        grid.put(UNITS_END + 2, 0, SHORT.get(layer.activation, layer.activation), Ink.ACCENT)
        if layer.dropout:
            grid.put_right(grid.width, 0, f"−{percent(layer.dropout)}", Ink.MUTED)
        grid.put(1, 1, f"W {layer.units}×{inputs}  b {layer.units}", Ink.MUTED)
        grid.put_right(grid.width, 1, count(layer.units * (inputs + 1)), Ink.MUTED)

    def _paint_total(self, grid: Grid, shown: int, hidden: int, total: int) -> None:
        y = min(grid.height - 1, 1 + 2 * shown)
        label = f"{hidden} more layers, all" if hidden > 0 else self.model.word("parameters")
        grid.put(0, y, label, Ink.MUTED)
        grid.put_right(grid.width, y, count(total), Ink.TEXT)
