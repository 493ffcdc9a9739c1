"""Too large, too small, and in between: one descent for each learning rate, and rates that change on a schedule."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np

from presets.labs.common_dials import lowest_loss_dial
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Plot, Settings, Table, Value, curve, said

PANELS = 3
"""How many rates have a plot of their own: the tutorial has three, and more would be too small to read."""
DIVERGED = 1e10
"""Beyond which the tutorial's loop over x² breaks off."""
SCHEDULES = ("constant", "step", "exponential", "cosine", "inverse")
GOLDILOCKS = (
    ("1.0", "too large: jumps over the minimum and back"),
    ("0.1", "steady"),
    ("0.001", "too small: takes for ever"),
)
KINDS = (
    ("parameters", "weights and biases", "by training, step by step"),
    (
        "hyperparameters",
        "learning rate, epochs, batch size, layers, units, dropout",
        "by you, before it or while it runs",
    ),
)


def _compute(settings: Settings) -> LabResult:
    rates = settings.numbers("rates")
    bowls = {rate: _bowl_path(settings, rate) for rate in rates}
    parabolas = {rate: _parabola_path(settings, rate) for rate in settings.numbers("x2_rates")}
    floor = settings.number("floor")
    return LabResult(
        values={
            "A07_lr_scenarios": {
                f"{rate:g}": {"w": path[-1], "loss": path[-1] ** 2 + floor, "distance": path[-1] ** 2}
                for rate, path in bowls.items()
            },
            "B08_learning_rate_demo": {f"{rate:g}": _demo(rate, path) for rate, path in parabolas.items()},
            "learning-rate": {f"{rate:g}": judged(1 - 2 * rate) for rate in rates},
        },
        tables=(
            _bowl_table(settings, bowls),
            _parabola_table(parabolas),
            _first_step(settings),
            Table("One tutorial's rule of thumb", ("rate", "what it says"), GOLDILOCKS),
            Table("Two kinds of numbers", ("kind", "are", "set"), KINDS),
        ),
        plots=(_loss_plot(bowls), *_panels(settings, bowls), *_schedule_plots(settings)),
        notes=_notes(settings, bowls, parabolas),
        formulas=(
            "w ← w − η · ∂L/∂w",
            "on L = w² + L₀: w ← (1 − 2η) · w",
            "1 − 2η in (0, 1): from one side · in (−1, 0): swings and settles · below −1: diverges",
        ),
    )


def judged(multiplier: float) -> str:
    """Say what becomes of w where each step multiplies it by this number; rounding of η is allowed for."""
    size = abs(multiplier)
    if size > 1 + 1e-12:
        return "diverges"
    if size > 1 - 1e-12:
        return "bounces for ever" if multiplier < 0 else "stands still"
    if size < 1e-12:
        return "there in one step"
    if multiplier < 0:
        return "swings, and settles"
    return "slow" if multiplier > 0.85 else "steady"


def _bowl_path(settings: Settings, rate: float) -> list[float]:
    """Return w before and after each step down w² + L₀, kept within ± the clip as the tutorial's loop does."""
    clip = settings.number("clip") or math.inf
    path = [settings.number("start")]
    for _ in range(settings.integer("steps")):
        path.append(min(max(path[-1] - rate * 2 * path[-1], -clip), clip))
    return path


def _parabola_path(settings: Settings, rate: float) -> list[float]:
    """Return x before and after each step down x²; it ends with the first beyond ``DIVERGED``."""
    path = [settings.number("x2_start")]
    for _ in range(settings.integer("x2_steps")):
        path.append(path[-1] - rate * 2 * path[-1])
        if abs(path[-1]) > DIVERGED:
            break
    return path


def _demo(rate: float, path: list[float]) -> dict[str, Value]:
    """Return what the tutorial's loop prints, with its own verdict, and what the multiplier says."""
    diverged = abs(path[-1]) > DIVERGED
    if diverged:
        verdict = "DIVERGED"
    else:
        verdict = "CONVERGED" if abs(path[-1]) < 0.01 else "STILL CONVERGING (learning rate may be too low)"
    return {
        "x": path[-1],
        "f": path[-1] ** 2,
        "diverged_at_step": len(path) - 1 if diverged else None,
        "seed_verdict": verdict,
        "multiplier": 1 - 2 * rate,
    }


