"""The formula of a step by hand: in letters, with its numbers, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from engine.numerics.by_hand import Explanation, Forward
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.by_hand import HIDDEN, ByHandModel
from tui_trainer.view_models.by_hand_names import (
    Piece,
    added,
    delta,
    derived,
    op,
    outcome,
    parameter,
    signal,
    signal_name,
    symbol,
    times,
    vector,
    weight,
    weight_name,
)
from tui_trainer.view_models.by_hand_numbers import number
from tui_trainer.view_models.by_hand_sample import Quantity
from tui_trainer.view_models.by_hand_steps import Step
from tui_trainer.view_models.styled_text import StyledLine

MOST_TERMS: Final = 4
"""Products that a formula has in full; more are listed beside it."""


def formula(model: ByHandModel) -> list[StyledLine]:
    """Return the formula of the step at the cursor: in letters, in numbers, and what it comes to."""
    return _FORMULAS[model.step.kind](model)


def _z_formula(model: ByHandModel) -> list[StyledLine]:
    layer, neuron = model.step.layer, model.path.unit(model.step.layer)
    forward = model.known.explanation.forward[layer]
    fan_in = forward.shape[1]
    bias = parameter(model, Quantity("bias", layer, (neuron,)))
    z, b = symbol(model, "z", layer, neuron), symbol(model, "b", layer, neuron)
    result = outcome(model.shown(model.step, neuron))
    if fan_in > MOST_TERMS:
        inputs = [signal(model, layer - 1, unit) for unit in range(fan_in)]
        total = derived(float(forward.contributions[neuron].sum()), *inputs)
        letters = f"{z} = Σ W{layer + 1}[{neuron},j] · {vector(model, layer - 1)}[j] + {b}"
        return [
            [op(letters)],
            [
                op("= "),
                total,
                op(f" (of {fan_in} products) "),
                *added([[("", Ink.TEXT)], [bias]])[1:],
                op(" = "),
                result,
            ],
        ]
    names = [
        f"{weight_name(model, layer, neuron, unit)}·{signal_name(model, layer - 1, unit)}" for unit in range(fan_in)
    ]
    terms = [times(weight(model, layer, neuron, unit), signal(model, layer - 1, unit)) for unit in range(fan_in)]
    return [
        [op(f"{z} = {' + '.join(names)} + {b}")],
        [op("= "), *added([*terms, [bias]]), op(" = "), result],
    ]


def _a_formula(model: ByHandModel) -> list[StyledLine]:
    layer, neuron = model.step.layer, model.path.unit(model.step.layer)
    forward = model.known.explanation.forward[layer]
    z_name, a_name = (symbol(model, letter, layer, neuron) for letter in ("z", "a"))
    z, a = model.shown(Step("z", layer), neuron), outcome(model.shown(model.step, neuron))
    if forward.activation == "softmax":
        exponentials = [float(value) for value in np.exp(forward.z - forward.z.max())]
        zs = [model.shown(Step("z", layer), unit) for unit in range(len(forward.z))]
        top, total = (derived(value, *zs) for value in (exponentials[neuron], sum(exponentials)))
        return [
            [op(f"{a_name} = e^{z_name} / Σ e^z, every z less the largest, which changes nothing")],
            [op("= "), top, op(" / "), total, op(" = "), a],
        ]
    if forward.activation == "sigmoid":
        less = derived(-float(forward.z[neuron]), z)
        return [[op(f"{a_name} = 1 / (1 + e^−{z_name}) = 1 / (1 + e^"), less, op(") = "), a]]
    if forward.activation in _CASES:
        cases = _CASES[forward.activation].format(z=z_name, slope=number(forward.negative_slope))
        return [[op(f"{a_name} = {cases}:  {z_name} = "), z, op(" → "), a]]
    before, after = {"tanh": ("tanh ", ""), "relu": ("max(0, ", ")")}[forward.activation]
    return [[op(f"{a_name} = {before}{z_name}{after} = {before}"), z, op(f"{after} = "), a]]


_CASES: Final = {
    "identity": "{z}, as it is",
    "step": "1 where {z} > 0, else 0",
    "leaky_relu": "{z} where that is above 0, else {slope} · {z}",
}
"""Activations that are told by cases."""


def _signal_formula(model: ByHandModel) -> list[StyledLine]:
    layer, neuron = model.step.layer, model.path.unit(model.step.layer)
    mask = model.known.explanation.forward[layer].mask
    factor = 1.0 if mask is None else float(mask[neuron])
    names = f"{symbol(model, 's', layer, neuron)} = {symbol(model, 'a', layer, neuron)} × mask = "
    a, result = model.shown(Step("a", layer), neuron), outcome(model.shown(model.step, neuron))
    return [[op(names), *times(a, (number(factor), Ink.TEXT)), op(" = "), result]]


def _loss_formula(model: ByHandModel) -> list[StyledLine]:
    explanation, layer = model.known.explanation, model.step.layer
    loss, y = explanation.loss, explanation.y
    unit = _told_output(model)
    p, p_name = model.shown(Step("a", layer), unit), symbol(model, "a", layer, unit)
    result = outcome(model.shown(model.step, 0))
    head: StyledLine
    if explanation.is_smoothed:
        head = _smoothed_loss(explanation, p, p_name, unit)
    elif loss.name in {"bce", "cce"}:
        is_hit = loss.name == "cce" or y[unit] >= 0.5
        head = [op(f"−ln {p_name if is_hit else f'(1 − {p_name})'} = −ln ")]
        head += [p] if is_hit else [op("(1 − "), p, op(")")]
    else:
        power = "²" if loss.name == "mse" else ""
        left, right = ("(", ")") if power else ("|", "|")
        target = number(float(y[unit]))
        head = [op(f"{left}{p_name} − y{right}{power} = {left}"), p, op(" − "), (target, Ink.TEXT)]
        head += [op(f"{right}{power}")]
    is_mean = len(y) > 1 and loss.name != "cce"
    start = f"L = mean over {len(y)} outputs; of {p_name}: " if is_mean else "L = "
    tail: StyledLine = [op(" · weight "), (number(loss.class_weight), Ink.TEXT)] if loss.class_weight != 1 else []
    end: StyledLine = [op("   L = "), result] if is_mean else [op(" = "), result]
    return [[op(start), *head, *tail, *end]]


def _smoothed_loss(explanation: Explanation, p: Piece, p_name: str, unit: int) -> StyledLine:
    """Return the loss of smoothed targets: of an output with its numbers, of a class among several in letters."""
    target = float(explanation.loss.targets[unit])
    if explanation.loss.name == "cce":
        formula = f"−Σ smoothed y · ln p, of {p_name}: "
        return [op(formula), (number(target), Ink.TEXT), op(" · −ln "), p, op(";   L")]
    hit, miss = ((number(value), Ink.TEXT) for value in (target, 1 - target))
    return [op("−("), hit, op(" · ln "), p, op(" + "), miss, op(" · ln (1 − "), p, op("))")]


def _told_output(model: ByHandModel) -> int:
    """Return the output that the loss is told of: of a class the true one's, else the one under the cursor."""
    explanation = model.known.explanation
    if explanation.loss.name == "cce":
        return int(explanation.y.argmax())
    return model.path.unit(model.step.layer)


