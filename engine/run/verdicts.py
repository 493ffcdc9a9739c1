"""Verdicts: what is going wrong in a training, since when, by which numbers, and what to try."""

from __future__ import annotations

from collections.abc import Iterable
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


Convergence = Literal["falling", "flat", "ringing"]
"""Where a training loss is going: still down, nowhere, or up and down."""
MOST_VERDICTS = 200
"""Of one run; what comes back beyond that continues the one before."""


class Turn(Frozen):
    """One change of the recipe, as ``engine.run.changes.make_change`` takes it."""

    path: str
    value: JsonValue


class Cure(Frozen):
    """Changes of the recipe that may help, in order."""

    turns: tuple[Turn, ...]
    anew: bool = False
    """Whether it takes a new run: nothing can turn these once the run has begun, or there is nothing to save."""


class Verdict(Frozen):
    """One thing that goes wrong, or went wrong for a while."""

    number: int = 0
    """Its place among the verdicts of a run, from 1 on; 0 where it is in no record."""
    name: VerdictName
    layer: int | None = None
    """The layer, from 0, of which it is true; None where it is of the whole."""
    since: int
    """The epoch, from 1, at whose end it began; 0 is before the first step."""
    told: int = 0
    """The epoch at whose end there were numbers enough to tell it."""
    until: int | None = None
    """The epoch at whose end it was gone; None while it stands."""
    evidence: str
    """The numbers that said so when it was told, in one line."""
    lately: str = ""
    """The numbers of a later look, or the last ones while it stood; empty before there is one."""
    advice: str
    """What to try, in one line."""
    cure: Cure | None = None
    """The change that does it, where one alone does."""


def recorded_up_to(verdicts: Iterable[Verdict], epoch: int) -> list[Verdict]:
    """Return verdicts as they had been recorded at the end of an epoch, from which the run goes on."""
    return [
        verdict.model_copy(update={"until": None}) if (verdict.until or 0) > epoch else verdict
        for verdict in verdicts
        if verdict.told <= epoch
    ]
