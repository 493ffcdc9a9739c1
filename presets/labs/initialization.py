"""How a signal grows or shrinks through ten layers, by the scale of the initial weights."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engine.array_types import Floats
from engine.numerics.activations import ACTIVATIONS
from engine.numerics.initializers import INITIALIZERS
from presets.labs.common_dials import seed_dial
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Plot, Settings, Table, Value, curve, figure, said

VANISHED, EXPLODED = 1e-10, 1e10
"""The tutorial's bounds on the spread of the last layer."""
CHOICES = (
    ("zeros", "zeros", 1.0, "0", "every neuron stays like every other: nothing is learned"),
    ("small", "normal", 0.001, "0.001", "signals and gradients vanish"),
    ("unscaled", "normal", 1.0, "1", "signals explode; sigmoids saturate"),
    ("Xavier", "xavier", 1.0, "√(1/n)", "keeps the size for tanh and identity"),
    ("Glorot", "glorot_uniform", 1.0, "√(2/(n + m)), drawn evenly", "keeps it forward and back"),
    ("LeCun", "lecun", 1.0, "√(1/n)", "what the tutorial calls Xavier"),
    ("He", "he", 1.0, "√(2/n)", "keeps it for ReLU, which lets half of it through"),
)
"""What it is called, the engine's name and factor, the spread of the weights, and what becomes of signals."""


def _compute(settings: Settings) -> LabResult:
    scales = _scales(settings)
    run = _in_printed_order(settings, scales)
    values: dict[str, dict[str, Value]] = {
        "B11_init_comparison": {
            "bands": {name: _json(_band(settings, scale)) for name, scale in scales.items()},
            "seed42": {
                name: {"initial_std": float(spreads[0]), "final_std": figure(float(spreads[-1]))}
                for name, spreads in run.items()
            },
        }
    }
    return LabResult(
        values=values,
        tables=(
            _run_table(scales, run),
            _band_table(settings, scales),
            _ways(settings),
        ),
        plots=(_spreads(run), _growth(settings)),
        notes=_notes(settings, run),
        formulas=(
            "ReLU layers of n units: spread ← spread · scale · √(n/2)",
            "after N layers: (scale · √(n/2))ᴺ, and 1 for scale = √(2/n)",
        ),
    )


def _scales(settings: Settings) -> dict[str, float]:
    """Return scales by name: those of the dial, and He's for the width."""
    named = {_name(scale): scale for scale in settings.numbers("scales")}
    return {**named, "he": float(np.sqrt(2 / settings.integer("width")))}


def _name(scale: float) -> str:
    return f"{scale:.1f}" if scale == 1 else f"{scale:g}"


def _spread_by_layer(stream: np.random.RandomState, scale: float, width: int, depth: int, activation: str) -> Floats:
    """Return the spread (depth + 1,) of a drawn signal and of what each layer makes of it."""
    signal: Floats = stream.standard_normal((width, 1))
    spreads = [float(signal.std())]
    value = ACTIVATIONS[activation].value
    for _ in range(depth):
        signal = value(stream.standard_normal((width, width)) * scale @ signal)
        spreads.append(float(signal.std()))
    return np.array(spreads)


def _in_printed_order(settings: Settings, scales: dict[str, float]) -> dict[str, Floats]:
    """Return spreads by scale, all drawn one after the other from a single stream, as the tutorial's loop does."""
    stream = np.random.RandomState(settings.integer("seed"))
    width, depth, activation = settings.integer("width"), settings.integer("layers"), settings.text("activation")
    with np.errstate(over="ignore", invalid="ignore"):
        return {name: _spread_by_layer(stream, scale, width, depth, activation) for name, scale in scales.items()}


@lru_cache(maxsize=16)
def _unit_spreads(seeds: int, width: int, depth: int) -> tuple[float, ...]:
    """Return the last spread at a scale of 1, by seed, for ReLU.

    ReLU layers without biases are homogeneous: at another scale the same draws give scale^depth times as much. So one
    set of draws serves all scales; it takes the better part of a second for sixty seeds of width 256.
    """
    streams = (np.random.RandomState(seed) for seed in range(seeds))
    return tuple(float(_spread_by_layer(stream, 1.0, width, depth, "relu")[-1]) for stream in streams)


def _band(settings: Settings, scale: float) -> dict[str, float]:
    width, depth = settings.integer("width"), settings.integer("layers")
    finals = np.array(_unit_spreads(settings.integer("seeds"), width, depth)) * scale**depth
    return {
        "n": len(finals),
        "mean": float(finals.mean()),
        "min": float(finals.min()),
        "p5": float(np.percentile(finals, 5)),
        "p50": float(np.percentile(finals, 50)),
        "p95": float(np.percentile(finals, 95)),
        "max": float(finals.max()),
        "frac_vanished": float((finals < VANISHED).mean()),
        "frac_exploded": float((finals > EXPLODED).mean()),
        "theory_rms": float((scale * np.sqrt(width / 2)) ** depth),
    }


