"""The cursor's path through a network drawn in two lines, where the network itself has no room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tui_trainer.formatting import cell_width
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.by_hand import INPUTS, ByHandModel, Write
from tui_trainer.view_models.by_hand_diagram import Drawing
from tui_trainer.view_models.by_hand_names import Piece, delta, signal, symbol, weight
from tui_trainer.view_models.by_hand_numbers import number, short_number
from tui_trainer.view_models.by_hand_steps import Step

PATH_ROWS: Final = 2
FEWEST_NODES: Final = 2
Pieces = list[Piece]


class Stop(NamedTuple):
    """What stands at a place of the path: what is handed on there, and the error below it; and what leads there."""

    layer: int
    link: Pieces
    forward: Pieces
    back: Pieces

    @property
    def width(self) -> int:
        """Cells of the wider of the two."""
        return max(_width(self.forward), _width(self.back))


def path_drawing(model: ByHandModel, width: int) -> Drawing | None:
    """Return the path's numbers, forward above and the errors below; of a deep network those around the step.

    None where not even two neighbours have room.
    """
    layers = len(model.path.widths) - 1
    for write in (number, short_number):
        stops = [_stop(model, layer, write) for layer in range(INPUTS, layers + 1)]
        if (drawing := _drawn(stops, width)) is not None:
            return drawing
    middle = model.step.layer + 1  # the place of the step's layer: inputs stand before the first
    for count in range(layers + 1, FEWEST_NODES - 1, -1):
        first = min(max(0, middle - count // 2), layers + 2 - count)
        stops = [_stop(model, layer, short_number) for layer in range(INPUTS + first, INPUTS + first + count)]
        ends = (first > 0, first + count < layers + 2)
        if (drawing := _drawn(stops, width, goes_on=ends)) is not None:
            return drawing
    return None


def _stop(model: ByHandModel, layer: int, write: Write) -> Stop:
    """Return what stands at the inputs (layer −1), at a layer, or at the loss behind the last one."""
    layers, step = len(model.path.widths) - 1, model.step
    if layer == layers:
        loss = Step("loss", layers - 1)
        return Stop(layer, [], _value("L", model.shown(loss, 0, write=write), is_current=step == loss), [])
    unit = model.path.unit(layer)
    here = step.layer == layer and step.kind in {"z", "a", "signal"}
    name = symbol(model, "x" if layer == INPUTS else "a", layer, unit)
    forward = _value(name, signal(model, layer, unit, write), is_current=here)
    if layer == INPUTS:
        return Stop(layer, [], forward, [])
    is_error = step.layer == layer and step.kind in {"output", "error", "delta"}
    back = []
    if model.known.explanation.backward:
        back = _value(symbol(model, "δ", layer, unit), delta(model, layer, unit, write), is_current=is_error)
    is_slope = step.layer == layer and step.kind in {"weights", "biases", "update"}
    text, ink = weight(model, layer, unit, model.path.unit(layer - 1), write)
    return Stop(layer, [("×", Ink.MUTED), (text, Ink.SELECTED if is_slope else ink)], forward, back)


def _drawn(stops: Sequence[Stop], width: int, *, goes_on: tuple[bool, bool] = (False, False)) -> Drawing | None:
    picture = Drawing(width, PATH_ROWS)
    x = 2 if goes_on[0] else 0
    if goes_on[0]:
        picture.put(0, 0, [("…", Ink.MUTED)])
    for place, stop in enumerate(stops):
        if place:
            arrow: Pieces = [("─", Ink.FAINT), *stop.link, ("▶ ", Ink.FAINT)]
            picture.put(x, 0, arrow)
            if stop.back:
                picture.put(x, 1, [("◀" + "─" * (_width(arrow) - 2), Ink.FAINT)])
            x += _width(arrow)
        picture.put(x, 0, stop.forward)
        picture.put(x, 1, stop.back)
        x += stop.width + 1
    if goes_on[1]:
        picture.put(x, 0, [("…", Ink.MUTED)])
        x += 2
    return picture if x - 1 <= width else None


def _value(name: str, piece: Piece, *, is_current: bool) -> Pieces:
    text, ink = piece
    return [(f"{name} ", Ink.ACCENT if is_current else Ink.MUTED), (text, Ink.SELECTED if is_current else ink)]


def _width(pieces: Sequence[Piece]) -> int:
    return sum(cell_width(text) for text, _ in pieces)
