"""Decide when each watcher gets which frame."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.metadata import version

from engine.protocol.events import Welcome
from engine.protocol.version import PROTOCOL
from engine.training.history import History
from engine.training.trainer import Trainer
from engine.worker.frames import make_frame
from engine.worker.server import Server, Watcher
from engine.worker.status import RunStatus

FRAME_EVERY = 0.05
"""Seconds between two frames to one watcher, unless it waits for an answer."""

VIEWS_EVERY = 10
"""Times as long as views took to make, from them to the next: watching a large network slows it by a tenth at most."""

Clock = Callable[[], float]


class Publisher:
    """Tells each watcher what is new for it, as soon as it may have another frame."""

    def __init__(self, server: Server, trainer: Trainer, history: History, status: RunStatus, clock: Clock) -> None:
        self._server = server
        self._trainer = trainer
        self._history = history
        self._status = status
        self._clock = clock

    def welcome(self, watcher: Watcher, run: str) -> None:
        """Tell a watcher that has said hello what this run is."""
        trainer, data = self._trainer, self._trainer.data
        rows = (len(data.train), len(data.validation or ()), len(data.test or ()))
        welcome = Welcome(
            protocol=PROTOCOL,
            version=version("tui-trainer"),
            run=run,
            spec=trainer.spec,
            seeds=trainer.seeds,
            inputs=data.train.X.shape[1],
            feature_names=data.table.feature_names,
            classes=data.table.classes,
            rows=rows,
            read_only=watcher.hello.read_only,
            image_shape=data.table.image_shape,
            notes=data.notes,
        )
        if self._status.visited is None:
            watcher.sent_spec = self._status.spec_version
        self._server.send(watcher, welcome)

    def publish(self) -> None:
        """Send the frames that are due."""
        now = self._clock()
        for watcher in list(self._server.watchers.values()):
            if self._due(watcher, now) <= 0:
                self._send_frame(watcher, now)

    def publish_final(self) -> None:
        """Send everyone a last frame, with all that is left to tell."""
        now = self._clock()
        for watcher in list(self._server.watchers.values()):
            self._send_frame(watcher, now, final=True)

    def wait(self) -> float:
        """Return in how many seconds the next frame is due; infinity where none is."""
        now = self._clock()
        return min((self._due(watcher, now) for watcher in self._server.watchers.values()), default=math.inf)

    def _due(self, watcher: Watcher, now: float) -> float:
        """Return the seconds until a watcher's next frame; infinity where nothing is new, or it has no credit."""
        if not watcher.credit:
            return math.inf
        if watcher.sent_revision == self._status.revision and watcher.sent_epoch == len(self._history):
            return watcher.next_snapshot - now if watcher.snapshot_deferred else math.inf
        return 0.0 if watcher.replies else watcher.last_frame + FRAME_EVERY - now

    def _send_frame(self, watcher: Watcher, now: float, *, final: bool = False) -> None:
        revision = self._status.revision
        frame, arrays = make_frame(watcher, self._trainer, self._history, self._status, now, final=final)
        if arrays:
            watcher.next_snapshot = max(watcher.next_snapshot, now + VIEWS_EVERY * (self._clock() - now))
        watcher.sent_revision = revision
        watcher.last_frame = now
        watcher.credit -= 1
        self._server.send(watcher, frame, arrays)
