"""The same layer by loops and by one matrix product, timed on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from engine.array_types import Floats
from presets.labs.contract import Lab, LabDial, LabResult, Plot, Settings, Table, curve

REPEATS = 3
"""Runs of each way, of which the fastest counts: what else the machine does only ever slows one down."""
SHARES = (0.1, 0.25, 0.5, 1.0)
"""Of the rows, at which all ways are timed."""


def _compute(settings: Settings) -> LabResult:
    weights, biases, X = _drawn(settings)
    seconds = {name: _seconds(way, weights, biases, X) for name, way in WAYS.items()}
    largest = max(
        float(np.abs(way(weights, biases, X) - by_product(weights, biases, X)).max()) for way in WAYS.values()
    )
    multiplications = weights.size * len(X)
    loop, _, product = seconds.values()
    return LabResult(
        values={
            "vectorized": {
                "multiplications": multiplications,
                "largest_difference": largest,
                "seconds": {**seconds},
                "times_faster": loop / product,
            }
        },
        tables=(_table(seconds, multiplications), _calls(settings)),
        plots=(_plot(weights, biases, X),),
        notes=(
            f"One product is {loop / product:,.0f} times as fast here as loops in Python over rows, units and inputs.",
            f"The answers are the same but for rounding: they differ by at most {largest:.2g}.",
            "Times are this machine's, now; turn a dial and back, and they differ a little.",
        ),
        formulas=(
            "for each row, for each unit: z = Σ w·x + b",
            "all at once: Z = W·X + b, (units, rows) = (units, inputs)·(inputs, rows) + (units, 1)",
        ),
    )


def _drawn(settings: Settings) -> tuple[Floats, Floats, Floats]:
    stream = np.random.RandomState(0)
    inputs, units, rows = (settings.integer(key) for key in ("inputs", "units", "rows"))
    return (
        stream.standard_normal((units, inputs)),
        stream.standard_normal(units),
        stream.standard_normal((rows, inputs)),
    )


def by_loops(weights: Floats, biases: Floats, X: Floats) -> Floats:
    """Return Z (rows, units), number by number."""
    w, b = weights.tolist(), biases.tolist()
    answers = []
    for row in X.tolist():
        scores = []
        for unit, bias in zip(w, b, strict=True):
            z = bias
            for weight, x in zip(unit, row, strict=True):
                z += weight * x
            scores.append(z)
        answers.append(scores)
    return np.array(answers)


def by_rows(weights: Floats, biases: Floats, X: Floats) -> Floats:
    """Return Z (rows, units), one product of matrix and row after the other."""
    return np.array([weights @ row + biases for row in X])


def by_product(weights: Floats, biases: Floats, X: Floats) -> Floats:
    """Return Z (rows, units) by one matrix product."""
    return X @ weights.T + biases


Way = Callable[[Floats, Floats, Floats], Floats]
WAYS: dict[str, Way] = {
    "loops in Python": by_loops,
    "a product a row": by_rows,
    "one matrix product": by_product,
}


def _seconds(way: Way, weights: Floats, biases: Floats, X: Floats) -> float:
    fastest = np.inf
    for _ in range(REPEATS):
        start = time.perf_counter()
        way(weights, biases, X)
        fastest = min(fastest, time.perf_counter() - start)
    return max(float(fastest), 1e-9)


def _table(seconds: dict[str, float], multiplications: int) -> Table:
    slowest = max(seconds.values())
    rows = tuple((name, 1e3 * took, 1e9 * took / multiplications, slowest / took) for name, took in seconds.items())
    return Table(f"{multiplications:,} multiplications", ("way", "ms", "ns each", "times as fast"), rows)


def _calls(settings: Settings) -> Table:
    inputs, units, rows = (settings.integer(key) for key in ("inputs", "units", "rows"))
    counts = (rows * units * inputs, rows, 1)
    return Table("Operations that Python has to ask for", ("way", "operations"), tuple(zip(WAYS, counts, strict=True)))


def _plot(weights: Floats, biases: Floats, X: Floats) -> Plot:
    sizes = sorted({max(1, int(share * len(X))) for share in SHARES})
    return Plot(
        title="Time by rows",
        x_label="rows",
        y_label="ms",
        curves=tuple(
            curve(name, sizes, [1e3 * _seconds(way, weights, biases, X[:size]) for size in sizes], "both")
            for name, way in WAYS.items()
        ),
        log_y=True,
    )


LAB = Lab(
    name="vectorized",
    title="Loops against one matrix product, timed",
    dials=(
        LabDial(
            key="inputs",
            label="inputs",
            kind="integer",
            default=30,
            low=1,
            high=64,
            scale="log",
            help="Columns of the data.",
        ),
        LabDial(
            key="units",
            label="units",
            kind="integer",
            default=16,
            low=1,
            high=64,
            scale="log",
            help="Neurons of the layer.",
        ),
        LabDial(
            key="rows",
            label="rows",
            kind="integer",
            default=100,
            low=1,
            high=200,
            scale="log",
            help="Rows that go through it.",
        ),
    ),
    compute=_compute,
)
