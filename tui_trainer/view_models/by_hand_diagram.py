"""A small network drawn with a sample's numbers on its lines: the way forward, and under it the way back.

A chain of single neurons is drawn as two lines, one for each direction, with what is done at every arrow; any other
network that is small enough as columns of neurons with lines between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_trainer.formatting import MINUS, cell_width
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.by_hand import HIDDEN, INPUTS, ByHandModel, Write
from tui_trainer.view_models.by_hand_names import Piece, delta, parameter, signal, symbol, weight, weight_name
from tui_trainer.view_models.by_hand_numbers import number, short_number
from tui_trainer.view_models.by_hand_sample import Quantity
from tui_trainer.view_models.by_hand_steps import Step
from tui_trainer.view_models.diagram import BRAILLE, DOTS

NARROWEST_LINK: Final = 9
"""Cells between two numbers of a chain, and between two columns of neurons, at least."""
MOST_LINES: Final = 40
"""Lines between neurons that can be told apart."""
CHAIN_ROWS: Final = 7
WIDEST_LINK: Final = 30
MOST_SPREAD: Final = 6
"""Rows by which columns of neurons are drawn apart at most, beyond what they need."""
HIGHEST_SPREAD: Final = 15
FORWARD: Final = frozenset({"z", "a", "signal", "loss"})


class Label(NamedTuple):
    """A text in the drawing, and where it begins."""

    x: int
    y: int
    text: str
    ink: int


@dataclass
class Drawing:
    """Lines in braille, and texts over them.

    Attributes:
        width: Cells across.
        height: Cells down.
        labels: The texts.
        dots: (4 · height, 2 · width), where the lines go.
        path: Likewise, the lines of the path that the cursor stands on.
    """

    width: int
    height: int
    labels: list[Label] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dots = np.zeros((self.height * 4, self.width * 2), np.bool_)
        self.path = np.zeros_like(self.dots)

    def codes(self, dots: NDArray[np.bool_]) -> NDArray[np.uint32]:
        """Return (height, width) code points of braille for dots; 0 where there are none."""
        cells = dots.reshape(self.height, 4, self.width, 2).swapaxes(1, 2)
        codes: NDArray[np.uint32] = (cells * DOTS).sum(axis=(2, 3), dtype=np.uint32)
        return np.where(codes, codes + BRAILLE, 0).astype(np.uint32)

    def put(self, x: int, y: int, pieces: Sequence[Piece]) -> None:
        """Write texts one after the other."""
        for text, ink in pieces:
            self.labels.append(Label(x, y, text, ink))
            x += cell_width(text)

    def line(self, start: tuple[int, int], end: tuple[int, int], *, on_path: bool) -> None:
        """Draw a line from the middle of a cell (x, y) to that of another."""
        (x0, y0), (x1, y1) = ((2 * x, 4 * y + 1) for x, y in (start, end))
        xs = np.arange(x0, x1 + 1)
        ys = np.rint(y0 + (xs - x0) / max(1, x1 - x0) * (y1 - y0)).astype(int)
        (self.path if on_path else self.dots)[ys, xs] = True

    @property
    def is_legible(self) -> bool:
        """Whether no text runs into the next one, or out of the drawing."""
        labels = sorted(self.labels, key=lambda label: (label.y, label.x))
        ends = [(label, label.x + cell_width(label.text)) for label in labels]
        return all(end <= self.width for _, end in ends) and not any(
            one.y == other.y and end > other.x for (one, end), (other, _) in pairwise(ends)
        )

    def is_free(self, x: int, y: int, width: int) -> bool:
        """Return whether no text stands in these cells, nor right beside them."""
        return not any(
            label.y == y and label.x <= x + width and x <= label.x + cell_width(label.text) for label in self.labels
        )


def drawing(model: ByHandModel, width: int, height: int) -> Drawing | None:
    """Return the network drawn within so many cells, None where it is too large for them."""
    widths = model.path.widths
    if all(units == 1 for units in widths):
        chains = (_chain(model, width, write) for write in (number, short_number) if height >= CHAIN_ROWS)
        return next((chain for chain in chains if chain is not None), None)
    lines = sum(fed * out for fed, out in pairwise(widths))
    return _columns(model, width, height) if lines <= MOST_LINES else None


def is_forward(step: Step) -> bool:
    """Return whether a step lies on the way forward."""
    return step.kind in FORWARD


# A chain


def _chain(model: ByHandModel, width: int, write: Write) -> Drawing | None:
    """Return a chain with its numbers written so, None where they have no room."""
    layers = len(model.path.widths) - 1
    stride = min(WIDEST_LINK, (width - 10) // (2 * layers + 1))
    if stride < NARROWEST_LINK + 3:
        return None
    picture = Drawing(width, CHAIN_ROWS)
    has_back = bool(model.known.explanation.backward)
    _chain_arrows(picture, stride * (2 * layers + 1), has_back=has_back)
    picture.put(0, 1, _value("x", signal(model, INPUTS, 0, write), is_current=False))
    for layer in range(layers):
        _chain_layer(model, picture, layer, stride, write)
    loss_at, loss = stride * (2 * layers + 1), Step("loss", layers - 1)
    picture.put(loss_at, 1, _value("L", model.shown(loss, 0, write=write), is_current=model.step == loss))
    _link(picture, stride * 2 * layers, stride, 2, [(_loss_letters(model), Ink.MUTED)])
    picture.put(loss_at, 2, [("●", Ink.ACCENT)])
    if has_back:
        _chain_back(model, picture, stride, write)
    return picture if picture.is_legible else None


def _chain_arrows(picture: Drawing, end: int, *, has_back: bool) -> None:
    picture.put(0, 0, [("forward ", Ink.MUTED), ("─" * (end - 8) + "▶", Ink.FAINT)])
    if has_back:
        picture.put(0, 3, [("◀" + "─" * (end - 9), Ink.FAINT), (" backward", Ink.MUTED)])


def _chain_layer(model: ByHandModel, picture: Drawing, layer: int, stride: int, write: Write) -> None:
    x = 2 * layer * stride
    z, a = Step("z", layer), Step("a", layer)
    w, b = weight(model, layer, 0, 0, write), parameter(model, Quantity("bias", layer, (0,)), write)
    _link(picture, x, stride, 2, [("×", Ink.MUTED), w, (" " if b[0].startswith(MINUS) else " +", Ink.MUTED), b])
    activation = model.known.explanation.forward[layer].activation
    mask = model.known.explanation.forward[layer].mask
    masked = "" if mask is None else f" ×{number(float(mask[0]))}"
    _link(picture, x + stride, stride, 2, [(f"{_GATES.get(activation, activation)}{masked}", Ink.MUTED)])
    z_name, a_name = symbol(model, "z", layer, 0), symbol(model, "a", layer, 0)
    picture.put(x + stride, 1, _value(z_name, model.shown(z, 0, write=write), is_current=model.step == z))
    picture.put(x + 2 * stride, 1, _value(a_name, model.shown(a, 0, write=write), is_current=model.step == a))


def _chain_back(model: ByHandModel, picture: Drawing, stride: int, write: Write) -> None:
    """Draw the way back: under each number the error there, between them what it is multiplied by."""
    explanation = model.known.explanation
    last = len(explanation.forward) - 1
    for layer in range(last + 1):
        x = (2 * layer + 1) * stride
        step = Step("output" if layer == last else "delta", layer)
        piece = _value(symbol(model, "δ", layer, 0), model.shown(step, 0, write=write), is_current=model.step == step)
        picture.put(x, 5, piece)
        derivative = explanation.backward[layer].derivative
        slope = "" if derivative is None else write(float(derivative[0]))
        hidden = model.is_hidden(Step("a", layer), (0,))
        gate = _gate(explanation.forward[layer].activation, slope)
        _link(picture, x, stride, 4, [(f"×{HIDDEN}", Ink.WARNING)] if hidden else gate, back=True)
        if layer < last:
            error = Step("error", layer)
            name = f"∂{symbol(model, 'a', layer, 0)}"
            picture.put(x + stride, 5, _value(name, model.shown(error, 0, write=write), is_current=model.step == error))
        fed = signal(model, layer - 1, 0, write) if layer == 0 else weight(model, layer, 0, 0, write)
        _link(picture, x - stride, stride, 4, [("×", Ink.MUTED), fed], back=True)
        _chain_slopes(model, picture, layer, x - stride, write)
    gradient = f"∂L/∂p {write(float(explanation.loss.gradient[0]))}"
    if not model.is_hidden(Step("a", last), (0,)):
        picture.put(2 * (last + 1) * stride, 5, [(gradient, Ink.MUTED)])


def _chain_slopes(model: ByHandModel, picture: Drawing, layer: int, x: int, write: Write) -> None:
    """Write the slopes of a layer's two parameters, or what they are after one step on."""
    if model.step == Step("update", layer):
        updated = model.known.explanation.updates[layer]
        texts = (f"w{layer + 1} → {write(float(updated.weights[0, 0]))}", f"b → {write(float(updated.biases[0]))}")
        picture.put(x, 6, [(texts[0], Ink.SELECTED), ("  ", Ink.TEXT), (texts[1], Ink.ACCENT)])
        return
    end = x
    for step, name, index in (
        (Step("weights", layer), f"∂{weight_name(model, layer, 0, 0)}", (0, 0)),
        (Step("biases", layer), f"∂b{layer + 1}", (0,)),
    ):
        pieces = _value(name, model.shown(step, *index, write=write), is_current=model.step == step)
        picture.put(end, 6, pieces)
        end += _width(pieces) + 2


