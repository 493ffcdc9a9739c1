"""Formulas of a row by hand, in letters and with their numbers; layers count from 1, neurons and inputs from 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.array_types import Floats
from engine.numerics.by_hand import Backward, Explanation, Forward
from tui_trainer.formatting import cell_text

MOST_TERMS = 6
"""Products that a sum has in full."""

VALUES = {
    "identity": ("z", "{z}"),
    "step": ("1 where z > 0, else 0", "step({z})"),
    "sigmoid": ("1 / (1 + e^−z)", "1 / (1 + e^−{inner})"),
    "tanh": ("tanh z", "tanh {inner}"),
    "relu": ("max(0, z)", "max(0, {z})"),
    "leaky_relu": ("z where z > 0, else {slope}·z", "leaky({z})"),
    "softmax": ("e^z / Σ e^z", "e^{inner} / Σ e^z"),
}
"""Of each activation, in letters and with a z; ``slope`` is that of leaky ReLU."""
DERIVATIVES = {
    "identity": "1",
    "sigmoid": "a·(1 − a)",
    "tanh": "1 − a²",
    "relu": "1 where a > 0, else 0",
    "leaky_relu": "1 where a > 0, else {slope}",
}
"""Of each activation that has one, in terms of a."""
LOSSES = {
    "bce": "L = −(y·ln p + (1 − y)·ln(1 − p))",
    "cce": "L = −Σ y·ln p",
    "mse": "L = (p − y)²",
    "mae": "L = |p − y|",
}


def number(value: float) -> str:
    """Return a number with six significant digits."""
    return cell_text(float(value))


def factor(value: float) -> str:
    """Return a number as it stands in a product: a negative one in parentheses."""
    return f"({number(value)})" if value < 0 else number(value)


def sum_of_products(left: Floats, right: Floats, bias: float | None = None) -> str:
    """Return Σ left·right of (n,) each, and a bias, with their numbers; of many products their number and sum."""
    terms = [f"{factor(a)}·{factor(b)}" for a, b in zip(left, right, strict=True)]
    if len(terms) > MOST_TERMS:
        terms = [f"{number(float(left @ right))} (the sum of {len(terms)} products)"]
    if bias is not None:
        terms.append(factor(bias))
    return " + ".join(terms)


def value_letters(step: Forward) -> str:
    """Return a layer's activation in letters."""
    return VALUES[step.activation][0].format(slope=number(step.negative_slope))


def derivative_letters(step: Forward) -> str:
    """Return the derivative of a layer's activation in terms of a; nothing where there is none."""
    return DERIVATIVES.get(step.activation, "").format(slope=number(step.negative_slope))


def forward_lines(layer: int, step: Forward) -> list[str]:
    """Return z and a of each neuron with their numbers; the layer counts from 1."""
    lines = []
    value = VALUES[step.activation][1]
    for neuron, (z, a) in enumerate(zip(step.z, step.a, strict=True)):
        total = sum_of_products(step.weights[neuron], step.inputs, float(step.biases[neuron]))
        lines.append(f"z{layer}[{neuron}] = {total} = {number(z)}")
        inserted = value.format(z=number(z), inner=factor(z))
        lines.append(f"a{layer}[{neuron}] = {inserted} = {number(a)}")
    return lines


def loss_lines(explanation: Explanation) -> list[str]:
    """Return the loss in letters, and with its numbers."""
    loss, p, y = explanation.loss, explanation.outputs, explanation.loss.targets
    terms = [_loss_term(loss.name, float(a), float(b)) for a, b in zip(p, y, strict=True) if loss.name != "cce" or b]
    total = terms[0] if len(terms) == 1 else _many(terms)
    if loss.name != "cce" and len(y) > 1:
        total = f"({total}) / {len(y)}"
    if loss.class_weight != 1:
        total = f"{number(loss.class_weight)} · {total if len(terms) == 1 else f'({total})'}"
    letters = LOSSES[loss.name] + (f", the mean over {len(y)} outputs" if loss.name != "cce" and len(y) > 1 else "")
    lines = [letters, f"L = {total} = {number(loss.value)}"]
    if loss.collapses and (((p == 0) & (y > 0)) | ((p == 1) & (y < 1))).any():
        lines[1:] = [f"p is 0 or 1 to rounding, so L is worked out from z: L = {number(loss.value)}"]
    return [smoothing_line(explanation), *lines] if explanation.is_smoothed else lines


