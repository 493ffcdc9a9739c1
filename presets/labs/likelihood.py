"""The likelihood of many answers is a product that underflows; its logarithm is a sum that does not."""

from __future__ import annotations

import math

import numpy as np

from engine.array_types import Floats
from presets.labs.common_dials import answers_dial, truths_dial
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Mark, Plot, Settings, Table, Value, curve

FORMATS = ("float64", "float32", "float16")
SHOWN_POINTS = 400


def _compute(settings: Settings) -> LabResult:
    p = settings.number("p")
    zeros = {name: first_zero(p, name) for name in FORMATS}
    truths, answers = _rows(settings)
    return LabResult(
        values={
            "W08_likelihood_underflow": {
                "first_n_zero": zeros["float64"],
                "first_n_zero_float32": zeros["float32"],
            },
            "likelihood": _figures(truths, answers),
        },
        tables=(_bernoulli(p), _row_table(truths, answers), _underflow(p, zeros)),
        plots=(_product_plot(p, zeros), _of_coins(settings), _mean_loss(settings)),
        notes=_notes(p, zeros),
        formulas=(
            "P(y) = pʸ · (1 − p)¹⁻ʸ: p where y = 1, 1 − p where y = 0",
            "likelihood = Π P(yᵢ), ln likelihood = Σ ln P(yᵢ)",
            "loss = −1/n · Σ [yᵢ · ln pᵢ + (1 − yᵢ) · ln(1 − pᵢ)]: the binary cross-entropy",
        ),
    )


def first_zero(p: float, dtype: str) -> int | None:
    """Return after how many factors the running product of p is exactly 0 in a format.

    None where it never is: from the smallest number on, a factor above one half is rounded back to it.
    """
    smallest = float(np.finfo(dtype).smallest_subnormal)
    factors = math.ceil(math.log(smallest) / math.log(p)) + 64
    with np.errstate(under="ignore"):
        while True:
            product = np.multiply.accumulate(np.full(factors, p, dtype), dtype=dtype)
            if product[-1] == 0:
                return int((product == 0).argmax()) + 1
            if product[-1] == product[-2]:
                return None
            factors *= 2


def _rows(settings: Settings) -> tuple[Floats, Floats]:
    truths, answers = settings.numbers("truths"), settings.numbers("answers")
    length = min(len(truths), len(answers))
    return np.array(truths[:length]), np.array(answers[:length])


def _given(truths: Floats, answers: Floats) -> Floats:
    """Return the probability that was given to what came."""
    return np.where(truths == 1, answers, 1 - answers)


def _figures(truths: Floats, answers: Floats) -> dict[str, Value]:
    given = _given(truths, answers)
    return {
        "likelihood": float(given.prod()),
        "log_likelihood": float(np.log(given).sum()),
        "loss": float(-np.log(given).mean()),
    }


def _bernoulli(p: float) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = (
        ("y = 1", "p¹ · (1 − p)⁰", p, math.log(p)),
        ("y = 0", "p⁰ · (1 − p)¹", 1 - p, math.log(1 - p)),
    )
    return Table(f"Two cases, p = {p:g}", ("truth", "pʸ · (1 − p)¹⁻ʸ", "probability", "ln"), rows)


def _row_table(truths: Floats, answers: Floats) -> Table:
    given = _given(truths, answers)
    products, sums = given.cumprod(), np.log(given).cumsum()
    rows = tuple(
        (index + 1, int(y), float(p), float(q), float(product), float(total))
        for index, (y, p, q, product, total) in enumerate(zip(truths, answers, given, products, sums, strict=True))
    )
    head = ("row", "truth", "answer p", "given to it", "product so far", "sum of ln so far")
    return Table("Row by row", head, rows)


def _underflow(p: float, zeros: dict[str, int | None]) -> Table:
    rows = tuple(
        (name, zeros[name] or "never", float(np.finfo(name).smallest_subnormal), _log(zeros[name], p))
        for name in FORMATS
    )
    return Table(f"Product of {p:g}, again and again", ("format", "0 after", "smallest number", "ln says"), rows)


