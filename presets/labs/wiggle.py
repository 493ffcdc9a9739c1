"""Slopes measured by moving a parameter: by one side, by both, and with the few digits that fit on paper."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.numerics import textbook
from engine.numerics.losses import make_output_head
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Mark, Plot, Settings, Table, Value, curve, said

PARAMETERS = ("w1", "b1", "w2", "b2")
HEAD = make_output_head("sigmoid", "bce")
WIDTHS = np.geomspace(1e-13, 1, 53)
Network = dict[str, float]
"""x and the four parameters of a network of one hidden neuron and one output, by name."""


def _compute(settings: Settings) -> LabResult:
    network = {key: settings.number(key) for key in ("x", *PARAMETERS)}
    h, digits, chosen = settings.number("h"), settings.integer("digits"), settings.text("parameter")
    slopes = slopes_by_chain_rule(network)
    return LabResult(
        values={
            "R03_forward": _forward(network, digits),
            "R06a_wiggle_lnp": _logarithm(network, h / 10, digits),
            "R06b_wiggle_sigmoid": _sigmoid(network, h),
            "R06c_wiggle_w2": _moved_values(network, "w2", h, slopes),
            "R06d_wiggle_b2": _moved_values(network, "b2", h, slopes),
            "R06e_wiggle_w1": _of_hidden(network, h, slopes),
            "wiggle": {**_four_ways(network, chosen, h, digits, slopes)},
        },
        tables=(_by_parameter(network, h, digits, slopes), _by_digits(network, chosen, h, slopes)),
        plots=(_error_plot(network, chosen, h, slopes), _loss_plot(network, chosen, h, slopes)),
        notes=_notes(network, chosen, h, digits, slopes),
        formulas=(
            "one side: (L(w + h) − L(w)) / h, off by about h · L″/2",
            "both sides: (L(w + h) − L(w − h)) / 2h, off by about h² · L‴/6",
            "rounding adds about ε · L / h: too small an h is worse again",
        ),
    )


def _layers(network: Network) -> list[textbook.Layer]:
    hidden = textbook.Layer(np.array([[network["w1"]]]), np.array([network["b1"]]), "relu")
    output = textbook.Layer(np.array([[network["w2"]]]), np.array([network["b2"]]), "sigmoid")
    return [hidden, output]


def loss(network: Network) -> float:
    """Return the loss of the one sample, whose truth is 1."""
    return textbook.mean_loss(_layers(network), np.array([[network["x"]]]), np.ones((1, 1)), HEAD)


def slopes_by_chain_rule(network: Network) -> dict[str, float]:
    """Return ∂L/∂(parameter) by backpropagation."""
    layers = _layers(network)
    trace = textbook.forward(layers, np.array([[network["x"]]]))
    hidden, output = textbook.backward(layers, trace, np.ones((1, 1)), HEAD)
    arrays = (hidden.weights, hidden.biases, output.weights, output.biases)
    return {name: float(array.ravel()[0]) for name, array in zip(PARAMETERS, arrays, strict=True)}


def _moved(network: Network, name: str, by: float) -> Network:
    return {**network, name: network[name] + by}


def _one_sided(network: Network, name: str, h: float) -> float:
    return (loss(_moved(network, name, h)) - loss(network)) / h


def _central(network: Network, name: str, h: float) -> float:
    return (loss(_moved(network, name, h)) - loss(_moved(network, name, -h))) / (2 * h)


def _on_paper(network: Network, digits: int) -> float:
    """Return the loss as one who rounds p, and then the loss, to so many decimals has it; not below the last of p."""
    p = max(round(_p(network), digits), 10.0**-digits)
    return round(-math.log(p), digits)


def _paper_slope(network: Network, name: str, h: float, digits: int) -> float:
    return (_on_paper(_moved(network, name, h), digits) - _on_paper(network, digits)) / h


def _z2(network: Network) -> float:
    hidden = max(0.0, network["x"] * network["w1"] + network["b1"])
    return hidden * network["w2"] + network["b2"]


def _p(network: Network) -> float:
    return 1 / (1 + math.exp(min(-_z2(network), 700)))


def _forward(network: Network, digits: int) -> dict[str, Value]:
    z1, z2 = network["x"] * network["w1"] + network["b1"], _z2(network)
    below = math.exp(min(-z2, 700))
    return {
        "z1": z1,
        "a1": max(0.0, z1),
        "z2": z2,
        "exp_m_z2": below,
        "one_plus": 1 + below,
        "p": _p(network),
        "L": loss(network),
        "L_from_rounded_p": -math.log(max(round(_p(network), digits), 10.0**-digits)),
    }


def _logarithm(network: Network, h: float, digits: int) -> dict[str, Value]:
    """Return −ln p at p ± h, p as it is on paper; kept within what a probability can be."""
    p = min(max(round(_p(network), digits), 2 * h), 1 - h)
    below, above = -math.log(p - h), -math.log(p + h)
    return {"l792": below, "l812": above, "rate": (above - below) / (2 * h), "formula": -1 / p}


def _sigmoid(network: Network, h: float) -> dict[str, Value]:
    below, at, above = (_p(_moved(network, "b2", by)) for by in (-h, 0.0, h))
    return {"p13": below, "p15": above, "rate": (above - below) / (2 * h), "formula": at * (1 - at)}


def _of_hidden(network: Network, h: float, slopes: dict[str, float], name: str = "w1") -> dict[str, Value]:
    return {
        "L": loss(_moved(network, name, h)),
        "measured": _one_sided(network, name, h),
        "chain": slopes[name],
        "central": _central(network, name, h),
    }


def _moved_values(network: Network, name: str, h: float, slopes: dict[str, float]) -> dict[str, Value]:
    moved = _moved(network, name, h)
    z2 = _z2(moved)
    return {"z2": z2, "e": math.exp(min(-z2, 700)), "p": _p(moved), **_of_hidden(network, h, slopes, name)}


def _four_ways(network: Network, name: str, h: float, digits: int, slopes: dict[str, float]) -> dict[str, float]:
    return {
        "chain": slopes[name],
        "one_sided": _one_sided(network, name, h),
        "central": _central(network, name, h),
        "on_paper": _paper_slope(network, name, h, digits),
    }


def _by_parameter(network: Network, h: float, digits: int, slopes: dict[str, float]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name in PARAMETERS:
        measured = _central(network, name, h)
        rows.append(
            (
                name,
                slopes[name],
                _paper_slope(network, name, h, digits),
                _one_sided(network, name, h),
                measured,
                _relative(measured, slopes[name]),
            )
        )
    head = ("parameter", "backprop", f"on paper, {digits} digits", "one side", "both sides", "relative error")
    return Table(f"Slopes, each measured with h = {h:g}", head, tuple(rows))


def _relative(measured: float, slope: float) -> float:
    size = max(abs(measured), abs(slope))
    return abs(measured - slope) / size if size else 0.0


def _by_digits(network: Network, name: str, h: float, slopes: dict[str, float]) -> Table:
    rows = tuple(
        (
            digits,
            _on_paper(network, digits),
            _on_paper(_moved(network, name, h), digits),
            _paper_slope(network, name, h, digits),
            abs(_paper_slope(network, name, h, digits) - slopes[name]),
        )
        for digits in (2, 3, 4, 5, 6, 8, 10)
    )
    head = ("digits", "L", "L after", "slope by one side", "off by")
    return Table(f"{name} moved by {h:g}: the same on paper, with more and more digits", head, rows)


def _error_plot(network: Network, name: str, h: float, slopes: dict[str, float]) -> Plot:
    def errors(measure: Callable[[Network, str, float], float]) -> list[float]:
        return [abs(measure(network, name, width) - slopes[name]) or math.nan for width in WIDTHS]

    error = abs(_central(network, name, h) - slopes[name])
    return Plot(
        title=f"Error of the slope of {name}, by h",
        x_label="h",
        y_label="error",
        curves=(curve("one side", WIDTHS, errors(_one_sided)), curve("both sides", WIDTHS, errors(_central))),
        marks=(Mark(h, error, f"h = {h:g}"),) if error else (),
        log_x=True,
        log_y=True,
    )


def _loss_plot(network: Network, name: str, h: float, slopes: dict[str, float]) -> Plot:
    half_width = max(4 * h, 0.5)
    moves = np.linspace(-half_width, half_width, 121)
    values = network[name] + moves
    return Plot(
        title=f"Loss by {name}, tangent and chord",
        x_label=name,
        y_label="loss",
        curves=(
            curve("loss", values, [loss(_moved(network, name, move)) for move in moves]),
            curve("tangent, by backprop", values, loss(network) + slopes[name] * moves, "dashed"),
            curve("chord", values, loss(network) + _one_sided(network, name, h) * moves, "dashed"),
        ),
        marks=(
            Mark(network[name], loss(network), name),
            Mark(network[name] + h, loss(_moved(network, name, h)), "+ h"),
        ),
    )


def _notes(network: Network, name: str, h: float, digits: int, slopes: dict[str, float]) -> tuple[str, ...]:
    ways = {key: said(number, 6) for key, number in _four_ways(network, name, h, digits, slopes).items()}
    paper = {each: _paper_slope(network, each, h, digits) for each in PARAMETERS}
    lucky = [
        each
        for each in PARAMETERS
        if abs(paper[each] - slopes[each]) < abs(_one_sided(network, each, h) - slopes[each])
    ]
    p, kept = _p(network), _on_paper(network, digits)
    notes = [
        (
            f"{name}: backpropagation {ways['chain']}, one side {ways['one_sided']}, both sides "
            f"{ways['central']}, on paper {ways['on_paper']}."
        ),
        "The loss is curved, so a move to one side measures the slope of a chord. Both sides cancel the curve.",
    ]
    if lucky:
        said_of = "; ".join(
            f"{each} {said(paper[each])} (unrounded {said(_one_sided(network, each, h))}, slope {said(slopes[each])})"
            for each in lucky
        )
        notes.append(
            f"On paper some come nearer to their slopes than the moves themselves do: {said_of}. {digits} "
            f"digits hide the curve; the agreement is luck."
        )
    if _is_the_blog_s(network, h, digits):
        notes.append("These are the blog's numbers: it prints −0.16, −0.20 and −0.15 as agreements.")
    if abs(kept - loss(network)) > 0.5 * 10.0**-digits:
        notes.append(
            f"L = {said(kept, 12)} is −ln of the rounded p, {round(p, digits):g}; the loss itself is "
            f"{loss(network):.6g}."
        )
    return tuple(notes)


def _is_the_blog_s(network: Network, h: float, digits: int) -> bool:
    return (network, h, digits) == ({"x": 0.5, "w1": 1.0, "b1": 0.3, "w2": 1.5, "b2": 0.2}, 0.1, 3)


LAB = Lab(
    name="wiggle",
    title="Wiggling a parameter: slopes by one side, by both, on paper",
    dials=(
        LabDial(
            key="parameter",
            label="parameter",
            kind="choice",
            default="w2",
            choices=PARAMETERS,
            help="Which one is moved.",
        ),
        LabDial(
            key="h",
            label="moved by h",
            kind="number",
            default=0.1,
            low=1e-12,
            high=1,
            scale="log",
            help="How far it is moved.",
        ),
        LabDial(
            key="digits",
            label="digits on paper",
            kind="integer",
            default=3,
            low=1,
            high=12,
            help="Decimals that are kept of p and of the loss.",
        ),
        LabDial(key="x", label="x", kind="number", default=0.5, low=-10, high=10, step=0.1, help="The input."),
        LabDial(key="w1", label="w1", kind="number", default=1.0, low=-10, high=10, step=0.1, help="Hidden weight."),
        LabDial(key="b1", label="b1", kind="number", default=0.3, low=-10, high=10, step=0.1, help="Hidden bias."),
        LabDial(key="w2", label="w2", kind="number", default=1.5, low=-10, high=10, step=0.1, help="Output weight."),
        LabDial(key="b2", label="b2", kind="number", default=0.2, low=-10, high=10, step=0.1, help="Output bias."),
    ),
    compute=_compute,
)
