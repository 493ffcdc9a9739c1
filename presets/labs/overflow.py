"""Where numbers end: e^−z, the S-curve and its loss, by the textbook's formulas and by stable ones."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.numerics.losses import CLIP, make_output_head
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Plot, Settings, Table, Value, curve, said

EPSILON = 1e-15
GRID = 0.01
"""Step of the search for the z from which on σ(z) is exactly 1."""
HEAD = make_output_head("sigmoid", "bce")


def _compute(settings: Settings) -> LabResult:
    z, clip, dtype = settings.number("z"), settings.number("clip"), np.dtype(settings.text("dtype"))
    with np.errstate(all="ignore"):
        return LabResult(
            values={
                "R11_float32_edge": _edges(),
                "R12_sigmoid_clip": _clipped(clip),
                "R13_Z_minus500": _beyond(z, dtype),
                "W07_log_saturation": _saturation(),
                "overflow": _three_ways(z, clip, dtype),
            },
            tables=(_table(settings, clip, dtype), _cures(z, clip, dtype), _formats()),
            plots=(_loss_plot(clip, dtype, 0), _loss_plot(clip, dtype, 1), _sigmoid_plot(dtype)),
            notes=_notes(z, clip, dtype),
            formulas=(
                "S(z) = 1 / (1 + e⁻ᶻ)",
                "by formula: L = −[y · ln p + (1 − y) · ln(1 − p)]",
                "from z: L = max(z, 0) − y·z + ln(1 + e^−|z|)",
            ),
        )


def naive_sigmoid(z: float, dtype: np.dtype[np.floating]) -> np.floating:
    """Return 1/(1 + e^−z) step by step in a format, as the formula stands."""
    one, exponent = dtype.type(1), dtype.type(-z)
    value: np.floating = one / (one + np.exp(exponent))
    return value


def two_term_loss(p: np.floating, y: float) -> np.floating:
    """Return −[y ln p + (1 − y) ln(1 − p)] as the formula stands: 0 · ∞ is NaN."""
    kind = type(p)
    truth, one = kind(y), kind(1)
    value: np.floating = -(truth * np.log(p) + (one - truth) * np.log(one - p))
    return value


def stable_loss(z: float, y: float, dtype: np.dtype[np.floating]) -> float:
    """Return the loss computed from z itself, as the engine does."""
    return float(HEAD.row_losses(np.full((1, 1), z, dtype), np.full((1, 1), y, dtype))[0])


def _edges() -> dict[str, Value]:
    return {
        "ln_float32_max": float(np.log(np.float64(np.finfo(np.float32).max))),
        "exp88": float(np.exp(np.float32(88))),
        "exp89": str(float(np.exp(np.float32(89)))),
        "ln_float64_max": float(np.log(np.finfo(np.float64).max)),
    }


def _clipped(clip: float) -> dict[str, Value]:
    double, single = np.dtype(np.float64), np.dtype(np.float32)
    top, bottom = naive_sigmoid(clip, double), naive_sigmoid(-clip, double)
    return {
        "S_m80": float(bottom),
        "S_m80_float32": float(naive_sigmoid(-clip, single)),
        "S_p80_is_exactly_1_float64": bool(top == 1),
        "S_p80_is_exactly_1_float32": bool(naive_sigmoid(clip, single) == 1),
        "one_minus_S_p80": float(1 - top),
        "bce_y0_at_clip": _written(-np.log(1 - top)),
        "bce_two_term_y1_at_clip": _written(two_term_loss(top, 1)),
    }


def _written(number: np.floating) -> Value:
    """Return a number, and what is infinite or none as a text."""
    return float(number) if np.isfinite(number) else str(float(number))


def _beyond(z: float, dtype: np.dtype[np.floating]) -> dict[str, Value]:
    """Return what becomes of a raw score; texts, as what a program prints."""
    p = naive_sigmoid(z, dtype)
    return {
        "output": str(float(p)),
        "exp": str(float(np.exp(dtype.type(-z)))),
        "loss_y1": str(float(-np.log(p))),
        "loss_y0_two_term": str(float(two_term_loss(p, 0))),
    }


def _saturation() -> dict[str, Value]:
    at_20 = 1 - naive_sigmoid(20, np.dtype(np.float64))
    grid = np.round(np.arange(0, 60, GRID), 2)
    exactly_one = 1 / (1 + np.exp(-grid)) == 1
    return {
        "one_minus_sig20": float(at_20),
        "loss_at_z20_y0": float(-np.log(at_20)),
        "smallest_z_with_sigmoid_eq_1": float(grid[int(exactly_one.argmax())]),
        "loss_cap_eps_1e15": float(-np.log(0 + EPSILON)),
        "perfect_loss_with_eps": float(-np.log(1 + EPSILON)),
    }


def _three_ways(z: float, clip: float, dtype: np.dtype[np.floating]) -> dict[str, Value]:
    p, held = naive_sigmoid(z, dtype), naive_sigmoid(min(max(z, -clip), clip), dtype)
    values: dict[str, Value] = {"p": _written(p), "p_clipped_z": _written(held)}
    for y in (0, 1):
        values[f"formula_y{y}"] = _written(two_term_loss(p, y))
        values[f"clipped_z_y{y}"] = _written(two_term_loss(held, y))
        values[f"clipped_p_y{y}"] = _written(two_term_loss(_kept_inside(p), y))
        values[f"from_z_y{y}"] = stable_loss(z, y, dtype)
    return values


def _kept_inside(p: np.floating) -> np.floating:
    kept: np.floating = type(p)(np.clip(p, type(p)(CLIP), type(p)(1) - type(p)(CLIP)))
    return kept


def _table(settings: Settings, clip: float, dtype: np.dtype[np.floating]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for z in sorted({*settings.numbers("scores"), settings.number("z"), clip, -clip}):
        p = naive_sigmoid(z, dtype)
        losses = [float(two_term_loss(p, y)) for y in (1, 0)]
        rows.append((z, float(np.exp(dtype.type(-z))), float(p), *losses, *(stable_loss(z, y, dtype) for y in (1, 0))))
    head = ("z", "e⁻ᶻ", "S(z)", "loss, y = 1", "loss, y = 0", "from z, y = 1", "from z, y = 0")
    return Table(f"By the formulas, in {dtype.name}", head, tuple(rows))


def _cures(z: float, clip: float, dtype: np.dtype[np.floating]) -> Table:
    values = _three_ways(z, clip, dtype)
    ways = (
        ("by the formulas", "formula"),
        (f"z kept within ±{clip:g}", "clipped_z"),
        ("p kept within 10⁻⁷ of 0 and 1", "clipped_p"),
        ("from z", "from_z"),
    )
    rows = tuple((name, *(_cell(values[f"{key}_y{y}"]) for y in (1, 0))) for name, key in ways)
    return Table(f"Four ways to the loss at z = {said(z)}", ("computed", "y = 1", "y = 0"), rows)


def _cell(value: Value) -> Cell:
    return float(value) if isinstance(value, int | float | str) else None


def _formats() -> Table:
    rows = []
    for name in ("float16", "float32", "float64"):
        info = np.finfo(name)
        rows.append((name, float(info.max), float(np.log(np.float64(info.max))), float(info.tiny), float(info.eps)))
    return Table("Formats", ("format", "largest", "its ln", "smallest normal", "ε"), tuple(rows))


def _loss_plot(clip: float, dtype: np.dtype[np.floating], y: int) -> Plot:
    half_width = 1.25 * max(clip, 100)
    grid = np.linspace(-half_width, half_width, 201)
    naive = [float(two_term_loss(naive_sigmoid(z, dtype), y)) for z in grid]
    held = [float(two_term_loss(naive_sigmoid(min(max(z, -clip), clip), dtype), y)) for z in grid]
    exact = [stable_loss(z, y, dtype) for z in grid]
    return Plot(
        title=f"Loss by raw score, truth y = {y}",
        x_label="z",
        y_label="loss",
        curves=(
            curve("from z", grid, exact, "dashed"),
            curve("by the formulas", grid, naive),
            curve(f"z kept within ±{clip:g}", grid, held, "dots"),
        ),
    )


def _sigmoid_plot(dtype: np.dtype[np.floating]) -> Plot:
    grid: Floats = np.linspace(-120, 20, 141)
    values = [float(naive_sigmoid(z, dtype)) for z in grid]
    return Plot(
        title=f"S(z) in {dtype.name}",
        x_label="z",
        y_label="S(z)",
        curves=(curve("S(z)", grid, values),),
        log_y=True,
    )


def _notes(z: float, clip: float, dtype: np.dtype[np.floating]) -> tuple[str, ...]:
    edge, name = float(np.log(np.float64(np.finfo(dtype).max))), dtype.name
    notes = [f"In {name} e^x is infinite beyond x = {edge:.4f}. Gaps in the curves are nan, or infinite."]
    if -z > edge:
        notes.append(
            f"At z = {said(z)} the tutorial has the S-curve give nan. It gives 0: e^{said(-z)} is infinite, and "
            "1/(1 + ∞) = 0. The nan comes one step later, in the loss: 0 · ln 0."
        )
    if naive_sigmoid(clip, dtype) == 1:
        notes.append(
            f"Keeping z within ±{clip:g} mends the lower side only. S({clip:g}) is exactly 1, so ln(1 − p) is "
            f"−∞, and the two-term formula gives 0 · −∞ = nan even for a right answer. Keeping p inside, or computing "
            "from z, mends both."
        )
    else:
        notes.append(
            f"In {name} S({clip:g}) is still below 1: a band this narrow protects both sides, but no loss in "
            f"it can exceed {said(float(two_term_loss(naive_sigmoid(-clip, dtype), 1)))}."
        )
    figures = _saturation()
    notes.append(
        f"In float64 σ(z) is exactly 1 from z = {figures['smallest_z_with_sigmoid_eq_1']} on; at z = 20, which another "
        f"tutorial names, 1 − σ is still {figures['one_minus_sig20']:.1g}. An ε of 10⁻¹⁵ inside the logarithm "
        f"caps the loss at {figures['loss_cap_eps_1e15']:.4g}, and makes a perfect one slightly negative."
    )
    notes.append(f"At z = {said(z)} the loss computed from z is exact on both sides; this is how the program does it.")
    return tuple(notes)


LAB = Lab(
    name="overflow",
    title="Overflow: where e^x, the S-curve and its loss end",
    dials=(
        LabDial(
            key="z",
            label="raw score z",
            kind="number",
            default=-500.0,
            low=-2000,
            high=2000,
            step=10,
            help="The score whose loss is computed in four ways.",
        ),
        LabDial(
            key="clip",
            label="clip z at ±",
            kind="number",
            default=80.0,
            low=1,
            high=1000,
            step=5,
            help="The band that the tutorial keeps z in.",
        ),
        LabDial(
            key="dtype",
            label="format",
            kind="choice",
            default="float32",
            choices=("float16", "float32", "float64"),
            help="The format in which all is computed.",
        ),
        LabDial(
            key="scores",
            label="scores",
            kind="list",
            default=(-500.0, -89.0, -88.0, -20.0, 0.0, 20.0, 36.74, 89.0, 500.0),
            low=-2000,
            high=2000,
            help="The raw scores of the table.",
        ),
    ),
    compute=_compute,
)
