"""Dropout on a handful of numbers: who is out, what the others are scaled by, and how many are out at a time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from presets.labs.common_dials import seed_dial
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Mark, Plot, Settings, Table, Value, curve

Mask = NDArray[np.bool_]

PASSES = 200
"""Over which the mean of dropped activations is followed."""
SIGNS = (
    ("training loss falls, validation loss rises", "the network learns its examples by heart"),
    ("the gap between the two grows", "how far that has gone"),
    ("training accuracy near 1, validation stays", "the same, in rows"),
)
CURES = (
    ("dropout", "no neuron can rely on another"),
    ("more data", "less to gain by learning each row"),
    ("L1, L2", "large weights cost something"),
    ("early stopping", "end where the validation loss is lowest"),
    ("a smaller network, fewer inputs", "less room to remember"),
)


def _compute(settings: Settings) -> LabResult:
    activations, rate = np.array(settings.numbers("activations")), settings.number("rate")
    stream = np.random.RandomState(settings.integer("seed"))
    uniform = stream.uniform(size=len(activations))
    mask = uniform > rate
    kept = activations / (1 - rate)
    return LabResult(
        values={
            "B12_dropout": {
                "uniform": uniform.tolist(),
                "mask": [int(each) for each in mask],
                "dropped": (activations * mask / (1 - rate)).tolist(),
                "kept_values": kept.tolist(),
                "p_no_drop": (1 - rate) ** len(activations),
                "expected": activations.tolist(),
            },
            "R10_dropout_heads": _heads(settings.integer("units")),
            "dropout": _subnetworks(settings),
        },
        tables=(
            _pass(activations, uniform, mask, rate),
            _conventions(activations, mask, rate),
            _head_table(settings),
            Table("Signs of overfitting", ("seen", "means"), SIGNS),
            Table("What helps against it", ("cure", "because"), CURES),
        ),
        plots=(_counts_plot(settings), _mean_plot(activations, rate, settings.integer("seed"))),
        notes=_notes(settings, mask),
        formulas=(
            "in training: a · mask / (1 − p), mask 1 with probability 1 − p",
            "mean over masks: (1 − p) · a / (1 − p) + p · 0 = a",
            "P(k of n out) = C(n, k) · pᵏ · (1 − p)ⁿ⁻ᵏ",
        ),
    )


def binomial(units: int, rate: float) -> Floats:
    """Return (units + 1,), the probability that k of the units are out, k from 0 on."""
    counts = np.arange(units + 1)
    ways = np.array([float(math.comb(units, int(count))) for count in counts])
    return np.asarray(ways * rate**counts * (1 - rate) ** (units - counts))


def _heads(units: int) -> dict[str, Value]:
    return {
        "r20": units * 0.2,
        "r25": units * 0.25,
        "r20_binomial_sd": math.sqrt(units * 0.2 * 0.8),
        "r20_p_exactly3": float(binomial(units, 0.2)[3]) if units >= 3 else 0.0,
    }


def _subnetworks(settings: Settings) -> dict[str, Value]:
    units, rate = settings.integer("units"), settings.number("rate")
    return {
        "scale": 1 / (1 - rate),
        "mean_out": units * rate,
        "spread_out": math.sqrt(units * rate * (1 - rate)),
        "subnetworks": 2**units,
    }


def _pass(activations: Floats, uniform: Floats, mask: Mask, rate: float) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (index + 1, float(a), float(u), "at work" if on else "out", float(a * on / (1 - rate)), float(a))
        for index, (a, u, on) in enumerate(zip(activations, uniform, mask, strict=True))
    ]
    head = ("neuron", "a", "drawn u", f"u > {rate:g}", "in training", "after it")
    return Table("One pass", head, tuple(rows))


def _conventions(activations: Floats, mask: Mask, rate: float) -> Table:
    total = float((activations * mask).sum())
    rows = (
        ("inverted: 1/(1 − p) in training", total / (1 - rate), float(activations.sum())),
        ("classic: (1 − p) after it", total, float(activations.sum()) * (1 - rate)),
    )
    return Table("Two ways to scale: sum of the layer's signals", ("way", "in training", "after it"), rows)


def _head_table(settings: Settings) -> Table:
    units = settings.integer("units")
    rates = dict.fromkeys((0.1, 0.2, 0.25, 0.3, settings.number("rate")))
    rows = tuple(
        (rate, units * rate, math.sqrt(units * rate * (1 - rate)), 1 / (1 - rate), (1 - rate) ** units)
        for rate in rates
    )
    return Table(f"How many of {units} are out", ("rate p", "mean", "spread", "scale", "nobody out"), rows)


def _counts_plot(settings: Settings) -> Plot:
    units, rate = settings.integer("units"), settings.number("rate")
    chances = binomial(units, rate)
    mean = units * rate
    return Plot(
        title=f"How many of {units} are out in a pass",
        x_label="out",
        y_label="P",
        curves=(curve(f"p = {rate:g}", np.arange(units + 1), chances, "both"),),
        marks=(Mark(mean, float(chances[round(mean)]), f"mean {mean:g}"),),
    )


def _mean_plot(activations: Floats, rate: float, seed: int) -> Plot:
    stream = np.random.RandomState(seed)
    masks = stream.uniform(size=(PASSES, len(activations))) > rate
    passes = np.arange(1, PASSES + 1)
    means = (activations * masks / (1 - rate)).sum(axis=1).cumsum() / passes
    return Plot(
        title="Mean of the sum over passes so far",
        x_label="passes",
        y_label="sum",
        curves=(
            curve("with dropout, scaled", passes, means),
            curve("without", passes, np.full(PASSES, activations.sum()), "dashed"),
        ),
    )


def _notes(settings: Settings, mask: Mask) -> tuple[str, ...]:
    units, rate = settings.integer("units"), settings.number("rate")
    return (
        f"In this pass {int((mask == 0).sum())} of {len(mask)} are out; the others count {1 / (1 - rate):.4g} times.",
        (
            f"Of {units} neurons {units * rate:g} are out in the mean, now more, now fewer: by ± "
            f"{math.sqrt(units * rate * (1 - rate)):.3g}. Each row of a batch has a mask of its own."
        ),
        f"{units} neurons have 2^{units} = {2**units:,} masks: as many networks within one, which share their weights.",
        (
            "The blog tells of silencing neurons and not of the scale. Without it, what a layer hands on "
            "would be larger after training than in it."
        ),
    )


LAB = Lab(
    name="dropout",
    title="Dropout: who is out, and what the others are scaled by",
    dials=(
        LabDial(
            key="rate",
            label="dropout rate p",
            kind="number",
            default=0.3,
            low=0,
            high=0.95,
            step=0.05,
            help="The share of neurons that is out in a pass.",
        ),
        LabDial(
            key="activations",
            label="activations",
            kind="list",
            default=(0.5, 0.8, 0.3, 0.9, 0.2),
            low=-100,
            high=100,
            help="What the neurons of a layer answer.",
        ),
        seed_dial("Of the masks."),
        LabDial(
            key="units",
            label="neurons",
            kind="integer",
            default=16,
            low=1,
            high=64,
            help="Of the layer whose absences are counted.",
        ),
    ),
    compute=_compute,
)
