"""A loan by rules and by a neuron: what each says to an applicant, and what each factor pushes towards."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Mark, Plot, Settings, Table, curve, said

FACTORS = ("income", "credit score", "years employed", "debt")
KEYS = ("income", "credit", "years", "debt")
EXAMPLES = (
    (75_000, 720, 5, True),
    (25_000, 580, 1, False),
    (120_000, 690, 3, True),
    (45_000, 650, 8, True),
)
"""Income, credit score, years employed, and whether the loan was approved."""
RULES = (
    ("rule 1", "credit score below 600", "no"),
    ("rule 2", "income below 30,000 and fewer than 2 years employed", "no"),
    ("rule 3", "income above 100,000", "yes"),
    ("more", "hundreds of them", ""),
)
WHERE = (
    ("rules", "few, known, and stay as they are", "each must be thought of; faces and speech have none"),
    ("learning", "examples are at hand", "it is as good as they are, and says less of why"),
)


def by_rules(income: float, credit: float, years: float) -> str:
    """Return what the written rules say; "undecided" where none of them speaks."""
    if credit < 600:
        return "no: rule 1"
    if income < 30_000 and years < 2:
        return "no: rule 2"
    if income > 100_000:
        return "yes: rule 3"
    return "undecided"


def _compute(settings: Settings) -> LabResult:
    inputs = np.array([settings.number(key) for key in KEYS])
    weights, bias = np.array(settings.numbers("weights")), settings.number("bias")
    contributions = inputs * weights
    total = float(contributions.sum())
    return LabResult(
        values={
            "B01_loan": {
                "contributions": contributions.tolist(),
                "weighted_sum": total,
                "z": total + bias,
                "output": int(total + bias > 0),
            },
            "loan-rules": {
                "rules": by_rules(*(settings.number(key) for key in KEYS[:3])),
                "neuron": "yes" if total + bias > 0 else "no",
                "probability_if_sigmoid": float(1 / (1 + np.exp(-np.clip(total + bias, -700, 700)))),
            },
        },
        tables=(
            _contributions(inputs, weights, contributions, bias),
            Table("Some rules", ("", "if", "then"), RULES),
            _examples(weights, bias),
            Table("Which way", ("way", "where", "mind"), WHERE),
        ),
        plots=(_by_credit(inputs, weights, bias), _by_debt(inputs, weights, bias)),
        notes=_notes(settings, contributions, total + bias),
        formulas=("z = w·x + b", "approve where z > 0"),
    )


def _contributions(inputs: Floats, weights: Floats, contributions: Floats, bias: float) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (name, float(x), float(w), float(c), _push(float(c)))
        for name, x, w, c in zip(FACTORS, inputs, weights, contributions, strict=True)
    ]
    total = float(contributions.sum())
    rows += [
        ("sum", None, None, total, ""),
        ("bias", None, None, bias, _push(bias)),
        ("z", None, None, total + bias, "approved" if total + bias > 0 else "rejected"),
    ]
    return Table("The neuron", ("factor", "x", "weight", "x · w", ""), tuple(rows))


def _push(contribution: float) -> str:
    if contribution == 0:
        return "pushes nowhere"
    return "pushes towards yes" if contribution > 0 else "pushes towards no"


def _examples(weights: Floats, bias: float) -> Table:
    """Return four decided loans beside what rules and neuron say of them; their debts are not known, and taken as 0."""
    rows: list[tuple[Cell, ...]] = []
    for income, credit, years, approved in EXAMPLES:
        z = float(weights[:3] @ np.array([income, credit, years]) + bias)
        rows.append(
            (
                income,
                credit,
                years,
                "yes" if approved else "no",
                by_rules(income, credit, years),
                "yes" if z > 0 else "no",
            )
        )
    head = ("income", "credit score", "years", "was", "rules say", "neuron says, debt 0")
    return Table("Four loans that were decided", head, tuple(rows))


def _by_credit(inputs: Floats, weights: Floats, bias: float) -> Plot:
    scores = np.linspace(300, 850, 111)
    rest = float(np.delete(inputs * weights, 1).sum()) + bias
    z = scores * weights[1] + rest
    rules = [
        {"no": -1.0, "ye": 1.0}.get(by_rules(float(inputs[0]), float(score), float(inputs[2]))[:2], np.nan)
        for score in scores
    ]
    return Plot(
        title="z by credit score; rules 1, −1, gap",
        x_label="credit score",
        y_label="z",
        curves=(curve("neuron", scores, z), curve("rules", scores, rules, "dashed")),
        marks=(Mark(float(inputs[1]), float(inputs[1] * weights[1] + rest), "this one"),),
    )


def _by_debt(inputs: Floats, weights: Floats, bias: float) -> Plot:
    debts = np.linspace(0, 200_000, 101)
    rest = float((inputs * weights)[:3].sum()) + bias
    return Plot(
        title="z by debt",
        x_label="debt",
        y_label="z",
        curves=(curve("z", debts, debts * weights[3] + rest), curve("0", debts, np.zeros(len(debts)), "dashed")),
        marks=(Mark(float(inputs[3]), float(inputs[3] * weights[3] + rest), "this one"),),
    )


def _notes(settings: Settings, contributions: Floats, z: float) -> tuple[str, ...]:
    strongest = int(np.abs(contributions).argmax())
    said_by_rules = by_rules(*(settings.number(key) for key in KEYS[:3]))
    return (
        f"z = {said(z)}: the neuron says {'yes' if z > 0 else 'no'}; the rules say {said_by_rules}.",
        (
            f"{FACTORS[strongest].capitalize()} counts most here, with {said(contributions[strongest])}. A "
            f"small weight on a large number may count more than a large one on a small number: this is why "
            f"inputs are scaled."
        ),
        (
            "Rules leave most applicants undecided until somebody writes the next one. A neuron answers all, "
            "and learns its weights from examples as the four in the table."
        ),
        "On the plot the rules say 1 for yes and −1 for no; a gap is where none of them speaks.",
    )


LAB = Lab(
    name="loan-rules",
    title="A loan by rules, and by one neuron",
    dials=(
        LabDial(
            key="income",
            label="income, €",
            kind="number",
            default=45_000.0,
            low=0,
            high=1_000_000,
            step=5000,
            help="What the applicant earns in a year.",
        ),
        LabDial(
            key="credit",
            label="credit score",
            kind="number",
            default=680.0,
            low=300,
            high=850,
            step=10,
            help="From 300 to 850.",
        ),
        LabDial(
            key="years",
            label="years employed",
            kind="number",
            default=3.0,
            low=0,
            high=60,
            step=1,
            help="How long the applicant has been employed.",
        ),
        LabDial(
            key="debt",
            label="debt, €",
            kind="number",
            default=12_000.0,
            low=0,
            high=1_000_000,
            step=2000,
            help="What is owed already.",
        ),
        LabDial(
            key="weights",
            label="weights",
            kind="list",
            default=(0.00001, 0.01, 0.1, -0.00005),
            low=-100,
            high=100,
            lengths=(4, 4),
            help="On income, credit score, years and debt.",
        ),
        LabDial(
            key="bias",
            label="bias",
            kind="number",
            default=-3.0,
            low=-100,
            high=100,
            step=0.5,
            help="Below 0 the bank is careful.",
        ),
    ),
    compute=_compute,
)
