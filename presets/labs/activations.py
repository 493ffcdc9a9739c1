"""What a neuron's sum becomes: activation functions and their derivatives, z by z."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.numerics.activations import ACTIVATIONS, sigmoid, softmax
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Mark, Plot, Settings, Table, Value, curve, said
from presets.labs.slopes import slope_anchors

SHOWN = ("sigmoid", "tanh", "relu", "leaky_relu", "step", "identity")
GUIDE = (
    ("relu", "hidden layers", "0 or 1", "first choice; a neuron that is never positive gets no gradient (dead)"),
    ("leaky_relu", "hidden layers", "0.01 or 1", "where many ReLU neurons die"),
    ("tanh", "hidden layers, centred", "at most 1", "saturates at both ends, as sigmoid does"),
    ("sigmoid", "output of a yes-or-no question", "at most ¼", "in deep hidden layers the gradient vanishes"),
    ("softmax", "output, one class of many", "pᵢ(1 − pᵢ), −pᵢpⱼ", "outputs add up to 1: only differences of z count"),
    ("identity", "output of a quantity", "1", "in hidden layers it adds nothing: they collapse into one"),
    ("step", "nowhere that learns", "0", "the first neurons; no slope, so no gradient descent"),
)
SCORES = (1.2, 0.5, 0.1, 3.8, 0.2, 0.1, 0.3, 0.9, 0.4, 0.2)
"""Ten raw scores, one a digit, as a tutorial has them."""
WIDTH = 6.0


def _compute(settings: Settings) -> LabResult:
    name, z = settings.text("function"), settings.number("z")
    inputs, scores = settings.numbers("inputs"), np.array(settings.numbers("scores"))
    probabilities = softmax(scores[:, None])[:, 0]
    return LabResult(
        values={**_cases(probabilities), "activations": _at(name, z, settings.number("h"))},
        tables=(
            _table(inputs),
            _softmax_table(scores, probabilities),
            Table("Which one where", ("function", "belongs", "slope", "mind"), GUIDE),
        ),
        plots=(_value_plot(name, z, inputs), _slope_plot(name, z), _all_slopes()),
        notes=_notes(z),
        formulas=(
            "σ(z) = 1 / (1 + e⁻ᶻ)",
            "σ′(z) = e⁻ᶻ / (1 + e⁻ᶻ)² = σ(z) · (e⁻ᶻ / (1 + e⁻ᶻ)) = σ(z) · (1 − σ(z))",
            "tanh′(z) = 1 − tanh²(z)",
            "ReLU(z) = max(0, z), its slope 1 for z > 0, else 0",
            "softmaxᵢ(z) = e^zᵢ / Σⱼ e^zⱼ",
        ),
    )


def _value(name: str, z: Floats) -> Floats:
    return ACTIVATIONS[name].value(z)


def _slope(name: str, z: Floats) -> Floats:
    """Return f′(z); the step's is 0 wherever it has one."""
    derivative = ACTIVATIONS[name].derivative
    return derivative(_value(name, z)) if derivative else np.zeros_like(z)


def _sigmoid(z: float) -> float:
    return float(sigmoid(np.array(z)))


def _cases(probabilities: Floats) -> dict[str, dict[str, Value]]:
    """Return the published examples: values of sigmoid and ReLU, ten scores, the slope wiggled, its anchors."""
    z = np.array([-10.0, -2.0, 0.0, 2.0, 10.0])
    s = [_sigmoid(each) for each in z]
    at = _sigmoid(1.4)
    low, high = _sigmoid(1.3), _sigmoid(1.5)
    return {
        "B02_sigmoid_relu": {
            **dict(zip(("s_m10", "s_m2", "s_0", "s_2", "s_10"), s, strict=True)),
            "relu": _value("relu", z).tolist(),
        },
        "B03_softmax": {
            "probs": probabilities.tolist(),
            "rounded3": [round(float(p), 3) for p in probabilities],
            "sum": float(probabilities.sum()),
            "argmax": int(probabilities.argmax()),
        },
        "R06b_wiggle_sigmoid": {
            "p13": low,
            "p15": high,
            "rate": (high - low) / (1.5 - 1.3),
            "formula": at * (1 - at),
        },
        "R07_anchors": slope_anchors(),
        "W01_sigmoid2": {"a2": _sigmoid(2.0)},
    }


