"""The loop, as a book has it: epochs of mini-batches, each of which goes forward and backward and takes an update."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats, Rows
from engine.run.metrics import METRICS
from engine.run.status import EndReason
from engine.training import results
from engine.training.change_applier import ChangeApplier
from engine.training.divergence import likely_cause
from engine.training.evaluator import Evaluator
from engine.training.finiteness import HiddenOverflow, find_non_finite
from engine.training.layer_norms import LayerNormMeter
from engine.training.learner import Learner
from engine.training.results import EpochResult, Metrics, NonFinite
from engine.training.state import TrainingState

FLUSH_EVERY = 64
"""Denormals in the optimiser's state are flushed about every so many steps."""
SHORTEST_BLOCK = 4
"""Epochs: a block begins with a copy of the state, which must not cost more than it saves."""


class EpochLoop:
    """Trains epoch after epoch, and lets changes act at their places on the way.

    Args:
        state: What is trained.
        changes: Lets the changes of the recipe act on ``state``.
        evaluator: Evaluates the networks of ``state``.
        seeds: The S seeds.
        layer_norms: Measures some of the steps, where it is enabled.
    """

    def __init__(
        self,
        state: TrainingState,
        changes: ChangeApplier,
        evaluator: Evaluator,
        seeds: Sequence[int],
        layer_norms: LayerNormMeter,
    ) -> None:
        self._state = state
        self._changes = changes
        self._log = changes.log
        self._evaluator = evaluator
        self._seeds = seeds
        self._layer_norms = layer_norms
        self._hidden_overflow = HiddenOverflow(state.data.train.X)

    @property
    def ended(self) -> EndReason | None:
        """Why there is nothing left to train, or None."""
        if self._state.non_finite is not None:
            return "non_finite"
        if self._state.ended_early:
            return "early_stopping"
        return "epochs" if self._state.epoch >= self._log.spec.training.epochs else None

    @property
    def _validates(self) -> bool:
        return self._state.data.validation is not None

    # Epochs and batches

    def epochs(self) -> Iterator[EpochResult]:
        """Train to the end, an epoch at a time."""
        while True:
            self._changes.apply_due()  # one of them may say how many epochs there are
            if self.ended is not None:
                return
            yield self._epoch()

    def batches(self, most: int) -> EpochResult | None:
        """Train on up to so many mini-batches of this epoch; return its result with the last one.

        Raises:
            InputError: The network only goes forward.
        """
        self._changes.apply_due()
        state = self._state
        learner = state.require_learner()
        if state.step_in_epoch == 0:
            self._begin_epoch(learner)
        count = min(most, learner.plan.steps - state.step_in_epoch)
        self._train(learner, count)
        state.step_in_epoch += count
        return self._end_epoch(learner) if state.step_in_epoch == learner.plan.steps else None

    def _train(self, learner: Learner, count: int) -> None:
        """Do so many steps, each forward, backward and update; measure the epoch's last one where that is wanted."""
        state, plan, first = self._state, learner.plan, self._state.step_in_epoch
        state.total_steps += count
        plan.step(first, count)
        if first + count == plan.steps and self._layer_norms.wants(state.epoch + 1):
            self._layer_norms.note(state.epoch + 1, state.total_steps)

    def _epoch(self) -> EpochResult:
        """Train to the end of the epoch that is under way, or comes next."""
        while True:
            result = self.batches(1 if self._log.pending else self._state.steps)
            if result is not None:
                return result

    def _begin_epoch(self, learner: Learner, *, defer_metrics: bool = False) -> None:
        """Shuffle the rows; beyond the run's end, go on from its last parameters."""
        state, spec = self._state, self._log.spec
        state.stopping.show_last(state.network.parameters.flat)
        if spec.training.schedule.kind != "constant":
            state.set_learning_rate(spec)
        if state.epoch % max(1, FLUSH_EVERY // learner.plan.steps) == 0:
            learner.optimizer.flush_denormals()
        shuffles = state.streams.shuffle
        state.orders = [stream.permutation(len(state.data.train)) for stream in shuffles] if learner.shuffles else None
        learner.plan.begin_epoch(state.orders, state.streams.dropout, defer_metrics=defer_metrics)

    def _end_epoch(self, learner: Learner) -> EpochResult:
        """Evaluate, and see whether all is finite and whether anyone is to stop."""
        state = self._state
        state.epoch += 1
        state.step_in_epoch = 0
        # Seeds that have stopped learn nothing that should be reported.
        stopped = state.stopping.stopped > 0 if state.stopping.any_stopped else None
        validation = self._evaluator.evaluate("validation", stopped) if self._validates else None
        train = self._evaluator.metrics(learner.plan.running.accumulator, stopped)
        result = EpochResult(state.epoch, train, validation, state.learning_rate)
        state.non_finite = self._find_non_finite(learner, result, stopped)
        if validation is not None:
            self._note_validation(np.atleast_1d(validation.loss))
        state.show_best_or_last(self._log.spec)
        return result

    def _find_non_finite(
        self, learner: Learner, result: EpochResult, stopped: NDArray[np.bool_] | None
    ) -> NonFinite | None:
        """Return what is not finite after an epoch, seeds (S,) aside that have stopped; None where all is."""
        network, squares = self._state.network, learner.optimizer.sum_of_squares()
        X = self._state.data.train.X
        if not self._hidden_overflow.is_of(X):
            self._hidden_overflow = HiddenOverflow(X)
        why = partial(likely_cause, self._log.spec.training, result.learning_rate, X, network.parameters)
        non_finite = find_non_finite(result, network.parameters, learner.optimizer, self._seeds, stopped, squares, why)
        if (non_finite and non_finite.layer is not None) or not self._hidden_overflow.is_possible(network, squares):
            return non_finite
        alive = np.ones(len(self._seeds), np.bool_) if stopped is None else ~stopped
        return self._hidden_overflow.find(network, result.epoch, self._seeds, alive) or non_finite

    def _note_validation(self, losses: Floats) -> None:
        """Let seeds stop that have run out of patience, by their validation losses (S,)."""
        state, parameters = self._state, self._state.network.parameters.flat
        state.stopping.update(self._log.spec.training.stopping, state.epoch, losses, parameters)
        if state.stopping.any_stopped:
            state.stopping.restore_stopped(parameters)
            state.ended_early = state.stopping.all_stopped

    # Blocks of epochs whose metrics are computed at once

    def advance(self, epochs: int) -> Rows:
        """Train so many epochs more, fewer where the run ends before; return (k, S, 5), their ``METRICS``.

        The numbers are those of ``epochs``; they only take less time, as the metrics of short epochs are computed many
        epochs at once.
        """
        state = self._state
        last, rows = state.epoch + epochs, [np.empty((0, len(self._seeds), len(METRICS)))]
        while state.epoch < last:
            self._changes.apply_due()
            if self.ended is not None:
                break
            count = min(last, self._log.spec.training.epochs) - state.epoch
            in_a_block = count >= SHORTEST_BLOCK and self._can_defer
            rows.append(self._block(count) if in_a_block else self._epoch().row()[None])
        return np.concatenate(rows)

    @property
    def _can_defer(self) -> bool:
        """Whether epochs may follow each other with nothing to see to in between."""
        state = self._state
        disturbed = state.step_in_epoch or self._log.pending or state.stopping.any_stopped
        return not disturbed and state.learner is not None and state.learner.plan.max_deferred_epochs > 0

    def _block(self, epochs: int) -> Rows:
        """Train up to so many epochs with deferred metrics; where a value is not finite, again, one by one."""
        state = self._state
        before, rows = state.snapshot(), self._deferred_epochs(epochs)
        if self._is_finite(rows):
            state.show_best_or_last(self._log.spec)
            return rows
        state.restore(before, self._log.spec)
        self._layer_norms.forget_after(state.epoch)
        again: list[Rows] = []
        while len(again) < len(rows) and self.ended is None:
            again.append(self._epoch().row())
        return np.stack(again)

    def _deferred_epochs(self, most: int) -> Rows:
        state, learner = self._state, self._state.require_learner()
        plan, rates, validation = learner.plan, list[float](), list[Metrics]()
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is seen afterwards
            while len(rates) < min(most, plan.max_deferred_epochs) and not state.stopping.any_stopped:
                self._begin_epoch(learner, defer_metrics=True)
                self._train(learner, plan.steps)
                state.epoch += 1
                rates.append(state.learning_rate)
                if self._validates:
                    validation.append(self._evaluator.evaluate("validation"))
                    self._note_validation(np.atleast_1d(validation[-1].loss))
            return results.rows(*plan.running.flush(), validation, rates)

    def _is_finite(self, rows: Rows) -> bool:
        """Whether parameters, averages and losses of (k, S, 5) are finite; a score may be NaN (constant targets)."""
        measured = 4 if self._validates else 2
        losses, scores = rows[..., :measured:2], rows[..., 1:measured:2]
        squares = self._state.require_learner().optimizer.sum_of_squares()
        if not math.isfinite(float(losses.sum()) + squares) or np.isinf(scores).any():
            return False
        return not self._hidden_overflow.is_possible(self._state.network, squares)
