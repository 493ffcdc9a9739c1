"""Rolling downhill: gradient descent on L(w) = c·w² + L₀, step by step, and on a bowl over two weights."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from presets.labs.common_dials import lowest_loss_dial
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Mark, Plot, Settings, Table, Value, curve, figure, said

CURVATURE = 1.0
TABLE_STEPS, PATH_STEPS = 6, 8
"""Of the tutorial: its table has six rows, and its picture eight steps."""


SYMBOLS = (
    ("w", "a weight as it is now"),
    ("η", "learning rate: how much of the derivative a step takes"),
    ("∂L/∂w", "how fast the loss grows with w, all other weights held still"),
    ("−", "downhill: against the derivative"),
    ("←", "what w is after the step"),
)


def path_of(start: float, rate: float, steps: int, slope: float = 2 * CURVATURE) -> list[float]:
    """Return w after 0 … ``steps`` updates w ← w − η·slope·w, the derivative being slope·w."""
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - rate * (slope * path[-1]))
    return path


def _compute(settings: Settings) -> LabResult:
    start, rate, floor = settings.number("start"), settings.number("rate"), settings.number("floor")
    steps = settings.integer("steps")
    path = np.array(path_of(start, rate, steps))
    losses = path**2 + floor
    rows = _rows(path, losses, rate)
    return LabResult(
        values={
            "A06_gd_table": _case(start, rate, floor),
            "descent": {"w": [*map(figure, path)], "loss": [*map(figure, losses)], "multiplier": 1 - 2 * rate},
        },
        tables=(
            Table("Step by step", ("step", "w", "∂L/∂w", "update −η·∂L/∂w", "loss"), rows),
            _signs(path[0]),
            Table("The symbols of the update", ("symbol", "means"), SYMBOLS),
        ),
        plots=(_bowl(path, losses, floor), _falling(losses, floor), _two_weights(settings)),
        notes=_notes(rate, settings),
        formulas=("L(w) = w² + L₀", "∂L/∂w = 2w", "w ← w − η · ∂L/∂w = (1 − 2η) · w"),
    )


def _case(start: float, rate: float, floor: float) -> dict[str, Value]:
    """Return the tutorial's table: steps 0 to 5, each with w before its update; and w after five updates and six."""
    path = path_of(start, rate, PATH_STEPS)
    rows: list[Value] = [[step, w, 2 * w, -rate * 2 * w, w**2 + floor] for step, w in enumerate(path[:TABLE_STEPS])]
    return {
        "start_loss": start**2 + floor,
        "rows": rows,
        "w_after_loop": path[TABLE_STEPS],
        "loss_after_loop": path[TABLE_STEPS] ** 2 + floor,
        "w_after_5": path[5],
        "loss_after_5": path[5] ** 2 + floor,
        "plot_path_8": [*path],
    }


def _rows(path: Floats, losses: Floats, rate: float) -> tuple[tuple[Cell, ...], ...]:
    slopes = 2 * path
    return tuple(
        (step, float(w), float(slope), float(-rate * slope), float(loss))
        for step, (w, slope, loss) in enumerate(zip(path, slopes, losses, strict=True))
    )


def _signs(w: float) -> Table:
    """Return what the sign of the derivative says to do; the row that holds at the start is marked."""
    cases = (
        ("positive", "loss grows with w", "make w smaller", w > 0),
        ("negative", "loss falls with w", "make w larger", w < 0),
        ("zero", "flat: a minimum, or a plateau", "stay", w == 0),
    )
    rows = tuple((sign, meaning, deed, "← at the start" if here else "") for sign, meaning, deed, here in cases)
    return Table("What the sign of ∂L/∂w says", ("∂L/∂w is", "so", "and the step", ""), rows)


