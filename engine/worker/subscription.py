"""What one watcher asked for, and what it has been sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from engine.protocol.commands import BoundaryQuery, Hello, View
from engine.protocol.events import STARTING_CREDIT, Frame, Reply

FRAME_EVERY = 0.05
"""Seconds between two frames to one watcher, unless it waits for an answer."""
NEVER = float("-inf")


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
        data: Whether it has the data view, which does not change.
    """

    epoch: int = 0
    changes: int = 0
    spec: int = 0
    revision: int = -1
    exams: int = 0
    checkpoints: tuple[int, ...] = ()
    data: bool = False


@dataclass(frozen=True)
class Draft:
    """A frame on its way to a watcher.

    Attributes:
        frame: The frame.
        arrays: Its arrays.
        cursor: How far the watcher has come once it has been sent.
        deferred: Whether it had to go without views.
        next_snapshot: When the frames after it may carry views again, seconds.
    """

    frame: Frame
    arrays: Mapping[str, NDArray[Any]]
    cursor: Cursor
    deferred: bool
    next_snapshot: float


@dataclass
class Subscription:
    """A watcher that said hello.

    Attributes:
        identity: Its connection.
        hello: What it said.
        heard: When it was last heard, seconds.
        views: What its frames carry beside metrics.
        plane: What its boundary view is to show.
        cursor: What it has been sent.
        credit: Frames it may still be sent.
        frames: Frames it has been sent.
        next_snapshot: When its frames may carry views again, seconds.
        snapshot_deferred: Whether its last frame had to go without them.
        last_frame: When its last frame left, seconds.
        replies: Answers that wait for its next frame.
    """

    identity: bytes
    hello: Hello
    heard: float
    views: tuple[View, ...] = ()
    plane: BoundaryQuery = field(default_factory=BoundaryQuery)
    cursor: Cursor = Cursor()
    credit: int = STARTING_CREDIT
    frames: int = 0
    next_snapshot: float = NEVER
    snapshot_deferred: bool = False
    last_frame: float = NEVER
    replies: list[Reply] = field(default_factory=list)

    def acknowledge(self) -> None:
        """Grant one frame more, never more than at the start."""
        self.credit = min(self.credit + 1, STARTING_CREDIT)

    def subscribe(self, views: tuple[View, ...], plane: BoundaryQuery) -> None:
        """Ask for other views; a frame with them is due."""
        self.views, self.plane = views, plane
        self.next_snapshot = NEVER
        self.advance(revision=-1, data=False)

    def advance(self, **values: Any) -> None:
        """Move the cursor."""
        self.cursor = Cursor(**{**self.cursor.__dict__, **values})

    def due(self, revision: int, epochs: int, now: float) -> float:
        """Return the seconds until the next frame; infinity where nothing is new, or there is no credit.

        Args:
            revision: Of the run's status.
            epochs: How many epochs have metrics.
            now: Seconds, by the worker's clock.
        """
        if not self.credit:
            return math.inf
        if self.cursor.revision == revision and self.cursor.epoch == epochs:
            return self.next_snapshot - now if self.snapshot_deferred else math.inf
        return 0.0 if self.replies else self.last_frame + FRAME_EVERY - now

    def sent(self, draft: Draft, now: float) -> None:
        """Note that a frame has left; before that, it counts for nothing."""
        self.cursor = draft.cursor
        self.snapshot_deferred = draft.deferred
        self.next_snapshot = draft.next_snapshot
        self.last_frame = now
        self.frames += 1
        self.credit -= 1
        del self.replies[: len(draft.frame.replies)]
