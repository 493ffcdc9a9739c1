"""How fast a recipe is trained on the screen, and whether it waits for its first step."""

from __future__ import annotations

import math

from engine.spec import Spec
from engine.spec.sources.bundled import Rows

FEW_STEPS = 5
"""Steps that would be over before anyone has seen what they are about."""
TRAINING_SECONDS = 20
"""How long a preset's whole training takes on the screen, where its pace is within bounds."""


def screen_pace(spec: Spec) -> float:
    """Return the epochs a second at which a recipe begins on the screen: at full speed, many are over in a moment."""
    return min(max(spec.training.epochs / TRAINING_SECONDS, 1.0), 20.0)


def opens_paused(spec: Spec) -> bool:
    """Return whether a recipe has so few steps that on the screen it waits for the key that takes the first one.

    Of files it is not known yet how many rows they have: in mini-batches, they count as many.
    """
    training, split = spec.training, spec.split
    rows = len(spec.data.X) if isinstance(spec.data, Rows) else getattr(spec.data, "samples", math.inf)
    rows *= 1 - split.validation - split.test
    batches = 1 if isinstance(training.batch_size, str) else max(1, rows / training.batch_size)
    return 0 < training.epochs * batches <= FEW_STEPS
