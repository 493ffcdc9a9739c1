"""Learning-rate schedules: the rate of an epoch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.spec import TrainingSpec


def learning_rate(training: TrainingSpec, epoch: int) -> float:
    """Return the rate of ``epoch`` (from 1); the dial ``training.learning_rate`` is the rate of epoch 1."""
    return training.learning_rate * _factor(training, epoch - 1)


def _factor(training: TrainingSpec, passed: int) -> float:
    schedule = training.schedule
    match schedule.kind:
        case "constant":
            return 1.0
        case "step":
            return _power(schedule.factor, passed // schedule.every)
        case "exponential":
            return _power(schedule.factor, passed)
        case "cosine":
            return schedule.factor + (1 - schedule.factor) * _half_cosine(passed, training.epochs)
        case "inverse":
            return 1 / (1 + schedule.factor * passed)


def _power(factor: float, exponent: int) -> float:
    """Return factor^exponent: infinite beyond what a float holds, and what that does to the weights is noticed."""
    try:
        return factor**exponent
    except OverflowError:
        return math.inf


def _half_cosine(passed: int, epochs: int) -> float:
    """Fall from 1 at the first epoch to 0 at the last (Loshchilov & Hutter 2017, without restarts)."""
    share = min(passed / max(epochs - 1, 1), 1.0)
    return 0.5 * (1 + math.cos(math.pi * share))
