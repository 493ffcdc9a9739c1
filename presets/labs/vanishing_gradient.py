"""What is left of a gradient after many layers: a factor a layer, in the formula and in drawn networks."""

from __future__ import annotations

import math

import numpy as np

from engine.array_types import Floats
from engine.numerics import textbook
from engine.numerics.activations import ACTIVATIONS
from engine.numerics.initializers import INITIALIZERS
from engine.numerics.losses import make_output_head
from presets.labs.common_dials import seed_dial
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Plot, Settings, Table, Value, curve, said

ROWS = 32
"""Rows over which a drawn network's gradient is averaged."""
COMPARED = (("sigmoid", "xavier"), ("tanh", "xavier"), ("relu", "he"), ("relu", "normal"))
CURES = (
    ("another activation", "ReLU's slope is 1 wherever it is open"),
    ("an initialisation that fits", "He for ReLU, Xavier for tanh: signals keep their size"),
    ("normalised signals", "each layer sees values of one size (batch normalisation)"),
    ("ways around layers", "residual connections add 1 to the factor"),
    ("a shorter way", "fewer layers, where they are not needed"),
    ("clipping", "against gradients that explode"),
)


def _compute(settings: Settings) -> LabResult:
    factor = _factor(settings)
    layers = [_power(factor, number) for number in range(1, settings.integer("layers") + 1)]
    drawn = {f"{name}, {start}": _norms(settings, name, start) for name, start in COMPARED}
    return LabResult(
        values={
            "B10_vanishing": {"layers": [*layers]},
            "vanishing-gradient": {"factor": factor, "drawn": _json(drawn)},
        },
        tables=(
            _table(layers, factor),
            _drawn_table(drawn),
            Table("What helps", ("cure", "because"), CURES),
        ),
        plots=(_formula_plot(settings, layers), _drawn_plot(drawn), _slope_plot(settings)),
        notes=_notes(factor, layers),
        formulas=(
            "σ′(z) = σ(z)(1 − σ(z)) ≤ ¼",
            "∂L/∂z of layer l = (Wᵀ · ∂L/∂z of layer l + 1) ⊙ f′(z)",
            "n layers of factor |w · f′(z)| each: |w · f′(z)|ⁿ",
        ),
    )


def _slope(name: str, z: float) -> float:
    activation = ACTIVATIONS[name]
    derivative = activation.derivative
    return float(derivative(activation.value(np.array([z])))[0]) if derivative else 0.0


def _factor(settings: Settings) -> float:
    """Return |w · f′(z)|, by which one layer multiplies what comes back."""
    return abs(settings.number("weight") * _slope(settings.text("activation"), settings.number("z")))


def _power(factor: float, number: int) -> float:
    return float(np.float64(factor) ** number)


def _norms(settings: Settings, activation: str, initializer: str) -> list[float]:
    """Return the norm of ∂L/∂W of each layer, first to last, of a drawn network on drawn rows and truths."""
    stream = np.random.RandomState(settings.integer("seed"))
    depth, width = settings.integer("layers"), settings.integer("width")
    layers = [
        textbook.Layer(INITIALIZERS[initializer](stream, width, width), np.zeros(width), activation)
        for _ in range(depth)
    ]
    layers.append(textbook.Layer(INITIALIZERS["xavier"](stream, 1, width), np.zeros(1), "sigmoid"))
    X, y = stream.standard_normal((ROWS, width)), (stream.uniform(size=(ROWS, 1)) < 0.5).astype(np.float64)
    trace = textbook.forward(layers, X)
    gradients = textbook.backward(layers, trace, y, make_output_head("sigmoid", "bce"))
    return [float(np.linalg.norm(gradient.weights)) for gradient in gradients[:-1]]


def _json(drawn: dict[str, list[float]]) -> dict[str, Value]:
    return {name: [norm if math.isfinite(norm) else str(norm) for norm in norms] for name, norms in drawn.items()}


