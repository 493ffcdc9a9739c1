"""The mutable status of a run that is served."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.run.exam import MOST_OPENINGS, ExamResult, Opening
from engine.run.status import EndReason, RunState
from engine.worker.published_verdicts import PublishedVerdicts


class RunStatus:
    """Mutable run status, beside what the trainer knows: shared by loop, recorder and publisher.

    It changes by its verbs alone, each of which counts the revision up where a watcher should hear of it.

    Args:
        state: Running, paused, finished or stopped.
        pace: Epochs a second; None is full speed.
        reason: Why it ended, where it has.

    Attributes:
        leaving: Whether the worker has been asked to save and leave; a signal handler may set it.
        by: Who has changed last how the run stands; None where that was no watcher.
        verdicts: What goes wrong, and what went wrong for a while.
    """

    def __init__(self, state: RunState, pace: float | None, reason: EndReason | None = None) -> None:
        self.leaving = False
        self._state: RunState = state
        self._pace = pace
        self._reason = reason
        self._message: str | None = None
        self.by: str | None = None
        self._epochs_per_second: float | None = None
        self._spec_version = 1
        self._revision = 0
        self._exam: ExamResult | None = None
        self._exams_opened = 0
        self._openings: tuple[Opening, ...] = ()
        self._checkpoints: tuple[int, ...] = ()
        self._viewing: int | None = None
        self.verdicts = PublishedVerdicts()

    @property
    def state(self) -> RunState:
        """Running, paused, finished or stopped."""
        return self._state

    @property
    def pace(self) -> float | None:
        """Epochs a second; None is full speed."""
        return self._pace

    @property
    def reason(self) -> EndReason | None:
        """Why it ended."""
        return self._reason

    @property
    def message(self) -> str | None:
        """One line about it."""
        return self._message

    @property
    def epochs_per_second(self) -> float | None:
        """Measured over the last stretch of training; None while not training."""
        return self._epochs_per_second

    @property
    def spec_version(self) -> int:
        """Counts changes of the spec that is shown."""
        return self._spec_version

    @property
    def revision(self) -> int:
        """Counts whatever a watcher should hear of."""
        return self._revision

    @property
    def exam(self) -> ExamResult | None:
        """The exam as it was opened last, which knows what was opened before."""
        return self._exam

    @property
    def exams_opened(self) -> int:
        """How often it has been opened."""
        return self._exams_opened

    @property
    def inherited_openings(self) -> tuple[Opening, ...]:
        """Openings of the runs that this one was branched from."""
        return tuple(opening for opening in self._openings if opening.run is not None)

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """Epochs that can be viewed."""
        return self._checkpoints

    @property
    def viewing(self) -> int | None:
        """The epoch of the checkpoint that is shown instead of the present."""
        return self._viewing

    def fields(self) -> dict[str, Any]:
        """Return what every frame says of it, by the fields of ``events.Frame``."""
        return {
            "state": self._state,
            "reason": self._reason,
            "message": self._message,
            "by": self.by,
            "pace": self._pace,
            "epochs_per_second": self._epochs_per_second,
            "visiting": self._viewing,
            "judged": self.verdicts.judged,
            "convergence": self.verdicts.convergence,
        }

    def enter(self, state: RunState, reason: EndReason | None = None) -> None:
        """Be in another state from now on; one that trains has no reason or message to stand."""
        self._state = state
        if state == "running":
            self._reason = self._message = None
        elif reason is not None:
            self._reason = reason
        self.touch()

    def interrupt(self, message: str) -> None:
        """Pause because of trouble, of which ``message`` is one line."""
        self._state, self._message = "paused", message
        self.touch()

    def explain(self, message: str) -> None:
        """Give the cause of an end that is coming, in one line."""
        self._message = message

    def measure(self, epochs_per_second: float | None) -> None:
        """Take over the measured speed; it goes out with the next frame that is due anyway."""
        self._epochs_per_second = epochs_per_second

    def set_pace(self, pace: float | None) -> None:
        """Train at most so many epochs a second."""
        self._pace = pace
        self.touch()

    def change_spec(self) -> None:
        """Note that the spec that is shown is another than before."""
        self._spec_version += 1
        self.touch()

    def view(self, epoch: int | None) -> None:
        """Show a checkpoint from now on; None is the present."""
        self._viewing = epoch
        self.change_spec()

    def inherit_openings(self, openings: Sequence[Opening]) -> None:
        """Know of openings of the runs that this one was branched from, whose rows are the same."""
        self._openings = tuple(openings[:MOST_OPENINGS])

    def add_exams(self, exams: Sequence[ExamResult]) -> None:
        """Add openings of the exam."""
        for exam in exams:
            self._exam = exam.after(self._openings)
            self._openings = (*self._openings, exam.opening)
            self._exams_opened += 1
        self.touch()

    def list_checkpoints(self, epochs: Sequence[int]) -> None:
        """Name the epochs that can be viewed."""
        self._checkpoints = tuple(epochs)
        self.touch()

    def touch(self) -> None:
        """Let every watcher have another frame."""
        self._revision += 1
