"""What one watcher asked for, and what it has been sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from engine.protocol.commands import Ask, Hello
from engine.protocol.events import STARTING_CREDIT, Frame, Reply
from engine.protocol.queries import AnyQuery
from engine.run.capabilities import Capability
from engine.worker.connection import Connection

FRAME_EVERY = 0.05
"""Seconds of a tick: a watcher gets one frame in each, unless it waits for an answer."""
NEVER = float("-inf")
MOST_WAITING = 256
"""Answers that may wait for a watcher; one that asks for more, and reads none, is forgotten."""


@dataclass(frozen=True)
class Cursor:
    """How far a watcher has come.

    Attributes:
        epoch: Latest epoch whose metrics it has.
        changes: How many changes it has.
        spec: Version of the spec it has.
        revision: Of the status, when its last frame was made.
        exams: How many openings of the exam it has.
        checkpoints: Epochs of checkpoints as it knows them.
        unchanging: Ids of the queries whose answers do not change, and which it has.
        refusals: Of the run, as it knows them.
        data: Version of the facts of the data that it has.
        verdicts: Version of the verdicts that it has.

    Equal cursors lack the same, so that one frame does for all who are there and want to see the same.
    """

    epoch: int = 0
    changes: int = 0
    spec: int = 0
    revision: int = -1
    exams: int = 0
    checkpoints: tuple[int, ...] = ()
    unchanging: frozenset[str] = frozenset()
    refusals: tuple[tuple[Capability, str], ...] = ()
    data: int = 0
    verdicts: int = 0


@dataclass(frozen=True)
class Draft:
    """A frame on its way to one watcher, or to several that lack the same.

    Attributes:
        frame: The frame, of number 0: it gets that of each watcher when it is sent.
        arrays: Its arrays.
        cursor: How far the watcher has come once it has been sent.
        deferred: Whether it had to go without views.
        next_snapshot: When the frames after it may carry views again, seconds.
        first_query: The place of the query with which their answers go on.
    """

    frame: Frame
    arrays: Mapping[str, NDArray[Any]]
    cursor: Cursor
    deferred: bool
    next_snapshot: float
    first_query: int


@dataclass
class Subscription:
    """A watcher that said hello.

    Attributes:
        connection: Its connection.
        hello: What it said.
        heard: When it was last heard, seconds.
        queries: What its frames are to answer.
        cursor: What it has been sent.
        credit: Frames it may still be sent.
        frames: Frames it has been sent.
        next_snapshot: When its frames may carry views again, seconds.
        first_query: The place of the query with which they go on.
        snapshot_deferred: Whether its last frame had to go without some of them.
        last_frame: When its last frame left, seconds.
        replies: Answers that wait for its next frame.
        asked: Queries that wait for it, with the numbers of their requests.
    """

    connection: Connection
    hello: Hello
    heard: float
    queries: tuple[AnyQuery, ...] = ()
    cursor: Cursor = Cursor()
    credit: int = STARTING_CREDIT
    frames: int = 0
    next_snapshot: float = NEVER
    first_query: int = 0
    snapshot_deferred: bool = False
    last_frame: float = NEVER
    replies: list[Reply] = field(default_factory=list)
    asked: list[tuple[int, Ask]] = field(default_factory=list)

    def acknowledge(self) -> None:
        """Grant one frame more, never more than at the start."""
        self.credit = min(self.credit + 1, STARTING_CREDIT)

    def subscribe(self, queries: tuple[AnyQuery, ...]) -> None:
        """Ask something else; a frame with the answers is due."""
        self.queries = queries
        self.first_query = 0
        self.next_snapshot = NEVER
        self.advance(revision=-1, unchanging=frozenset())

    @property
    def waits(self) -> bool:
        """Whether it waits for an answer."""
        return bool(self.replies or self.asked)

    @property
    def overwhelms(self) -> bool:
        """Whether it asks and asks, and takes no answer."""
        return len(self.replies) + len(self.asked) > MOST_WAITING

    def advance(self, **values: Any) -> None:
        """Move the cursor."""
        self.cursor = Cursor(**{**self.cursor.__dict__, **values})

    def due(self, revision: int, epochs: int, now: float, answers_wait: float = 0.0) -> float:
        """Return the seconds until the next frame; infinity where nothing is new, or none can be taken.

        Frames without an answer leave on a grid of times that all watchers share, so that one does for many.

        Args:
            revision: Of the run's status.
            epochs: How many epochs have metrics.
            now: Seconds, by the worker's clock.
            answers_wait: Seconds until queries may be answered again.
        """
        if not self.credit or self.connection.queued or not self.connection.listens:
            return math.inf
        if self.replies:
            return 0.0
        due = answers_wait if self.asked else math.inf
        if self.cursor.revision != revision or self.cursor.epoch != epochs:
            return min(due, next_tick(self.last_frame) - now)
        return min(due, max(self.next_snapshot - now, answers_wait)) if self.snapshot_deferred else due

    def sent(self, draft: Draft, now: float) -> None:
        """Note that a frame has left; before that, it counts for nothing."""
        self.cursor = draft.cursor
        self.snapshot_deferred = draft.deferred
        self.next_snapshot = draft.next_snapshot
        self.first_query = draft.first_query
        self.last_frame = now
        self.frames += 1
        self.credit -= 1
        done = {reply.number for reply in draft.frame.replies}
        self.replies = [reply for reply in self.replies if reply.number not in done]
        self.asked = [(number, ask) for number, ask in self.asked if number not in done]


def next_tick(last: float) -> float:
    """Return the first time after ``last`` at which frames may leave, seconds."""
    return (math.floor(last / FRAME_EVERY) + 1) * FRAME_EVERY if math.isfinite(last) else last
