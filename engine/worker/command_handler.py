"""Dispatch watchers' commands."""

from __future__ import annotations

from functools import singledispatchmethod

from engine.errors import InputError
from engine.protocol import commands
from engine.spec import override
from engine.training.trainer import Trainer
from engine.worker.checkpoint_viewer import CheckpointViewer
from engine.worker.frames import exam_result
from engine.worker.loop import TrainingLoop
from engine.worker.recorder import RunRecorder
from engine.worker.status import RunStatus

EPOCHS = "training.epochs"


class CommandHandler:
    """Carries out commands; a ``TrainerError`` is the answer to those that cannot be."""

    def __init__(
        self,
        trainer: Trainer,
        status: RunStatus,
        recorder: RunRecorder,
        loop: TrainingLoop,
        viewer: CheckpointViewer,
    ) -> None:
        self._trainer = trainer
        self._status = status
        self._recorder = recorder
        self._loop = loop
        self._viewer = viewer

    @singledispatchmethod
    def handle(self, command: commands.Command) -> None:
        """Carry out a command.

        Raises:
            InputError: It makes no sense, or not now.
            TrainerError: The store refuses to take it down; then it has not acted.
        """
        raise InputError(f"{type(command).__name__}: not something this worker does")

    @handle.register
    def _(self, _: commands.Pause) -> None:
        self._require_training()
        self._loop.pause()

    @handle.register
    def _(self, _: commands.Resume) -> None:
        self._require_training()
        self._loop.resume()

    @handle.register
    def _(self, _: commands.NextStep) -> None:
        self._require_training()
        place = self._trainer.epoch, self._trainer.step_in_epoch + 1
        self._loop.resume(pause_at=place if place[1] < self._trainer.steps else (place[0] + 1, 0))

    @handle.register
    def _(self, _: commands.NextEpoch) -> None:
        self._require_training()
        self._loop.resume(pause_at=(self._trainer.epoch + 1, 0))

    @handle.register
    def _(self, command: commands.SetDial) -> None:
        self._turn(command.path, command.value)

    @handle.register
    def _(self, command: commands.MoreEpochs) -> None:
        self._turn(EPOCHS, command.epochs)

    @handle.register
    def _(self, command: commands.SetPace) -> None:
        self._loop.set_pace(command.pace)
        self._recorder.record()

    @handle.register
    def _(self, _: commands.Stop) -> None:
        self._status.leaving = True

    @handle.register
    def _(self, _: commands.OpenExam) -> None:
        self._recorder.record_exam(exam_result(self._trainer.exam()))

    @handle.register
    def _(self, command: commands.ViewCheckpoint) -> None:
        if self._status.state == "running":
            self._loop.pause()
        self._viewer.view(command.epoch)

    def _require_training(self) -> None:
        if self._status.state == "finished":
            raise InputError("this run has ended; raise its epochs to go on")

    def _turn(self, path: str, value: object) -> None:
        """Log a change durably, then let it act."""
        change = self._trainer.changes.plan(path, value)
        if path == EPOCHS:
            self._check_end(override(self._trainer.spec, {path: value}).training.epochs)
        self._recorder.record_change(change)
        self._trainer.apply([change])
        self._loop.note_spec()
        if path == EPOCHS:
            self._recorder.record()
        if self._status.state == "finished" and self._trainer.ended is None:
            self._loop.resume()

    def _check_end(self, epochs: int) -> None:
        """Refuse an end that is past: an epoch that has begun is trained to its end."""
        least = self._trainer.epoch + (self._trainer.step_in_epoch > 0)
        if epochs < least:
            raise InputError(f"{EPOCHS}: expected at least {least}, which are done or under way (got {epochs})")
