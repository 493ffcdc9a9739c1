"""The worker: trains one run, listens to its watchers, and keeps its store.

One thread, one loop: hear commands, train a little, tell the watchers, keep the store. Commands are looked for by the
clock, because asking the socket costs a fifth of a small network's step.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.errors import InputError, TrainerError
from engine.protocol import commands
from engine.protocol.events import Reply
from engine.store.runs import Run
from engine.training.trainer import Trainer
from engine.worker.command_handler import CommandHandler
from engine.worker.loop import TrainingLoop
from engine.worker.publisher import FRAME_EVERY, Publisher
from engine.worker.recorder import RunRecorder
from engine.worker.server import Server, Watcher
from engine.worker.status import RunStatus

LISTEN_EVERY = 0.002
"""Seconds of training between two looks at the socket."""
IDLE_WAIT = 0.25
"""Seconds between two looks at the clock while nothing is to be trained."""
LINGER = 10.0
"""Seconds that a worker with nothing left to train waits for a first watcher."""


class Worker:
    """Serves one run from an open store, whose lock the caller holds.

    Args:
        run: The run's directory.
        trainer: Its trainer, at the place where it is to go on.
        server: The bound socket.
        pace: Epochs a second; None is full speed.
        attach_only: Do not train before a watcher asks for it.
        clock: Seconds, steady.
    """

    def __init__(
        self,
        run: Run,
        trainer: Trainer,
        server: Server,
        *,
        pace: float | None = None,
        attach_only: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._clock = clock
        self._status = RunStatus("paused" if attach_only else "running", pace)
        if trainer.ended is not None:
            self._status.state, self._status.reason = "finished", trainer.ended
        self._recorder = RunRecorder(run, trainer, self._status, clock, owns_state=not attach_only)
        self._loop = TrainingLoop(trainer, self._status, self._recorder, clock)
        self._handler = CommandHandler(trainer, self._status, self._recorder, self._loop)
        self._publisher = Publisher(server, trainer, self._recorder.history, self._status, clock)
        self._had_watchers = False
        self._began = clock()
        self._next_look_around = clock()

    def stop(self) -> None:
        """End the run after the running step: saved, and free to be resumed. Safe to call from a signal handler."""
        self._status.leaving = True

    def serve(self) -> None:
        """Train and serve until the run is stopped, or has ended and nobody watches."""
        self._recorder.open()
        while not self._status.leaving:
            try:
                self._hear()
                if self._status.state == "running":
                    self._loop.train(self._clock() + LISTEN_EVERY)
                self._recorder.flush_if_due()
            except TrainerError as trouble:
                self._loop.pause_for(trouble)
            self._look_around()
            self._publisher.publish()
            if self._nobody_left():
                return
        self._leave()

    def _hear(self) -> None:
        self._server.wait(self._patience())
        for watcher, request in self._server.requests(self._clock()):
            self._had_watchers = True
            if isinstance(request.command, commands.Hello):
                self._publisher.welcome(watcher, self._recorder.run.name)
            else:
                self._answer(watcher, request)

    def _patience(self) -> float:
        """Return how long the socket may be waited for: not at all while there is training to do."""
        if self._status.state == "running":
            return min(self._loop.wait(), FRAME_EVERY)
        return min(self._publisher.wait(), IDLE_WAIT)

    def _answer(self, watcher: Watcher, request: commands.Request) -> None:
        error = None
        try:
            if watcher.hello.read_only:
                raise InputError("this watcher is read-only: attach without --read-only to act")
            self._handler.handle(request.command)
        except TrainerError as refusal:
            error = str(refusal)
        watcher.replies.append(Reply(number=request.number, error=error))
        self._status.revision += 1

    def _look_around(self) -> None:
        """Once a second, see who is still there, and whether the socket and the run are."""
        now = self._clock()
        if now >= self._next_look_around:
            self._next_look_around = now + 1
            self._recorder.check_place()
            self._server.look_after(now)
            self._server.rebind_if_lost()

    def _nobody_left(self) -> bool:
        """Say whether there is nothing to train and nobody to show it to."""
        state = self._status.state
        idle = state == "finished" or (state == "paused" and not self._recorder.owns_state)
        if not idle or self._server.watchers or self._server.silent:
            return False
        return self._had_watchers or self._clock() - self._began > LINGER

    def _leave(self) -> None:
        """Save what is not saved yet, and send everyone a last frame even where that fails."""
        self._loop.close()
        try:
            if self._status.state != "finished":
                self._loop.finish("stopped")
        except TrainerError as trouble:
            self._loop.pause_for(trouble)
            raise
        finally:
            self._publisher.publish_final()
