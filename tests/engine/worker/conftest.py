"""What the worker's tests share: runs, and workers that serve them on a thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from engine.spec import override, validate
from engine.store.runs import Run, RunStore
from engine.worker.__main__ import open_trainer
from engine.worker.server import Server
from engine.worker.worker import Worker
from tests.engine.worker.peers import PATIENCE, Peer, peer

LEARNER: dict[str, Any] = {
    "name": "learner",
    "data": {"source": "xor", "samples": 64, "noise": 0.3},
    "split": {"validation": 0.25, "test": 0.25, "seed": 1},
    "network": {
        "layers": [
            {"units": 8, "activation": "relu", "dropout": 0.2},
            {"units": 4, "activation": "relu", "dropout": 0.1},
            {"units": 1, "activation": "sigmoid"},
        ]
    },
    "training": {"loss": "bce", "learning_rate": 0.01, "batch_size": 8, "epochs": 6, "seed": 7},
}
"""32 training rows: four steps an epoch. Its data needs no scikit-learn, so a worker is up in no time."""

MakeRun = Callable[..., Run]


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "store")


@pytest.fixture
def make_run(store: RunStore) -> MakeRun:
    """Return a maker of runs; ``training__epochs=9`` sets training.epochs."""

    def make(*, seeds: tuple[int, ...] = (7,), pace: float | None = None, **values: Any) -> Run:
        spec = validate(LEARNER, "test")
        changed = {path.replace("__", "."): value for path, value in values.items()}
        return store.create(override(spec, changed) if changed else spec, seeds, pace=pace)

    return make


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
        self._stack = stack
        self._options = options
        self._ready: Future[None] = Future()
        self._end = threads.submit(self._serve)
        self._ready.result(PATIENCE)

    def _serve(self) -> None:
        own = Run(self.run.path)
        with own.lock():
            trainer = open_trainer(own)
            self.server = Server(own.socket_path)
            self._listen_to_waits()
            try:
                self.worker = Worker(own, trainer, self.server, **self._options)
                self._ready.set_result(None)
                self.worker.serve()
            finally:
                self.server.close()
                own.metrics.close()

    def _listen_to_waits(self) -> None:
        wait = self.server.wait

        def listen(seconds: float) -> bool:
            self.waits.append(seconds)
            return wait(seconds)

        self.server.wait = listen  # type: ignore[method-assign]

    def connect(self) -> Peer:
        """Return a new connection; it has not said hello yet."""
        return self._stack.enter_context(peer(self.run.socket_path))

    def watch(self, **options: Any) -> Peer:
        """Return a new watcher."""
        watcher = self.connect()
        watcher.greet(**options)
        return watcher

    def join(self) -> None:
        """Wait for the worker's end; raise what ended it, if it was an error."""
        self._end.result(PATIENCE)

    def has_ended(self) -> bool:
        return self._end.done()

    def stop(self) -> None:
        """Stop it as a signal would, and wait for its end."""
        self.worker.stop()
        with peer(self.run.socket_path) as somebody:
            somebody.send_raw([b"wake up"])
            self.join()


Serve = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return what serves a run; without ``hold=False`` it is only shown until somebody asks it to train."""
    served: list[Served] = []
    with ThreadPoolExecutor() as threads, ExitStack() as stack:

        def start(run: Run, **options: Any) -> Served:
            served.append(Served(run, threads, stack, **{"hold": True, **options}))
            return served[-1]

        yield start
        for one in served:
            if not one.has_ended():
                one.stop()
