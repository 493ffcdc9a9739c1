"""Which shapes fit: weights, biases, signals and gradients of a network, and pictures as columns."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from presets.labs.brute_force import parameters
from presets.labs.common_dials import layers_dial
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Mark, Plot, Settings, Table, Value, curve

NETWORKS = (
    (2, 1),
    (2, 4, 1),
    (2, 32, 1),
    (2, 64, 1),
    (2, 32, 32, 1),
    (2, 64, 64, 1),
    (2, 128, 128, 128, 128, 1),
    (4096, 32, 1),
)
"""Those of one tutorial, inputs first."""
TASKS = (
    ("yes or no", "1", "sigmoid", "a probability"),
    ("one class of K", "K", "softmax", "probabilities that add up to 1"),
    ("a quantity", "1", "identity", "any number"),
    ("several quantities", "one each", "identity", "any numbers"),
)
CHANGES = (
    ("a neuron more", "a row of W, an entry of b", "and a column of the next W"),
    ("a layer more", "a W and a b of its own", "the next W has as many columns as it has units"),
    ("an input more", "a column of the first W", "nothing else"),
    ("a row of data more", "a column of X, Z and A", "no parameter"),
)
CALLS = (
    ("y of shape (1000, 1) beside A of (1, 1000)", "they broadcast to (1000, 1000); y is to be transposed"),
    ("two names for three values that come back", "too many values to unpack"),
    ("activations[f'A{n} - 1']", "the minus stands inside the name: there is no such key"),
    ("epoch=500", "the argument is called otherwise"),
    ("X from make_blobs, (200, 2)", "rows are samples there; (64, 2)·(200, 2) does not fit, X.T does"),
    ("a first layer of 2 inputs for pictures", "4096 pixels need a W of 4096 columns"),
)
LEVELS = 255


def _compute(settings: Settings) -> LabResult:
    units, rows = settings.integers("units"), settings.integer("rows")
    side, pixel = settings.integer("side"), settings.number("pixel")
    return LabResult(
        values={
            "W09_shapes": _shapes_case(units, rows, side),
            "W10_pixel": _pixel_case(pixel),
            "B16_params": {"net17": sum(parameters((2, 4, 1))), "spiral_257": sum(parameters((2, 64, 1)))},
            "shapes": {"parameters": sum(parameters(units)), "multiplications": _multiplications(units, rows)},
        },
        tables=(
            _layer_table(units, rows),
            _gradient_table(units, rows),
            _pipeline(settings.integer("pictures"), side, pixel),
            _networks(),
            Table("What grows", ("there is", "new", "and"), CHANGES),
            Table("Outputs by task", ("task", "units", "activation", "says"), TASKS),
            Table("Calls that one tutorial prints and that fail", ("call", "because"), CALLS),
        ),
        plots=(_widths_plot(units),),
        notes=_notes(units, rows, pixel),
        formulas=(
            "Z = W·A + b: (out, rows) = (out, in)·(in, rows) + (out, 1)",
            "∂L/∂W = ∂L/∂Z · Aᵀ: (out, in) = (out, rows)·(rows, in)",
            "∂L/∂A = Wᵀ · ∂L/∂Z: (in, rows) = (in, out)·(out, rows)",
            "inner numbers must agree; outer ones are the result's shape",
        ),
    )


def _shape(*sizes: int) -> str:
    return "(" + ", ".join(str(size) for size in sizes) + ")"


def _shapes_case(units: tuple[int, ...], rows: int, side: int) -> dict[str, Value]:
    weights = {f"W{index}": _shape(out, below) for index, (below, out) in enumerate(pairwise(units), start=1)}
    return {
        **weights,
        f"A{len(units) - 1}": _shape(units[-1], rows),
        "pixels": side * side,
        "param_counts": {f"[{', '.join(map(str, network))}]": sum(parameters(network)) for network in NETWORKS},
    }


def _pixel_case(pixel: float) -> dict[str, Value]:
    """Return a scaled pixel as a level of 255, and the two levels around it, scaled."""
    level = pixel * LEVELS
    below = min(math.floor(level), LEVELS - 1)
    return {"times255": level, "nearest_8bit": [below / LEVELS, (below + 1) / LEVELS]}


def _multiplications(units: tuple[int, ...], rows: int) -> int:
    return rows * sum(below * out for below, out in pairwise(units))


def _layer_table(units: tuple[int, ...], rows: int) -> Table:
    lines: list[tuple[Cell, ...]] = [("inputs", "", "", "", _shape(units[0], rows), "")]
    for index, (below, out) in enumerate(pairwise(units), start=1):
        product = f"{_shape(out, below)}·{_shape(below, rows)} + {_shape(out, 1)}"
        lines.append(
            (f"layer {index}", _shape(out, below), _shape(out, 1), product, _shape(out, rows), (below + 1) * out)
        )
    return Table("Forward", ("", "W", "b", "Z = W·A + b", "Z and A", "parameters"), tuple(lines))


def _gradient_table(units: tuple[int, ...], rows: int) -> Table:
    lines: list[tuple[Cell, ...]] = []
    for index, (below, out) in reversed(list(enumerate(pairwise(units), start=1))):
        product = f"{_shape(out, rows)}·{_shape(rows, below)}"
        lines.append((f"layer {index}", _shape(out, rows), product, _shape(out, below), _shape(out, 1)))
    head = ("", "∂L/∂Z", "∂L/∂Z · Aᵀ", "∂L/∂W, as W", "∂L/∂b, as b")
    return Table("Backward: every gradient has the shape of what it belongs to", head, tuple(lines))


def _pipeline(pictures: int, side: int, pixel: float) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = (
        ("pictures", _shape(pictures, side, side), "one level from 0 to 255 a pixel"),
        ("flattened", _shape(pictures, side * side), "row after row of a picture"),
        ("transposed", _shape(side * side, pictures), "a picture a column"),
        ("divided by 255", _shape(side * side, pictures), f"from 0 to 1; one of them is {pixel:g}"),
        (
            "or by its largest",
            _shape(side * side, pictures),
            "the training set's largest; the test set is divided by the same number",
        ),
    )
    return Table("Pictures on their way in", ("step", "shape", ""), rows)


def _networks() -> Table:
    rows = tuple(("-".join(map(str, network)), sum(parameters(network))) for network in NETWORKS)
    return Table("Networks of one tutorial", ("network", "parameters"), rows)


def _widths_plot(units: tuple[int, ...]) -> Plot:
    """Return how the number of parameters grows with the first hidden layer's width."""
    widths = np.unique(np.geomspace(1, 512, 40).astype(int))
    counts = [sum(parameters((units[0], int(width), *units[2:]))) for width in widths]
    here = units[1]
    return Plot(
        title="Parameters by first layer's units",
        x_label="units",
        y_label="number",
        curves=(
            curve(" - ".join(["n" if index == 1 else str(size) for index, size in enumerate(units)]), widths, counts),
        ),
        marks=(Mark(here, sum(parameters(units)), f"{here} units"),),
        log_x=True,
        log_y=True,
    )