def _loss_letters(model: ByHandModel) -> str:
    name = model.known.explanation.loss.name
    if model.known.explanation.is_smoothed:
        return "with smoothed y"
    if name == "bce":
        return "−ln p" if model.known.explanation.y[0] >= 0.5 else "−ln (1−p)"
    return {"mse": "(p − y)²", "mae": "|p − y|"}.get(name, "−ln p")


def _gate(activation: str, slope: str) -> list[Piece]:
    """Return what an error is multiplied by at an activation, and in words whether it passes."""
    words = ("" if activation != "relu" else " gate shut" if slope == "0" else " gate open", Ink.MUTED)
    return [(f"×{slope}", Ink.MUTED), words]


_GATES: Final = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "identity": "as it is"}


def _value(name: str, piece: Piece, *, is_current: bool) -> list[Piece]:
    """Return a name with its number: where it is the step's, in the ink of what is in focus."""
    text, ink = piece
    return [(f"{name} ", Ink.ACCENT if is_current else Ink.MUTED), (text, Ink.SELECTED if is_current else ink)]


def _link(picture: Drawing, x: int, stride: int, y: int, pieces: Sequence[Piece], *, back: bool = False) -> None:
    """Draw an arrow between two numbers, with what it does in its middle."""
    room = stride - 2
    fitting = (pieces[:end] for end in range(len(pieces), 0, -1) if _width(pieces[:end]) + 2 <= room)
    pieces = next(fitting, [("…", Ink.MUTED)])
    aside = [(" ", Ink.TEXT)] if _width(pieces) + 4 <= room else []
    pieces = [*aside, *pieces, *aside]
    wide = _width(pieces)
    left = (room - wide) // 2
    head, tail = ("◀", "─") if back else ("─", "▶")
    start = [("●", Ink.ACCENT), (head + "─" * (left - 1), Ink.FAINT), *pieces]
    rest = room - wide - left
    picture.put(x, y, [*start, ("─" * (rest - 1) + tail + " ", Ink.FAINT)])


