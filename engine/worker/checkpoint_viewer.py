"""Time travel: which network is shown, the present one or that of a checkpoint."""

from __future__ import annotations

from engine.store.checkpoints import Checkpoints
from engine.training.trainer import Trainer
from engine.worker.status import RunStatus


class CheckpointViewer:
    """Shows a trainer as it is, or as it was at a checkpoint.

    Args:
        checkpoints: Those of its run.
        trainer: The present.
        status: Says which one is viewed.
    """

    def __init__(self, checkpoints: Checkpoints, trainer: Trainer, status: RunStatus) -> None:
        self._checkpoints = checkpoints
        self._trainer = trainer
        self._status = status
        self._past: Trainer | None = None

    @property
    def shown(self) -> Trainer:
        """The trainer whose insides are shown."""
        if self._status.viewing is None:
            self._past = None
        return self._past or self._trainer

    def view(self, epoch: int | None) -> None:
        """Show the checkpoint of ``epoch``; None, or where the trainer stands, is the present.

        Raises:
            InputError: There is no such checkpoint.
        """
        self._status.view(None)
        if epoch is not None and epoch != self._trainer.epoch:
            past = Trainer.from_checkpoint(self._checkpoints.load(epoch), data=self._trainer.data)
            self._status.view(past.epoch)
            self._past = past
