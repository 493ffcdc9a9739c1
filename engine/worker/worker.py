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
from engine.worker.keeper import Keeper
from engine.worker.loop import TrainingLoop
from engine.worker.server import Server, Watcher
from engine.worker.situation import Situation
from engine.worker.steering import Steering
from engine.worker.telling import FRAME_EVERY, Teller

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
        hold: Do not train before a watcher asks for it.
        clock: Seconds, steady.
    """

    def __init__(
        self,
        run: Run,
        trainer: Trainer,
        server: Server,
        *,
        pace: float | None = None,
        hold: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._clock = clock
        self._situation = Situation("paused" if hold else "running", pace)
        if trainer.ended is not None:
            self._situation.state, self._situation.reason = "finished", trainer.ended
        self._keeper = Keeper(run, trainer, self._situation, clock, touched=not hold)
        self._loop = TrainingLoop(trainer, self._situation, self._keeper, clock)
        self._steering = Steering(trainer, self._situation, self._keeper, self._loop)
        self._teller = Teller(server, trainer, self._keeper.history, self._situation, clock)
        self._had_watchers = False
        self._began = clock()
        self._next_look_around = clock()

    def stop(self) -> None:
        """End the run after the running step: saved, and free to be resumed. Safe to call from a signal handler."""
        self._situation.leaving = True

    def serve(self) -> None:
        """Train and serve until the run is stopped, or has ended and nobody watches."""
        self._keeper.open()
        while not self._situation.leaving:
            try:
                self._hear()
                if self._situation.state == "running":
                    self._loop.train(self._clock() + LISTEN_EVERY)
                self._keeper.flush_if_due()
            except TrainerError as trouble:
                self._loop.pause_for(trouble)
            self._look_around()
            self._teller.tell()
            if self._nobody_left():
                return
        self._leave()

    def _hear(self) -> None:
        self._server.wait(self._patience())
        for watcher, request in self._server.requests(self._clock()):
            self._had_watchers = True
            if isinstance(request.command, commands.Hello):
                self._teller.welcome(watcher, self._keeper.run.name)
            else:
                self._answer(watcher, request)

    def _patience(self) -> float:
        """Return how long the socket may be waited for: not at all while there is training to do."""
        if self._situation.state == "running":
            return min(self._loop.wait(), FRAME_EVERY)
        return min(self._teller.wait(), IDLE_WAIT)

    def _answer(self, watcher: Watcher, request: commands.Request) -> None:
        error = None
        try:
            if watcher.hello.read_only:
                raise InputError("this watcher is read-only: attach without --read-only to act")
            self._steering.do(request.command)
        except TrainerError as refusal:
            error = str(refusal)
        watcher.replies.append(Reply(number=request.number, error=error))
        self._situation.news += 1

    def _look_around(self) -> None:
        """Once a second, see who is still there, and whether the socket and the run are."""
        now = self._clock()
        if now >= self._next_look_around:
            self._next_look_around = now + 1
            self._keeper.check_place()
            self._server.look_after(now)
            self._server.rebind_if_lost()

    def _nobody_left(self) -> bool:
        """Say whether there is nothing to train and nobody to show it to."""
        state = self._situation.state
        idle = state == "finished" or (state == "paused" and not self._keeper.touched)
        if not idle or self._server.watchers or self._server.silent:
            return False
        return self._had_watchers or self._clock() - self._began > LINGER

    def _leave(self) -> None:
        """Save what is not saved yet, and say farewell even where that fails."""
        self._loop.close()
        try:
            if self._situation.state != "finished":
                self._loop.end("stopped")
        except TrainerError as trouble:
            self._loop.pause_for(trouble)
            raise
        finally:
            self._teller.farewell()