def _bowl(path: Floats, losses: Floats, floor: float) -> Plot:
    half_width = max(3.0, float(np.abs(path[np.isfinite(path)]).max(initial=3.0)))
    w = np.linspace(-half_width, half_width, 201)
    return Plot(
        title="Loss over one weight",
        x_label="w",
        y_label="loss",
        curves=(curve("L = w² + L₀", w, w**2 + floor), curve("descent", path, losses, "both")),
        marks=(Mark(float(path[0]), float(losses[0]), "start"), Mark(0.0, floor, "minimum")),
    )


def _falling(losses: Floats, floor: float) -> Plot:
    steps = np.arange(len(losses))
    return Plot(
        title="Distance from the lowest loss",
        x_label="step",
        y_label="L − L₀",
        curves=(curve("L − L₀", steps, losses - floor, "both"),),
        log_y=True,
    )


def _two_weights(settings: Settings) -> Plot:
    """Return a bowl over two weights from above: L = w₁² + κ·w₂², with lines of equal loss and the path."""
    steepness, steps = settings.number("steepness"), settings.integer("steps")
    start, rate = settings.number("start"), settings.number("rate")
    first = np.array(path_of(start, rate, steps))
    second = np.array(path_of(start, rate, steps, slope=2 * steepness))
    angle = np.linspace(0, 2 * np.pi, 121)
    highest = start**2 * (1 + steepness) or 1.0
    levels = tuple(
        curve(f"L = {level:.3g}", np.sqrt(level) * np.cos(angle), np.sqrt(level / steepness) * np.sin(angle), "dashed")
        for level in (highest, highest / 4, highest / 16)
    )
    is_near = (np.abs(first) <= 10 * abs(start) + 10) & (np.abs(second) <= 10 * abs(start) + 10)
    return Plot(
        title=f"From above: L = w₁² + {steepness:g}·w₂²",
        x_label="w₁",
        y_label="w₂",
        curves=(*levels, curve("descent", first[is_near], second[is_near], "both")),
        marks=(Mark(0.0, 0.0, "minimum"),),
        equal=True,
    )


def _notes(rate: float, settings: Settings) -> tuple[str, ...]:
    multiplier = 1 - 2 * rate
    if abs(multiplier) > 1:
        pace = f"each step multiplies w by {said(multiplier)}: its size grows, and the descent diverges"
    elif abs(multiplier) == 1:
        pace = "each step only flips the sign of w, or leaves it: nothing is gained"
    elif multiplier < 0:
        pace = f"each step multiplies w by {said(multiplier)}: it jumps over the minimum and back, nearer each time"
    else:
        pace = f"each step multiplies w by {said(multiplier)}: nearer from one side, and never past the minimum"
    table = path_of(settings.number("start"), rate, TABLE_STEPS)
    return (
        f"At this rate {pace}.",
        (
            f"The tutorial's line “after 5 steps” prints w after its loop of six updates, {said(table[6], 6)}; "
            f"after five it is {said(table[5], 6)}."
        ),
        (
            "With two weights each has a partial derivative of its own: how the loss changes with it while the other "
            "stands still. The gradient is both together. Where one direction is steeper, one rate has to do for both."
        ),
    )


LAB = Lab(
    name="descent",
    title="Rolling downhill: gradient descent on a bowl, step by step",
    dials=(
        LabDial(
            key="rate",
            label="learning rate η",
            kind="number",
            default=0.3,
            low=0.0001,
            high=2.0,
            scale="log",
            help="The share of the derivative that a step takes.",
        ),
        LabDial(
            key="start",
            label="start w",
            kind="number",
            default=2.5,
            low=-10,
            high=10,
            step=0.5,
            help="Where the descent begins.",
        ),
        LabDial(
            key="steps",
            label="steps",
            kind="integer",
            default=8,
            low=0,
            high=200,
            help="How many updates are made.",
        ),
        lowest_loss_dial("The loss at the minimum; it moves the bowl up and changes no step."),
        LabDial(
            key="steepness",
            label="steepness κ of w₂",
            kind="number",
            default=3.0,
            low=0.1,
            high=20,
            scale="log",
            help="How much steeper the second weight's direction is, in the bowl over two.",
        ),
    ),
    compute=_compute,
)
