"""Dispatch watchers' commands."""

from __future__ import annotations

from engine.errors import InputError
from engine.protocol import commands
from engine.run.changes import RECIPE, USER
from engine.run.exam import ExamResult
from engine.spec import override
from engine.training.trainer import Trainer
from engine.worker.checkpoint_viewer import CheckpointViewer
from engine.worker.loop import Place, TrainingLoop
from engine.worker.recorder import RunRecorder
from engine.worker.status import RunStatus

EPOCHS = "training.epochs"
STEERING = (
    commands.Pause,
    commands.Resume,
    commands.NextStep,
    commands.NextEpoch,
    commands.ViewCheckpoint,
    commands.Stop,
)
"""Commands that change how the run stands, and leave no change in its log: all who watch hear whose they were."""


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

    def handle(self, command: commands.Command, author: str) -> ExamResult | None:
        """Carry out a command of ``author``; return what it asked for.

        Raises:
            InputError: It makes no sense, or not now.
            TrainerError: The store refuses to take it down; then it has not acted.
        """
        if isinstance(command, commands.Resume) and command.unless_asked and self._was_asked:
            return None
        result = self._carry_out(command, author)
        if isinstance(command, STEERING):
            self._status.by = _signed(author)
        return result

    def _carry_out(self, command: commands.Command, author: str) -> ExamResult | None:
        match command:
            case commands.Pause():
                self._require_training()
                self._loop.pause()
            case commands.Resume():
                self._resume(pause_at=None)
            case commands.NextStep() | commands.NextEpoch():
                self._resume(pause_at=self._next_place(command))
            case commands.SetDial():
                self._turn(command.path, command.value, author)
            case commands.MoreEpochs():
                self._turn(EPOCHS, command.epochs, author)
            case commands.SetPace():
                self._set_pace(command.pace, author)
            case commands.ViewCheckpoint():
                self._view(command.epoch)
            case commands.OpenExam():
                return self._open_exam(author)
            case commands.Stop():
                self._status.leaving = True
            case _:
                raise InputError(f"{type(command).__name__}: not something this worker does")
        return None

    @property
    def _was_asked(self) -> bool:
        """Whether anyone has asked for training, or the training is over."""
        return self._recorder.owns_state or self._status.state == "finished"

    def _resume(self, pause_at: Place | None) -> None:
        self._require_training()
        self._loop.resume(pause_at)

    def _next_place(self, command: commands.NextStep | commands.NextEpoch) -> Place:
        """Return where to pause: after the next step, or at the next epoch's start."""
        epoch, step = self._trainer.epoch, self._trainer.step_in_epoch + 1
        within = isinstance(command, commands.NextStep) and step < self._trainer.steps
        return (epoch, step) if within else (epoch + 1, 0)

    def _set_pace(self, pace: float | None, author: str) -> None:
        """Log another pace, then keep to it; asking for the one that holds already is no change."""
        before = self._status.pace
        if pace != before:
            change = self._trainer.changes.plan_pace(pace, before=before, author=_signed(author))
            self._recorder.record_change(change)
            self._trainer.apply([change])
        self._loop.set_pace(pace)
        self._recorder.record()

    def _view(self, epoch: int | None) -> None:
        if self._status.state == "running":
            self._loop.pause()
        self._viewer.view(epoch)

    def _open_exam(self, author: str) -> ExamResult:
        from engine.worker.exam import exam_result  # here: most runs are never examined

        result = exam_result(self._trainer, _signed(author))
        self._recorder.record_exam(result)
        return self._status.exam or result

    def _require_training(self) -> None:
        if self._trainer.non_finite is not None:
            raise InputError("this run is no longer finite; branch from a checkpoint before, or begin another run")
        if self._status.state == "finished":
            raise InputError("this run has ended; raise its epochs to go on")

    def _turn(self, path: str, value: object, author: str) -> None:
        """Log a change durably, then let it act."""
        change = self._trainer.changes.plan(path, value, author=_signed(author))
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


def _signed(author: str) -> str:
    """Return the name for a watcher's change: nobody can take the recipe's."""
    return USER if author == RECIPE else author
