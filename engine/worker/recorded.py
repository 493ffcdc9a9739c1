"""A run of which only its store is left to look at: it cannot be trained here, and says why."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence

from engine.array_types import Arrays
from engine.errors import InputError, TrainerError
from engine.protocol.commands import Command, OpenExam, Stop, ViewCheckpoint
from engine.protocol.events import Answer, OtherWorker
from engine.protocol.queries import AnyQuery, ByHandQuery, SeriesQuery
from engine.protocol.version import PROTOCOL, program_version
from engine.run.capabilities import Capability
from engine.run.changes import Change, numbered_by
from engine.run.data_facts import DataFacts
from engine.run.description import Reported, RunDescription
from engine.run.exam import ExamResult
from engine.run.series import EpochSeries
from engine.spec import Spec
from engine.store.branches import inherited_openings
from engine.store.runs import Run
from engine.training.schedules import learning_rate
from engine.views.series import series
from engine.worker.checkpoint_network import CheckpointNetwork, NoNetwork
from engine.worker.recorded_history import read_history
from engine.worker.recorder import STATE_WHEN_ATTACHED
from engine.worker.source import Progress
from engine.worker.status import RunStatus

_WITHOUT_DATA: tuple[Capability, ...] = ("boundary", "data", "exam")
_TRAINING: tuple[Capability, ...] = ("steer", "edit", "epochs")
_WITHOUT_NETWORK: tuple[Capability, ...] = ("recipe", "weights", "neurons", "checkpoints")


class RecordedRun:
    """A ``LiveRun`` over a store alone: curves, log, weights, time travel; of a run that another program reports, too.

    Args:
        run: The run's directory, whose lock the caller holds.
        reason: Why it cannot be trained on, in one line.

    Raises:
        InputError: The store is damaged, or has no checkpoint.
    """

    def __init__(self, run: Run, reason: str) -> None:
        self._run = run
        self._reason = reason
        self._inode = run.path.stat().st_ino
        run.check()
        self._latest = self._shown = _latest(run, reason)
        self._recorded = run.metrics.state()
        finished = self._recorded.state == "finished"
        self._status = RunStatus("finished" if finished else "stopped", self._recorded.pace, self._recorded.reason)
        self._status.explain(self._recorded.message or f"only to look at: {reason}")
        self._status.inherit_openings(inherited_openings(run))
        self._status.add_exams([opened.result for opened in run.metrics.exams()])
        self._status.list_checkpoints(run.checkpoints.epochs())
        self._history = read_history(run, max(self._recorded.epoch, self._latest.epoch))
        self._status.verdicts.take(run.metrics.verdicts(), len(self._history), self._recorded.convergence)
        self._changes = _changes(run, self._latest)
        self._data = self._recorded.data or _data_facts(self._latest, self._history)

    # What it is

    @property
    def description(self) -> RunDescription:
        """What it was started as."""
        return self._run.description

    @property
    def status(self) -> RunStatus:
        """Its state, pace, exams, checkpoints."""
        return self._status

    @property
    def history(self) -> EpochSeries:
        """Its metrics, epoch by epoch."""
        return self._history

    @property
    def data(self) -> DataFacts:
        """What its data were."""
        return self._data

    @property
    def data_version(self) -> int:
        """Nothing becomes of them here."""
        return 1

    @property
    def shown_spec(self) -> Spec | None:
        """The recipe as it stood at the latest checkpoint, or at the one that is viewed."""
        return self._shown.spec

    @property
    def series_names(self) -> Sequence[str]:
        """Its sparse series."""
        return self._run.metrics.series_names()

    @property
    def changes(self) -> Sequence[Change]:
        """The changes that were made, in order."""
        return self._changes

    @property
    def other_worker(self) -> OtherWorker | None:
        """None: whoever trains it is this worker, or nobody."""
        return None

    @property
    def pending(self) -> Sequence[Change]:
        """None wait: nothing is trained."""
        return ()

    @property
    def refusals(self) -> Mapping[Capability, str]:
        """Why it cannot do what takes data, or a trainer."""
        refusals: dict[Capability, str] = dict.fromkeys(_TRAINING, f"train on: {self._reason}")
        refusals |= {each: f"{each}: {self._reason}" for each in _WITHOUT_DATA}
        if self._shown.spec is None:
            refusals |= {each: f"{each}: {self._reason}" for each in _WITHOUT_NETWORK}
        elif not self._shown.has_neurons:
            refusals["neurons"] = f"neurons: the checkpoint of epoch {self._shown.epoch} has none of them"
        if not self.description.columns.scores:
            refusals["score"] = "accuracy: no score is reported"
        return refusals

    @property
    def may_leave(self) -> bool:
        """Whether nothing is to be done once nobody watches: always."""
        return True

    def progress(self) -> Progress:
        """Return where it stands."""
        spec, epochs = self._latest.spec, self._recorded.epochs
        return Progress(
            epoch=len(self._history),
            step=self._latest.step if self._latest.epoch == len(self._history) else 0,
            steps=_steps(spec, self._data.rows[0]) if spec else 0,
            epochs=(spec.training.epochs if spec else 0) if epochs is None else epochs,
            learning_rate=learning_rate(spec.training, len(self._history) + 1) if spec else 0.0,
            best_epoch=self._latest.best_epoch,
        )

    # What it shows and does

    def answer(self, query: AnyQuery) -> tuple[Answer, Arrays]:
        """Return the answer to a query, and its arrays; see ``LiveRun.answer``."""
        if isinstance(query, SeriesQuery):
            return Answer(query=query), series(self._run.metrics, query)
        match query.kind:
            case "weights":
                return Answer(query=query), self._shown.weights()
            case "moments":
                return Answer(query=query), self._shown.moments()
            case "neurons" if self._shown.has_neurons:
                return Answer(query=query), self._shown.neurons()
            case "neurons":
                raise InputError(self.refusals["neurons"])
            case "by-hand" if isinstance(query, ByHandQuery) and query.typed is not None:
                return Answer(query=query), self._shown.by_hand(self._data, query)
            case "gradients" | "updates":
                raise InputError(f"{query.kind}: a checkpoint keeps no step")
            case _:
                raise InputError(f"{query.kind}: {self._reason}")

    def handle(self, command: Command, author: str) -> ExamResult | None:
        """Carry out a command: look at a checkpoint, or leave.

        Raises:
            InputError: Anything else; one line says why.
        """
        del author  # nothing is changed that could be signed
        match command:
            case ViewCheckpoint():
                self._view(command.epoch)
            case Stop():
                self._status.leaving = True
            case _:
                what = "exam" if isinstance(command, OpenExam) else "train on"
                raise InputError(f"{what}: {self._reason}")
        return None

    def _view(self, epoch: int | None) -> None:
        self._shown = self._latest
        self._status.view(None)
        if epoch is not None and epoch != self._latest.epoch:
            self._shown = CheckpointNetwork(self._run.checkpoints.load(epoch))
            self._status.view(epoch)

    def open(self) -> None:
        """Record that the run is served, and where; how it stands is left as it was."""
        left_in = self._recorded.state
        state = {"state": STATE_WHEN_ATTACHED[left_in]} if left_in in STATE_WHEN_ATTACHED else {}
        here = {"socket": str(self._run.socket_path), "pid": os.getpid()}
        self._run.metrics.record_state(**state, **here, version=program_version(), protocol=PROTOCOL)

    def wait(self) -> float:
        """Return infinity: there is nothing to do."""
        return math.inf

    def advance(self, until: float) -> None:
        """Do nothing."""

    def pause_for(self, trouble: TrainerError) -> None:
        """Say what was refused."""
        self._status.explain(str(trouble))
        self._status.touch()

    def check_place(self) -> None:
        """See that the run is still where it was; nothing is written here that could be lost.

        Raises:
            InputError: Its directory was deleted, or another was made in its place.
        """
        self._run.check_place(self._inode)

    def close(self) -> None:
        """Leave it as it is."""


def _latest(run: Run, reason: str) -> CheckpointNetwork | NoNetwork:
    """Return the network of the latest checkpoint; one that another program reports need not have any.

    Raises:
        InputError: A run that was trained here has none.
    """
    if isinstance(run.description.recipe, Reported):
        return NoNetwork(reason)
    latest = run.checkpoints.latest()
    if latest is None:
        raise InputError(reason)
    return CheckpointNetwork(latest)


def _changes(run: Run, latest: CheckpointNetwork | NoNetwork) -> list[Change]:
    """Return the changes of the latest checkpoint, and those that were logged after it."""
    log = run.metrics.changes()
    done = numbered_by(log, latest.changes)
    done_numbers = {change.number for change in done}
    return [*done, *(change for change in log if change.number not in done_numbers)]


def _steps(spec: Spec, rows: int) -> int:
    """Return mini-batches an epoch; 0 where it is not known how many rows there were."""
    size = spec.training.batch_size
    return math.ceil(rows / (rows if size == "full" else min(size, rows))) if rows else 0


def _data_facts(network: CheckpointNetwork | NoNetwork, history: EpochSeries) -> DataFacts:
    """Return what can be told of data whose facts were not recorded: an older version wrote the run."""
    if network.spec is None:
        return DataFacts(inputs=0)
    outputs = network.spec.network.layers[-1].units
    classes = tuple(map(str, range(max(2, outputs)))) if network.spec.training.loss in {"bce", "cce"} else ()
    validates = bool(len(history)) and bool(history.rows(len(history))[0, :, 2:4].any())
    return DataFacts(inputs=network.inputs, classes=classes, rows=(1, int(validates), 0))
