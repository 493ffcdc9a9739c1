"""How wrong an answer is: squared error, absolute error, cross-entropy, on the tutorials' samples and on your own."""

from __future__ import annotations

import math

import numpy as np

from engine.array_types import Floats
from engine.numerics.losses import CLIP, LOSSES
from presets.labs.common_dials import answers_dial, truths_dial
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Mark, Plot, Settings, Table, Value, curve
from presets.labs.slopes import slope_anchors

SURPRISES = (0.99, 0.9, 0.7, 0.5, 0.3, 0.1, 0.01)
LOW, MEDIUM = 0.5, 1.5
"""Above which −ln p is called medium, and high, by the tutorial."""
EPSILON = 1e-15
"""That tutorials add to p, so that no logarithm of 0 occurs."""
UNIT = 100_000
"""Dollars that a house's price of 1 is."""

PAIRS = (("truths", "answers"), ("prices", "guesses"))

CHOICE = (
    ("a quantity", "identity", "mse", "large errors count most"),
    ("a quantity, with outliers", "identity", "mae", "each unit of error counts alike"),
    ("yes or no", "sigmoid", "bce", "−ln of what was given to the truth"),
    ("one class of K", "softmax", "cce", "−ln of what was given to the true class"),
)
WORDS = (
    ("binary", "two classes, 1 and 0"),
    ("cross", "what was answered, measured by what came"),
    ("entropy", "mean surprise; −ln p of what came"),
    ("n", "samples that are averaged over"),
    ("yᵢ", "truth of sample i"),
    ("ŷᵢ, pᵢ", "answer to sample i"),
    ("yᵢ − ŷᵢ", "its signed error"),
)


def _compute(settings: Settings) -> LabResult:
    truths, answers = _pairs(settings, *PAIRS[0])
    prices, guesses = _pairs(settings, "prices", "guesses")
    p = settings.number("p")
    return LabResult(
        values={**_cases(truths, answers, prices, guesses), "losses": _at(p)},
        tables=(
            _samples("Samples", truths, answers),
            _surprises(),
            _samples("Houses, in $100,000", prices, guesses),
            _cancelling(),
            Table("Which loss for which question", ("predicting", "output", "loss", "because"), CHOICE),
            Table("The words of the formulas", ("word", "means"), WORDS),
        ),
        plots=(_by_answer(1, p), _by_answer(0, p), _slopes(p)),
        notes=_notes(p, settings),
        formulas=(
            "MSE = 1/n · Σ (yᵢ − ŷᵢ)²",
            "MAE = 1/n · Σ |yᵢ − ŷᵢ|",
            "BCE = −1/n · Σ [yᵢ · ln pᵢ + (1 − yᵢ) · ln(1 − pᵢ)]",
            "∂MSE/∂p = 2(p − y), ∂BCE/∂p = −1/p where y = 1",
        ),
    )


def _pairs(settings: Settings, truths: str, answers: str) -> tuple[Floats, Floats]:
    """Return truths and answers, cut to the length of the shorter list."""
    left, right = settings.numbers(truths), settings.numbers(answers)
    length = min(len(left), len(right))
    return np.array(left[:length]), np.array(right[:length])


def _bce(p: float, y: float) -> float:
    """Return the cross-entropy of one answer as its formula has it; infinite where the truth was given nothing."""
    given = p if y == 1 else 1 - p
    return -math.log(given) if given > 0 else math.inf


def _rows(name: str, p: Floats, y: Floats) -> Floats:
    return LOSSES[name].row_losses(p[None, :], y[None, :])


def _cases(truths: Floats, answers: Floats, prices: Floats, guesses: Floats) -> dict[str, dict[str, Value]]:
    squared, houses = (truths - answers) ** 2, (prices - guesses) ** 2
    typical = math.sqrt(float(houses.mean()))
    bce = {"p95": 0.95, "p55": 0.55, "p05": 0.05, "b99": 0.01, "b51": 0.49, "b9": 0.9, "b1": 0.1}
    return {
        "A03_mse5": {
            "errors": (truths - answers).tolist(),
            "squared": squared.tolist(),
            "sum": float(squared.sum()),
            "mse": float(squared.mean()),
        },
        "A04_error_table": {"errors": [1 - p for p in (1.0, 0.9, 0.3, 0.0)]},
        "A05_bce_values": _surprise_case(),
        "B05_mse": {
            "squared": houses.tolist(),
            "mse": float(houses.mean()),
            "rmse": typical,
            "printed_dollars": f"${typical * UNIT:,.0f}",
        },
        "B06_bce": {key: _bce(p, 1) for key, p in bce.items()},
        "R07_anchors": slope_anchors(),
        "R09_part1_recall": {"loss": _bce(0.622, 1)},
        "R14_relu_exit": _unbounded(14.7),
    }


def _surprise_case() -> dict[str, Value]:
    return {
        "b99": _bce(0.99, 1),
        "b50": _bce(0.5, 1),
        "b01": _bce(0.01, 1),
        "good": _bce(0.9, 1),
        "bad": _bce(0.1, 1),
        "ratio_bad_good": _bce(0.1, 1) / _bce(0.9, 1),
        "mse_001": (1 - 0.01) ** 2,
        "mse_01": (1 - 0.1) ** 2,
        "neglog_table": [[p, _bce(p, 1), _size(_bce(p, 1))] for p in SURPRISES],
        "bce_eps_1e15_at_0": -math.log(0 + EPSILON),
    }


def _unbounded(answer: float) -> dict[str, Value]:
    """Return what the formula makes of an answer above 1, as of a ReLU at the exit, and what a clipped one does."""
    return {
        "minus_ln": -math.log(answer),
        "sign": "negative",
        "bce_y0": f"nan (ln of 1-{answer:g})",
        "keras_clipped_y1": -math.log(1 - CLIP),
        "keras_clipped_y0": -math.log(CLIP),
    }


