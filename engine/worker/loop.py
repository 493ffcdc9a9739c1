"""The training loop: one step after the other, at the run's pace, until it is paused or has ended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import TrainerError
from engine.training.seed_pool import SeedPool
from engine.training.trainer import Trainer
from engine.worker.pacing import Pacer
from engine.worker.recorder import RunRecorder
from engine.worker.status import RunStatus

BLOCK = 0.1
"""Seconds of training between two looks at the socket, where several processes share a large band."""

Clock = Callable[[], float]
Place = tuple[int, int]
"""Epochs completed, and steps of the one that has begun."""


class TrainingLoop:
    """Trains a run in portions, and keeps it as it goes.

    Args:
        trainer: Its trainer, at the place where it is to go on.
        status: How the run stands.
        recorder: Its store.
        clock: Seconds, steady.
    """

    def __init__(self, trainer: Trainer, status: RunStatus, recorder: RunRecorder, clock: Clock) -> None:
        self._trainer = trainer
        self._status = status
        self._recorder = recorder
        self._clock = clock
        self._pool = SeedPool(trainer)
        self._pacer = Pacer(status.pace)
        self._pause_at: Place | None = None

    def train(self, until: float) -> None:
        """Train up to the time ``until``, a tick that is not due yet, or the place where to pause.

        However late it is already, as on a busy machine, one step is done: so a step that was asked for is done
        before its answer leaves.
        """
        is_late = False
        while not is_late and self._may_train():
            if epochs := self._epochs_at_a_stretch(until):
                self._train_epochs(epochs)
            else:
                self._train_step()
            is_late = self._clock() >= until
        self._status.measure(self._pacer.epochs_per_second)

    def wait(self) -> float:
        """Return the seconds until the next step is to be done."""
        if self._pause_at is not None or not self._pacer.is_tick(self._trainer.step_in_epoch):
            return 0.0
        return self._pacer.wait(self._clock())

    def _may_train(self) -> bool:
        """Return whether the next step is to be done now; a run with nothing left to train ends here."""
        if self._status.leaving or self._status.state != "running":
            return False
        if self._trainer.step_in_epoch == 0 and self._has_ended():
            self.finish("finished")
            return False
        return self.wait() <= 0

    def _train_step(self) -> None:
        trainer = self._trainer
        if self._pacer.is_tick(trainer.step_in_epoch):
            self._pacer.begin(self._clock(), trainer.steps)
        waiting = len(trainer.change_log.pending)
        if waiting and not trainer.step_in_epoch:
            self._recorder.judging.judge(record=True)  # as the run was before a change that acts now
        begun = self._clock()
        result = trainer.step()
        self._recorder.training_seconds += self._clock() - begun
        self._status.touch()
        if len(trainer.change_log.pending) != waiting:
            self.note_spec()
        if result is not None:
            self._finish_epochs(result.epoch, result.row()[None])
        reached = self._pause_at is not None and (trainer.epoch, trainer.step_in_epoch) >= self._pause_at
        if reached and self._status.state == "running":
            self.pause()

    def _finish_epochs(self, first: int, rows: NDArray[np.float64]) -> None:
        """Keep the metrics (k, S, 5) of completed epochs; end the run where nothing is left, else save what is due."""
        self._recorder.append(first, rows)
        self._pacer.end_epoch(self._clock(), self._trainer.epoch)
        if self._has_ended():
            self.finish("finished")
        else:
            self._recorder.save_if_due()

    # At full speed

    def _epochs_at_a_stretch(self, until: float) -> int:
        """Return how many whole epochs may be trained before anyone is heard; 0 for none."""
        trainer, steered = self._trainer, self._status.pace is not None or self._pause_at is not None
        if steered or trainer.step_in_epoch or self._recorder.waits_for_epoch:
            return 0
        places = [change.epoch for change in trainer.change_log.pending]
        to_judge = self._recorder.judging.next_epoch_to_stop_at - trainer.epoch
        seconds = BLOCK if self._pool.useful else until - self._clock()
        return min([self._pool.epochs_within(seconds), to_judge, *(place - 1 - trainer.epoch for place in places)])

    def _train_epochs(self, epochs: int) -> None:
        first, begun = self._trainer.epoch + 1, self._clock()
        rows = self._pool.advance(epochs)
        self._recorder.training_seconds += self._clock() - begun
        self._status.touch()
        self._finish_epochs(first, rows)

    def close(self) -> None:
        """End the processes that helped."""
        self._pool.close()

    # Resuming, pausing, finishing

    def resume(self, pause_at: Place | None = None) -> None:
        """Train from now on, back in the present; ``pause_at`` says how far."""
        self._pause_at = pause_at
        if self._status.viewing is not None:
            self._pool.forget()
            self._status.view(None)
        try:
            self._recorder.enter("running")
        except TrainerError as trouble:
            self.pause_for(trouble)
            raise

    def pause(self) -> None:
        """Pause here."""
        self._pause_at = None
        self._stop_the_clock()
        self._recorder.enter("paused")

    def pause_for(self, trouble: TrainerError) -> None:
        """Pause because the store refused something (a full disk): nothing is trained that could not be kept."""
        self._stop_the_clock()
        self._status.interrupt(f"paused: {trouble}")
        with suppress(TrainerError):
            self._recorder.record()

    def finish(self, state: Literal["finished", "stopped"]) -> None:
        """End the run here, saved."""
        trainer = self._trainer
        self._stop_the_clock()
        self._recorder.restore_metrics()
        if trainer.non_finite is not None:
            self._recorder.record_non_finite(trainer.non_finite)
        self._recorder.save(with_neurons=True)
        self._recorder.enter(state, "stopped" if state == "stopped" else trainer.ended)

    def _stop_the_clock(self) -> None:
        self._pacer.pause()
        self._status.measure(None)

    def _has_ended(self) -> bool:
        """Return whether nothing is left to train; in a replay, more epochs may be logged for this place."""
        if self._trainer.ended in {"epochs", "early_stopping"} and self._trainer.change_log.pending:
            self._trainer.apply(())
            self.note_spec()
        return self._trainer.ended is not None

    # What changes on the way

    def set_pace(self, pace: float | None) -> None:
        """Train at most so many epochs a second from now on; None is full speed."""
        self._pacer.pace = pace
        self._status.set_pace(pace)

    def note_spec(self) -> None:
        """Note that the recipe is another than before."""
        self._pool.forget()
        self._status.change_spec()