def _output_formula(model: ByHandModel) -> list[StyledLine]:
    explanation, layer = model.known.explanation, model.step.layer
    neuron = model.path.unit(layer)
    loss, delta_now = explanation.loss, outcome(model.shown(model.step, neuron))
    d, z = symbol(model, "δ", layer, neuron), symbol(model, "z", layer, neuron)
    own = [quantity for quantity in model.known.changes if quantity.kind == "delta"]
    if any(quantity.at == (neuron,) for quantity in own):
        return [[op(f"{d} = "), delta_now, op("   what if it were this?")]]
    lines = _link_lines(model, neuron)
    if not loss.collapses:
        return lines
    p, target = model.shown(Step("a", layer), neuron), number(float(loss.targets[neuron]))
    y = "smoothed y" if explanation.is_smoothed else "y"
    count = len(explanation.y) if loss.name == "bce" else 1
    share = f" / {count} outputs" if count > 1 else ""
    line: StyledLine = [op(f"{d} = ∂L/∂{z} = {symbol(model, 'a', layer, neuron)} − {y}{share} = ")]
    line += [p, op(" − "), (target, Ink.TEXT), op(f"{share}")]
    if loss.class_weight != 1:
        line += [op(" · weight "), (number(loss.class_weight), Ink.TEXT)]
    return [*lines, [*line, op(" = "), delta_now, op("   the links collapse into this")]]


