"""The worker: serves one run, listens to its watchers, and lets it train.

One thread, one loop: hear commands, let the run advance a little, send the watchers their frames. Commands are looked
for by the clock, because asking the socket costs a fifth of a small network's step.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.errors import InputError, TrainerError
from engine.protocol import commands
from engine.protocol.events import Reply, RunLeft
from engine.worker.publisher import Publisher
from engine.worker.server import Server
from engine.worker.source import LiveRun
from engine.worker.subscription import FRAME_EVERY, Subscription

LISTEN_EVERY = 0.002
"""Seconds of training between two looks at the socket."""
IDLE_WAIT = 0.25
"""Seconds between two looks at the clock while nothing is to be trained."""
LINGER = 10.0
"""Seconds that a worker with nothing left to train waits for a first watcher."""


class Worker:
    """Serves a run to whoever watches.

    Args:
        run: The run.
        server: The bound socket.
        clock: Seconds, steady.
        left: How the run was found, where it is only shown.
    """

    def __init__(
        self,
        run: LiveRun,
        server: Server,
        *,
        clock: Callable[[], float] = time.monotonic,
        left: RunLeft | None = None,
    ) -> None:
        self._run = run
        self._server = server
        self._clock = clock
        self._publisher = Publisher(server, run, clock, left)
        self._had_watchers = False
        self._began = clock()
        self._next_look_around = clock()

    def stop(self) -> None:
        """End the run after the running step: saved, and free to be resumed. Safe to call from a signal handler."""
        self._run.status.leaving = True
        self._run.status.by = None

    def serve(self) -> None:
        """Train and serve until the run is stopped, or has ended and nobody watches."""
        self._run.open()
        while not self._run.status.leaving:
            try:
                heard = self._hear()
                self._run.advance(self._clock() + LISTEN_EVERY)
            except TrainerError as trouble:
                heard = True
                self._run.pause_for(trouble)
            self._look_around()
            self._publisher.publish(heard=heard)
            if self._nobody_left():
                return
        self._leave()

    def _hear(self) -> bool:
        """Hear what watchers say; return whether any of them may wait for an answer."""
        heard = False
        self._server.wait(self._patience())
        training = self._run.status.state == "running"
        for watcher, request in self._server.requests(self._clock(), training=training):
            self._had_watchers = heard = True
            if isinstance(request.command, commands.Hello):
                self._publisher.welcome(watcher)
            else:
                self._answer(watcher, request)
        return heard

    def _patience(self) -> float:
        """Return how long the socket may be waited for: not at all while there is training to do."""
        if self._run.status.state == "running":
            return min(self._run.wait(), FRAME_EVERY)
        return min(self._publisher.wait(), IDLE_WAIT)

    def _answer(self, watcher: Subscription, request: commands.Request) -> None:
        error = result = None
        try:
            if isinstance(request.command, commands.Ask):
                watcher.asked.append((request.number, request.command))
                return
            if watcher.hello.read_only:
                raise InputError("this watcher is read-only: attach without --read-only to act")
            result = self._run.handle(request.command, watcher.hello.name)
        except TrainerError as refusal:
            error = str(refusal)
        finally:
            if watcher.overwhelms:
                self._server.drop(watcher, "too many requests whose answers nobody took")
        watcher.replies.append(Reply(number=request.number, error=error, result=result))
        self._run.status.touch()

    def _look_around(self) -> None:
        """Once a second, see who is still there, and whether the socket and the run are."""
        now = self._clock()
        if now >= self._next_look_around:
            self._next_look_around = now + 1
            try:
                self._run.check_place()
            except InputError:
                raise
            except TrainerError as trouble:
                self._run.pause_for(trouble)
            self._server.look_after(now)
            self._server.rebind_if_lost()

    def _nobody_left(self) -> bool:
        """Say whether there is nothing to train and nobody to show it to."""
        if not self._run.may_leave or self._server.watchers or self._server.silent:
            return False
        return self._had_watchers or self._clock() - self._began > LINGER

    def _leave(self) -> None:
        """Save what is not saved yet, and send everyone a last frame even where that fails."""
        try:
            self._run.close()
        finally:
            self._publisher.publish_final()
