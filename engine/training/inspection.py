"""Looking inside a training: the latest step's signals and gradients, the optimiser's averages, who fires at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.numerics.plan import LatestStep
from engine.training.evaluator import Evaluator
from engine.training.state import TrainingState


class Inspection:
    """What can be seen of S networks of P parameters each, beside the parameters themselves.

    Args:
        state: What is looked at.
        evaluator: Evaluates its networks.
    """

    def __init__(self, state: TrainingState, evaluator: Evaluator) -> None:
        self._state = state
        self._evaluator = evaluator

    def latest_step(self) -> LatestStep | None:
        """Return rows, masks and activations of the latest step, copied; None where there is none to show."""
        learner = self._state.learner
        if learner is None or learner.plan.fresh:
            return None
        return learner.plan.latest((self._state.step_in_epoch - 1) % learner.plan.steps)

    def gradients(self) -> Floats | None:
        """Return (S, P), the gradient that the latest step went by, penalties and clipping included."""
        return self._state.learner.optimizer.gradient if self._state.learner else None

    def last_update(self) -> Floats | None:
        """Return (S, P), what the latest step added to the parameters."""
        return self._state.learner.optimizer.last_update() if self._state.learner else None

    def moments(self) -> dict[str, Floats]:
        """Return the optimiser's running averages, (S, P) by the names that the papers give them."""
        return self._state.learner.optimizer.moments() if self._state.learner else {}

    def hidden_activations(self, subset: str = "train") -> list[Floats]:
        """Return (S, units, N) of each hidden layer over a whole subset, dropout off.

        Raises:
            InputError: There is no such subset.
        """
        return self._evaluator.compiled(subset).hidden_activations()

    def last_z(self, subset: str) -> Floats:
        """Return z of the output, (S, K, N), over a whole subset, dropout off; overwritten by the next evaluation.

        Raises:
            InputError: There is no such subset.
        """
        return self._evaluator.compiled(subset).last_z()

    def dead_neurons(self) -> list[NDArray[np.bool_]]:
        """Return for each hidden layer (S, units): neurons that give 0 for every row of the training part."""
        return [~(activations != 0).any(axis=-1) for activations in self.hidden_activations()]