def _link_lines(model: ByHandModel, neuron: int) -> list[StyledLine]:
    """Return the two links ∂L/∂p and ∂p/∂z with their numbers, and their product."""
    explanation, layer = model.known.explanation, model.step.layer
    loss = explanation.loss
    if loss.jacobian is None or loss.product is None:
        return []
    output = int(explanation.y.argmax()) if loss.name == "cce" else neuron
    p, z = symbol(model, "a", layer, output), symbol(model, "z", layer, neuron)
    outputs = [model.shown(Step("a", layer), unit) for unit in range(len(explanation.y))]
    letters = _slope_letters(explanation.forward[layer], p, output == neuron)
    first, second = float(loss.gradient[output]), float(loss.jacobian[output, neuron])
    gradient, slope, product = (derived(value, *outputs) for value in (first, second, float(loss.product[neuron])))
    if loss.name == "cce" and explanation.is_smoothed:  # every p has its share, not that of the truth alone
        return [[op(f"Σ ∂L/∂p · ∂p/∂{z} = "), outcome(product)]]
    return [
        [op(f"∂L/∂{p} = {_gradient_letters(explanation, p, output)} = "), gradient],
        [op(f"∂{p}/∂{z} = {letters}{'' if letters == '1' else ' = '}"), ("" if letters == "1" else slope[0], slope[1])],
        [op(f"∂L/∂{p} · ∂{p}/∂{z} = "), *times(gradient, slope), op(" = "), outcome(product)],
    ]


def _gradient_letters(explanation: Explanation, p: str, unit: int) -> str:
    loss, outputs = explanation.loss, len(explanation.y)
    share = f" / {outputs}" if outputs > 1 and loss.name != "cce" else ""
    share += f" · weight {number(loss.class_weight)}" if loss.class_weight != 1 else ""
    if explanation.is_smoothed:
        y = number(float(loss.targets[unit]))
        return f"({number(1 - float(loss.targets[unit]))}/(1 − {p}) − {y}/{p}){share}"
    if loss.name in {"bce", "cce"}:
        is_hit = loss.name == "cce" or explanation.y[unit] >= 0.5
        return (f"−1/{p}" if is_hit else f"1/(1 − {p})") + share
    return (f"2·({p} − y)" if loss.name == "mse" else f"sign({p} − y)") + share


def _slope_letters(forward: Forward, p: str, is_own: bool) -> str:
    """Return the slope of a layer's activation in letters, by what it gives."""
    if forward.activation == "softmax":
        return f"{p}·(1 − {p})" if is_own else f"−{p} times the p of this output"
    return {
        "sigmoid": f"{p}·(1 − {p})",
        "tanh": f"1 − {p}²",
        "relu": "1 above 0, else 0",
        "leaky_relu": f"1 above 0, else {number(forward.negative_slope)}",
        "identity": "1",
    }[forward.activation]


def _weights_formula(model: ByHandModel) -> list[StyledLine]:
    layer = model.step.layer
    neuron, unit = model.path.unit(layer), model.path.unit(layer - 1)
    name = weight_name(model, layer, neuron, unit)
    letters = f"∂L/∂{name} = {symbol(model, 'δ', layer, neuron)} · {signal_name(model, layer - 1, unit)} = "
    product = times(delta(model, layer, neuron), signal(model, layer - 1, unit))
    line = [op(letters), *product, op(" = "), outcome(model.shown(model.step, neuron, unit))]
    penalty = float(model.known.explanation.backward[layer].penalty[neuron, unit])
    if penalty:
        line.append(op(f"   and {number(penalty)} of the penalties, that training adds"))
    return [line]


def _biases_formula(model: ByHandModel) -> list[StyledLine]:
    layer, neuron = model.step.layer, model.path.unit(model.step.layer)
    b, d = symbol(model, "b", layer, neuron), symbol(model, "δ", layer, neuron)
    product = times(delta(model, layer, neuron), ("1", Ink.TEXT))
    return [[op(f"∂L/∂{b} = {d} · 1 = "), *product, op(" = "), outcome(model.shown(model.step, neuron))]]


