"""How large gradient and update are, layer by layer, over the course of a training.

Both are of one step, the last of an epoch, and of a layer's weights and biases together:

* gradient norm ‖g‖: the gradient that the optimiser was given, of the mini-batch's mean loss with dropout on, penalties
  added, after clipping;
* update ratio ‖ΔW‖ / ‖W‖: what the step added, against what was there before it. About 1e-3 is healthy (Karpathy,
  CS231n, "Ratio of weights:updates").

So that neither time nor store grows with the epochs, only some are measured: see ``is_measured``. Which ones depends on
their numbers alone, so that a run that was paused, resumed or divided among processes has the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.numerics.parameters import Parameters
from engine.training.state import TrainingState

POINTS = 64
"""Epochs measured of every octave, as from 129 to 256; a power of two. All epochs are up to twice as many."""
HELD_BYTES = 2**18
"""What is copied of so many bytes of parameters is measured at once; calls cost more than numbers."""
MOST_HELD = 64
"""Steps that are measured at once at most."""


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

    Small networks' steps are copied, and measured many at once: at the latest when somebody takes the results.

    Args:
        state: What is trained.

    Attributes:
        enabled: Whether to measure at all. Off, nothing is spent.
    """

    def __init__(self, state: TrainingState) -> None:
        self.enabled = False
        self._state = state
        self._measured: list[LayerNorms] = []
        self._copies: _Copies | None = None

    def wants(self, epoch: int) -> bool:
        """Return whether the last step of ``epoch`` is to be measured: ``note_before`` it and ``note_after`` it."""
        return self.enabled and is_measured(epoch)

    def note_before(self) -> None:
        """Copy the parameters as the step finds them."""
        parameters = self._state.network.parameters
        if self._copies is None or self._copies.parameters is not parameters:
            self._measure()
            self._copies = _Copies(parameters)
        self._copies.before[len(self._copies.held)] = parameters.flat

    def note_after(self, epoch: int, step: int) -> None:
        """Note what the step, the last one of ``epoch`` and number ``step`` in all, did to the parameters.

        ``note_before`` has been called before it.
        """
        state, copies = self._state, self._copies
        if copies is None:
            raise ValueError("a step is noted before and after it is done")
        stopped = state.stopping.stopped > 0 if state.stopping.any_stopped else None
        copies.add(state.require_learner().optimizer.gradient, _Held(epoch, step, stopped))
        if len(copies.held) == len(copies.before):
            self._measure()

    def add(self, norms: Sequence[LayerNorms]) -> None:
        """Add what was measured elsewhere, of later steps."""
        self._measure()
        self._measured += norms

    def take(self) -> Sequence[LayerNorms]:
        """Return what was measured since the last time, in order."""
        self._measure()
        measured, self._measured = self._measured, []
        return measured

    def forget_after(self, epoch: int) -> None:
        """Forget what was measured after ``epoch``, as those epochs are to be trained again."""
        self._measure()
        self._measured = [norms for norms in self._measured if norms.epoch <= epoch]

    def _measure(self) -> None:
        if self._copies is not None:
            self._measured += self._copies.measure()


class _Held(NamedTuple):
    """A step that is yet to be measured; ``stopped`` (S,) says which seeds do not count, None that all do."""

    epoch: int
    step: int
    stopped: NDArray[np.bool_] | None


class _Copies:
    """Copies of k steps at most; k is 1 for a large network.

    Attributes:
        parameters: Whose steps they are.
        before: (k, S, P) parameters before each step.
        held: The steps that are held.
    """

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        flat = parameters.flat
        capacity = max(1, min(MOST_HELD, HELD_BYTES // flat.nbytes))
        self.before, self._updates, self._gradients = np.empty((3, capacity, *flat.shape), flat.dtype)
        self.held: list[_Held] = []

    def add(self, gradient: Floats, step: _Held) -> None:
        """Add a step that has been done, with the gradient (S, P) that it went by."""
        number = len(self.held)
        np.subtract(self.parameters.flat, self.before[number], out=self._updates[number])
        self._gradients[number] = gradient
        self.held.append(step)

    def measure(self) -> list[LayerNorms]:
        """Return the norms of the steps that are held, and forget these."""
        steps, self.held = self.held, []
        if not steps:
            return []
        arrays = (self._gradients, self._updates, self.before)
        with np.errstate(all="ignore"):  # what is not finite has no finite norm
            gradients, updates, before = (self._norms(array[: len(steps)]) for array in arrays)
            ratios = np.where(before > 0, updates / before, np.nan)
        measured = [LayerNorms(step.epoch, step.step, *of) for step, *of in zip(steps, gradients, ratios, strict=True)]
        for step, norms in zip(steps, measured, strict=True):
            if step.stopped is not None:
                norms.gradient_norm[:, step.stopped] = norms.update_ratio[:, step.stopped] = np.nan
        return measured

    def _norms(self, flats: Floats) -> NDArray[np.float64]:
        """Return (k, L, S), the norms of each layer of (k, S, P).

        In float64, as squares of float32 may not fit into one. Each norm is a product of two vectors, so that no bit
        depends on what is measured together.
        """
        count, seeds = flats.shape[:2]
        rows = flats.reshape(count * seeds, -1).astype(np.float64, copy=False)
        layers = [layer.reshape(count * seeds, -1) for layer in self.parameters.split(rows)]
        squares = [np.matmul(layer[:, None, :], layer[:, :, None]) for layer in layers]
        norms: NDArray[np.float64] = np.sqrt(np.stack(squares).reshape(len(layers), count, seeds))
        return norms.swapaxes(0, 1)


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
