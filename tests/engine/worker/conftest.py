"""What the worker's tests share: runs, and workers that serve them on a thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine.store.runs import Run, RunStore
from engine.training.stored import open_trainer
from engine.worker.judging import Judging
from engine.worker.process import open_run
from engine.worker.server import Server
from engine.worker.source import LiveRun
from engine.worker.trained import TrainedRun
from engine.worker.worker import Worker
from tests.engine.worker.learner import create
from tests.engine.worker.peers import Peer, peer
from tests.patience import PATIENCE

MakeRun = Callable[..., Run]


@pytest.fixture(autouse=True)
def _rules_that_fail_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Judging, "SURVIVES", False)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "store")


@pytest.fixture
def make_run(store: RunStore) -> MakeRun:
    """Return a maker of runs; see ``learner.create``."""
    return partial(create, store)


class Clock:
    """The real clock, until it is stopped; then it moves only when it is told to."""

    def __init__(self) -> None:
        self._stopped_at: float | None = None

    def __call__(self) -> float:
        return time.monotonic() if self._stopped_at is None else self._stopped_at

    def stop(self) -> None:
        self._stopped_at = self()

    def skip(self, seconds: float) -> None:
        self._stopped_at = self() + seconds


class Served:
    """A worker that serves a run on a thread of its own, as its process would.

    Attributes:
        worker: The worker.
        server: Its socket.
        waits: Seconds that it was ready to wait for its socket, each time it did.
    """

    def __init__(self, run: Run, threads: ThreadPoolExecutor, stack: ExitStack, **options: Any) -> None:
        self.run = run
        self.waits: list[float] = []
        self._waiting = threading.Condition()
        self._stack = stack
        self._options = options
        self._ready: Future[None] = Future()
        self._end = threads.submit(self._serve)
        self._ready.result(PATIENCE)

    def _serve(self) -> None:
        own = Run(self.run.path)
        with own.lock():
            clock = self._options.get("clock", time.monotonic)
            live = self._open(own, clock)
            self.server = Server(own.socket_path)
            self._listen_to_waits()
            try:
                self.worker = Worker(live, self.server, clock=clock)
                self._ready.set_result(None)
                self.worker.serve()
            finally:
                self.server.close()
                own.metrics.close()

    def _open(self, run: Run, clock: Callable[[], float]) -> LiveRun:
        attach_only = self._options["attach_only"]
        live = open_run(run, attach_only=attach_only, clock=clock)
        if "pace" in self._options and isinstance(live, TrainedRun):
            live = TrainedRun(run, open_trainer(run), pace=self._options["pace"], attach_only=attach_only, clock=clock)
        return live

    def _listen_to_waits(self) -> None:
        wait = self.server.wait

        def listen(seconds: float) -> bool:
            with self._waiting:
                self.waits.append(seconds)
                self._waiting.notify_all()
            return wait(seconds)

        self.server.wait = listen  # type: ignore[method-assign]

    def go_round(self) -> None:
        """Wait until the worker has gone round its whole loop once more."""
        with self._waiting:
            begun = len(self.waits)
            assert self._waiting.wait_for(lambda: len(self.waits) >= begun + 2, PATIENCE)

    def connect(self) -> Peer:
        """Return a new connection; it has not said hello yet."""
        return self._stack.enter_context(peer(self.run.socket_path))

    def watch(self, **options: Any) -> Peer:
        """Return a new watcher."""
        watcher = self.connect()
        watcher.greet(**options)
        return watcher

    def join(self, patience: float = PATIENCE) -> None:
        """Wait for the worker's end; raise what ended it, if it was an error."""
        self._end.result(patience)

    def has_ended(self) -> bool:
        return self._end.done()

    def stop(self) -> None:
        """Stop it as a signal would, and wait for its end."""
        self.worker.stop()
        with suppress(OSError), socket.socket(socket.AF_UNIX) as somebody:  # who wakes it up, if it waits
            somebody.connect(str(self.run.socket_path))
        self.join()


Serve = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return what serves a run; without ``attach_only=False`` it is only shown until somebody asks it to train."""
    served: list[Served] = []
    with ThreadPoolExecutor() as threads, ExitStack() as stack:

        def start(run: Run, **options: Any) -> Served:
            served.append(Served(run, threads, stack, **{"attach_only": True, **options}))
            return served[-1]

        yield start
        for one in served:
            if not one.has_ended():
                one.stop()
