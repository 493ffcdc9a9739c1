"""Gradient descent, momentum, RMSProp and Adam on x², and in a narrow valley; what Adam keeps, step by step."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.numerics.optimizers import Rates
from engine.numerics.textbook import UPDATE_RULES, Moments
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Mark, Plot, Settings, Table, curve, figure, said

GUIDE = (
    ("sgd", "nothing", "−η·g", "small problems; when the rate is tuned by hand"),
    ("momentum", "a velocity", "μ·v − η·g", "valleys that gradient descent swings across"),
    ("rmsprop", "mean of g²", "−η·g / √v", "gradients of very different size by parameter"),
    ("adam", "means of g and g²", "−η·m′ / √v′", "the first one to try, at 0.001"),
    ("adamw", "means of g and g²", "Adam's, and −η·λ·w", "where weights are to stay small as well"),
)
ADVICE = (
    ("the loss jumps, or grows", "lower the rate"),
    ("it falls, but slowly", "raise the rate"),
    ("it falls early and then stays", "let the rate fall on a schedule"),
)
GD_STEPS, ADAM_STEPS = (5, 10, 20), (1, 5, 10, 20)
"""At which the tutorial prints x."""


def _compute(settings: Settings) -> LabResult:
    with np.errstate(all="ignore"):  # a path that diverges ends in infinity or NaN
        return _result(settings)


def _result(settings: Settings) -> LabResult:
    steps = settings.integer("steps")
    paths = {name: _path(settings, name, steps) for name in UPDATE_RULES}
    gd, adam = paths["sgd"], paths["adam"]
    return LabResult(
        values={
            "B09_adam_vs_gd": {
                "gd": {str(step): figure(gd[step]) for step in GD_STEPS if step <= steps},
                "adam": {str(step): figure(adam[step]) for step in ADAM_STEPS if step <= steps},
                "adam_all": [figure(x) for x in adam],
            },
            "optimizers": {name: figure(path[-1]) for name, path in paths.items()},
        },
        tables=(
            _ends(paths, settings),
            _bookkeeping(settings, adam),
            Table("Which keeps what", ("optimiser", "keeps", "step", "where"), GUIDE),
            Table("When it does not go well", ("seen", "try"), ADVICE),
        ),
        plots=(_distance(paths), _averages(settings, adam), _valley(settings)),
        notes=_notes(paths, settings),
        formulas=(
            "m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g²",
            "m′ = m / (1 − β₁ᵗ), v′ = v / (1 − β₂ᵗ)",
            "x ← x − η · m′ / (√v′ + ε)",
        ),
    )


def _rates(settings: Settings) -> Rates:
    return Rates(
        momentum=settings.number("momentum"),
        beta1=settings.number("beta1"),
        beta2=settings.number("beta2"),
        epsilon=settings.number("epsilon"),
    )


def _rate_of(settings: Settings, name: str) -> float:
    return settings.number("rate" if name in {"sgd", "momentum"} else "adam_rate")


def _path(settings: Settings, name: str, steps: int) -> list[float]:
    """Return x before and after each step down x²."""
    rule, rates, rate = UPDATE_RULES[name], _rates(settings), _rate_of(settings, name)
    x, moments, path = np.array([settings.number("start")]), Moments(), [settings.number("start")]
    for step in range(1, steps + 1):
        x = x + rule(x, 2 * x, moments, step, rate, rates)
        path.append(float(x[0]))
    return path


def _ends(paths: dict[str, list[float]], settings: Settings) -> Table:
    last = len(next(iter(paths.values()))) - 1
    steps_listed = [step for step in dict.fromkeys((1, 5, 10, 20, last)) if step <= last]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, _rate_of(settings, name), *(path[step] for step in steps_listed)) for name, path in paths.items()
    )
    return Table("x on the way down x²", ("optimiser", "rate η", *(f"step {step}" for step in steps_listed)), rows)


def _moments(settings: Settings, path: list[float]) -> list[tuple[float, ...]]:
    """Return per step t: x, g, m, v, m′, v′ and the step, computed from the formulas along Adam's path."""
    beta1, beta2 = settings.number("beta1"), settings.number("beta2")
    m = v = 0.0
    rows: list[tuple[float, ...]] = []
    for t, x in enumerate(path[:-1], start=1):
        g = 2 * x
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        step = -settings.number("adam_rate") * m_hat / (v_hat**0.5 + settings.number("epsilon"))
        rows.append((t, x, g, m, v, m_hat, v_hat, step))
    return rows


def _bookkeeping(settings: Settings, path: list[float]) -> Table:
    rows = tuple(_moments(settings, path))
    return Table("Adam's two averages, and their correction", ("t", "x", "g", "m", "v", "m′", "v′", "step"), rows)


def _distance(paths: dict[str, list[float]]) -> Plot:
    return Plot(
        title="Distance from the minimum",
        x_label="step",
        y_label="|x|",
        curves=tuple(curve(name, np.arange(len(path)), np.abs(path)) for name, path in paths.items()),
        log_y=True,
    )


