"""The door between the worker and what it serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from engine.array_types import Arrays
from engine.errors import TrainerError
from engine.protocol.commands import Command
from engine.protocol.events import Answer, OtherWorker
from engine.protocol.queries import AnyQuery
from engine.run.capabilities import Capability
from engine.run.changes import Change
from engine.run.data_facts import DataFacts
from engine.run.description import RunDescription
from engine.run.exam import ExamResult
from engine.run.series import EpochSeries
from engine.spec import Spec
from engine.worker.status import RunStatus


class Progress(NamedTuple):
    """Where a run stands; the fields are those of ``events.Frame``."""

    epoch: int
    step: int
    steps: int
    epochs: int
    learning_rate: float
    best_epoch: int | None


class LiveRun(Protocol):
    """A run that can be looked at, and perhaps trained; crossed at the rate of frames, never of steps.

    What may fail raises ``TrainerError``: the store refuses, or the run cannot do what it is asked for.
    """

    @property
    def description(self) -> RunDescription:
        """What it was started as."""

    @property
    def status(self) -> RunStatus:
        """Its state, pace, exams, checkpoints."""

    @property
    def history(self) -> EpochSeries:
        """Its metrics, epoch by epoch."""

    @property
    def data(self) -> DataFacts:
        """What its data are, or were at the checkpoint that is viewed."""

    @property
    def data_version(self) -> int:
        """Counts how often they have become others, from 1 on."""

    @property
    def other_worker(self) -> OtherWorker | None:
        """Who trains it, where that is a worker of another version."""

    @property
    def shown_spec(self) -> Spec | None:
        """The recipe as it stands, or stood at the checkpoint that is viewed; None where it has none."""

    @property
    def series_names(self) -> Sequence[str]:
        """Its sparse series so far."""

    @property
    def changes(self) -> Sequence[Change]:
        """The changes that have acted, in order."""

    @property
    def pending(self) -> Sequence[Change]:
        """The changes that wait for their place."""

    @property
    def refusals(self) -> Mapping[Capability, str]:
        """What cannot be done with it now, and why, in one line each."""

    @property
    def may_leave(self) -> bool:
        """Whether nothing is to be done once nobody watches."""

    def progress(self) -> Progress:
        """Return where it stands."""

    def answer(self, query: AnyQuery) -> tuple[Answer, Arrays]:
        """Return the answer to a query about what is shown, and its arrays under their own names.

        Raises:
            InputError: There is nothing of the kind; one line says why.
        """

    def handle(self, command: Command, author: str) -> ExamResult | None:
        """Carry out a command of ``author``; return what it asked for.

        Raises:
            TrainerError: It makes no sense, or not now, or the store refuses.
        """

    def open(self) -> None:
        """Begin to serve it."""

    def wait(self) -> float:
        """Return the seconds until there is something to do; infinity where it waits for a command."""

    def advance(self, until: float) -> None:
        """Do what there is to do, up to the time ``until`` (seconds, by the worker's clock)."""

    def pause_for(self, trouble: TrainerError) -> None:
        """Pause because something was refused."""

    def check_place(self) -> None:
        """See that the run is still where it was."""

    def close(self) -> None:
        """Save what is not saved yet."""