def _size(loss: float) -> str:
    if loss < LOW:
        return "Low"
    return "Medium" if loss < MEDIUM else "High"


def _at(p: float) -> dict[str, Value]:
    """Return losses of one answer and their slopes, for either truth, computed by the engine's own functions."""
    values: dict[str, Value] = {"p": p}
    for name in ("bce", "mse", "mae"):
        for y in (1.0, 0.0):
            answer, truth = np.array([[p]]), np.array([[y]])
            values[f"{name}_y{y:.0f}"] = float(LOSSES[name].row_losses(answer, truth)[0])
            values[f"{name}_slope_y{y:.0f}"] = float(LOSSES[name].gradient(answer, truth)[0, 0])
    return values


def _samples(title: str, y: Floats, p: Floats) -> Table:
    in_range = bool(((p >= 0) & (p <= 1) & ((y == 0) | (y == 1))).all())
    surprise = [_bce(float(answer), float(truth)) for truth, answer in zip(y, p, strict=True)] if in_range else []
    columns = [y, p, y - p, (y - p) ** 2, np.abs(y - p), *([np.array(surprise)] if in_range else [])]
    rows: list[tuple[Cell, ...]] = [
        (f"{number + 1}", *(float(column[number]) for column in columns)) for number in range(len(y))
    ]
    rows.append(("mean", None, None, *(float(column.mean()) for column in columns[2:])))
    head = ("sample", "truth y", "answer ŷ", "error y − ŷ", "squared", "absolute", *(["−ln"] if in_range else []))
    return Table(title, head, tuple(rows))


def _surprises() -> Table:
    rows = tuple((p, _bce(p, 1), _size(_bce(p, 1)).lower(), (1 - p) ** 2) for p in SURPRISES)
    return Table("Surprise at a truth of 1", ("answer p", "−ln p", "", "(1 − p)²"), rows)


def _cancelling() -> Table:
    return Table(
        "Why square: errors that cancel",
        ("sample", "error", "squared"),
        (("1", 0.5, 0.25), ("2", -0.5, 0.25), ("mean", 0.0, 0.25)),
    )


def _grid() -> Floats:
    return np.linspace(0.005, 0.995, 199)


def _by_answer(y: int, p: float) -> Plot:
    grid = _grid()
    truths = np.full_like(grid, y)
    loss = float(_rows("bce", np.array([p]), np.array([float(y)]))[0])
    return Plot(
        title=f"Loss by answer, truth y = {y}",
        x_label="answer p",
        y_label="loss",
        curves=(
            curve("cross-entropy", grid, _rows("bce", grid, truths)),
            curve("squared error", grid, _rows("mse", grid, truths), "dashed"),
        ),
        marks=(Mark(p, loss, f"p = {p:g}"),),
    )


def _slopes(p: float) -> Plot:
    grid = _grid()[10:]
    return Plot(
        title="How hard each pulls, truth y = 1",
        x_label="answer p",
        y_label="slope",
        curves=(
            curve("cross-entropy, −1/p", grid, -1 / grid),
            curve("squared error, 2(p − 1)", grid, 2 * (grid - 1), "dashed"),
        ),
        marks=(Mark(p, -1 / max(p, float(grid[0])), f"p = {p:g}"),),
    )


def _notes(p: float, settings: Settings) -> tuple[str, ...]:
    prices, guesses = _pairs(settings, "prices", "guesses")
    typical = math.sqrt(float(((prices - guesses) ** 2).mean()))
    bad, good = 1 - p, p
    notes = [
        (
            f"An answer of {p:g} where the truth is 1 costs {_bce(p, 1):.4f} by cross-entropy and {(1 - p) ** 2:.4f} "
            "squared: near 0 the one grows without bound, the other stops at 1."
        ),
        (
            f"An answer of {bad:.3g} costs {_bce(bad, 1) / _bce(good, 1):.3g} times what one of {good:.3g} does, by "
            f"cross-entropy; squared, {((1 - bad) / (1 - good)) ** 2:.3g} times."
        ),
        (
            "An answer above 1, as a ReLU at the exit gives, makes the hand-written −ln p negative. Keras clips p to "
            "[10⁻⁷, 1 − 10⁻⁷], and so does this program: there the loss cannot fall below 0."
        ),
        f"The houses' typical error, the root of their MSE, is ${typical * UNIT:,.0f}.",
    ]
    if round(typical * UNIT) == 35_590:
        notes[-1] += " So the tutorial's code prints it; its text rounds to $36,000."
    if any(len(settings.numbers(a)) != len(settings.numbers(b)) for a, b in PAIRS):
        notes.append("Two lists that belong together differ in length; what has no partner is left out.")
    return tuple(notes)


LAB = Lab(
    name="losses",
    title="Losses: squared error and cross-entropy, side by side",
    dials=(
        LabDial(
            key="p",
            label="answer p",
            kind="number",
            default=0.9,
            low=0.001,
            high=0.999,
            step=0.05,
            help="The answer that is marked on the curves.",
        ),
        truths_dial("What is true of each sample."),
        answers_dial("What was answered to each sample.", 0, 1),
        LabDial(
            key="prices",
            label="prices",
            kind="list",
            default=(3.0, 4.5, 2.0),
            low=-1e6,
            high=1e6,
            help="True prices of houses, in $100,000.",
        ),
        LabDial(
            key="guesses",
            label="predicted prices",
            kind="list",
            default=(2.8, 4.2, 2.5),
            low=-1e6,
            high=1e6,
            help="Predicted prices, in $100,000.",
        ),
    ),
    compute=_compute,
)