def _error_formula(model: ByHandModel) -> list[StyledLine]:
    layer, neuron = model.step.layer, model.path.unit(model.step.layer)
    above = model.path.widths[layer + 2]
    name, result = signal_name(model, layer, neuron), outcome(model.shown(model.step, neuron))
    if above > MOST_TERMS:
        letters = f"∂L/∂{name} = Σ δ{layer + 2}[k] · W{layer + 2}[k,{neuron}]"
        return [[op(f"{letters} (of {above} products) = "), result]]
    names = [f"{symbol(model, 'δ', layer + 1, k)}·{weight_name(model, layer + 1, k, neuron)}" for k in range(above)]
    terms = [times(delta(model, layer + 1, k), weight(model, layer + 1, k, neuron)) for k in range(above)]
    return [[op(f"∂L/∂{name} = {' + '.join(names)}")], [op("= "), *added(terms), op(" = "), result]]


def _delta_formula(model: ByHandModel) -> list[StyledLine]:
    layer, neuron = model.step.layer, model.path.unit(model.step.layer)
    explanation = model.known.explanation
    derivative, activation = explanation.backward[layer].derivative, explanation.forward[layer].activation
    slope = 1.0 if derivative is None else float(derivative[neuron])
    a = model.shown(Step("a", layer), neuron)
    d, z, s = (symbol(model, letter, layer, neuron) for letter in ("δ", "z", "a"))
    factor = derived(slope, a)
    letters = f"{d} = ∂L/∂{z} = ∂L/∂{signal_name(model, layer, neuron)} · ∂{s}/∂{z}"
    is_kinked = activation in {"relu", "leaky_relu", "identity"}
    slope_letters = "" if is_kinked else f"   ∂{s}/∂{z} = {_slope_letters(explanation.forward[layer], s, is_own=True)}"
    mask = explanation.forward[layer].mask
    masked = "" if mask is None else f", its mask {number(float(mask[neuron]))} included"
    product = times(model.shown(Step("error", layer), neuron), factor)
    return [
        [op(f"{letters}{slope_letters}{masked}")],
        [op("= "), *product, op(" = "), outcome(model.shown(model.step, neuron))],
    ]


def _update_formula(model: ByHandModel) -> list[StyledLine]:
    layer = model.step.layer
    neuron, unit = model.path.unit(layer), model.path.unit(layer - 1)
    explanation = model.known.explanation
    rate: Piece = (number(explanation.rate), Ink.TEXT)
    w, b = weight_name(model, layer, neuron, unit), symbol(model, "b", layer, neuron)
    lines: list[StyledLine] = []
    rows = (
        (w, weight(model, layer, neuron, unit), Step("weights", layer), (neuron, unit)),
        (b, parameter(model, Quantity("bias", layer, (neuron,))), Step("biases", layer), (neuron,)),
    )
    updated = (explanation.updates[layer].weights[neuron, unit], explanation.updates[layer].biases[neuron])
    for (name, before, step, index), after in zip(rows, updated, strict=True):
        slope = model.shown(step, *index)
        is_hidden = model.is_hidden(model.step, model.index) or slope[0] == HIDDEN
        result: Piece = (HIDDEN, Ink.WARNING) if is_hidden else (finely(float(after)), Ink.BRIGHT)
        letters = op(f"{name} ← {name} − rate · ∂L/∂{name} = ")
        lines.append([letters, before, op(" − "), *times(rate, slope), op(" = "), result])
    return lines


def finely(value: float) -> str:
    """Return a parameter with as many decimals as show what a small step did to it."""
    text = number(value)
    return text if abs(value) < 1e-3 or abs(value) >= 1e4 else f"{value:.6f}".rstrip("0").rstrip(".").replace("-", "−")


_FORMULAS: Final[dict[str, Callable[[ByHandModel], list[StyledLine]]]] = {
    "z": _z_formula,
    "a": _a_formula,
    "signal": _signal_formula,
    "loss": _loss_formula,
    "output": _output_formula,
    "weights": _weights_formula,
    "biases": _biases_formula,
    "error": _error_formula,
    "delta": _delta_formula,
    "update": _update_formula,
}
