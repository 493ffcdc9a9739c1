"""Verdicts: what is going wrong in a training, since when, by which numbers, and what to try."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from engine.run.frozen import Frozen

VerdictName = Literal[
    "diverging",
    "oscillating",
    "plateau",
    "overfitting",
    "underfitting",
    "dead-neurons",
    "saturated-neurons",
    "vanishing-gradients",
    "exploding-gradients",
    "not-linearly-separable",
    "unscaled-inputs",
    "leaky-scaler",
    "graded-on-training",
    "wrong-exit",
    "non-finite",
    "class-imbalance",
]


class Cure(Frozen):
    """A change of the recipe that may help, as ``engine.run.changes.make_change`` takes it."""

    path: str
    value: JsonValue


class Verdict(Frozen):
    """One thing that goes wrong, or went wrong for a while."""

    name: VerdictName
    since: int
    """The epoch, from 1, at whose end it began; 0 is before the first step."""
    until: int | None = None
    """The epoch at whose end it was gone; None while it stands."""
    evidence: str
    """The numbers that say so, in one line."""
    advice: str
    """What to try, in one line."""
    cure: Cure | None = None
    """The change that does it, where one alone does."""
