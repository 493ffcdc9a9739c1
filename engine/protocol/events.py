"""What a worker tells its watchers.

Flow is by credit: a watcher starts with two frames and gets one more for each that it acknowledges. So a frame says
everything since the last one: all new epochs, all changes, every state. Nothing is told once and never again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from engine.errors import InputError, sanitize
from engine.protocol.commands import Have
from engine.protocol.queries import AnyQuery, Index
from engine.protocol.version import PROTOCOL
from engine.run.capabilities import Capability
from engine.run.changes import AnyChange
from engine.run.data_facts import DataFacts
from engine.run.description import Reported
from engine.run.exam import ExamResult, Opening
from engine.run.frozen import Frozen
from engine.run.metrics import METRICS, Metric
from engine.run.status import EndReason, RunState
from engine.run.verdicts import Convergence, Verdict
from engine.spec import Spec

STARTING_CREDIT = 2
MOST_LOG_LINES, MOST_LOGGED = 5, 200
"""Lines of a run's log that a welcome has at most, and characters of each."""


class Event(Frozen):
    """Base of all events."""


class Scores(Event):
    """Metrics of one part of the data; undefined ones are None, one entry a seed where there are several seeds."""

    loss: float | list[float | None] | None
    accuracy: float | list[float | None] | None
    r2: float | list[float | None] | None = None


class StepPlace(Event):
    """Where the forward pass of the ``neurons`` view stood: step ``step`` of ``steps`` in epoch ``epoch`` (from 1)."""

    epoch: int
    step: int
    steps: int
    total_steps: int


class Answer(Event):
    """The answer to a query; its arrays, which ``engine.protocol.views`` describes, come with the same message."""

    query: AnyQuery
    batch: StepPlace | None = None
    """For neurons: where the batch stood; None without a batch."""
    refusal: str | None = None
    """One line why there is nothing to show; then there are no arrays."""


class Reply(Event):
    """The answer to request ``number``: done where ``error`` is None, else one line that says why not."""

    number: int
    error: str | None = None
    result: Answer | ExamResult | None = None
    """What was asked for: of an ``Ask`` the answer, of an ``OpenExam`` the exam."""


class OtherWorker(Event):
    """A worker that this version cannot talk to: it trains the run, and the run is shown from its store.

    Of the same protocol it is where a build of it has other messages than this one.
    """

    version: Annotated[str, Field(max_length=40)]
    protocol: int
    pid: int | None = None
    host: Annotated[str, Field(max_length=255)] | None = None

    @property
    def words(self) -> str:
        """Which version it is, and which this one."""
        theirs = f"tui-trainer {sanitize(self.version, 40)} (protocol {self.protocol})"
        if self.protocol == PROTOCOL:
            return f"{theirs} of another build, whose messages are others"
        return f"{theirs}, this is protocol {PROTOCOL}"


class RunLeft(Event):
    """How the worker that shows a run found it: nobody held it then."""

    state: RunState
    """Died, where its last worker did not say that it left."""
    at: float
    """When it was last written to, in seconds since 1970."""
    lines: Annotated[tuple[Annotated[str, Field(max_length=MOST_LOGGED)], ...], Field(max_length=MOST_LOG_LINES)] = ()
    """The last lines of its log, as far as that worker wrote some."""


class Welcome(Event):
    """The answer to ``Hello``: what this run is."""

    kind: Literal["welcome"] = "welcome"
    protocol: int
    version: str
    run: str
    pid: Index | None = None
    """The worker's process, on its own machine."""
    created: datetime | None = None
    """When it was made: another run of its name was made at another time."""
    left: RunLeft | None = None
    """How it was found, where this worker was started only to show it."""
    spec: Spec | None = None
    """The recipe as it stands; None of a run that another program trains."""
    reported: Reported | None = None
    """What that program says of it."""
    metrics: tuple[Metric, ...] = METRICS.metrics
    """The columns of the metrics in frames."""
    series: tuple[str, ...] = ()
    """The sparse series that that program had reported by now."""
    seeds: tuple[int, ...]
    inputs: int
    feature_names: tuple[str, ...]
    classes: tuple[str, ...]
    rows: tuple[int, int, int]
    """Rows of the training, validation and test part."""
    read_only: bool
    image_shape: tuple[int, int] | None = None
    """(height, width) where a row of the data is a picture."""
    notes: tuple[str, ...] = ()
    """What the reader of the data should know, one line each."""
    refusals: dict[Capability, str] = Field(default_factory=dict)
    """What the run cannot do, and why, in one line each."""
    verdicts: tuple[Verdict, ...] = ()
    """All so far, those that have passed too, by their numbers."""
    other_worker: OtherWorker | None = None
    """Who trains it, where that is a worker of another version: then there is nothing but the store to look at."""
    inherited_openings: tuple[Opening, ...] = ()
    """Openings of the exam of runs that this one was branched from, from before that: they had the same rows."""
    known: Have = Have()
    """What of ``Hello.have`` is known here: metrics and changes come from there on."""

    @property
    def recipe(self) -> Spec:
        """The recipe of a run that is trained here.

        Raises:
            InputError: Another program trains it.
        """
        if self.spec is None:
            raise InputError(f"run {self.run}: another program trains it, by a recipe of its own")
        return self.spec


