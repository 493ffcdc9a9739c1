"""What it costs to improve a network without backpropagation: wiggle every dial, or try every setting."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from presets.labs.common_dials import layers_dial
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Mark, Plot, Settings, Table, Value, curve

BACKWARD = 2
"""Multiplications of the way back for each of the way forward: ∂L/∂W, and the error of the layer below."""
SECONDS_A_YEAR = 365.25 * 24 * 3600


def parameters(units: tuple[int, ...]) -> list[int]:
    """Return weights and biases of each layer, of a network of these widths, inputs first."""
    return [(below + 1) * width for below, width in pairwise(units)]


def _compute(settings: Settings) -> LabResult:
    units, rows = settings.integers("units"), settings.integer("rows")
    counts = parameters(units)
    total = sum(counts)
    passes = settings.integer("directions") * total * rows
    dials, values = settings.integer("dials"), settings.integer("settings")
    case: dict[str, Value] = {f"room{index + 1}": count for index, count in enumerate(counts)}
    return LabResult(
        values={
            "R01_param_counts": {**case, "total": total},
            "R02_brute_force_passes": {"passes": passes},
            "A14_combos": {"combos": float(values) ** dials, "n_params": dials},
            "B16_params": {"net17": sum(parameters((2, 4, 1))), "spiral_257": sum(parameters((2, 64, 1)))},
            "brute-force": _work(units, rows, settings.integer("directions")),
        },
        tables=(_layers(units, counts), _ways(settings, units, total), _combinations(dials, values)),
        plots=(_passes_plot(settings, total, passes), _settings_plot(dials, values)),
        notes=_notes(total, passes, dials, values),
        formulas=(
            "parameters of a layer = inputs × units + units",
            "passes of brute force = directions × parameters × rows",
            "settings to try = values ^ dials",
        ),
    )


def _work(units: tuple[int, ...], rows: int, directions: int) -> dict[str, Value]:
    """Return multiplications for one update of all dials, either way."""
    forward = rows * sum(below * width for below, width in pairwise(units))
    brute = directions * sum(parameters(units)) * forward
    return {
        "multiplications_forward": forward,
        "multiplications_brute_force": brute,
        "multiplications_backprop": (1 + BACKWARD) * forward,
        "times_as_much": brute / ((1 + BACKWARD) * forward),
    }


def _layers(units: tuple[int, ...], counts: list[int]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (f"layer {index + 1}", f"({width}, {below})", below * width, f"({width},)", width, counts[index])
        for index, (below, width) in enumerate(pairwise(units))
    ]
    rows.append(("all", "", sum(b * w for b, w in pairwise(units)), "", sum(units[1:]), sum(counts)))
    return Table("Parameters", ("", "W", "weights", "b", "biases", "together"), tuple(rows))


def _ways(settings: Settings, units: tuple[int, ...], total: int) -> Table:
    rows, directions = settings.integer("rows"), settings.integer("directions")
    work = _work(units, rows, directions)
    return Table(
        "One update of all parameters",
        ("way", "passes of a row", "multiplications"),
        (
            ("wiggle each", directions * total * rows, _cell(work["multiplications_brute_force"])),
            ("backpropagation", f"{rows} forward, {rows} back", _cell(work["multiplications_backprop"])),
        ),
    )


def _cell(value: Value) -> Cell:
    return value if isinstance(value, int | float) else None


def _combinations(dials: int, values: int) -> Table:
    rows = tuple(
        (count, _power_text(values, count), _years(values, count)) for count in dict.fromkeys((1, 2, 3, 5, dials))
    )
    return Table(
        f"Trying every setting, {values} values a dial", ("dials", "settings", "years at a million a second"), rows
    )


def _power_text(values: int, dials: int) -> Cell:
    return values**dials if values**dials < 10**15 else float(values) ** dials


def _years(values: int, dials: int) -> float:
    return float(values) ** dials / 1e6 / SECONDS_A_YEAR


def _passes_plot(settings: Settings, total: int, passes: int) -> Plot:
    counts = np.geomspace(1, max(10 * total, 1000), 61)
    rows = settings.integer("rows")
    return Plot(
        title="Passes for one update of all",
        x_label="parameters",
        y_label="passes",
        curves=(
            curve("wiggle each", counts, settings.integer("directions") * rows * counts),
            curve("backpropagation", counts, np.full_like(counts, 2 * rows), "dashed"),
        ),
        marks=(Mark(total, passes, f"{passes:,} passes"),),
        log_x=True,
        log_y=True,
    )


def _settings_plot(dials: int, values: int) -> Plot:
    counts = np.arange(1, max(dials, 2) + 1)
    return Plot(
        title="Settings to try, by number of dials",
        x_label="dials",
        y_label="number",
        curves=(curve(f"{values} values each", counts, float(values) ** counts, "both"),),
        log_y=True,
    )


def _notes(total: int, passes: int, dials: int, values: int) -> tuple[str, ...]:
    exponent = dials * math.log10(values)
    return (
        f"Wiggling all {total} parameters once takes {passes:,} passes of a row; one sweep back gives the same slopes.",
        f"{values} settings of {dials} dials are 10^{exponent:.3g}: nobody lives to see a search through them end.",
        "Another neuron is one more row of W and one more entry of b, and one more column of the W above it.",
    )


LAB = Lab(
    name="brute-force",
    title="Counting parameters, and what brute force would cost",
    dials=(
        layers_dial(30.0, 16.0, 8.0, 1.0),
        LabDial(
            key="rows",
            label="rows",
            kind="integer",
            default=341,
            low=1,
            high=10_000_000,
            scale="log",
            help="Examples that the loss is measured on.",
        ),
        LabDial(
            key="directions",
            label="directions",
            kind="integer",
            default=2,
            low=1,
            high=2,
            help="Up and down, or up only.",
        ),
        LabDial(
            key="dials",
            label="dials to search",
            kind="integer",
            default=10,
            low=1,
            high=100,
            help="How many dials are searched through.",
        ),
        LabDial(
            key="settings",
            label="values a dial",
            kind="integer",
            default=100,
            low=2,
            high=1000,
            scale="log",
            help="How many values of each dial are tried.",
        ),
    ),
    compute=_compute,
)
