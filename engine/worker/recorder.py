"""Keeps a run's store up with its training: how the run stands, its metrics, and checkpoints to go on from."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.protocol.version import PROTOCOL, program_version
from engine.protocol.views import named
from engine.run.changes import DATA_PREFIX, Change, SetPace
from engine.run.exam import ExamResult
from engine.run.metrics import GRADIENT_NORM, METRICS, TRAINING_SECONDS, UPDATE_RATIO
from engine.run.series import median_over_seeds
from engine.run.status import EndReason, RunState
from engine.run.verdicts import Convergence
from engine.store.branches import inherited_openings
from engine.store.records import RunEvent
from engine.store.runs import Run
from engine.training.checkpoint_contents import NEURONS
from engine.training.results import NonFinite
from engine.training.trainer import Trainer
from engine.views.neurons import conditions
from engine.worker.facts import data_facts
from engine.worker.judging import Judging
from engine.worker.recorded_history import read_history
from engine.worker.status import RunStatus

Clock = Callable[[], float]

CHECKPOINT_EVERY = 0.5
"""Seconds at least between two periodic checkpoints."""
CHECKPOINT_SHARE = 50
"""They are so far apart that they cost at most 1/50 of the time."""
STATE_WHEN_ATTACHED: Mapping[RunState | None, RunState] = {"running": "paused", None: "stopped"}
"""State recorded when an attach-only worker opens a run whose last worker died."""
VALIDATION_LOSS = METRICS.index("validation_loss")


class RunRecorder:
    """Writes what a run comes to into its store. Every method raises ``TrainerError`` where the store refuses.

    Args:
        run: The run's directory, whose lock the caller holds.
        trainer: What trains it.
        status: How it stands.
        clock: Seconds, steady.
        owns_state: Whether the run is to train; one that is only looked at keeps the state in which it was left.

    Attributes:
        run: The run's directory.
        history: The metrics of every epoch so far.
        owns_state: Whether anyone has asked the run to train.
        training_seconds: What its steps have taken so far.
        judging: What is going wrong in it.
    """

    def __init__(self, run: Run, trainer: Trainer, status: RunStatus, clock: Clock, *, owns_state: bool) -> None:
        self.run = run
        self._trainer = trainer
        self._status = status
        self._clock = clock
        self.owns_state = owns_state
        self._changed = False
        self._was_lost = False
        self._recorded_convergence: Convergence | None = None
        self._inode = run.path.stat().st_ino
        self._next_checkpoint = clock()
        self.history = read_history(run, trainer.epoch)
        self.training_seconds = self._recorded_seconds()
        trainer.layer_norms.enabled = True
        status.inherit_openings(inherited_openings(run))
        status.add_exams([opened.result for opened in run.metrics.exams()])
        self._data = trainer.data
        self._best_saved = self._loss_of_best()
        self.judging = Judging(run.metrics, trainer, status, self.history, clock)

    def open(self) -> None:
        """Record that the run is served, and where, and of what data; what it starts from is its first checkpoint."""
        if self._status.state == "running":
            self.run.upgrade()
        if self.owns_state or not self._trainer.epoch:  # a long one that is only looked at is shown first
            self.judging.judge(record=self.owns_state)
        if not self._trainer.state.total_steps:
            self.save()
        self._note_checkpoints()
        left_in = self.run.metrics.state().state
        if not self.owns_state and left_in in STATE_WHEN_ATTACHED:
            self.run.metrics.record_state(state=STATE_WHEN_ATTACHED[left_in])
        self.record(
            socket=str(self.run.socket_path),
            version=program_version(),
            protocol=PROTOCOL,
            pid=os.getpid(),
            data=data_facts(self._trainer),
        )

    def check_place(self) -> None:
        """See that the run is still where it was, and its metrics too; those that were deleted are written again.

        Raises:
            InputError: Its directory was deleted, or another was made in its place, whose worker wants the socket.
            TrainerError: The metrics cannot be written again.
        """
        self.run.check_place(self._inode)
        was_lost, self._was_lost = self._was_lost, self.run.metrics.is_lost()
        if was_lost:  # twice, because whoever deletes the whole run begins with something
            self.restore_metrics()

    def restore_metrics(self) -> None:
        """Write metrics again that were deleted, from what the worker holds, and say so.

        Raises:
            TrainerError: They cannot be written.
        """
        if not self.run.metrics.is_lost():
            return
        self.run.write_lost_metrics(self._inode)
        line = f"{self.run.metrics.path.name} was deleted or replaced, and has been written again from what was held"
        logging.getLogger(__name__).warning(line)
        epoch = self._trainer.epoch
        self.run.metrics.record_event(RunEvent(at=datetime.now(UTC), kind="metrics-lost", epoch=epoch, details={}))
        self._status.explain(line)
        self._status.touch()

    # How the run stands

    def enter(self, state: RunState, reason: EndReason | None = None) -> None:
        """Note and record that the run is in another state; one that trains on is first brought into today's format."""
        if state == "running":
            self.run.upgrade()
        else:
            self.judging.judge(record=True, conclude=state != "paused")
        self._status.enter(state, reason)
        self.owns_state = True
        self.record()

    def record(self, **more: object) -> None:
        """Record how the run stands; one that is only looked at keeps the state in which it was left."""
        status = self._status
        if self.owns_state or status.state != "paused":
            more |= {"state": status.state, "reason": status.reason, "message": status.message}
            recorded_verdicts = status.verdicts
            more |= {
                "epoch": self._trainer.epoch,
                "judged": recorded_verdicts.judged,
                "convergence": recorded_verdicts.convergence,
            }
        epochs = self._trainer.spec.training.epochs
        self.run.metrics.record_state(epochs=epochs, pace=status.pace, **more)

    def record_change(self, change: Change) -> None:
        """Log a change before it acts, and judge the run as it was before.

        The next epoch's end is saved, unless the change is the pace, which no result depends on.
        """
        self.judging.judge(record=True)
        self.run.metrics.record_change(change)
        self._changed |= not isinstance(change, SetPace)

    def record_exam(self, result: ExamResult) -> None:
        """Log that the exam was opened; the status then has it as it comes after the others."""
        self.run.metrics.record_exam(result, at=datetime.now(UTC))
        self._status.add_exams([result])

    def record_non_finite(self, found: NonFinite) -> None:
        """Log where a value was not finite any more."""
        self._status.explain(found.cause)
        details = {"layer": found.layer, "seeds": list(found.seeds), "cause": found.cause}
        now = datetime.now(UTC)
        self.run.metrics.record_event(RunEvent(at=now, kind="non-finite", epoch=found.epoch, details=details))

    # Metrics and checkpoints

    def append(self, first_epoch: int, rows: NDArray[np.float64]) -> None:
        """Take up the metrics (k, S, 5) of epochs that are completed."""
        self.history.extend(rows)
        self.run.metrics.append(first_epoch, rows)
        measured = self._trainer.layer_norms.take()
        self.judging.take(rows, measured)
        for norms in measured:
            for layer, (gradient, ratio) in enumerate(zip(norms.gradient_norm, norms.update_ratio, strict=True)):
                self.run.metrics.append_point(f"{GRADIENT_NORM}.{layer}", norms.step, norms.epoch, gradient)
                self.run.metrics.append_point(f"{UPDATE_RATIO}.{layer}", norms.step, norms.epoch, ratio)
            self._append_seconds(norms.step, norms.epoch)

    def flush_if_due(self) -> None:
        """Commit metrics, now and then."""
        self.run.metrics.flush_if_due(self._clock())

    @property
    def waits_for_epoch(self) -> bool:
        """Whether the next epoch's end is to be saved, since something was changed."""
        return self._changed

    def save_if_due(self) -> None:
        """Write a checkpoint after a change, else now and then."""
        if self._changed or self._clock() >= self._next_checkpoint:
            self.save()

    def save(self, *, with_neurons: bool = False) -> None:
        """Write a checkpoint of this moment; of a run's last one, the state of its neurons can be seen without data."""
        start = self._clock()
        self.run.check_place(self._inode)
        if self._trainer.data is not self._data:
            self._note_data()
        if with_neurons and self._trainer.epoch and not self._trainer.step_in_epoch:
            self._append_seconds(self._trainer.state.total_steps, self._trainer.epoch)
        self.run.metrics.flush(durable=True)  # a checkpoint is worth nothing without the metrics up to it
        checkpoint = self._trainer.checkpoint()
        if with_neurons:
            neurons = named(NEURONS, conditions(self._trainer))
            checkpoint = replace(checkpoint, arrays={**checkpoint.arrays, **neurons})
        self.run.checkpoints.save(checkpoint, keep=self._why_keep())
        if not self.run.is_at(self._inode):  # whoever deletes it may have passed by while this was written
            if not self.run.is_described():
                self.run.checkpoints.withdraw(checkpoint.epoch)
            self.run.check_place(self._inode)
        self._changed = False
        if (convergence := self._status.verdicts.convergence) != self._recorded_convergence:
            self._recorded_convergence = convergence
            self.run.metrics.record_state(convergence=convergence)
        self._note_checkpoints()
        cost = self._clock() - start
        self._next_checkpoint = self._clock() + max(CHECKPOINT_EVERY, CHECKPOINT_SHARE * cost)

    def _append_seconds(self, step: int, epoch: int) -> None:
        seeds = len(self.run.description.seeds)
        self.run.metrics.append_point(TRAINING_SECONDS, step, epoch, [self.training_seconds] * seeds)

    def _recorded_seconds(self) -> float:
        """Return what the steps had taken up to the epoch from which the run goes on."""
        points = self.run.metrics.points(TRAINING_SECONDS)
        past = points.values[points.epochs <= self._trainer.epoch]
        return float(past[-1, 0]) if len(past) else 0.0

    def _note_data(self) -> None:
        """Record what data the run has come to; losses on those before say nothing of which epoch is the best now."""
        self._data = self._trainer.data
        self._best_saved = math.inf
        self.record(data=data_facts(self._trainer))

    def _note_checkpoints(self) -> None:
        self._status.list_checkpoints(self.run.checkpoints.epochs())

    def _why_keep(self) -> Literal["change", "best"] | None:
        """Say why the checkpoint of this moment is to outlive the thinning, if it is."""
        if self._changed:
            return "change"
        if not self._trainer.epoch or self._trainer.step_in_epoch:
            return None
        loss = self._validation_loss(self._trainer.epoch)
        if not loss < self._best_saved:
            return None
        self._best_saved = loss
        return "best"

    def _loss_of_best(self) -> float:
        """Return the validation loss of the best checkpoint that was kept as such on today's data; else infinity."""
        changes = [change.epoch for change in self._trainer.change_log.done if change.path.startswith(DATA_PREFIX)]
        with suppress(InputError):
            best = self.run.checkpoints.best()
            if best is not None and max([1, *changes]) <= best.epoch <= len(self.history):
                return self._validation_loss(best.epoch)
        return math.inf

    def _validation_loss(self, epoch: int) -> float:
        """Return the median over the seeds that were still learning; NaN where there is no validation part."""
        return float(median_over_seeds(self.history.rows(epoch, 1))[0, VALIDATION_LOSS])