def _table(layers: list[float], factor: float) -> Table:
    rows: list[tuple[Cell, ...]] = [("at the output", "", 1.0, 1.0)]
    rows += [(f"{number} layers back", factor, left, 0.25**number) for number, left in enumerate(layers, start=1)]
    return Table("What is left of a gradient of 1", ("", "factor", "left", "¼ a layer"), tuple(rows))


def _drawn_table(drawn: dict[str, list[float]]) -> Table:
    rows = tuple((name, norms[0], norms[-1], _ratio(norms)) for name, norms in drawn.items())
    return Table("Drawn networks: ‖∂L/∂W‖", ("activation, start", "first layer", "last layer", "first/last"), rows)


def _ratio(norms: list[float]) -> float | None:
    return norms[0] / norms[-1] if norms[-1] else None


def _formula_plot(settings: Settings, layers: list[float]) -> Plot:
    back = np.arange(len(layers) + 1)
    return Plot(
        title="What is left, by layers back",
        x_label="layers back",
        y_label="left",
        curves=(
            curve(f"{settings.text('activation')} at z = {settings.number('z'):g}", back, [1.0, *layers], "both"),
            curve("¼ a layer", back, 0.25**back, "dashed"),
        ),
        log_y=True,
    )


def _drawn_plot(drawn: dict[str, list[float]]) -> Plot:
    return Plot(
        title="Drawn networks: gradient norms",
        x_label="layer",
        y_label="‖∂L/∂W‖",
        curves=tuple(
            curve(name, np.arange(1, len(norms) + 1), _positive(np.array(norms)), "both")
            for name, norms in drawn.items()
        ),
        log_y=True,
    )


def _positive(norms: Floats) -> Floats:
    """Return norms with gaps where a logarithmic axis has no place for them."""
    return np.where(norms > 0, norms, np.nan)


def _slope_plot(settings: Settings) -> Plot:
    grid = np.linspace(-6, 6, 121)
    names = dict.fromkeys((settings.text("activation"), "sigmoid", "tanh", "relu"))
    return Plot(
        title="Slopes of activations",
        x_label="z",
        y_label="f′(z)",
        curves=tuple(curve(name, grid, [_slope(name, z) for z in grid]) for name in names),
    )


def _notes(factor: float, layers: list[float]) -> tuple[str, ...]:
    becomes = "it vanishes" if factor < 1 else "it explodes" if factor > 1 else "it keeps its size"
    return (
        (
            f"Each layer multiplies by {said(factor)}; after {len(layers)} of them {said(layers[-1], 3)} of "
            f"the gradient is left: {becomes}."
        ),
        (
            "¼ is the most that a sigmoid passes on, at z = 0 and with weights of 1. Real layers multiply by "
            "their weights as well, and add over their units: the drawn networks show it."
        ),
        (
            "A factor a little below 1 vanishes in the end, one a little above it explodes: depth makes the "
            "difference large."
        ),
    )


LAB = Lab(
    name="vanishing-gradient",
    title="What is left of a gradient after many layers",
    dials=(
        LabDial(
            key="layers",
            label="layers",
            kind="integer",
            default=10,
            low=1,
            high=30,
            help="How many layers the gradient goes back through.",
        ),
        LabDial(
            key="activation",
            label="activation",
            kind="choice",
            default="sigmoid",
            choices=("sigmoid", "tanh", "relu", "leaky_relu", "identity"),
            help="Of every layer.",
        ),
        LabDial(
            key="z",
            label="z",
            kind="number",
            default=0.0,
            low=-20,
            high=20,
            step=0.5,
            help="Raw score at which each layer stands.",
        ),
        LabDial(
            key="weight",
            label="weight",
            kind="number",
            default=1.0,
            low=-10,
            high=10,
            step=0.25,
            help="Weight that each layer multiplies by on the way back.",
        ),
        LabDial(
            key="width",
            label="units, drawn",
            kind="integer",
            default=32,
            low=1,
            high=64,
            scale="log",
            help="Units of each layer of the drawn networks.",
        ),
        seed_dial("Of the drawn networks."),
    ),
    compute=_compute,
)
