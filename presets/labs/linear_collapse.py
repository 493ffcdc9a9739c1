"""Layers without an activation collapse into one: the product of their matrices, shown beside the network."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.array_types import Floats
from engine.numerics import textbook
from presets.labs.common_dials import seed_dial
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Plot, Settings, Table, curve, said

SIDE = 41
"""Points of the grid in each direction."""


def _compute(settings: Settings) -> LabResult:
    layers = _network(settings)
    weights, biases = collapsed(layers)
    grid = _grid()
    deep = textbook.forward(layers, grid).outputs[:, 0]
    one = (grid @ weights.T + biases)[:, 0]
    fitted, unexplained = _best_line(grid, deep)
    return LabResult(
        values={
            "linear-collapse": {
                "W": [float(each) for each in weights[0]],
                "b": float(biases[0]),
                "largest_difference": float(np.abs(deep - one).max()),
                "unexplained_by_any_line": unexplained,
                "parameters_deep": sum(layer.weights.size + layer.biases.size for layer in layers),
                "parameters_one": 3,
            }
        },
        tables=(_by_hand(settings), _matrices(layers, weights, biases), _points(layers, weights, biases)),
        plots=_along_lines(layers, weights, biases),
        notes=_notes(settings, float(np.abs(deep - one).max()), unexplained, fitted),
        formulas=(
            "z₂ = W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂) = Wx + b",
            "with an activation f between: z₂ = W₂ f(W₁x + b₁) + b₂, and no W does the same",
        ),
    )


def _network(settings: Settings) -> list[textbook.Layer]:
    """Return 2 inputs, the hidden layers, one identity output; weights drawn from N(0, 1/inputs)."""
    stream = np.random.RandomState(settings.integer("seed"))
    hidden = [settings.integer("width")] * settings.integer("hidden")
    layers, below = [], 2
    for index, width in enumerate([*hidden, 1]):
        activation = settings.text("activation") if index < len(hidden) else "identity"
        weights = stream.standard_normal((width, below)) / np.sqrt(below)
        layers.append(textbook.Layer(weights, 0.5 * stream.standard_normal(width), activation))
        below = width
    return layers


def collapsed(layers: list[textbook.Layer]) -> tuple[Floats, Floats]:
    """Return W (1, 2) and b (1,) of the one layer that identity layers are together."""
    weights, biases = layers[0].weights, layers[0].biases
    for layer in layers[1:]:
        weights, biases = layer.weights @ weights, layer.weights @ biases + layer.biases
    return weights, biases


def _grid() -> Floats:
    """Return the points (1681, 2) of a square from −3 to 3."""
    side = np.linspace(-3, 3, SIDE)
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def _best_line(grid: Floats, outputs: Floats) -> tuple[Floats, float]:
    """Return the plane of least squares, and the share of the outputs' variance that it leaves."""
    design = np.column_stack([grid, np.ones(len(grid))])
    solution = np.linalg.lstsq(design, outputs, rcond=None)[0]
    rest, spread = outputs - design @ solution, outputs - outputs.mean()
    total = float((spread**2).sum())
    return solution, float((rest**2).sum()) / total if total > 1e-24 else 0.0


def _by_hand(settings: Settings) -> Table:
    """Return two neurons in a row, written out: the second one's weights on x₁ and x₂, and its bias."""
    w11, w12, b1 = settings.numbers("first")
    w2, b2 = settings.numbers("second")
    x1, x2 = settings.numbers("point")
    z1 = w11 * x1 + w12 * x2 + b1
    rows: tuple[tuple[Cell, ...], ...] = (
        ("first neuron", _plane((w11, w12, b1)), z1),
        ("second neuron", f"{said(w2)}·z₁ + {said(b2)}", w2 * z1 + b2),
        (
            "one neuron",
            _plane((w2 * w11, w2 * w12, w2 * b1 + b2)),
            w2 * w11 * x1 + w2 * w12 * x2 + w2 * b1 + b2,
        ),
    )
    return Table(f"Two neurons in a row, at x = ({said(x1)}, {said(x2)})", ("", "z", "value"), rows)


def _plane(factors: Iterable[float]) -> str:
    """Return w₁·x₁ + w₂·x₂ + b with its numbers."""
    w1, w2, b = (said(float(factor)) for factor in factors)
    return f"{w1}·x₁ + {w2}·x₂ + {b}"


