"""A layer by hand, as tables: its neurons, and the products that the step adds up for the neuron under the cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.array_types import Floats
from tui_trainer.formatting import cell_width, count, ljust, rjust, within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.by_hand import HIDDEN, INPUTS, ByHandModel
from tui_trainer.view_models.by_hand_names import (
    Piece,
    delta,
    feature_name,
    op,
    outcome,
    parameter,
    signal,
    signal_name,
    symbol,
    weight,
    weight_name,
)
from tui_trainer.view_models.by_hand_numbers import column_number, number
from tui_trainer.view_models.by_hand_sample import Quantity
from tui_trainer.view_models.by_hand_steps import Step, StepKind
from tui_trainer.view_models.picker import window
from tui_trainer.view_models.styled_text import StyledLine

NUMBER: Final = 9
"""Cells of a number."""
COLUMN: Final = NUMBER + 1
BAR: Final = 8
"""Cells of the longest bar."""
NARROWEST_NAME: Final = 12
"""Cells of a name with its mark, below which bars give way to it."""
WIDEST_TERMS: Final = 66
MOST_BELOW: Final = 14
"""Rows of the products that are listed below a drawn network."""
GAP: Final = 2


# The neurons of the layer


def neuron_lines(model: ByHandModel, rows: int, width: int) -> list[StyledLine]:
    """Return the neurons of the step's layer, as many around the one under the cursor as there are rows for.

    Args:
        model: Where the learner is.
        rows: Rows there are, two for the head included.
        width: Cells there are.
    """
    layer = model.step.layer
    forward = model.known.explanation.forward[layer]
    units, chosen = len(forward.z), model.path.unit(layer)
    columns = _columns_of(model, width)
    out, fan_in = forward.shape
    title: StyledLine = [(f"layer {layer + 1}", Ink.BRIGHT), op(f"  {forward.activation}  {out}×{fan_in}")]
    head: StyledLine = [op(ljust("", 7)), *(op(rjust(name, COLUMN)) for name, _ in columns)]
    lines = [title, head]
    for unit in window(chosen, units, max(1, rows - 2)):
        is_chosen = unit == chosen
        name = f"{'▸' if is_chosen else ' '}{_unit_name(model, layer, unit)}"
        line: StyledLine = [(ljust(within(name, 7), 7), Ink.ACCENT if is_chosen else Ink.MUTED)]
        for name_of, cell in columns:
            text, ink = cell(unit)
            is_of_step = is_chosen and name_of == _HEAD_OF_STEP.get(model.step.kind)
            line.append((" ", Ink.TEXT))
            line.append((rjust(text, NUMBER), Ink.SELECTED if is_of_step else ink))
        lines.append(line)
    return lines


_HEAD_OF_STEP: Final[dict[str, str]] = {
    "z": "z",
    "a": "a",
    "signal": "handed on",
    "error": "error",
    "delta": "δ",
    "output": "δ",
    "biases": "∂bias",
}
Column = tuple[str, Callable[[int], Piece]]


def _columns_of(model: ByHandModel, width: int) -> list[Column]:
    """Return the columns that have room, the step's own among them: head, and the text of a neuron."""
    layer, explanation = model.step.layer, model.known.explanation
    is_output = layer == len(model.path.widths) - 2
    mask = explanation.forward[layer].mask
    columns: list[Column] = [("z", lambda unit: model.shown(Step("z", layer), unit, write=column_number))]
    columns.append(("a", lambda unit: model.shown(Step("a", layer), unit, write=column_number)))
    if is_output:
        columns.append(("y", lambda unit: (number(float(explanation.y[unit])), Ink.MUTED)))
    if mask is not None:
        columns.append(("mask", lambda unit: _mask_cell(mask, unit)))
    if explanation.backward:
        if not is_output:
            columns.append(("error", lambda unit: model.shown(Step("error", layer), unit, write=column_number)))
        columns.append(("δ", lambda unit: delta(model, layer, unit, column_number)))
    fitting = max(1, (width - 7) // COLUMN)
    is_back = model.step.kind in {"error", "delta", "output", "weights", "biases", "update"}
    return columns[-fitting:] if is_back else columns[:fitting]


def _mask_cell(mask: Floats, unit: int) -> Piece:
    factor = float(mask[unit])
    return ("dropped", Ink.WARNING) if factor == 0 else (f"×{number(factor)}", Ink.MUTED)


def _unit_name(model: ByHandModel, layer: int, unit: int) -> str:
    classes = model.known.sample.classes
    is_output = layer == len(model.path.widths) - 2
    return classes[unit] if is_output and len(classes) == model.path.widths[-1] > 1 else str(unit)


# The products of the step


@dataclass(frozen=True)
class Term:
    """One product of a step.

    Attributes:
        unit: The unit below, or above, that it comes from.
        name: What that is.
        left: The first factor.
        sign: What stands between the two.
        right: The second factor.
        value: What it comes to.
        is_hidden: Whether that is to be guessed.
    """

    unit: int
    name: str
    left: Piece
    sign: str
    right: Piece
    value: float
    is_hidden: bool


CONTEXT: Final[dict[StepKind, StepKind]] = {
    "a": "z",
    "signal": "z",
    "loss": "z",
    "output": "z",
    "biases": "weights",
    "delta": "error",
}
"""The step whose products are listed beside one that has none of its own."""


def listed_kind(model: ByHandModel) -> StepKind:
    """Return the step whose products are listed."""
    return CONTEXT.get(model.step.kind, model.step.kind)


def has_products(model: ByHandModel) -> bool:
    """Return whether there is more to list than the formula says: a sum of several, whose numbers are known."""
    return len(_values(model)) > 1


def ranking(model: ByHandModel) -> list[int]:
    """Return the units that the products come from, the largest products first."""
    return [int(unit) for unit in np.argsort(-np.abs(np.nan_to_num(_values(model))), kind="stable")]


def _values(model: ByHandModel) -> Floats:
    """Return what the products come to, by unit."""
    layer, explanation = model.step.layer, model.known.explanation
    neuron, kind = model.path.unit(layer), listed_kind(model)
    values: Floats
    if kind == "z":
        values = explanation.forward[layer].contributions[neuron]
    elif kind == "weights":
        values = explanation.backward[layer].weights[neuron]
    elif kind == "error":
        values = explanation.backward[layer + 1].delta * explanation.forward[layer + 1].weights[:, neuron]
    else:
        values = explanation.updates[layer].weights[neuron] - explanation.forward[layer].weights[neuron]
    return values


def _term(model: ByHandModel, unit: int, value: float) -> Term:
    layer, neuron, kind = model.step.layer, model.path.unit(model.step.layer), listed_kind(model)
    if kind == "error":
        left, right = (
            delta(model, layer + 1, unit, column_number),
            weight(model, layer + 1, unit, neuron, column_number),
        )
        return Term(unit, symbol(model, "δ", layer + 1, unit), left, "×", right, value, left[0] == HIDDEN)
    name = _fed_name(model, layer - 1, unit)
    fed = signal(model, layer - 1, unit, column_number)
    if kind == "z":
        return Term(unit, name, fed, "×", weight(model, layer, neuron, unit, column_number), value, fed[0] == HIDDEN)
    if kind == "weights":
        is_hidden = model.is_hidden(Step("weights", layer), (neuron, unit))
        return Term(unit, name, delta(model, layer, neuron, column_number), "×", fed, value, is_hidden)
    step = Step("update", layer)
    after = model.shown(step, neuron, unit, write=column_number)
    named = weight_name(model, layer, neuron, unit)
    return Term(
        unit,
        named,
        weight(model, layer, neuron, unit, column_number),
        "→",
        after,
        value,
        model.is_hidden(step, model.index),
    )


def _fed_name(model: ByHandModel, layer: int, unit: int) -> str:
    named = feature_name(model, unit) if layer == INPUTS else ""
    return named or signal_name(model, layer, unit)


def heading(model: ByHandModel) -> str:
    """Return what the list of products adds up to."""
    layer, neuron = model.step.layer, model.path.unit(model.step.layer)
    return {
        "z": f"{symbol(model, 'z', layer, neuron)} = sum of",
        "weights": f"slopes of the weights into {signal_name(model, layer, neuron)}",
        "error": f"error at {signal_name(model, layer, neuron)} = sum of",
        "update": f"weights into {signal_name(model, layer, neuron)}, one step on",
    }[listed_kind(model)]


def term_lines(model: ByHandModel, rows: int, width: int) -> list[StyledLine]:
    """Return the products of the step, the largest first, around that under the cursor; and what the rest come to."""
    values, ranked = _values(model), ranking(model)
    kind = listed_kind(model)
    is_sum = kind in {"z", "error"}
    foot = _foot_lines(model) if kind == "z" else []
    terms_shown = max(1, min(len(ranked), rows - 1 - len(foot) - int(is_sum)))
    cursor = ranked.index(_cursor(model)) if _cursor(model) in ranked else 0
    visible = range(terms_shown) if cursor < terms_shown else window(cursor, len(ranked), terms_shown)
    largest = float(np.abs(np.nan_to_num(values)).max(initial=0)) or 1.0
    terms = [_term(model, unit, float(values[unit])) for unit in (ranked[place] for place in visible)]
    products = f"{count(len(ranked))} {'product' if len(ranked) == 1 else 'products'}"
    head = f"{heading(model)} {products}" if is_sum else heading(model)
    lines: list[StyledLine] = [[(within(head, width), Ink.BRIGHT)]]
    lines += [_term_line(term, largest, width, is_chosen=term.unit == _cursor(model)) for term in terms]
    rest = [place for place in range(len(ranked)) if place not in visible]
    if rest and is_sum:
        total = float(values[[ranked[place] for place in rest]].sum())
        is_hidden = any(term.is_hidden for term in terms)
        lines.append([op(f" {count(len(rest))} others: "), (HIDDEN if is_hidden else number(total), Ink.MUTED)])
    return [*lines, *foot]


def _cursor(model: ByHandModel) -> int:
    """Return the unit below, or above, that the path goes through."""
    layer = model.step.layer
    return model.path.unit(layer + 1) if listed_kind(model) == "error" else model.path.unit(layer - 1)


def moved(model: ByHandModel, by: int) -> tuple[int, int]:
    """Return the layer and the unit of the product before or after that under the cursor, in the order of the list."""
    ranked, layer = ranking(model), model.step.layer
    place = ranked.index(_cursor(model)) + by
    column = layer + 1 if listed_kind(model) == "error" else layer - 1
    return column, ranked[min(max(0, place), len(ranked) - 1)]


def _foot_lines(model: ByHandModel) -> list[StyledLine]:
    layer, neuron = model.step.layer, model.path.unit(model.step.layer)
    bias = parameter(model, Quantity("bias", layer, (neuron,)))
    z = outcome(model.shown(Step("z", layer), neuron))
    line: StyledLine = [op(f" {symbol(model, 'b', layer, neuron)} "), bias]
    return [[*line, op(f"   {symbol(model, 'z', layer, neuron)} = "), z, *_towards(model, z)]]


def _towards(model: ByHandModel, z: Piece) -> StyledLine:
    """Return what the sum of a lone output speaks for, where the classes have names."""
    classes, layer = model.known.sample.classes, model.step.layer
    is_lone = layer == len(model.path.widths) - 2 and model.path.widths[-1] == 1 and len(classes) == 2
    if not is_lone or z[0] == HIDDEN:
        return []
    value = float(model.known.explanation.forward[layer].z[0])
    return [op(f": for {classes[1] if value > 0 else classes[0]}")]


def _term_line(term: Term, largest: float, width: int, *, is_chosen: bool) -> StyledLine:
    text = HIDDEN if term.is_hidden else column_number(term.value)
    numbers = 3 * NUMBER + 2 * 3
    bar = "■" * round(BAR * abs(term.value) / largest) if not term.is_hidden and np.isfinite(term.value) else ""
    has_bar = width - numbers - BAR - 2 >= NARROWEST_NAME
    room = width - numbers - (BAR + 2 if has_bar else 0)
    line: StyledLine = [
        ("▸" if is_chosen else " ", Ink.ACCENT),
        (ljust(within(term.name, room - 2), room - 1), Ink.ACCENT if is_chosen else Ink.MUTED),
        (rjust(term.left[0], NUMBER), term.left[1]),
        op(f" {term.sign} "),
        (rjust(term.right[0], NUMBER), term.right[1]),
    ]
    if term.sign == "→":
        return line
    ink = Ink.WARNING if term.is_hidden else (Ink.TRAIN if term.value >= 0 else Ink.VALIDATION)
    line += [op(" = "), (rjust(text, NUMBER), Ink.WARNING if term.is_hidden else Ink.TEXT)]
    return [*line, (f" {bar}", ink)] if has_bar and bar else line


# The inputs as a picture


def picture_values(model: ByHandModel) -> Floats | None:
    """Return the products of a neuron of the first layer in the shape of the picture of the inputs, (height, width)."""
    picture = model.known.sample.picture
    if picture is None or model.step.layer != 0 or listed_kind(model) == "error":
        return None
    return _values(model).reshape(picture)


def products_below(model: ByHandModel, width: int) -> list[StyledLine]:
    """Return the products of the step to stand below a drawn network, the picture of the inputs beside them."""
    lines = term_lines(model, MOST_BELOW, min(width, WIDEST_TERMS))
    values = picture_values(model)
    picture = picture_lines(values, width - WIDEST_TERMS - GAP) if values is not None else []
    for place, row in enumerate([[], *picture] if picture and not model.veil.is_down else []):
        if place < len(lines):
            used = sum(cell_width(text) for text, _ in lines[place])
            lines[place] = [*lines[place], (" " * (WIDEST_TERMS + GAP - used), Ink.TEXT), *row]
    return lines


def picture_lines(values: Floats, width: int) -> list[StyledLine]:
    """Return a small picture's products as numbers in its shape, empty where there is no room for them."""
    height, across = values.shape
    if across * COLUMN > width or height * across > 16:
        return []
    return [
        [(rjust(column_number(float(value)), COLUMN), Ink.TRAIN if value >= 0 else Ink.VALIDATION) for value in row]
        for row in values
    ]
