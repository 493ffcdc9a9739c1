"""Learning-rate schedules: the rate of an epoch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.spec import TrainingSpec


def learning_rate(training: TrainingSpec, epoch: int) -> float:
    """Return the rate of ``epoch`` (from 1); the dial ``training.learning_rate`` is the rate of epoch 1."""
    schedule, passed = training.schedule, epoch - 1
    factor = {
        "constant": lambda: 1.0,
        "step": lambda: schedule.factor ** (passed // schedule.every),
        "exponential": lambda: schedule.factor**passed,
        "cosine": lambda: schedule.factor + (1 - schedule.factor) * _half_cosine(passed, training.epochs),
        "inverse": lambda: 1 / (1 + schedule.factor * passed),
    }[schedule.kind]()
    return training.learning_rate * factor


def _half_cosine(passed: int, epochs: int) -> float:
    """Fall from 1 at the first epoch to 0 at the last (Loshchilov & Hutter 2017, without restarts)."""
    share = min(passed / max(epochs - 1, 1), 1.0)
    return 0.5 * (1 + math.cos(math.pi * share))
