"""The mutable status of a run that is served."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.run.exam import ExamResult
from engine.run.status import EndReason, RunState
from engine.training.trainer import Trainer


@dataclass
class RunStatus:
    """Mutable run status, beside what the trainer knows: shared by loop, recorder and publisher.

    Attributes:
        state: Running, paused, finished or stopped.
        pace: Epochs a second; None is full speed.
        reason: Why it ended.
        message: One line about it.
        epochs_per_second: Measured over the last stretch of training; None while not training.
        spec_version: Counts changes of the spec.
        revision: Counts whatever a watcher should hear of.
        exams: Openings of the exam, the latest last.
        checkpoints: Epochs that can be visited.
        visited: The trainer of the checkpoint that is shown instead of the present.
        leaving: Whether the worker has been asked to save and leave.
    """

    state: RunState
    pace: float | None
    reason: EndReason | None = None
    message: str | None = None
    epochs_per_second: float | None = None
    spec_version: int = 1
    revision: int = 0
    exams: list[ExamResult] = field(default_factory=list)
    checkpoints: tuple[int, ...] = ()
    visited: Trainer | None = None
    leaving: bool = False