def _at(name: str, z: float, h: float) -> dict[str, Value]:
    """Return value and slope at z, and the slope measured by moving z by h both ways."""
    around = np.array([z - h, z, z + h])
    below, value, above = (float(each) for each in _value(name, around))
    return {
        "z": z,
        "value": value,
        "slope": float(_slope(name, np.array([z]))[0]),
        "measured_slope": (above - below) / (2 * h),
    }


def _table(inputs: tuple[float, ...]) -> Table:
    z = np.array(inputs)
    columns = [(_value(name, z), _slope(name, z)) for name in ("sigmoid", "tanh", "relu")]
    rows = tuple(
        (float(each), *(float(array[row]) for pair in columns for array in pair)) for row, each in enumerate(z)
    )
    return Table("Value and slope", ("z", "σ", "σ′", "tanh", "tanh′", "ReLU", "ReLU′"), rows)


def _softmax_table(scores: Floats, probabilities: Floats) -> Table:
    winner = int(probabilities.argmax())
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (index, float(score), float(np.exp(score)), float(p), "← largest" if index == winner else "")
        for index, (score, p) in enumerate(zip(scores, probabilities, strict=True))
    )
    return Table("Scores to probabilities", ("class", "score z", "eᶻ", "probability", ""), rows)


def _grid() -> Floats:
    return np.linspace(-WIDTH, WIDTH, 241)


def _value_plot(name: str, z: float, inputs: tuple[float, ...]) -> Plot:
    grid, points = _grid(), np.array([each for each in inputs if abs(each) <= WIDTH])
    value = float(_value(name, np.array([z]))[0])
    return Plot(
        title=f"a = {name}(z)",
        x_label="z",
        y_label="a",
        curves=(curve(name, grid, _value(name, grid)), curve("inputs", points, _value(name, points), "dots")),
        marks=(Mark(z, value, f"z = {said(z)}, a = {said(value)}"),),
    )


def _slope_plot(name: str, z: float) -> Plot:
    grid, slope = _grid(), float(_slope(name, np.array([z]))[0])
    return Plot(
        title=f"Slope of {name}",
        x_label="z",
        y_label="da/dz",
        curves=(curve(f"{name}′", grid, _slope(name, grid)),),
        marks=(Mark(z, slope, f"slope {said(slope)}"),),
    )


def _all_slopes() -> Plot:
    grid = _grid()
    return Plot(
        title="Slopes side by side",
        x_label="z",
        y_label="da/dz",
        curves=tuple(curve(name, grid, _slope(name, grid)) for name in SHOWN if name != "step"),
    )


def _notes(z: float) -> tuple[str, ...]:
    a = _sigmoid(z)
    notes = [
        f"The S-curve at z = {said(z)} is {a:.4f}, its slope a(1 − a) = {a * (1 - a):.4f}; never more than ¼, at z = 0."
    ]
    if z == 2:
        notes.append(f"One tutorial prints σ(2) as 0.89, three times; it is {a:.4f}, so {100 * a:.0f} %, not 89.")
    notes.append("Softmax sees only differences: adding the same number to all scores changes no probability.")
    return tuple(notes)


LAB = Lab(
    name="activations",
    title="Activation functions and their slopes",
    dials=(
        LabDial(
            key="function",
            label="function",
            kind="choice",
            default="sigmoid",
            choices=SHOWN,
            help="Which function is drawn.",
        ),
        LabDial(
            key="z",
            label="z",
            kind="number",
            default=2.0,
            low=-40,
            high=40,
            step=0.5,
            help="Where value and slope are taken.",
        ),
        LabDial(
            key="h",
            label="wiggle h",
            kind="number",
            default=1e-5,
            low=1e-12,
            high=1.0,
            scale="log",
            help="By how much z is moved, both ways, to measure the slope.",
        ),
        LabDial(
            key="inputs",
            label="inputs",
            kind="list",
            default=(-10.0, -2.0, 0.0, 2.0, 10.0),
            low=-700,
            high=700,
            help="The z of the table, and of the dots on the curve.",
        ),
        LabDial(
            key="scores",
            label="scores",
            kind="list",
            default=SCORES,
            low=-700,
            high=700,
            lengths=(2, 20),
            help="What softmax turns into probabilities.",
        ),
    ),
    compute=_compute,
)