def _log(factors: int | None, p: float) -> float | None:
    return None if factors is None else factors * math.log(p)


def _longest(p: float, zeros: dict[str, int | None]) -> float:
    """Return after how many factors the larger format has nothing below."""
    smallest = float(np.finfo(FORMATS[0]).smallest_subnormal)
    return max(20.0, *(count for count in zeros.values() if count), math.log(smallest) / math.log(p))


def _product_plot(p: float, zeros: dict[str, int | None]) -> Plot:
    longest = 1.15 * _longest(p, zeros)
    counts = np.unique(np.linspace(1, longest, SHOWN_POINTS).astype(int))
    curves = []
    for name in FORMATS[:2]:
        with np.errstate(under="ignore"):
            product = np.multiply.accumulate(np.full(counts[-1], p, name), dtype=name)[counts - 1]
        held = np.full(len(counts), np.nan)
        np.log10(product.astype(np.float64), where=product > 0, out=held)
        curves.append(curve(f"product in {name}", counts, held))
    return Plot(
        title="log₁₀ of the likelihood, by rows",
        x_label="rows",
        y_label="log₁₀",
        curves=(*curves, curve("sum of logarithms", counts, counts * math.log10(p), "dashed")),
        marks=tuple(
            Mark(count, count * math.log10(p), f"0 in {name}") for name in FORMATS[:2] if (count := zeros[name])
        ),
    )


def _of_coins(settings: Settings) -> Plot:
    """Return the likelihood of k ones in n rows as a function of p, scaled to 1 at its top."""
    n = settings.integer("rows")
    k = min(settings.integer("ones"), n)
    p = np.linspace(0.005, 0.995, 199)
    log = k * np.log(p) + (n - k) * np.log1p(-p)
    return Plot(
        title=f"Likelihood of {k} ones in {n}, by p",
        x_label="p",
        y_label="of top",
        curves=(curve("likelihood", p, np.exp(log - log.max())),),
        marks=(Mark(k / n, 1.0, f"p = k/n = {k / n:.3g}"),),
    )


def _mean_loss(settings: Settings) -> Plot:
    n = settings.integer("rows")
    k = min(settings.integer("ones"), n)
    p = np.linspace(0.005, 0.995, 199)
    return Plot(
        title="As a loss: −1/n · ln likelihood",
        x_label="p",
        y_label="loss",
        curves=(curve("loss", p, -(k * np.log(p) + (n - k) * np.log1p(-p)) / n),),
    )


def _notes(p: float, zeros: dict[str, int | None]) -> tuple[str, ...]:
    if zeros["float64"] and zeros["float32"]:
        end = (
            f"The product of {p:g} is exactly 0 after {zeros['float64']:,} factors in float64, and "
            f"{zeros['float32']:,} in float32; the sum of its logarithms goes on."
        )
    else:
        end = (
            f"The product of {p:g} never becomes 0: it stands still at the smallest number of the format, which is as "
            "wrong. The sum of its logarithms goes on."
        )
    return (
        end,
        (
            "The logarithm keeps the order: what makes the likelihood largest makes its logarithm largest. "
            "With its sign turned and divided by n it is the cross-entropy that training makes small."
        ),
    )


LAB = Lab(
    name="likelihood",
    title="Likelihood: a product that underflows, and its logarithm",
    dials=(
        LabDial(
            key="p",
            label="factor p",
            kind="number",
            default=0.5,
            low=0.01,
            high=0.99,
            step=0.05,
            help="The probability that is multiplied again and again.",
        ),
        truths_dial("What came, row by row."),
        answers_dial("The probability of a 1 that was answered, row by row.", 0.001, 0.999),
        LabDial(
            key="rows",
            label="rows n",
            kind="integer",
            default=10,
            low=1,
            high=1000,
            scale="log",
            help="Rows of which the likeliest p is looked for.",
        ),
        LabDial(
            key="ones",
            label="ones k",
            kind="integer",
            default=7,
            low=0,
            high=1000,
            help="How many of them are 1; no more than n.",
        ),
    ),
    compute=_compute,
)
