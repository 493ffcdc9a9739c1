"""Why a training diverged: by a penalty on the weights, or else as most do, by the rate or by inputs of large scale."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.numerics.parameters import Parameters
from engine.spec import TrainingSpec

USUAL = "learning rate too large, or inputs not scaled?"
_CURVATURES = {"mse": 2.0, "bce": 0.25, "cce": 0.5, "mae": 0.0}
"""Largest second derivative of a row's loss by z of the output, with the activation that matches the loss."""


def likely_cause(training: TrainingSpec, rate: float, X: Floats, parameters: Parameters) -> str:
    """Return in one line which term grew, as far as that can be told.

    Descent on λ/2 · w² goes w ← (1 − rate · λ) w, which grows where rate · λ is above 2, with momentum μ above
    2 (1 + μ). For L2 λ is l2. For the data of one layer it is at most the loss's curvature times the mean of ‖(x, 1)‖²;
    where that is larger than l2, both are named.

    Args:
        training: As it stood.
        rate: Of the latest step.
        X: (N, n) training rows, as the network sees them.
        parameters: As the latest epoch left them.
    """
    if training.clip:
        return USUAL  # no step is longer than rate · clip, whatever the penalties are
    if training.optimizer not in ("sgd", "momentum"):
        return _cause_of_squares(training, parameters)
    momentum = training.momentum if training.optimizer == "momentum" else 0.0
    bound = 2 * (1 + momentum)
    data = _CURVATURES[training.loss] * (float(np.square(X, dtype=np.float64).sum()) / max(1, len(X)) + 1)
    if rate * training.l2 > bound:
        grows = (
            f"the L2 penalty makes weights grow, as learning rate × l2 = {rate * training.l2:.3g} is above {bound:g}"
        )
        return grows if training.l2 >= data or rate * data < bound else f"{USUAL} And {grows}"
    push = rate * training.l1 / (1 - momentum)
    if push > 1 and rate * data < bound:
        return f"the L1 penalty moves weights by up to {push:.3g} a step, as l1 is {training.l1:g}"
    return USUAL


def _cause_of_squares(training: TrainingSpec, parameters: Parameters) -> str:
    """Return the cause with an optimiser that divides by the root of squares: a penalty's may be too large for them."""
    weights = np.abs(parameters.flat * parameters.weight_mask()).astype(np.float64)
    largest = float(np.max(weights, where=np.isfinite(weights), initial=0))
    slopes = {"L1": training.l1, "L2": training.l2 * largest}
    name = max(slopes, key=lambda each: slopes[each])
    if slopes[name] <= float(np.finfo(parameters.flat.dtype).max) ** 0.5:
        return USUAL
    return f"the {name} penalty's slope of {slopes[name]:.3g} has a square too large for {parameters.flat.dtype}"
