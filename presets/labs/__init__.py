"""Labs: small experiments with dials and without a training set, each in a module of its own.

``LABS`` has them by name, in the order in which they are listed: from what a neuron is to what goes wrong in deep ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import InputError, nearest, sanitize
from presets.labs import (
    activations,
    brute_force,
    descent,
    dropout,
    initialization,
    learning_rate,
    likelihood,
    linear_collapse,
    loan_rules,
    losses,
    optimizers,
    overflow,
    separability,
    shapes,
    spirals,
    vanishing_gradient,
    vectorized,
    wiggle,
)
from presets.labs.contract import Curve, Lab, LabDial, LabResult, Mark, Plot, Setting, Settings, Table, Value

__all__ = [
    "LABS",
    "Curve",
    "Lab",
    "LabDial",
    "LabResult",
    "Mark",
    "Plot",
    "Setting",
    "Settings",
    "Table",
    "Value",
    "lab",
    "names",
]

LABS: Mapping[str, Lab] = {
    module.LAB.name: module.LAB
    for module in (
        loan_rules,
        brute_force,
        shapes,
        activations,
        linear_collapse,
        vectorized,
        losses,
        likelihood,
        descent,
        wiggle,
        learning_rate,
        optimizers,
        overflow,
        vanishing_gradient,
        initialization,
        dropout,
        separability,
        spirals,
    )
}


def names() -> list[str]:
    """Return the names of all labs, in the order in which they are listed."""
    return list(LABS)


def lab(name: str) -> Lab:
    """Return the lab of a name.

    Raises:
        InputError: No such lab; the line offers the nearest.
    """
    if name not in LABS:
        hint = nearest(name, LABS) or "; tui-trainer lab lists them"
        raise InputError(f"there is no lab {sanitize(repr(name), 60)}{hint}")
    return LABS[name]
