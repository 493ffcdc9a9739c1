"""Decide when each watcher gets which frame."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version

from engine.protocol.commands import Have
from engine.protocol.events import Welcome
from engine.protocol.version import PROTOCOL
from engine.run.description import Reported
from engine.worker.frames import draft_frame
from engine.worker.server import Server
from engine.worker.source import LiveRun
from engine.worker.subscription import Subscription

VIEWS_EVERY = 10
"""Times as long as views took to make, from them to the next: watching a large network slows it by a tenth at most."""

Clock = Callable[[], float]


class Publisher:
    """Sends each watcher what is new for it, as soon as it may have another frame.

    Args:
        server: The socket and its watchers.
        run: What they watch.
        clock: Seconds, steady.
    """

    def __init__(self, server: Server, run: LiveRun, clock: Clock) -> None:
        self._server = server
        self._run = run
        self._clock = clock

    def welcome(self, watcher: Subscription) -> None:
        """Tell a watcher that has said hello what this run is."""
        run, data = self._run, self._run.data
        description, reported = run.description, run.description.recipe
        welcome = Welcome(
            protocol=PROTOCOL,
            version=version("tui-trainer"),
            run=description.run,
            spec=run.shown_spec,
            reported=reported if isinstance(reported, Reported) else None,
            metrics=description.columns.metrics,
            series=tuple(run.series_names) if isinstance(reported, Reported) else (),
            seeds=description.seeds,
            inputs=data.inputs,
            feature_names=data.feature_names,
            classes=data.classes,
            rows=data.rows,
            read_only=watcher.hello.read_only,
            image_shape=data.image_shape,
            notes=data.notes,
            refusals=dict(run.refusals),
            known=(known := self._known(watcher.hello.have)),
        )
        if self._server.send(watcher, welcome):
            watcher.advance(
                spec=run.status.spec_version,
                refusals=welcome.refusals,
                epoch=known.epoch,
                changes=known.change,
            )

    def _known(self, have: Have) -> Have:
        """Return what a watcher need not be sent again: nothing where it knows more of a run that was set back."""
        if have.epoch > len(self._run.history) or have.change > len(self._run.changes):
            return Have()
        return have

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

    def _due(self, watcher: Subscription, now: float) -> float:
        return watcher.due(self._run.status.revision, len(self._run.history), now)

    def _send_frame(self, watcher: Subscription, now: float, *, final: bool = False) -> None:
        draft = draft_frame(watcher, self._run, now, final=final)
        if draft.arrays:
            paid_off = now + VIEWS_EVERY * (self._clock() - now)
            draft = replace(draft, next_snapshot=max(draft.next_snapshot, paid_off))
        if self._server.send(watcher, draft.frame, draft.arrays):
            watcher.sent(draft, now)
