"""The steps of a sample's way: forward, the loss, backward, one step of descent; and the numbers of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final, Literal, NamedTuple

import numpy as np

from engine.array_types import Floats
from engine.numerics.by_hand import Backward, Explanation, Forward
from engine.numerics.wiggle import Wiggle, wiggle
from tui_trainer.view_models.by_hand_sample import Quantity, Sample, changed_sample

StepKind = Literal["z", "a", "signal", "loss", "output", "weights", "biases", "error", "delta", "update"]


class Step(NamedTuple):
    """One step of the way: what is worked out, and in which layer, counted from 0."""

    kind: StepKind
    layer: int


class Workings:
    """A sample's way with what the learner has changed; each part of it is worked out when it is first asked for.

    Args:
        sample: The sample as the run has it.
        changes: What the learner has changed.
    """

    def __init__(self, sample: Sample, changes: Mapping[Quantity, float]) -> None:
        self.sample = sample
        self.changes = dict(changes)
        self._wiggles: dict[Quantity, Wiggle] = {}

    @cached_property
    def base(self) -> Explanation:
        """The way in the run's own network."""
        return self.sample.explained()

    @cached_property
    def now(self) -> Sample:
        """The sample with what was changed, but for δ."""
        return changed_sample(self.sample, self.changes)

    @cached_property
    def explanation(self) -> Explanation:
        """The way with everything that was changed."""
        deltas = {quantity.at[0]: value for quantity, value in self.changes.items() if quantity.kind == "delta"}
        if not deltas:
            return self.now.explained() if self.changes else self.base
        delta = self.now.explained().backward[-1].delta.copy()
        delta[list(deltas)] = list(deltas.values())
        return self.now.explained(delta)

    @cached_property
    def steps(self) -> list[Step]:
        """All steps, in order."""
        return steps_of(self.explanation)

    @cached_property
    def loss_after(self) -> float:
        """The loss after one step of gradient descent on this sample."""
        return replace(self.now, layers=self.explanation.updates).explained().loss.value

    def value(self, quantity: Quantity) -> float:
        """Return what a quantity is now.

        Raises:
            IndexError: There is no such quantity.
        """
        if quantity.kind == "delta":
            return float(self.explanation.backward[-1].delta[quantity.at])
        layer = self.now.layers[quantity.layer]
        arrays = {"x": self.now.x, "weight": layer.weights, "bias": layer.biases}
        return float(arrays[quantity.kind][quantity.at])

    def wiggle(self, quantity: Quantity) -> Wiggle:
        """Return the loss beside a parameter."""
        if quantity not in self._wiggles:
            now = self.now
            where = (quantity.layer, quantity.at)
            self._wiggles[quantity] = wiggle(now.layers, now.x, now.y, now.head, *where, masks=now.masks_on)
        return self._wiggles[quantity]

    def is_changed(self, step: Step, index: tuple[int, ...]) -> bool:
        """Return whether a step's number is another than in the run's own network."""
        if not self.changes or step not in steps_of(self.base):
            return False
        return bool(values_of(self.explanation, step)[index] != values_of(self.base, step)[index])


def steps_of(explanation: Explanation) -> list[Step]:
    """Return the steps of a sample's way: forward, the loss, back from the last layer, and one step of descent."""
    last = len(explanation.forward) - 1
    steps: list[Step] = []
    for layer, forward in enumerate(explanation.forward):
        steps += [Step("z", layer), Step("a", layer)]
        steps += [Step("signal", layer)] if forward.mask is not None else []
    steps.append(Step("loss", last))
    if not explanation.backward:
        return steps
    for layer in range(last, -1, -1):
        steps += [Step("output", layer)] if layer == last else [Step("error", layer), Step("delta", layer)]
        steps += [Step("weights", layer), Step("biases", layer)]
    return [*steps, *(Step("update", layer) for layer in range(last + 1))]


_FORWARD: Final[Mapping[str, Callable[[Forward], Floats]]] = {
    "z": lambda forward: forward.z,
    "a": lambda forward: forward.a,
    "signal": lambda forward: forward.signal,
}
_BACKWARD: Final[Mapping[str, Callable[[Backward], Floats]]] = {
    "output": lambda backward: backward.delta,
    "delta": lambda backward: backward.delta,
    "weights": lambda backward: backward.weights,
    "biases": lambda backward: backward.biases,
    "error": lambda backward: backward.error,
}


def values_of(explanation: Explanation, step: Step) -> Floats:
    """Return the numbers of a step: (out,), of slopes and updates of weights (out, in), of the loss (1,)."""
    if step.kind == "loss":
        return np.array([explanation.loss.value])
    if step.kind == "update":
        return explanation.updates[step.layer].weights
    if step.kind in _FORWARD:
        return _FORWARD[step.kind](explanation.forward[step.layer])
    return _BACKWARD[step.kind](explanation.backward[step.layer])
