"""All that is said of a step by hand: its formula and shapes, what it does in words, the wiggle, the learner's turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from tui_trainer.formatting import ljust
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.by_hand import ByHandModel, Guess
from tui_trainer.view_models.by_hand_formulas import finely, formula
from tui_trainer.view_models.by_hand_matrices import matrix_lines, shapes
from tui_trainer.view_models.by_hand_names import op, quantity_name, step_title
from tui_trainer.view_models.by_hand_numbers import number
from tui_trainer.view_models.by_hand_sample import Quantity
from tui_trainer.view_models.by_hand_steps import Step
from tui_trainer.view_models.styled_text import StyledLine, wrapped_line

LABELS: Final = 13
"""Cells of the labels before the lines."""


def words(model: ByHandModel) -> str:
    """Return what the step does, in a sentence of the standard vocabulary."""
    return _WORDS_OF[model.step.kind](model)


def _activation_of(model: ByHandModel) -> str:
    return model.known.explanation.forward[model.step.layer].activation


def _a_words(model: ByHandModel) -> str:
    z = model.known.explanation.forward[model.step.layer].z[model.path.unit(model.step.layer)]
    if _activation_of(model) == "relu":
        shut = "the gate is shut: below 0 nothing passes"
        return "the gate is open: what is above 0 passes as it is" if z > 0 else shut
    return _ACTIVATION_WORDS[_activation_of(model)]


def _signal_words(model: ByHandModel) -> str:
    mask = model.known.explanation.forward[model.step.layer].mask
    is_dropped = mask is not None and mask[model.path.unit(model.step.layer)] == 0
    return "dropped: it hands on nothing this time" if is_dropped else "at work: scaled up, to make up for the dropped"


def _output_words(model: ByHandModel) -> str:
    if model.known.explanation.loss.collapses:
        return "guess minus truth: multiplied out, of the two links nothing else is left"
    if _activation_of(model) == "identity":
        return "the output is the sum itself, so the loss's slope is the error"
    return "two links, and no collapse: where the activation is flat, little of the error is left"


def _delta_words(model: ByHandModel) -> str:
    derivative = model.known.explanation.backward[model.step.layer].derivative
    if _activation_of(model) == "relu":
        is_open = derivative is not None and derivative[model.path.unit(model.step.layer)] != 0
        shut = "the gate was shut: no error passes, and the neuron learns nothing from this sample"
        return "the gate was open: the error passes as it is" if is_open else shut
    return _SLOPE_WORDS.get(_activation_of(model), "times the activation's slope")


def _update_words(model: ByHandModel) -> str:
    slopes = model.known.explanation.backward[model.step.layer].weights
    slope = float(slopes[model.index])
    if slope == 0 or not math.isfinite(slope):
        return "no slope, no step"
    if slope < 0:
        return "its slope is negative: raising it lowers the loss, so it goes up"
    return "its slope is positive: lowering it lowers the loss, so it goes down"


_ACTIVATION_WORDS: Final[dict[str, str]] = {
    "tanh": "squeezed into −1 … 1",
    "sigmoid": "squeezed into 0 … 1, so that it can be read as a probability",
    "softmax": "each output's share of the whole: together they make 1",
    "identity": "passed on as it is",
    "step": "yes above 0, no below: nothing in between, and no slope to learn by",
    "leaky_relu": "above 0 it passes as it is, below a little of it does",
}
_SLOPE_WORDS: Final[dict[str, str]] = {
    "sigmoid": "times the sigmoid's slope, which is never more than 0.25: each such layer lets less through",
    "tanh": "times the slope of tanh: 1 in its middle, next to nothing at its ends",
}
_LOSS_WORDS: Final[dict[str, str]] = {
    "bce": "nothing where the truth got all of the probability; the surer the answer and the wronger, the more",
    "cce": "nothing where the true class got all of the probability; the less it got, the more",
    "mse": "the distance from the target, squared, so that a miss of two counts four times a miss of one",
    "mae": "the distance from the target, whichever way",
}
_WORDS_OF: Final[dict[str, Callable[[ByHandModel], str]]] = {
    "z": lambda _: "each input times its weight, all added up, and the bias on top",
    "a": _a_words,
    "signal": _signal_words,
    "loss": lambda model: _LOSS_WORDS[model.known.explanation.loss.name],
    "output": _output_words,
    "weights": lambda _: "the error that reached this neuron, times what the weight was fed",
    "biases": lambda _: "a bias is fed 1, so its slope is the error itself",
    "error": lambda _: "each neuron above sends its error back through the weight that leads there",
    "delta": _delta_words,
    "update": _update_words,
}


def step_lines(model: ByHandModel, width: int, say: Callable[[str], str]) -> list[StyledLine]:
    """Return all that there is to say of the step at the cursor, in lines of at most ``width`` cells.

    Args:
        model: Where the learner is.
        width: Cells there are.
        say: Puts a sentence into the words chosen.
    """
    room = max(20, width - LABELS)
    lines = _labelled("this step", formula(model), room)
    lines += _labelled("your turn", turn_lines(model, say), room)
    if not model.hides:
        lines += _labelled("in words", [[(say(words(model)), Ink.TEXT)]], room)
    lines += _labelled("wiggle", wiggle_lines(model), room)
    lines += _labelled("one step on", _one_step_on(model, say), room)
    lines += _labelled("matrices", matrix_lines(model, room), room)
    lines += _labelled("shapes", [[(shapes(model), Ink.MUTED)]], room)
    return lines


def _labelled(label: str, lines: Sequence[StyledLine], room: int) -> list[StyledLine]:
    labelled: list[StyledLine] = []
    wrapped = [part for line in lines for part in wrapped_line(line, room, indent=2)]
    for place, line in enumerate(wrapped):
        labelled.append([(ljust(label if place == 0 else "", LABELS), Ink.MUTED), *line])
    return labelled


def wiggle_lines(model: ByHandModel) -> list[StyledLine]:
    """Return the parameter under the cursor moved a little, beside its slope; and how far the check of all has come."""
    lines: list[StyledLine] = []
    measured = model.wiggled
    if measured is not None:
        name = quantity_name(model, model.parameter)
        lines += [
            [
                op(f"{name} ± {number(measured.width)}: L {measured.below:.10g} … {measured.above:.10g}   measured "),
                (f"{measured.measured:.8g}".replace("-", "−"), Ink.TEXT),
                op("   backprop "),
                (f"{measured.slope:.8g}".replace("-", "−"), Ink.TEXT),
            ],
            [op("relative difference "), *_verdict(measured.relative_error, is_kink=measured.kink)],
        ]
    check = model.check
    if check is not None:
        share = check.checked / max(1, check.total)
        bar = "━" * round(20 * share)
        line: StyledLine = [op("all: "), (ljust(bar, 20), Ink.ACCENT), op(f" {check.checked} of {check.total}")]
        if check.worst is not None:
            line += [op("   largest difference "), *_verdict(check.worst.relative_error, is_kink=False)]
            line += [op(f" at {check.worst.name}")]
        lines.append(line)
        if check.kinks:
            lines.append([op(f"{check.kinks} stand on a kink, where the slopes to either side differ")])
    return lines


AGREES: Final = 1e-6
"""Relative difference up to which two slopes are the same one but for rounding."""


def _verdict(error: float, *, is_kink: bool) -> StyledLine:
    agrees = error <= AGREES
    text = number(error) if error >= 1e-16 else "0"
    said = " on a kink: between the slopes to its left and right" if is_kink and agrees else ""
    return [(f"{text} {'✓' if agrees else '✕'}", Ink.GOOD if agrees else Ink.ERROR), op(said)]


def _one_step_on(model: ByHandModel, say: Callable[[str], str]) -> list[StyledLine]:
    """Return what a step of descent on this sample makes of the parameter under the cursor, and of the loss."""
    workings = model.known
    if not workings.explanation.backward or model.veil.is_down:
        return []
    quantity = model.parameter
    updated = workings.explanation.updates[quantity.layer]
    after = (updated.weights if quantity.kind == "weight" else updated.biases)[quantity.at]
    rate = say("learning rate")
    return [
        [
            op(f"{quantity_name(model, quantity)} "),
            (f"{finely(workings.value(quantity))} → {finely(float(after))}", Ink.TEXT),
            op(f" at {rate} {number(workings.explanation.rate)}   L "),
            (f"{number(workings.explanation.loss.value)} → {number(workings.loss_after)}", Ink.TEXT),
        ]
    ]


def turn_lines(model: ByHandModel, say: Callable[[str], str]) -> list[StyledLine]:
    """Return what was changed, what is to be guessed, how the guess was, and what the change did to the loss."""
    lines: list[StyledLine] = []
    for quantity, value in model.known.changes.items():
        before = _value_before(model, quantity)
        lines.append([(f"{quantity_name(model, quantity)} {finely(before)} → {finely(value)}", Ink.ACCENT)])
    if model.hides:
        lines.append([(f"what is {step_title(model, model.step)}?", Ink.WARNING)])
    elif model.veil.is_down and model.guess is None:
        lines.append([op("nothing to guess here: go on to a ?")])
    if model.guess is not None and model.guess.step == model.step:
        lines.append(_guess_line(model.guess))
    return [*lines, *_change_lines(model, say)]


def _value_before(model: ByHandModel, quantity: Quantity) -> float:
    sample = model.known.sample
    if quantity.kind == "x":
        return float(sample.x[quantity.at])
    if quantity.kind == "delta":
        return float(model.known.base.backward[-1].delta[quantity.at])
    layer = sample.layers[quantity.layer]
    return float((layer.weights if quantity.kind == "weight" else layer.biases)[quantity.at])


def _guess_line(guess: Guess) -> StyledLine:
    answer = number(guess.answer)
    if guess.is_right:
        return [(f"{guess.text} is right ✓", Ink.GOOD), op(f"   it is {answer}")]
    if guess.value * guess.answer < 0:
        return [(f"{guess.text} has the wrong sign", Ink.WARNING), op(f"   it is {answer}")]
    return [
        (f"{guess.text} is not it", Ink.WARNING),
        op(f"   it is {answer}, {number(guess.value - guess.answer)} off"),
    ]


def _change_lines(model: ByHandModel, say: Callable[[str], str]) -> list[StyledLine]:
    """Return what a change of a single quantity did to the loss, for each unit, beside the slope before it."""
    workings = model.known
    loss = Step("loss", len(workings.explanation.forward) - 1)
    if len(workings.changes) != 1 or model.is_hidden(loss, (0,)) or not workings.base.backward:
        return []
    (quantity, value), *_ = workings.changes.items()
    before, after = workings.base.loss.value, workings.explanation.loss.value
    moved = value - _value_before(model, quantity)
    if quantity.kind in {"delta", "x"} or not moved:
        return []
    of_layer = workings.base.backward[quantity.layer]
    slope = float((of_layer.weights if quantity.kind == "weight" else of_layer.biases)[quantity.at])
    measured = (after - before) / moved
    return [
        [
            op("L "),
            (f"{number(before)} → {number(after)}", Ink.TEXT),
            op(f": ({number(after)} − {number(before)}) / {number(moved)} = "),
            (number(measured), Ink.TEXT),
            op(say(" for each unit; its slope was ")),
            (number(slope), Ink.TEXT),
            op(": the loss bends" if abs(measured - slope) > 0.005 * abs(slope) else ""),
        ]
    ]
