"""Which inputs an answer comes from: integrated gradients (Sundararajan, Taly and Yan 2017).

A score of the network, followed along the straight way from a row of reference to a row: what each input contributed
is its difference between the two, times the mean of its derivative along that way. The contributions of all inputs add
up to the difference of the two scores, whatever the network; for a linear one they are weight times difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.array_types import Floats
from engine.numerics.textbook import Layer, Trace, derivative, forward

STEPS = 256
"""Points of the way at which derivatives are taken, the middles of equal parts; with ReLUs sums need so many."""


class Attribution(NamedTuple):
    """The score at the row of reference and at the row, and what each input (n,) contributed."""

    start: float
    score: float
    contributions: Floats


class Score(NamedTuple):
    """What is followed: a weighted sum of the last layer's z (K,), or of its outputs, and a number added to it."""

    weights: Floats
    of_outputs: bool = False
    offset: float = 0.0

    def value(self, trace: Trace) -> Floats:
        """Return the score (B,) of a forward pass."""
        score: Floats = (trace.outputs if self.of_outputs else trace.z[-1]) @ self.weights + self.offset
        return score

    def delta(self, layers: Sequence[Layer], trace: Trace) -> Floats:
        """Return its derivative by the last layer's z, (B, K)."""
        slope = derivative(layers[-1], trace, len(layers) - 1) if self.of_outputs else np.ones_like(trace.z[-1])
        return slope * self.weights


def input_gradient(layers: Sequence[Layer], trace: Trace, delta: Floats) -> Floats:
    """Return the derivative by the inputs (B, n) that follows from that by the last layer's z (B, K).

    Raises:
        ValueError: A hidden layer has no derivative.
    """
    for index in reversed(range(len(layers))):
        delta = delta @ layers[index].weights
        if index:
            delta = delta * derivative(layers[index - 1], trace, index - 1)
    return delta


def integrated_gradients(layers: Sequence[Layer], x: Floats, reference: Floats, score: Score) -> Attribution:
    """Return what the inputs of a row x (n,) contributed to a score, compared with a row of reference (n,).

    Raises:
        ValueError: A layer has no derivative: step, or softmax below the output.
    """
    shares = (np.arange(STEPS)[:, None] + 0.5) / STEPS
    trace = forward(layers, reference + shares * (x - reference))
    slopes = input_gradient(layers, trace, score.delta(layers, trace)).mean(axis=0)
    ends = score.value(forward(layers, np.stack([reference, x])))
    return Attribution(float(ends[0]), float(ends[1]), (x - reference) * slopes)
