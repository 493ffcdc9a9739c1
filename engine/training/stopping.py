"""Early stopping: each seed ends when its validation loss has not improved for ``patience`` epochs (Prechelt 1998).

An improvement is one by more than ``minimum_change``, as ``min_delta`` of Keras' ``EarlyStopping``. A seed that is
still patient when the epochs run out gets its best parameters too, as in scikit-learn and Keras 3; its last ones are
kept aside, so that with more epochs it goes on from them as if it had never been halted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats

if TYPE_CHECKING:
    from engine.spec import StoppingSpec


class EarlyStopping:
    """Keeps each seed's best epoch and the parameters it had then.

    Attributes:
        best_loss: (S,) lowest validation loss so far; infinite before the first.
        best_epoch: (S,) its epoch; 0 before the first.
        best_parameters: (S, P) of that epoch; of the last one where a seed stopped without going back to its best.
        patient_since: (S,) epoch from which its patience is counted: the best one, or the one at which it was resumed.
        stopped: (S,) epoch at which the seed stopped; 0 while it learns.
        any_stopped: Whether one has.
        last_parameters: (S, P) as the last epoch left them, while the best ones are shown instead; else None.
    """

    def __init__(self, parameters: Floats) -> None:
        seeds = len(parameters)
        self.best_loss = np.full(seeds, np.inf)
        self.best_epoch = np.zeros(seeds, np.int64)
        self.best_parameters = parameters.copy()
        self.patient_since = np.zeros(seeds, np.int64)
        self.stopped = np.zeros(seeds, np.int64)
        self.any_stopped = False
        self.last_parameters: Floats | None = None

    def update(self, spec: StoppingSpec, epoch: int, loss: Floats, parameters: Floats) -> None:
        """Note each seed's best epoch, and which seeds stop.

        Args:
            spec: Patience, and what counts as an improvement.
            epoch: The epoch that has ended.
            loss: (S,) validation losses.
            parameters: (S, P) as the epoch left them.
        """
        better = loss < self.best_loss - spec.minimum_change
        if self.any_stopped:
            better &= self.stopped == 0
        if better.any():
            self.best_loss[better] = loss[better]
            self.best_epoch[better] = self.patient_since[better] = epoch
            self.best_parameters[better] = parameters[better]
        if spec.patience:
            out_of_patience = (epoch - self.patient_since >= spec.patience) & (self.stopped == 0)
            self.stopped[out_of_patience] = epoch
            if not spec.restore_best:
                self.best_parameters[out_of_patience] = parameters[out_of_patience]
            self.any_stopped |= bool(out_of_patience.any())

    def restore_stopped(self, parameters: Floats) -> None:
        """Set (S, P) of the seeds that have stopped to what they end with, as a step moves all seeds."""
        ended = self.stopped > 0
        parameters[ended] = self.best_parameters[ended]

    def show_best(self, parameters: Floats) -> None:
        """Set (S, P) of the seeds that have not stopped to their best, and keep aside what they were."""
        if self.last_parameters is None:
            self.last_parameters = parameters.copy()
            learning = (self.stopped == 0) & (self.best_epoch > 0)
            parameters[learning] = self.best_parameters[learning]

    def show_last(self, parameters: Floats) -> None:
        """Set (S, P) back to what ``show_best`` kept aside."""
        if self.last_parameters is not None:
            parameters[...] = self.last_parameters
            self.last_parameters = None

    def resume(self, epoch: int) -> None:
        """Let the seeds that stopped learn again, their patience counted from ``epoch``."""
        ended = self.stopped > 0
        self.patient_since[ended] = epoch
        self.stopped[ended] = 0
        self.any_stopped = False

    @property
    def all_stopped(self) -> bool:
        """Whether no seed learns any more."""
        return bool((self.stopped > 0).all())

    def state(self) -> dict[str, Floats]:
        """Return the arrays (S, …) that a checkpoint must hold, not copied."""
        state = {
            "best_loss": self.best_loss,
            "best_epoch": self.best_epoch,
            "best_parameters": self.best_parameters,
            "patient_since": self.patient_since,
            "stopped": self.stopped,
        }
        return state if self.last_parameters is None else {**state, "last_parameters": self.last_parameters}

    def restore(self, state: dict[str, Floats]) -> None:
        """Put back what ``state`` returned, (S, …) by name."""
        self.last_parameters = None
        for name, array in self.state().items():
            array[...] = state[name]
        if "last_parameters" in state:
            self.last_parameters = state["last_parameters"].copy()
        self.any_stopped = bool((self.stopped > 0).any())