def _json(band: dict[str, float]) -> dict[str, Value]:
    return {key: figure(number) for key, number in band.items()}


def _verdict(spread: float) -> str:
    if spread < VANISHED:
        return "vanished"
    return "exploded" if not spread <= EXPLODED else "stable"


def _run_table(scales: dict[str, float], run: dict[str, Floats]) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, scales[name], float(spreads[0]), float(spreads[-1]), _verdict(float(spreads[-1])))
        for name, spreads in run.items()
    )
    return Table("One run", ("start", "scale", "spread before", "spread after", ""), rows)


def _band_table(settings: Settings, scales: dict[str, float]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, scale in scales.items():
        band = _band(settings, scale)
        rows.append((name, band["p5"], band["p50"], band["p95"], band["theory_rms"], band["frac_exploded"]))
    head = ("start", "5 %", "median", "95 %", "formula", "share exploded")
    return Table(f"Spread after the last layer, {settings.integer('seeds')} seeds, ReLU", head, tuple(rows))


def _ways(settings: Settings) -> Table:
    """Return the engine's initialisers, each with the spread that one run of them ends with."""
    width, depth, activation = settings.integer("width"), settings.integer("layers"), settings.text("activation")
    rows: list[tuple[Cell, ...]] = []
    for title, name, factor, spread, effect in CHOICES:
        stream = np.random.RandomState(settings.integer("seed"))
        signal: Floats = stream.standard_normal((width, 1))
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(depth):
                signal = ACTIVATIONS[activation].value(factor * INITIALIZERS[name](stream, width, width) @ signal)
        rows.append((title, spread, float(signal.std()), effect))
    head = ("start", "spread of weights", "spread after", "effect")
    return Table(f"Ways to begin, {activation}", head, tuple(rows))


def _spreads(run: dict[str, Floats]) -> Plot:
    return Plot(
        title="Spread of the signal, layer by layer",
        x_label="layer",
        y_label="spread",
        curves=tuple(
            curve(name, np.arange(len(spreads)), np.where(spreads > 0, spreads, np.nan), "both")
            for name, spreads in run.items()
        ),
        log_y=True,
    )


def _growth(settings: Settings) -> Plot:
    """Return the formula's spread after the last layer over the scale, and the tutorial's own."""
    width, depth = settings.integer("width"), settings.integer("layers")
    scales = np.geomspace(1e-3, 2, 61)
    with np.errstate(over="ignore"):
        return Plot(
            title=f"Spread after {depth} layers, by scale",
            x_label="scale",
            y_label="spread",
            curves=(
                curve("(scale · √(n/2))ᴺ", scales, (scales * np.sqrt(width / 2)) ** depth),
                curve("scaleᴺ, the tutorial", scales, scales**depth, "dashed"),
            ),
            log_x=True,
            log_y=True,
        )


def _notes(settings: Settings, run: dict[str, Floats]) -> tuple[str, ...]:
    width, depth = settings.integer("width"), settings.integer("layers")
    outcomes = ", ".join(f"{name} {_verdict(float(spreads[-1]))}" for name, spreads in run.items())
    band = _band(settings, 1.0)
    return (
        f"In this run: {outcomes}.",
        (
            f"The tutorial's “scale to the power of N” leaves out the width. Each layer adds over {width} "
            f"units, of which ReLU lets half through: after {depth} of them a scale of 1 gives "
            f"{said(band['theory_rms'], 3)}, not 1."
        ),
        (
            f"What it calls exploding to infinity is a spread of {said(band['mean'], 3)} at a scale of 1, in "
            f"the mean of {band['n']:.0f} seeds; its own bound is {said(EXPLODED)}."
        ),
        (
            f"The tutorial does not seed its demonstration; this run is drawn from seed "
            f"{settings.integer('seed')}, in the order in which it prints."
        ),
    )


LAB = Lab(
    name="initialization",
    title="Initial weights: signals that vanish, explode, or last",
    dials=(
        LabDial(
            key="scales",
            label="scales",
            kind="list",
            default=(0.001, 1.0),
            low=0.0001,
            high=10,
            lengths=(1, 5),
            help="Spreads of the initial weights; He's for this width is always beside them.",
        ),
        LabDial(
            key="layers",
            label="layers",
            kind="integer",
            default=10,
            low=1,
            high=20,
            help="How many layers the signal goes through.",
        ),
        LabDial(
            key="width",
            label="units",
            kind="integer",
            default=256,
            low=1,
            high=256,
            scale="log",
            help="Of each layer.",
        ),
        LabDial(
            key="activation",
            label="activation",
            kind="choice",
            default="relu",
            choices=("relu", "tanh", "sigmoid", "identity"),
            help="Of the one run; the bands are for ReLU.",
        ),
        seed_dial("Of the one run."),
        LabDial(
            key="seeds",
            label="seeds of the band",
            kind="integer",
            default=60,
            low=2,
            high=60,
            help="How many seeds the band is taken over, from 0 on.",
        ),
    ),
    compute=_compute,
)
