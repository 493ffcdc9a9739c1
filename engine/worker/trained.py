"""A run that its trainer trains on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from engine.array_types import Arrays
from engine.errors import TrainerError
from engine.protocol.commands import Command
from engine.protocol.events import Answer, OtherWorker, StepPlace
from engine.protocol.queries import AnyQuery, BoundaryQuery, ByHandQuery, FieldsQuery, NeuronsQuery, SeriesQuery
from engine.run.capabilities import Capability
from engine.run.changes import Change
from engine.run.data_facts import DataFacts
from engine.run.description import RunDescription
from engine.run.exam import ExamResult
from engine.run.series import EpochSeries
from engine.spec import Spec
from engine.store.runs import Run
from engine.training.trainer import Trainer
from engine.views.boundary import Boundaries
from engine.views.catalog import VIEWS
from engine.views.fields import Fields
from engine.views.neurons import is_forward_only
from engine.views.series import series
from engine.worker.checkpoint_viewer import CheckpointViewer
from engine.worker.command_handler import CommandHandler
from engine.worker.facts import FactsOfData
from engine.worker.loop import TrainingLoop
from engine.worker.recorder import RunRecorder
from engine.worker.source import Progress
from engine.worker.status import RunStatus


class TrainedRun:
    """A ``LiveRun`` over a trainer: its loop, its store, its commands.

    Args:
        run: The run's directory, whose lock the caller holds.
        trainer: Its trainer, at the place where it is to go on.
        pace: Epochs a second; None is full speed.
        attach_only: Do not train before a watcher asks for it.
        clock: Seconds, steady.
    """

    def __init__(
        self, run: Run, trainer: Trainer, *, pace: float | None, attach_only: bool, clock: Callable[[], float]
    ) -> None:
        self._trainer = trainer
        ended = trainer.ended
        self._status = RunStatus("finished" if ended else "paused" if attach_only else "running", pace, ended)
        if trainer.non_finite is not None:
            self._status.explain(trainer.non_finite.cause)
        self._recorder = RunRecorder(run, trainer, self._status, clock, owns_state=not attach_only)
        self._loop = TrainingLoop(trainer, self._status, self._recorder, clock)
        self._viewer = CheckpointViewer(run.checkpoints, trainer, self._status)
        self._handler = CommandHandler(trainer, self._status, self._recorder, self._loop, self._viewer)
        self._boundaries = Boundaries()
        self._fields = Fields()
        self._facts = FactsOfData()
        self._has_rested = False

    # What it is

    @property
    def description(self) -> RunDescription:
        """What it was started as."""
        return self._recorder.run.description

    @property
    def status(self) -> RunStatus:
        """Its state, pace, exams, checkpoints."""
        return self._status

    @property
    def history(self) -> EpochSeries:
        """Its metrics, epoch by epoch."""
        return self._recorder.history

    @property
    def data(self) -> DataFacts:
        """What its data are, or were at the checkpoint that is viewed."""
        return self._facts.of(self._viewer.shown)

    @property
    def data_version(self) -> int:
        """Counts how often they have become others, from 1 on."""
        return self._facts.version_of(self._viewer.shown)

    @property
    def shown_spec(self) -> Spec:
        """The recipe as it stands, or stood at the checkpoint that is viewed."""
        return self._viewer.shown.spec

    @property
    def series_names(self) -> Sequence[str]:
        """Its sparse series so far."""
        return self._recorder.run.metrics.series_names()

    @property
    def changes(self) -> Sequence[Change]:
        """The changes that have acted, in order."""
        return self._trainer.change_log.done

    @property
    def other_worker(self) -> OtherWorker | None:
        """None: whoever trains it is this worker, or nobody."""
        return None

    @property
    def pending(self) -> Sequence[Change]:
        """The changes that wait for their place."""
        return self._trainer.change_log.pending

    @property
    def may_leave(self) -> bool:
        """Whether nothing is to be done once nobody watches."""
        return self._status.state == "finished" or (self._status.state == "paused" and not self._recorder.owns_state)

    def progress(self) -> Progress:
        """Return where it stands."""
        trainer = self._trainer
        return Progress(
            epoch=trainer.epoch,
            step=trainer.step_in_epoch,
            steps=trainer.steps,
            epochs=trainer.spec.training.epochs,
            learning_rate=trainer.learning_rate,
            best_epoch=trainer.best_epoch,
        )

    @property
    def refusals(self) -> Mapping[Capability, str]:
        """What its data have nothing for."""
        refusals: dict[Capability, str] = {}
        data = self.data
        if not data.rows[2]:
            refusals["exam"] = "exam: this run has no rows set aside for it"
        if data.inputs < 2:
            refusals["boundary"] = "boundary: the data has a single column"
        return refusals

    # What it shows

    def answer(self, query: AnyQuery) -> tuple[Answer, Arrays]:
        """Return the answer to a query, and its arrays; see ``LiveRun.answer``."""
        trainer, has_batch = self._viewer.shown, False
        match query:
            case ByHandQuery():
                from engine.views.by_hand import by_hand  # here: few ask for it

                arrays, has_batch = by_hand(trainer, query)
            case NeuronsQuery():
                arrays = VIEWS[query.kind](trainer)
                has_batch = "rows" in arrays and not is_forward_only(trainer)
            case BoundaryQuery():
                arrays = self._boundaries.arrays(trainer, query)
            case FieldsQuery():
                arrays = self._fields.arrays(trainer, query)
            case SeriesQuery():
                arrays = series(self._recorder.run.metrics, query)
            case _:
                arrays = VIEWS[query.kind](trainer)
        return Answer(query=query, batch=_step_place(trainer) if has_batch else None), arrays

    # What it does

    def handle(self, command: Command, author: str) -> ExamResult | None:
        """Carry out a command; see ``CommandHandler.handle``."""
        return self._handler.handle(command, author)

    def open(self) -> None:
        """Record that the run is served, and where."""
        self._recorder.open()

    def wait(self) -> float:
        """Return the seconds until the next step is to be done; infinity where none is."""
        return self._loop.wait() if self._status.state == "running" else math.inf

    def advance(self, until: float) -> None:
        """Train up to the time ``until``, and keep the store up."""
        if self._status.state == "running":
            self._loop.train(until)
            self._recorder.judging.judge_if_due(self._loop.wait())
        elif self._has_rested:  # whoever looks at it is shown it first
            self._recorder.judging.judge_at_rest()
        self._has_rested = self._status.state != "running"
        self._recorder.flush_if_due()

    def pause_for(self, trouble: TrainerError) -> None:
        """Pause because the store refused something; see ``TrainingLoop.pause_for``."""
        self._loop.pause_for(trouble)

    def check_place(self) -> None:
        """See that the run is still where it was; see ``RunRecorder.check_place``."""
        self._recorder.check_place()

    def close(self) -> None:
        """Save what is not saved yet."""
        self._loop.close()
        self._recorder.judging.close()
        try:
            if self._status.state != "finished":
                self._loop.finish("stopped")
        except TrainerError as trouble:
            self._loop.pause_for(trouble)
            raise


def _step_place(trainer: Trainer) -> StepPlace:
    epoch, step = trainer.epoch + 1, trainer.step_in_epoch
    if not step:
        epoch, step = trainer.epoch, trainer.steps
    return StepPlace(epoch=epoch, step=step, steps=trainer.steps, total_steps=trainer.state.total_steps)
