"""Dials that several labs have, each with a help of its own."""

from __future__ import annotations

from presets.labs.contract import LabDial


def seed_dial(purpose: str) -> LabDial:
    """Return the seed of what a lab draws."""
    return LabDial(key="seed", label="seed", kind="integer", default=42, low=0, high=2**32 - 1, help=purpose)


def layers_dial(*units: float) -> LabDial:
    """Return the widths of a network's layers, the inputs first; ``units`` are the default."""
    return LabDial(
        key="units",
        label="layers",
        kind="list",
        default=units,
        low=1,
        high=100_000,
        whole=True,
        lengths=(2, 12),
        help="Inputs, then the units of each layer.",
    )


def truths_dial(purpose: str) -> LabDial:
    """Return what is true of each sample, 0 or 1."""
    truths = (1.0, 1.0, 0.0, 0.0, 1.0)
    return LabDial(key="truths", label="truths", kind="list", default=truths, low=0, high=1, whole=True, help=purpose)


def answers_dial(purpose: str, low: float, high: float) -> LabDial:
    """Return the probability that was answered to each sample, within bounds."""
    answers = (0.9, 0.6, 0.3, 0.1, 0.5)
    return LabDial(key="answers", label="answers", kind="list", default=answers, low=low, high=high, help=purpose)


def lowest_loss_dial(purpose: str) -> LabDial:
    """Return the loss at the bottom of a bowl."""
    return LabDial(
        key="floor", label="lowest loss L₀", kind="number", default=0.5, low=-10, high=10, step=0.5, help=purpose
    )
