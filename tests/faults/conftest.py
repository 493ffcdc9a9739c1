"""What the tests of faults share: runs, and the processes that serve and watch them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from engine.protocol.events import Frame
from engine.store.runs import Run
from engine.worker.client import Client
from engine.worker.launcher import launch
from engine.worker.ready import HOLD
from tests.engine.worker.conftest import MakeRun, make_run, store
from tests.engine.worker.peers import Peer, peer
from tests.faults.forks import ForkServer
from tests.patience import PATIENCE

Watch = Callable[..., Peer]

__all__ = ["MakeRun", "make_run", "store"]

WATCHER = Path(__file__).with_name("watcher.py")


class Processes:
    """Starts workers and watchers, and leaves none behind.

    Args:
        forks: What workers are forked from.
    """

    def __init__(self, forks: ForkServer) -> None:
        self._forks = forks
        self._started: list[subprocess.Popen[Any]] = []

    def worker(self, run: Run, *, attach_only: bool = False) -> subprocess.Popen[bytes]:
        """Start a worker."""
        self._started.append(process := self._forks.start(str(run.path), *([HOLD] if attach_only else [])))
        return process

    def launched_worker(self, run: Run) -> subprocess.Popen[bytes]:
        """Start a worker as everyone does."""
        self._started.append(process := launch(run))
        return process

    def watcher(self, run: Run) -> subprocess.Popen[str]:
        """Start a client of ours that follows the run, and return when it has its first frame."""
        command = [sys.executable, str(WATCHER), str(run.path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "watching\n"
        return process

    def end(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait(PATIENCE)
            if process.stdout is not None:
                process.stdout.close()


@pytest.fixture(scope="session")
def forks() -> Iterator[ForkServer]:
    with ForkServer() as server:
        yield server


@pytest.fixture
def processes(forks: ForkServer) -> Iterator[Processes]:
    started = Processes(forks)
    yield started
    started.end()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Return what connects to a run's worker and says hello."""
    with ExitStack() as stack:

        def connect(run: Run, **options: Any) -> Peer:
            watcher = stack.enter_context(peer(run.socket_path))
            watcher.greet(**options)
            return watcher

        yield connect


async def until(client: Client, **wanted: Any) -> Frame:
    """Return the next frame whose fields have these values."""
    async with asyncio.timeout(PATIENCE):
        async for frame, _ in client.frames():
            if all(getattr(frame, name) == value for name, value in wanted.items()):
                return frame
    raise AssertionError("the worker has left")


def kill(process: subprocess.Popen[Any]) -> None:
    """End a process as the system does when memory runs out."""
    process.kill()
    assert process.wait(PATIENCE) == -signal.SIGKILL


def resident_bytes(pid: int) -> int:
    """Return the memory that a process holds now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
