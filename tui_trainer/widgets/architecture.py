"""The network, layer by layer from the input to the output, to be changed while it learns."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events

from engine.declarations.activations import DECLARED_ACTIVATIONS
from engine.errors import InputError
from engine.protocol.queries import AnyQuery
from engine.run.edits import EDIT_PATH
from engine.spec import ActivationName, InitializerName, LayerSpec, Spec
from tui_trainer.bindings import bindings_of
from tui_trainer.formatting import count, numbered, percent, within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models import edits
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.requests import EditNetwork
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.table import first_in_sight
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.network_diagram import fields_queries, paint_diagram
from tui_trainer.widgets.value_field import FieldPane

if TYPE_CHECKING:
    from engine.run.edits import AnyEdit

UNITS_END = 13
"""The column after the widths."""

ACTIVATIONS_AT = UNITS_END + 3
"""The column of the activations, where they leave room for the dropout."""

LIST_WIDTH = 27
DIAGRAM_AT = LIST_WIDTH + 4
DIAGRAM_FROM = DIAGRAM_AT + 24
"""From this width on the network is drawn beside the list."""

INPUT: Final = -1
"""What is chosen where the input is: the place before the first layer."""


class ArchitecturePane(FieldPane):
    """Widths, activations, dropout, and the shapes and numbers of the parameters, as they are planned."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("architecture")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self.keep = True
        self._chosen = 0
        self._scroll = 0
        self._asked: tuple[AnyQuery, ...] = ()

    def queries(self) -> tuple[AnyQuery, ...]:
        """Return the fields of the neurons, where they are drawn."""
        if self.size.width < DIAGRAM_FROM:
            return ()
        return fields_queries(self.model.run, self.size.width - DIAGRAM_AT, self.size.height - 1)

    def paint(self, grid: Grid) -> None:
        """Draw everything; where other fields are needed than were asked for, ask."""
        super().paint(grid)
        if (queries := self.queries()) != self._asked:
            self._asked = queries
            self.post_message(self.ViewChanged())

    def title(self) -> str:
        """Return the title."""
        return "Architecture"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "The layers from top to bottom: how many neurons, their activation, and the dropout that follows them. "
            "Below each, the shapes of its weights W (neurons × inputs) and biases b, and how many numbers that makes. "
            "Every edit acts at the next epoch. With keep, what was learned stays: new neurons come in unheard, a new "
            "layer hands on what it is given, the least useful neurons go first when a layer is narrowed. With fresh, "
            "every weight is drawn anew. On a wide screen the network is drawn beside the list; where the data has two "
            "columns each neuron with its field over them: orange where it fires, blue where it does not."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        run = self.model.run
        if action in _AVAILABLE:
            return self.model.may_edit and _AVAILABLE[action](self, run, *parameters)
        return super().check_action(action, parameters)

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the layers, what edits do, and the network beside them where there is room."""
        spec = self.model.planned(run)
        column = grid.window(0, 0, LIST_WIDTH) if grid.width >= DIAGRAM_FROM else grid
        self._paint_layers(column.window(0, 0, None, column.height - 2), spec, run)
        self._paint_foot(column.window(0, min(column.height - 2, 1 + 2 * len(spec.network.layers))), spec, run)
        if grid.width >= DIAGRAM_FROM:
            marked = self.index_in(spec.network.layers) if self.has_focus else None
            paint_diagram(grid.window(DIAGRAM_AT, 0), spec, run, marked)

    def action_choose(self, step: int) -> None:
        """Choose the layer ``step`` further down; above the first one is the input."""
        layers = self._layers()
        self._chosen = (self.index_in(layers) + 1 + step) % (len(layers) + 1) - 1
        self.invalidate(immediate=True)

    def action_turn_units(self, direction: int) -> None:
        """Widen or narrow the chosen layer to the next width of the scale."""
        self._ask(lambda spec, layer: edits.widen(spec, layer, direction, keep=self.keep))

    async def action_type_units(self) -> None:
        """Open a field on the chosen layer's width."""
        layers = self._layers()
        at = self.index_in(layers)

        def take(text: str) -> None:
            units = edits.read_units(text)
            if len(self._layers()) != len(layers):
                raise InputError("the layers are others by now: leave the field and choose again")
            self.post_message(self.ChangeRequested(EditNetwork(edits.set_units(at, units, keep=self.keep))))

        # To the end of the line: what stands beside the number would look like a part of it.
        start = UNITS_END - 5
        width = min(LIST_WIDTH, self.size.width) - start
        await self.open_field(count(layers[at].units), take, start, 1 + _row_of(at) - self._scroll, width=width)

    def action_add_layer(self) -> None:
        """Add a layer after the chosen one, and choose that."""
        self._ask(lambda spec, layer: edits.add_after(spec, layer, keep=self.keep))
        self._chosen = min(self._chosen + 1, len(self._layers()) - 1)

    def action_remove_layer(self) -> None:
        """Remove the chosen layer."""
        self._ask(lambda _, layer: edits.remove(layer, keep=self.keep))

    def action_choose_activation(self) -> None:
        """Ask for another activation of the chosen layer."""
        spec = self.model.planned(self.model.run)
        layers = spec.network.layers
        at = self.index_in(layers)

        def take(name: ActivationName) -> None:
            if len(self._layers()) == len(layers):
                self.post_message(self.ChangeRequested(EditNetwork(edits.set_activation(at, name, keep=self.keep))))
            else:
                self.post_message(self.InputInvalid("the layers are others by now: choose again"))

        title = f"Activation of {_name_of(at, len(layers), self.model)}"
        self.choose_name(title, edits.activations_of(spec, at), layers[at].activation, take)

    def action_choose_initializer(self) -> None:
        """Ask for another way to draw new weights."""
        initializer = self.model.planned(self.model.run).network.initializer

        def take(name: InitializerName) -> None:
            self.post_message(self.ChangeRequested(EditNetwork(edits.set_initializer(name, keep=self.keep))))

        self.choose_name("How new weights are drawn", edits.INITIALIZERS, initializer, take)

    def action_toggle_keep(self) -> None:
        """Keep what was learned, or draw afresh."""
        self.keep = not self.keep
        self.invalidate(immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Choose a layer; on the chosen one press − or +, type its width, change its activation."""
        layers = self._layers()
        row = event.y - 1 + self._scroll
        foot = min(self.size.height - 3, 1 + 2 * len(layers))
        if event.y - 1 == foot and self.model.may_steer:
            self.action_toggle_keep()
        elif layers and 0 <= event.y - 1 < foot and (event.x < LIST_WIDTH or self.size.width < DIAGRAM_FROM):
            layer = min((row - 1) // 2, len(layers) - 1)
            if layer == self.index_in(layers) and self.has_focus and row == _row_of(layer):
                self._press(event.x, layers[layer] if layer >= 0 else None)
            self._chosen = layer
            self.invalidate(immediate=True)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go down through the layers."""
        event.stop()
        self.action_choose(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go up through the layers."""
        event.stop()
        self.action_choose(-1)

    def _press(self, x: int, layer: LayerSpec | None) -> None:
        """Do what stands at a column of the chosen layer's line."""
        minus = UNITS_END - len(count(layer.units)) - 2 if layer else UNITS_END
        spots = (
            ("turn_units", (-1,), range(minus, minus + 2)),
            ("type_units", (), range(minus + 2, UNITS_END)),
            ("turn_units", (1,), range(UNITS_END, UNITS_END + 2)),
            ("choose_activation", (), range(ACTIVATIONS_AT, ACTIVATIONS_AT + 7)),
        )
        for action, parameters, columns in spots:
            if x in columns and self.check_action(action, parameters):
                getattr(self, f"action_{action}")(*parameters)

    def _ask(self, make: Callable[[Spec, int], AnyEdit]) -> None:
        run = self.model.run
        spec = self.model.planned(run)
        self.post_message(self.ChangeRequested(EditNetwork(make(spec, self.index_in(spec.network.layers)))))

    def _layers(self) -> tuple[LayerSpec, ...]:
        return self.model.planned(self.model.run).network.layers

    def index_in(self, layers: tuple[LayerSpec, ...]) -> int:
        """Return the index of the chosen layer, ``INPUT`` for the input."""
        return min(self._chosen, len(layers) - 1)

    def _paint_layers(self, grid: Grid, spec: Spec, run: RunModel) -> None:
        layers, inputs = spec.network.layers, run.welcome.inputs
        chosen = self.index_in(layers)
        page = Grid(grid.width, 1 + 2 * len(layers))
        rest = first_in_sight(self._scroll, _row_of(chosen), page.height, grid.height)
        self._scroll = max(rest, first_in_sight(rest, _row_of(chosen) + (chosen >= 0), page.height, grid.height))
        marked = chosen if self.has_focus else None
        _put_name(page, 0, self.model.word("input"), marked=marked == INPUT, ink=Ink.MUTED)
        page.put_right(UNITS_END, 0, count(inputs), Ink.TEXT)
        layers_now = run.spec.network.layers
        for index, layer in enumerate(layers):
            changed = len(layers_now) != len(layers) or layers_now[index] != layer
            room = UNITS_END - len(count(layer.units)) - (3 if marked == index and self._can_type() else 1)
            name = _name_of(index, len(layers), self.model, room)
            _paint_layer(page.window(0, _row_of(index), None, 2), name, layer, inputs)
            if changed:
                page.paint(UNITS_END - 7, _row_of(index), grid.width, Ink.ACCENT)
            if marked == index:
                _mark(page, _row_of(index), layer, can_type=self._can_type())
            inputs = layer.units
        in_sight = page.window(0, self._scroll, None, grid.height)
        grid.codes[: in_sight.height], grid.inks[: in_sight.height] = in_sight.codes, in_sight.inks

    def _can_type(self) -> bool:
        return bool(self.check_action("type_units", ()))

    def _paint_foot(self, grid: Grid, spec: Spec, run: RunModel) -> None:
        """Draw keep or fresh, the number of parameters, and from when on what is planned holds."""
        total = _parameters(run.welcome.inputs, spec)
        grid.put(0, 0, "keep ◉ fresh ○" if self.keep else "keep ○ fresh ◉", Ink.MUTED)
        x = grid.put_right(grid.width, 0, count(total), Ink.TEXT)
        waiting = self.model.waiting(EDIT_PATH)
        if waiting is None:
            grid.put(0, 1, f"init {spec.network.initializer}", Ink.MUTED)
            return
        grid.paint(x, 0, grid.width, Ink.ACCENT)
        grid.put(0, 1, f"from {self.model.word('epoch')} {count(waiting.epoch)}", Ink.ACCENT)
        grid.put_right(grid.width, 1, f"now {count(_parameters(run.welcome.inputs, run.spec))}", Ink.MUTED)


def _paint_layer(grid: Grid, name: str, layer: LayerSpec, inputs: int) -> None:
    grid.put(0, 0, name, Ink.TEXT)
    grid.put_right(UNITS_END, 0, count(layer.units), Ink.BRIGHT)
    end = grid.width
    if layer.dropout:
        end = grid.put_right(grid.width, 0, f"−{percent(layer.dropout)}", Ink.MUTED)
    activation = DECLARED_ACTIVATIONS[layer.activation].short_name
    grid.put(max(UNITS_END + 1, min(ACTIVATIONS_AT, end - len(activation))), 0, activation, Ink.ACCENT)
    x = grid.put_right(grid.width, 1, count(layer.units * (inputs + 1)), Ink.MUTED)
    weights, biases = f"W {layer.units}×{inputs}", f"  b {layer.units}"
    grid.put(1, 1, f"{weights}{biases}" if len(weights) + len(biases) + 2 <= x else weights, Ink.MUTED)


def _mark(page: Grid, y: int, layer: LayerSpec, *, can_type: bool) -> None:
    """Show that a layer is chosen, and where a click narrows and widens it."""
    page.paint(0, y, page.width, Ink.SELECTED)
    if can_type:
        page.put(UNITS_END - len(count(layer.units)) - 2, y, "−", Ink.SELECTED)
        page.put(UNITS_END + 1, y, "+", Ink.SELECTED)


def _name_of(layer: int, layers: int, model: DashboardModel, width: int = LIST_WIDTH) -> str:
    """Return what a layer is called, in at most so many cells."""
    if layer == layers - 1:
        return within(model.word("output"), width)
    return numbered(model.word("layer"), layer + 1, width)


def _row_of(layer: int) -> int:
    """Return the row of a layer's name in the list; the input has the first one."""
    return 0 if layer == INPUT else 1 + 2 * layer


def _parameters(inputs: int, spec: Spec) -> int:
    widths = [inputs, *(layer.units for layer in spec.network.layers)]
    return sum(units * (fed + 1) for fed, units in pairwise(widths))


def _put_name(grid: Grid, y: int, name: str, *, marked: bool, ink: Ink) -> None:
    if marked:
        grid.put(0, y, " " * grid.width, Ink.SELECTED)
    grid.put(0, y, name, Ink.SELECTED if marked else ink)


def _hidden(pane: ArchitecturePane, run: RunModel) -> LayerSpec | None:
    layers = pane.model.planned(run).network.layers
    at = pane.index_in(layers)
    return layers[at] if 0 <= at < len(layers) - 1 else None


def _can_turn(pane: ArchitecturePane, run: RunModel, direction: int) -> bool:
    layer = _hidden(pane, run)
    return layer is not None and (layer.units > 1 if direction < 0 else layer.units < edits.WIDEST)


def _has_activations(pane: ArchitecturePane, run: RunModel) -> bool:
    spec = pane.model.planned(run)
    at = pane.index_in(spec.network.layers)
    return at >= 0 and len(edits.activations_of(spec, at)) > 1


_AVAILABLE: Final[dict[str, Callable[..., bool]]] = {
    "turn_units": _can_turn,
    "type_units": lambda pane, run: _hidden(pane, run) is not None,
    "remove_layer": lambda pane, run: _hidden(pane, run) is not None,
    "choose_activation": _has_activations,
    "add_layer": lambda pane, run: len(pane.model.planned(run).network.layers) < 256,
    "choose_initializer": lambda *_: True,
    "toggle_keep": lambda *_: True,
}