class Refused(Event):
    """The answer to a ``Hello`` that this worker cannot serve."""

    kind: Literal["refused"] = "refused"
    reason: str


class Pong(Event):
    """The answer to ``Ping``."""

    kind: Literal["pong"] = "pong"


class Frame(Event):
    """The run's state, and all that is new since the watcher's last frame.

    Arrays that may come with it:
        rows: (k, S, C) float64, the metrics (``Welcome.metrics``) of epochs ``first_epoch`` … ``first_epoch + k − 1``.
        bins: (k, C, 3) float64 instead of ``rows`` for long histories: lowest, highest and last (median over seeds)
            of each ``bin_width`` epochs; bin 0 starts at ``first_epoch``, and bins are aligned to their width
            (``first_epoch − 1`` is a multiple of it); the last bin may be incomplete.
        ID.name: those of ``answers``; ``@NUMBER.name`` those of a reply. See ``engine.protocol.views``.
    """

    kind: Literal["frame"] = "frame"
    number: int
    final: bool = False
    """The worker leaves; this is its last frame."""
    state: RunState
    reason: EndReason | None = None
    message: str | None = None
    """One line about why the run stands as it does (a non-finite value: epoch, layer, cause)."""
    by: str | None = None
    """Who paused it last, let it go on, looked back or stopped it; None where that was no watcher."""
    epoch: int
    """Epochs completed."""
    step: int
    """Steps completed of the epoch that has begun."""
    steps: int
    """Steps an epoch has."""
    epochs: int
    """The epoch at which the run ends."""
    pace: float | None
    epochs_per_second: float | None
    learning_rate: float
    best_epoch: int | None
    """The epoch with the lowest validation loss so far."""
    latest: tuple[Scores | None, Scores | None] = (None, None)
    """Running training metrics and validation metrics of the last completed epoch."""
    first_epoch: int = 1
    bin_width: int = 1
    spec: Spec | None = None
    """The spec as it now stands (or stood at the visited checkpoint); only where it is another than before."""
    answers: tuple[Answer, ...] = ()
    """To the queries that the watcher subscribed to, as far as this frame answers them."""
    data: DataFacts | None = None
    """What its data are now (or were at the visited checkpoint); only where they are others than before."""
    refusals: dict[Capability, str] | None = None
    """What the run cannot do, and why; only where it is another than before."""
    changes: tuple[AnyChange, ...] = ()
    pending: tuple[AnyChange, ...] = ()
    """Changes that wait for their epoch."""
    replies: tuple[Reply, ...] = ()
    visiting: int | None = None
    """The epoch of the checkpoint that views show; None is the present."""
    checkpoints: tuple[int, ...] | None = None
    """Epochs that can be visited and branched from; only where they changed since the last frame."""
    exam: ExamResult | None = None
    """The last opened exam, where this watcher has not had it yet."""
    verdicts: tuple[Verdict, ...] = ()
    """Those that are new to this watcher, have passed, or have other numbers: each replaces the one of its number."""
    judged: int = 0
    """The epoch up to which the run has been judged: no verdict is told of an earlier one any more."""
    convergence: Convergence | None = None
    """Where the training loss is going, as far as the run has been judged; None where there are too few epochs."""

    def answer(self, query_id: str) -> Answer | None:
        """Return the answer to a query, if this frame has it."""
        return next((answer for answer in self.answers if answer.query.id == query_id), None)


AnyEvent = Annotated[Welcome | Refused | Pong | Frame, Field(discriminator="kind")]