def _notes(units: tuple[int, ...], rows: int, pixel: float) -> tuple[str, ...]:
    level = pixel * LEVELS
    whole = abs(level - round(level)) < 0.005
    return (
        (
            f"W of the first layer is {_shape(units[1], units[0])}: a row a neuron, a column an input. Its "
            f"text has it the other way round, its code this way; by the text's shapes the products do not fit."
        ),
        (
            f"X must be {_shape(units[0], rows)}, a column a row of data. Tables have it transposed: "
            f"{_shape(rows, units[0])} does not fit W, {units[0]} against {rows}."
        ),
        f"The pixel that is printed as {pixel:g} after a division by 255 was {level:.4f}"
        + (
            ", a whole level."
            if whole
            else ": no whole number, so it was not a level of 0 to 255, or not that divisor."
        ),
        (
            "The test set is divided by the training set's number, never by its own largest: else the same grey "
            "is two inputs."
        ),
    )


LAB = Lab(
    name="shapes",
    title="Shapes of weights, signals and gradients",
    dials=(
        layers_dial(2.0, 32.0, 32.0, 1.0),
        LabDial(
            key="rows",
            label="rows",
            kind="integer",
            default=100,
            low=1,
            high=10_000_000,
            scale="log",
            help="Rows of data that go through at once.",
        ),
        LabDial(
            key="side",
            label="picture's side",
            kind="integer",
            default=64,
            low=1,
            high=1024,
            scale="log",
            help="Pixels across and down.",
        ),
        LabDial(
            key="pictures",
            label="pictures",
            kind="integer",
            default=1000,
            low=1,
            high=10_000_000,
            scale="log",
            help="How many there are.",
        ),
        LabDial(
            key="pixel",
            label="scaled pixel",
            kind="number",
            default=0.03868,
            low=0,
            high=1,
            step=0.01,
            help="A pixel after the division: pixel 35 of picture 465 in one tutorial.",
        ),
    ),
    compute=_compute,
)