def _bowl_table(settings: Settings, bowls: dict[float, list[float]]) -> Table:
    floor = settings.number("floor")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (rate, path[-1], path[-1] ** 2 + floor, path[-1] ** 2, 1 - 2 * rate, judged(1 - 2 * rate))
        for rate, path in bowls.items()
    )
    head = ("rate η", "w at the end", "loss", "above lowest", "1 − 2η", "")
    return Table(f"L = w² + L₀ from {settings.number('start'):g}, {settings.integer('steps')} steps", head, rows)


def _parabola_table(parabolas: dict[float, list[float]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for rate, path in parabolas.items():
        verdict = str(_demo(rate, path)["seed_verdict"]).lower()
        rows.append((rate, len(path) - 1, path[-1], path[-1] ** 2, verdict, judged(1 - 2 * rate)))
    return Table("f = x², by rate", ("rate η", "steps", "x", "f", "the tutorial says", "it does"), tuple(rows))


def _first_step(settings: Settings) -> Table:
    start = settings.number("start")
    rows = tuple((rate, 2 * start, rate * 2 * start, start - rate * 2 * start) for rate in settings.numbers("rates"))
    return Table("The first step: gradient × rate", ("rate η", "gradient", "η · gradient", "w after it"), rows)


def _loss_plot(bowls: dict[float, list[float]]) -> Plot:
    return Plot(
        title="Above the lowest loss, by step",
        x_label="step",
        y_label="w²",
        curves=tuple(curve(f"η = {rate:g}", np.arange(len(path)), np.array(path) ** 2) for rate, path in bowls.items()),
        log_y=True,
    )


def _panels(settings: Settings, bowls: dict[float, list[float]]) -> tuple[Plot, ...]:
    """Return a bowl with its descent for each of the first rates, all over the same axes."""
    floor = settings.number("floor")
    half_width = max(3.0, *(abs(w) for path in bowls.values() for w in path if abs(w) < DIVERGED))
    grid = np.linspace(-half_width, half_width, 121)
    return tuple(
        Plot(
            title=f"η = {rate:g}: {judged(1 - 2 * rate)}",
            x_label="w",
            y_label="loss",
            curves=(
                curve("L = w² + L₀", grid, grid**2 + floor, "dashed"),
                curve("descent", path, np.array(path) ** 2 + floor, "both"),
            ),
        )
        for rate, path in list(bowls.items())[:PANELS]
    )


def _factors(settings: Settings, steps: int) -> dict[str, list[float]]:
    """Return by schedule what the first rate is multiplied by at each step."""
    factor, every = settings.number("factor"), settings.integer("every")
    by_name: dict[str, Callable[[int], float]] = {
        "constant": lambda _step: 1.0,
        "step": lambda step: factor ** (step // every),
        "exponential": lambda step: factor ** (step / every),
        "cosine": lambda step: 0.5 * (1 + math.cos(math.pi * step / max(steps - 1, 1))),
        "inverse": lambda step: 1 / (1 + (1 / factor - 1) * step / every),
    }
    return {name: [by_name[name](step) for step in range(steps)] for name in SCHEDULES}


def _schedule_plots(settings: Settings) -> tuple[Plot, Plot]:
    steps = max(settings.integer("steps"), 2)
    first, start = settings.number("schedule_rate"), settings.number("start")
    rates, distances = [], []
    for name, factors in _factors(settings, steps).items():
        path = [start]
        for factor in factors:
            path.append(path[-1] - first * factor * 2 * path[-1])
        rates.append(curve(name, np.arange(steps), first * np.array(factors)))
        distances.append(curve(name, np.arange(steps + 1), np.array(path) ** 2))
    return (
        Plot(title="Schedules: the rate by step", x_label="step", y_label="η", curves=tuple(rates)),
        Plot(
            title=f"Each schedule from η = {first:g}", x_label="step", y_label="w²", curves=tuple(distances), log_y=True
        ),
    )


def _notes(settings: Settings, bowls: dict[float, list[float]], parabolas: dict[float, list[float]]) -> tuple[str, ...]:
    ends = {rate: path[-1] ** 2 for rate, path in bowls.items()}
    best = min(ends, key=lambda rate: ends[rate])
    steps, clip = settings.integer("steps"), settings.number("clip")
    notes = [f"After {steps} steps η = {best:g} is nearest, at {said(ends[best], 3)} above the lowest loss."]
    if {0.9, 0.05} <= set(ends) and ends[0.9] < ends[0.05]:
        notes.append(
            f"The tutorial calls 0.9 too large and 0.05 too small; 0.9 ends {said(ends[0.9])} above the "
            f"lowest loss, 0.05 {said(ends[0.05])} above it. Swinging is not yet failing: only beyond η = 1 "
            f"does it diverge."
        )
    held = [rate for rate, path in bowls.items() if clip and rate > 1 and abs(path[-1]) == clip]
    if held:
        notes.append(
            f"w is kept within ±{clip:g}, as the tutorial's loop keeps it: η = {held[0]:g} then looks as if "
            f"it bounced, where it diverges. Set clip to 0 to see it."
        )
    notes += _alike(parabolas)
    notes.append("On a schedule a rate that swings at first comes to rest, once it has fallen to where it settles.")
    return tuple(notes)


def _alike(parabolas: dict[float, list[float]]) -> list[str]:
    """Return a sentence for each two rates that the tutorial's verdict takes for the same; one swings."""
    notes = []
    for slow, swinging in combinations(sorted(parabolas), 2):
        left, right = parabolas[slow], parabolas[swinging]
        verdicts = {str(_demo(rate, parabolas[rate])["seed_verdict"]) for rate in (slow, swinging)}
        same_end = math.isclose(abs(left[-1]), abs(right[-1]), rel_tol=1e-9) and left[-1] != 0
        if same_end and len(verdicts) == 1 and 1 - 2 * swinging < 0 < 1 - 2 * slow:
            notes.append(
                f"On x² the tutorial's verdict cannot tell {slow:g} from {swinging:g}: both end at |x| = "
                f"{said(abs(left[-1]))} after {len(left) - 1} steps, and both are “{verdicts.pop().lower()}”. "
                f"The sign of 1 − 2η tells them apart: {swinging:g} jumps from side to side."
            )
    return notes


LAB = Lab(
    name="learning-rate",
    title="Learning rates: too small, right, too large",
    dials=(
        LabDial(
            key="rates",
            label="rates η",
            kind="list",
            default=(0.9, 0.3, 0.05, 1.0, 0.1, 0.001),
            low=0,
            high=10,
            lengths=(1, 8),
            help="One descent for each of these; the first three have a plot of their own.",
        ),
        LabDial(
            key="start",
            label="start w",
            kind="number",
            default=2.5,
            low=-5,
            high=5,
            step=0.5,
            help="Where every descent begins.",
        ),
        LabDial(
            key="steps",
            label="steps",
            kind="integer",
            default=15,
            low=1,
            high=100,
            help="Updates of each descent.",
        ),
        LabDial(
            key="clip",
            label="clip w at ±",
            kind="number",
            default=5.0,
            low=0,
            high=100,
            step=1,
            help="Keeps w within these bounds, as the tutorial's loop does; 0 lets it go.",
        ),
        lowest_loss_dial("The loss at the minimum."),
        LabDial(
            key="x2_rates",
            label="rates on x²",
            kind="list",
            default=(0.01, 0.1, 0.5, 0.9, 5.0),
            low=0,
            high=100,
            lengths=(1, 8),
            help="Rates of the second tutorial's loop over x².",
        ),
        LabDial(
            key="x2_start",
            label="start x",
            kind="number",
            default=10.0,
            low=-100,
            high=100,
            step=1,
            help="Where that loop begins.",
        ),
        LabDial(
            key="x2_steps",
            label="steps on x²",
            kind="integer",
            default=20,
            low=1,
            high=1000,
            help="Steps of that loop.",
        ),
        LabDial(
            key="schedule_rate",
            label="schedules begin at",
            kind="number",
            default=0.95,
            low=0.001,
            high=2,
            scale="log",
            help="The first rate of every schedule.",
        ),
        LabDial(
            key="factor",
            label="schedule factor",
            kind="number",
            default=0.5,
            low=0.01,
            high=0.99,
            step=0.05,
            help="What the rate is multiplied by after so many steps.",
        ),
        LabDial(
            key="every",
            label="schedule steps",
            kind="integer",
            default=4,
            low=1,
            high=100,
            help="After how many steps it is multiplied once.",
        ),
    ),
    compute=_compute,
)