def smoothing_line(explanation: Explanation) -> str:
    """Return what label smoothing makes of the targets."""
    before, after = (", ".join(map(number, each[:MOST_TERMS])) for each in (explanation.y, explanation.loss.targets))
    return f"y = {before}, smoothed {after}"


def _many(terms: Sequence[str]) -> str:
    terms_shown = terms if len(terms) <= MOST_TERMS else [terms[0], "…", terms[-1]]
    return " + ".join(terms_shown).replace(" + −", " − ")


def _loss_term(name: str, p: float, y: float) -> str:
    target = "" if y == 1 else f"{number(y)}·"
    match name:
        case "mse":
            return f"({number(p)} − {factor(y)})²"
        case "mae":
            return f"|{number(p)} − {factor(y)}|"
        case "cce":
            return f"−{target}ln {probability(p)}"
    hit, miss = f"ln {probability(p)}", f"ln(1 − {probability(p)})"
    if y in {0.0, 1.0}:
        return f"−{hit if y else miss}"
    return f"−({number(y)}·{hit} + {number(1 - y)}·{miss})"


def probability(p: float) -> str:
    """Return p with six significant digits; of one that would be 1 so, and is not, with as many as it has."""
    return cell_text(p, 16) if p != 1 and number(p) == "1" else number(p)


def gradient_letters(name: str, outputs: int) -> str:
    """Return ∂L/∂p in letters."""
    letters = {"bce": "(1 − y)/(1 − p) − y/p", "cce": "−y/p", "mse": "2·(p − y)", "mae": "the sign of p − y"}[name]
    return letters if outputs == 1 or name == "cce" else f"[{letters}] / {outputs}"


def link_lines(explanation: Explanation) -> list[str]:
    """Return the first links of the way back of a single output: ∂L/∂p, ∂p/∂z, their product, what it collapses to."""
    loss, p, y = explanation.loss, float(explanation.outputs[0]), float(explanation.loss.targets[0])
    last = explanation.forward[-1]
    weighted = "" if loss.class_weight == 1 else f"{number(loss.class_weight)} · "
    lines = [f"∂L/∂p = {weighted}{gradient_letters(loss.name, 1)} = {number(loss.gradient[0])}"]
    if loss.jacobian is None or loss.product is None or loss.delta is None:
        return lines
    slope = float(loss.jacobian[0, 0])
    letters = derivative_letters(last).replace("a", "p")
    lines.append(f"∂p/∂z = {letters}{'' if letters == number(slope) else f' = {number(slope)}'}")
    product = f"{factor(loss.gradient[0])} · {factor(slope)} = {number(loss.product[0])}"
    lines.append(f"∂L/∂z = ∂L/∂p · ∂p/∂z = {product}")
    if loss.collapses:
        letters = "p − smoothed y" if explanation.is_smoothed else "p − y"
        numbers = f"{number(p)} − {factor(y)}"
        if weighted:
            letters, numbers = f"{weighted}({letters})", f"{weighted}({numbers})"
        lines.append(f"{letters} = {numbers} = {number(loss.delta[0])}")
    return lines


def backward_lines(layer: int, back: Backward, above: Forward, delta_above: Floats) -> list[str]:
    """Return ∂L/∂a and δ of each neuron of a hidden layer, from δ (units,) above; the layer counts from 1."""
    lines = []
    for neuron in range(len(back.delta)):
        error, delta = number(back.error[neuron]), number(back.delta[neuron])
        total = sum_of_products(above.weights[:, neuron], delta_above)
        lines.append(f"∂L/∂a{layer}[{neuron}] = {total}{'' if total == error else f' = {error}'}")
        if back.derivative is not None:
            slope = factor(float(back.derivative[neuron]))
            lines.append(f"δ{layer}[{neuron}] = {factor(back.error[neuron])} · {slope} = {delta}")
    return lines


def is_small(step: Forward) -> bool:
    """Return whether a layer's formulas can be written out."""
    out, fan_in = step.shape
    return out <= 8 and fan_in <= 2 * MOST_TERMS


def collapse_rows(explanation: Explanation) -> list[tuple[int, float, float, float, float, float]]:
    """Return for each output its number, p, y, ∂L/∂p, the links multiplied out, and δ."""
    loss = explanation.loss
    if loss.product is None or loss.delta is None:
        return []
    columns = (explanation.outputs, loss.targets, loss.gradient, loss.product, loss.delta)
    return [(place, *map(float, row)) for place, row in enumerate(np.column_stack(columns))]  # type: ignore[misc]