def _averages(settings: Settings, path: list[float]) -> Plot:
    rows = np.array(_moments(settings, path))
    t = rows[:, 0]
    return Plot(
        title="Adam: the gradient and its averages",
        x_label="step",
        y_label="g",
        curves=(
            curve("g", t, rows[:, 2]),
            curve("m", t, rows[:, 3], "dashed"),
            curve("m′", t, rows[:, 5]),
            curve("√v", t, np.sqrt(rows[:, 4]), "dashed"),
            curve("√v′", t, np.sqrt(rows[:, 6])),
        ),
    )


def _valley(settings: Settings) -> Plot:
    """Return paths over L = x² + κy² from above; where κ is large gradient descent swings across the valley."""
    steepness, start = settings.number("steepness"), settings.number("start")
    curves = []
    for name in ("sgd", "momentum", "adam"):
        points = _valley_path(settings, name, np.array([start, start / 4]))
        points = points[np.abs(points).max(axis=1) <= 4 * abs(start) + 1]
        curves.append(curve(name, points[:, 0], points[:, 1], "both"))
    angle = np.linspace(0, 2 * np.pi, 121)
    for share in (1.0, 0.25):
        level = share * (start**2 + steepness * (start / 4) ** 2)
        ring = curve(
            f"L = {level:.3g}",
            np.sqrt(level) * np.cos(angle),
            np.sqrt(level / steepness) * np.sin(angle),
            "dashed",
        )
        if not any(ring.name == other.name for other in curves):
            curves.append(ring)
    return Plot(
        title=f"A valley, from above: L = x² + {steepness:g}·y²",
        x_label="x",
        y_label="y",
        curves=tuple(curves),
        marks=(Mark(0.0, 0.0, "minimum"),),
        equal=True,
    )


def _valley_path(settings: Settings, name: str, start: Floats) -> Floats:
    rule, rates, moments = UPDATE_RULES[name], _rates(settings), Moments()
    slope = 2 * np.array([1.0, settings.number("steepness")])
    rate = _rate_of(settings, name)
    path = [start]
    for step in range(1, settings.integer("steps") + 1):
        path.append(path[-1] + rule(path[-1], slope * path[-1], moments, step, rate, rates))
    return np.array(path)


def _notes(paths: dict[str, list[float]], settings: Settings) -> tuple[str, ...]:
    gd, adam = abs(paths["sgd"][-1]), abs(paths["adam"][-1])
    nearer = "plain gradient descent" if gd < adam else "Adam"
    steps, first = len(paths["sgd"]) - 1, abs(paths["adam"][0] - paths["adam"][1])
    notes = [
        f"After {steps} steps gradient descent is {said(gd)} from the minimum, Adam {said(adam)}: {nearer} is nearer.",
    ]
    if gd < adam:
        notes.append(
            "The tutorial means to speak for Adam with such a race, and its figures speak for the other: on "
            "x² Adam moves by about its rate a step, whatever the slope. In the valley it shows what it is for: each "
            "weight its own step."
        )
    return (
        *notes,
        (
            f"Without the correction both averages begin near 0: m is {said(1 - settings.number('beta1'))} of "
            f"the first gradient, and √v {said((1 - settings.number('beta2')) ** 0.5, 3)} of it."
        ),
        (
            f"Adam's first step is {said(first)}, about its rate of {said(settings.number('adam_rate'))}: m′ "
            f"/ √v′ is then the sign of the gradient."
        ),
    )


LAB = Lab(
    name="optimizers",
    title="Adam against plain gradient descent, and what it keeps",
    dials=(
        LabDial(
            key="rate",
            label="rate of descent",
            kind="number",
            default=0.1,
            low=0.0001,
            high=2,
            scale="log",
            help="η of gradient descent and momentum.",
        ),
        LabDial(
            key="adam_rate",
            label="rate of Adam",
            kind="number",
            default=0.5,
            low=0.0001,
            high=10,
            scale="log",
            help="η of Adam, AdamW and RMSProp.",
        ),
        LabDial(
            key="start",
            label="start x",
            kind="number",
            default=10.0,
            low=-100,
            high=100,
            step=1,
            help="Where all of them begin.",
        ),
        LabDial(
            key="steps",
            label="steps",
            kind="integer",
            default=20,
            low=1,
            high=500,
            help="Updates that each makes.",
        ),
        LabDial(
            key="beta1",
            label="β₁",
            kind="number",
            default=0.9,
            low=0,
            high=0.999,
            step=0.05,
            help="How much of the mean of g is kept at each step.",
        ),
        LabDial(
            key="beta2",
            label="β₂",
            kind="number",
            default=0.999,
            low=0,
            high=0.9999,
            step=0.05,
            help="How much of the mean of g² is kept at each step.",
        ),
        LabDial(
            key="epsilon",
            label="ε",
            kind="number",
            default=1e-8,
            low=1e-12,
            high=1,
            scale="log",
            help="Added to √v′, so that nothing is divided by 0.",
        ),
        LabDial(
            key="momentum",
            label="momentum μ",
            kind="number",
            default=0.9,
            low=0,
            high=0.99,
            step=0.05,
            help="How much of the velocity is kept; RMSProp's ρ too.",
        ),
        LabDial(
            key="steepness",
            label="steepness κ",
            kind="number",
            default=9.0,
            low=0.1,
            high=1000,
            scale="log",
            help="How much steeper the valley is across than along.",
        ),
    ),
    compute=_compute,
)
