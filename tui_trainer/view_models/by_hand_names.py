"""The names of the numbers of a sample's way, and each number in its ink, or what hides it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.errors import sanitize
from tui_trainer.formatting import MINUS
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.by_hand import HIDDEN, INPUTS, ByHandModel, Write
from tui_trainer.view_models.by_hand_numbers import number
from tui_trainer.view_models.by_hand_sample import Quantity
from tui_trainer.view_models.by_hand_steps import Step
from tui_trainer.view_models.styled_text import StyledLine

Piece = tuple[str, int]
"""A text and its ink."""
LONGEST_NAME: Final = 24


def symbol(model: ByHandModel, letter: str, layer: int, unit: int) -> str:
    """Return the name of a number of one neuron: ``z1[3]``; ``z1`` where its layer has one, ``p`` at the output."""
    widths = model.path.widths
    is_output = layer == len(widths) - 2
    if letter == "x":
        return "x" if widths[0] == 1 else f"x[{unit}]"
    head = "p" if letter == "a" and is_output else f"{letter}{layer + 1}"
    return head if widths[layer + 1] == 1 else f"{head}[{unit}]"


def weight_name(model: ByHandModel, layer: int, neuron: int, column: int) -> str:
    """Return the name of a weight: ``W1[0,3]``; ``w1`` where its layer has one."""
    is_single = model.path.widths[layer] == model.path.widths[layer + 1] == 1
    return f"w{layer + 1}" if is_single else f"W{layer + 1}[{neuron},{column}]"


def quantity_name(model: ByHandModel, quantity: Quantity) -> str:
    """Return the name of something that can be changed, with the name of an input."""
    layer, index = quantity.layer, quantity.at
    if quantity.kind == "weight":
        return weight_name(model, layer, *index)
    if quantity.kind == "x":
        name = feature_name(model, index[0])
        return symbol(model, "x", INPUTS, index[0]) + (f" {name}" if name else "")
    return symbol(model, {"bias": "b", "delta": "δ"}[quantity.kind], layer, index[0])


def signal_name(model: ByHandModel, layer: int, unit: int) -> str:
    """Return the name of what a layer, or the inputs, hand on."""
    if layer == INPUTS:
        return symbol(model, "x", layer, unit)
    has_mask = model.known.explanation.forward[layer].mask is not None
    return symbol(model, "s" if has_mask else "a", layer, unit)


def feature_name(model: ByHandModel, unit: int) -> str:
    """Return the name of an input: of a pixel its row and column, both from 0."""
    sample = model.known.sample
    if sample.picture is not None:
        row, column = divmod(unit, sample.picture[1])
        return f"pixel {row},{column}"
    name = sample.features[unit] if unit < len(sample.features) else ""
    return "" if name == symbol(model, "x", INPUTS, unit) else sanitize(name, LONGEST_NAME)


def step_title(model: ByHandModel, step: Step) -> str:
    """Return what a step works out: ``slope of w1``."""
    layer, neuron = step.layer, model.path.unit(step.layer)
    if step.kind == "loss":
        return "the loss"
    if step.kind == "update":
        return f"one step on: {parameters_name(model, step)}"
    if step.kind in {"weights", "biases"}:
        return f"slope of {parameters_name(model, step)}"
    letter = {"z": "z", "a": "a", "signal": "s"}.get(step.kind)
    if letter:
        return symbol(model, letter, layer, neuron)
    if step.kind == "error":
        return f"error at {signal_name(model, layer, neuron)}"
    return f"error at {symbol(model, 'z', layer, neuron)}"


def parameters_name(model: ByHandModel, step: Step) -> str:
    """Return the name of the parameter under the cursor, of a step that works out those of a layer."""
    layer, neuron = step.layer, model.path.unit(step.layer)
    if step.kind == "biases":
        return symbol(model, "b", layer, neuron)
    return weight_name(model, layer, neuron, model.path.unit(layer - 1))


def signal(model: ByHandModel, layer: int, unit: int, write: Write = number) -> Piece:
    """Return what a layer, or the inputs, hand on, or what hides it."""
    if layer == INPUTS:
        is_changed = Quantity("x", 0, (unit,)) in model.known.changes
        return write(float(model.known.now.x[unit])), Ink.ACCENT if is_changed else Ink.TEXT
    has_mask = model.known.explanation.forward[layer].mask is not None
    return model.shown(Step("signal" if has_mask else "a", layer), unit, write=write)


def parameter(model: ByHandModel, quantity: Quantity, write: Write = number) -> Piece:
    """Return a weight or a bias."""
    is_changed = quantity in model.known.changes
    return write(model.known.value(quantity)), Ink.ACCENT if is_changed else Ink.TEXT


def weight(model: ByHandModel, layer: int, neuron: int, column: int, write: Write = number) -> Piece:
    """Return a weight."""
    return parameter(model, Quantity("weight", layer, (neuron, column)), write)


def delta(model: ByHandModel, layer: int, unit: int, write: Write = number) -> Piece:
    """Return ∂L/∂z of a neuron, or what hides it."""
    is_output = layer == len(model.path.widths) - 2
    return model.shown(Step("output" if is_output else "delta", layer), unit, write=write)


def derived(value: float, *of: Piece) -> Piece:
    """Return a number that follows from others, hidden where one of these is."""
    return (HIDDEN, Ink.WARNING) if any(text == HIDDEN for text, _ in of) else (number(value), Ink.TEXT)


def op(text: str) -> Piece:
    """Return what stands between numbers."""
    return text, Ink.MUTED


def times(left: Piece, right: Piece) -> StyledLine:
    """Return two numbers with a sign of multiplication between them."""
    return [left, op(" × "), right]


def outcome(piece: Piece) -> Piece:
    """Return what a formula comes to, to be seen at a glance."""
    text, ink = piece
    return text, Ink.BRIGHT if ink == Ink.TEXT else ink


def joined(terms: Sequence[StyledLine], separator: str) -> StyledLine:
    """Return terms with a separator between them."""
    line: StyledLine = []
    for place, term in enumerate(terms):
        line += ([op(separator)] if place else []) + term
    return line


def added(terms: Sequence[StyledLine]) -> StyledLine:
    """Return terms added up: before one that begins with a minus stands that instead of a plus."""
    line: StyledLine = []
    for place, (first, *rest) in enumerate(terms):
        text, ink = first
        is_less = place > 0 and text.startswith(MINUS)
        line += [op(f" {MINUS} " if is_less else " + ")] if place else []
        line += [(text.removeprefix(MINUS) if is_less else text, ink), *rest]
    return line


def vector(model: ByHandModel, layer: int) -> str:
    """Return the name of all that a layer, or the inputs, hand on."""
    if layer == INPUTS:
        return "x"
    return f"{'s' if model.known.explanation.forward[layer].mask is not None else 'a'}{layer + 1}"