def _matrices(layers: list[textbook.Layer], weights: Floats, biases: Floats) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (f"layer {index + 1}", f"{layer.weights.shape}", layer.weights.size + layer.biases.size, layer.activation)
        for index, layer in enumerate(layers)
    ]
    formula = _plane((weights[0, 0], weights[0, 1], biases[0]))
    rows.append(("one layer", f"{weights.shape}", weights.size + biases.size, formula))
    return Table("The layers, and their product", ("", "W", "parameters", ""), tuple(rows))


def _points(layers: list[textbook.Layer], weights: Floats, biases: Floats) -> Table:
    points = np.array([(0, 0), (1, 0), (0, 1), (1, 1), (-1, 2), (3, -3)], np.float64)
    deep = textbook.forward(layers, points).outputs[:, 0]
    one = (points @ weights.T + biases)[:, 0]
    rows = tuple(
        (f"({said(x1)}, {said(x2)})", float(a), float(b), float(a - b))
        for (x1, x2), a, b in zip(points, deep, one, strict=True)
    )
    return Table("Answers", ("x", "the network", "one layer", "difference"), rows)


def _along_lines(layers: list[textbook.Layer], weights: Floats, biases: Floats) -> tuple[Plot, ...]:
    t = np.linspace(-3, 3, 121)
    zeros = np.zeros_like(t)
    plots = []
    for title, x in (
        ("x₁, with x₂ = 0", np.column_stack([t, zeros])),
        ("x₂, with x₁ = 0", np.column_stack([zeros, t])),
    ):
        deep, one = textbook.forward(layers, x).outputs[:, 0], (x @ weights.T + biases)[:, 0]
        curves = (curve("the network", t, deep), curve("product of its matrices", t, one, "dashed"))
        plots.append(Plot(title=f"Along {title}", x_label=title[:2], y_label="output", curves=curves))
    return tuple(plots)


def _notes(settings: Settings, difference: float, unexplained: float, fitted: Floats) -> tuple[str, ...]:
    if settings.text("activation") == "identity":
        return (
            (
                f"{settings.integer('hidden') + 1} layers answer as one does: the largest difference is "
                f"{difference:.2g}, which is rounding."
            ),
            "Depth without an activation buys nothing. Turn the activation to relu, and see the line bend.",
        )
    return (
        (
            f"With {settings.text('activation')} between the layers, the product of the matrices is off by up to "
            f"{difference:.3g}."
        ),
        (
            f"Even the best straight plane, {_plane(fitted)}, leaves "
            f"{unexplained:.1%} of the variance: one layer cannot do this."
        ),
    )


LAB = Lab(
    name="linear-collapse",
    title="Linear layers collapse into one",
    dials=(
        LabDial(
            key="hidden",
            label="hidden layers",
            kind="integer",
            default=2,
            low=1,
            high=10,
            help="How many layers stand before the output.",
        ),
        LabDial(
            key="width",
            label="units each",
            kind="integer",
            default=4,
            low=1,
            high=64,
            help="Neurons of each hidden layer.",
        ),
        LabDial(
            key="activation",
            label="activation",
            kind="choice",
            default="identity",
            choices=("identity", "relu", "leaky_relu", "tanh", "sigmoid"),
            help="What stands between the layers; identity is nothing.",
        ),
        seed_dial("Of the weights that are drawn."),
        LabDial(
            key="first",
            label="neuron 1: w, w, b",
            kind="list",
            default=(2.0, -1.0, 0.5),
            low=-100,
            high=100,
            lengths=(3, 3),
            help="Weights on x₁ and x₂, and bias, of the first of two neurons in a row.",
        ),
        LabDial(
            key="second",
            label="neuron 2: w, b",
            kind="list",
            default=(3.0, -2.0),
            low=-100,
            high=100,
            lengths=(2, 2),
            help="Weight on the first one's output, and bias, of the second.",
        ),
        LabDial(
            key="point",
            label="x₁, x₂",
            kind="list",
            default=(1.0, 2.0),
            low=-100,
            high=100,
            lengths=(2, 2),
            help="The input to the two neurons.",
        ),
    ),
    compute=_compute,
)