def _width(pieces: Sequence[Piece]) -> int:
    return sum(cell_width(text) for text, _ in pieces)


# Columns of neurons


class Node(NamedTuple):
    """A neuron, or an input, in the drawing: where its label stands, and the row that lines go to."""

    x: int
    y: int
    rows: list[list[Piece]]
    row: int

    @property
    def end(self) -> int:
        """The column after its label."""
        return self.x + max(_width(row) for row in self.rows)


def _columns(model: ByHandModel, width: int, height: int) -> Drawing | None:
    """Return the neurons in columns; with as much written at each as there is room for."""
    for details in (3, 2, 1):
        nodes = _nodes(model, width, height - 1, details)
        if nodes is None:
            continue
        picture = Drawing(width, max(node.y + len(node.rows) for column in nodes for node in column))
        _paint_nodes(model, picture, nodes)
        return picture
    return None


def _nodes(model: ByHandModel, width: int, height: int, details: int) -> list[list[Node]] | None:
    """Return the columns of nodes, the loss last; None where they have no room."""
    columns = [_texts(model, layer, details) for layer in range(INPUTS, len(model.path.widths) - 1)]
    loss = Step("loss", len(model.path.widths) - 2)
    columns.append([[_value("L", model.shown(loss, 0), is_current=model.step == loss)]])
    wide = [max(_width(row) for rows in column for row in rows) for column in columns]
    tall = [_rows_needed(column) for column in columns]
    room = width - sum(wide)
    gap = min(WIDEST_LINK, room // max(1, len(columns) - 1))
    if gap < NARROWEST_LINK or max(tall) > height:
        return None
    spread = min(height, max(*tall, min(max(tall) + MOST_SPREAD, HIGHEST_SPREAD)))
    placed, x = list[list[Node]](), 0
    for column, cells in zip(columns, wide, strict=True):
        placed.append(_placed(column, x, spread))
        x += cells + gap
    return placed


def _rows_needed(column: Sequence[Sequence[object]]) -> int:
    return sum(len(rows) for rows in column) + len(column) - 1


def _placed(column: list[list[list[Piece]]], x: int, height: int) -> list[Node]:
    """Return a column's nodes, evenly over so many rows, below the line of the direction."""
    block = len(column[0])
    free = height - block * len(column)
    gap = min(free // max(1, len(column) - 1), MOST_SPREAD) if len(column) > 1 else 0
    top = 1 + (free - gap * (len(column) - 1)) // 2
    return [Node(x, top + place * (block + gap), rows, block // 2) for place, rows in enumerate(column)]


def _texts(model: ByHandModel, layer: int, details: int) -> list[list[list[Piece]]]:
    """Return what is written at each neuron of a layer, in rows: z, a and the error there; or less of it."""
    if layer == INPUTS:
        names = [symbol(model, "x", INPUTS, unit) for unit in range(model.path.widths[0])]
        return [[_unit(model, layer, unit, name, signal(model, INPUTS, unit))] for unit, name in enumerate(names)]
    return [_neuron_texts(model, layer, unit, details) for unit in range(model.path.widths[layer + 1])]


def _neuron_texts(model: ByHandModel, layer: int, unit: int, details: int) -> list[list[Piece]]:
    explanation = model.known.explanation
    z, a = model.shown(Step("z", layer), unit), model.shown(Step("a", layer), unit)
    rows = [_unit(model, layer, unit, symbol(model, "a", layer, unit), a)]
    is_shut = explanation.forward[layer].activation == "relu" and a[0] == "0"
    rows[0] += [(" shut", Ink.WARNING)] if is_shut else []
    if details == 3:
        rows.insert(0, _unit(model, layer, unit, symbol(model, "z", layer, unit), z))
    if details >= 2 and explanation.backward:
        rows.append(_unit(model, layer, unit, symbol(model, "δ", layer, unit), delta(model, layer, unit)))
    return rows


def _unit(model: ByHandModel, layer: int, unit: int, name: str, piece: Piece) -> list[Piece]:
    """Return a number at a neuron, in the ink of the focus where it is the one that the step works out."""
    letters = {"z": "z", "a": "ap", "signal": "ap", "output": "δ", "delta": "δ", "error": "ap"}
    is_of_step = name[0] in letters.get(model.step.kind, "") and layer == model.step.layer
    return _value(name, piece, is_current=is_of_step and unit == model.path.unit(layer))


def _paint_nodes(model: ByHandModel, picture: Drawing, nodes: list[list[Node]]) -> None:
    picture.put(0, 0, _direction(model))
    for column in nodes:
        for node in column:
            for row, pieces in enumerate(node.rows):
                picture.put(node.x, node.y + row, pieces)
    for layer, (left, right) in enumerate(pairwise(nodes)):
        for unit, neuron in _edges(left, right):
            start, end = left[unit], right[neuron]
            _paint_edge(model, picture, (start, end), layer, unit, neuron)


def _edges(left: Sequence[Node], right: Sequence[Node]) -> Iterator[tuple[int, int]]:
    for unit in range(len(left)):
        for neuron in range(len(right)):
            yield unit, neuron


def _direction(model: ByHandModel) -> list[Piece]:
    if is_forward(model.step):
        return [("forward ", Ink.MUTED), ("───▶", Ink.ACCENT)]
    if model.step.kind == "update":
        return [("one step on", Ink.MUTED)]
    return [("◀─── ", Ink.ACCENT), ("backward", Ink.MUTED)]


def _paint_edge(
    model: ByHandModel, picture: Drawing, ends: tuple[Node, Node], layer: int, unit: int, neuron: int
) -> None:
    """Draw the line of a weight, and its number where that has room: on the line, in the middle or to a side."""
    start, end = ends
    is_loss = layer >= len(model.path.widths) - 1
    on_path = is_loss or (unit == model.path.unit(layer - 1) and neuron == model.path.unit(layer))
    x0, y0, x1, y1 = max(node.end for node in (start,)) + 1, start.y + start.row, end.x - 2, end.y + end.row
    picture.line((x0, y0), (x1, y1), on_path=on_path)
    text, ink = _edge_text(model, layer, unit, neuron) if not is_loss else ("", Ink.MUTED)
    if on_path and ink == Ink.MUTED:
        ink = Ink.ACCENT
    for share in (0.35, 0.65, 0.5, 0.2, 0.8):
        x = round(x0 + share * (x1 - x0)) - cell_width(text) // 2
        y = round(y0 + share * (y1 - y0))
        if text and x0 <= x and x + cell_width(text) <= x1 + 1 and picture.is_free(x, y, cell_width(text)):
            picture.put(x, y, [(text, ink)])
            return


def _edge_text(model: ByHandModel, layer: int, unit: int, neuron: int) -> Piece:
    """Return a weight, or in the steps that work these out its slope, or what it is one step on."""
    if model.step.layer == layer and model.step.kind in {"weights", "update"}:
        text, ink = model.shown(model.step, neuron, unit, write=short_number)
        is_slope = model.step.kind == "weights"
        return f"∂{text}" if is_slope else f"→{text}", Ink.MUTED if ink == Ink.TEXT else ink
    text, ink = weight(model, layer, neuron, unit, short_number)
    return f"×{text}", Ink.MUTED if ink == Ink.TEXT else ink
