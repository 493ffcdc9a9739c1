"""How large gradient and update are, layer by layer, over the course of a training.

Both are of one step, the last of an epoch, and of a layer's weights and biases together:

* gradient norm ‖g‖: the gradient that the optimiser was given, of the mini-batch's mean loss with dropout on, penalties
  added, after clipping;
* update ratio ‖ΔW‖ / ‖W‖: what the optimiser added, against what was there before it. About 1e-3 is healthy (Karpathy,
  CS231n, "Ratio of weights:updates").

So that neither time nor store grows with the epochs, only some are measured: see ``is_measured``. Which ones depends on
their numbers alone, so that a run that was paused, resumed or divided among processes has the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.numerics.optimizers import Optimizer
from engine.numerics.parameters import Parameters
from engine.training.state import TrainingState

POINTS = 32
"""Epochs measured of every octave, as from 65 to 128; a power of two. All epochs are up to twice as many."""


class LayerNorms(NamedTuple):
    """One step's, for L layers and S seeds.

    Attributes:
        epoch: The epoch, from 1, whose last step it was.
        step: Steps in all, this one included.
        gradient_norm: (L, S) ‖g‖; NaN for a seed that has stopped.
        update_ratio: (L, S) ‖ΔW‖ / ‖W‖; NaN also where all of a layer was 0.
    """

    epoch: int
    step: int
    gradient_norm: NDArray[np.float64]
    update_ratio: NDArray[np.float64]


def is_measured(epoch: int) -> bool:
    """Return whether an epoch (from 1) is one of those that are measured: multiples of a power of two that grows."""
    return epoch % (1 << max(0, (epoch - 1).bit_length() - POINTS.bit_length())) == 0


class LayerNormMeter:
    """Measures the last step of some epochs, where it is switched on.

    Args:
        state: What is trained.

    Attributes:
        enabled: Whether to measure at all. Off, nothing is spent.
    """

    def __init__(self, state: TrainingState) -> None:
        self.enabled = False
        self._state = state
        self._measured: list[LayerNorms] = []
        self._sums: _SquareSums | None = None

    def wants(self, epoch: int) -> bool:
        """Return whether the last step of ``epoch`` is to be measured, by ``note``, when it is done."""
        return self.enabled and is_measured(epoch)

    def note(self, epoch: int, step: int) -> None:
        """Measure the step that has just been done, the last one of ``epoch`` and number ``step`` in all."""
        state = self._state
        optimizer = state.require_learner().optimizer
        if self._sums is None or self._sums.optimizer is not optimizer:
            self._finish()
            self._sums = _SquareSums(state.network.parameters, optimizer)
        self._sums.add(epoch, step, state.stopping.stopped > 0 if state.stopping.any_stopped else None)

    def add(self, norms: Sequence[LayerNorms]) -> None:
        """Add what was measured elsewhere, of later steps."""
        self._finish()
        self._measured += norms

    def take(self) -> Sequence[LayerNorms]:
        """Return what was measured since the last time, in order."""
        self._finish()
        measured, self._measured = self._measured, []
        return measured

    def forget_after(self, epoch: int) -> None:
        """Forget what was measured after ``epoch``, as those epochs are to be trained again."""
        self._finish()
        self._measured = [norms for norms in self._measured if norms.epoch <= epoch]

    def _finish(self) -> None:
        if self._sums is not None:
            self._measured += self._sums.take()


class _Held(NamedTuple):
    """A step with its 3 · L · S sums of squares; ``stopped`` (S,) says which seeds do not count, None that all do."""

    epoch: int
    step: int
    stopped: NDArray[np.bool_] | None
    squares: list[float]


class _SquareSums:
    """Takes the sums of squares of gradient, update and parameters, layer by layer and seed by seed.

    In float64, as squares of float32 may not fit into one. Each is a product of a vector with itself, one call over
    what the step has left in the cache; to copy steps and measure many at once pushes out what the next step needs, and
    took 36 µs more an epoch of 2-64-64-1 where this takes 12.

    Args:
        parameters: Whose steps they are.
        optimizer: Which does them.
    """

    def __init__(self, parameters: Parameters, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self._flat = parameters.flat
        self._held: list[_Held] = []
        self._before = np.empty(self._flat.shape)
        self._gradient, self._update = optimizer.gradient, optimizer.update
        self._converts = self._flat.dtype != np.float64
        if self._converts:
            self._gradient, self._update = np.empty_like(self._before), np.empty_like(self._before)
        layers = [parameters.split(array) for array in (self._gradient, self._update, self._before)]
        self._vectors = [row.reshape(-1) for of_array in layers for layer in of_array for row in layer]
        self._shape = (3, len(parameters.layers), len(self._flat))

    def add(self, epoch: int, step: int, stopped: NDArray[np.bool_] | None) -> None:
        """Add a step that has just been done."""
        if self._converts:
            self._gradient[...] = self.optimizer.gradient
            self._update[...] = self.optimizer.update
        restore = np.add if self.optimizer.update_sign < 0 else np.subtract
        restore(self._flat, self._update, self._before)
        self._held.append(_Held(epoch, step, stopped, [vector.dot(vector) for vector in self._vectors]))

    def take(self) -> list[LayerNorms]:
        """Return the norms of the steps that were added, and forget these."""
        if not self._held:  # as nearly always: it is asked for every two milliseconds
            return []
        steps, self._held = self._held, []
        with np.errstate(all="ignore"):  # what is not finite has no finite norm
            norms = np.sqrt(np.array([step.squares for step in steps]).reshape(-1, *self._shape))
            ratios = np.where(norms[:, 2] > 0, norms[:, 1] / norms[:, 2], np.nan)
        measured = [
            LayerNorms(step.epoch, step.step, *of) for step, *of in zip(steps, norms[:, 0], ratios, strict=True)
        ]
        for step, of_step in zip(steps, measured, strict=True):
            if step.stopped is not None:
                of_step.gradient_norm[:, step.stopped] = of_step.update_ratio[:, step.stopped] = np.nan
        return measured


def join_seeds(parts: Sequence[Sequence[LayerNorms]]) -> list[LayerNorms]:
    """Return the norms of a whole band from those of its parts, which were measured at the same steps."""
    return [
        LayerNorms(
            epoch=same_step[0].epoch,
            step=same_step[0].step,
            gradient_norm=np.concatenate([norms.gradient_norm for norms in same_step], axis=1),
            update_ratio=np.concatenate([norms.update_ratio for norms in same_step], axis=1),
        )
        for same_step in zip(*parts, strict=True)
    ]
