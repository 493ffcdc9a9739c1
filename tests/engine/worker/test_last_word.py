"""What a worker says last is heard, however late a watcher is let run."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.protocol.codec import encode
from engine.protocol.events import Welcome
from engine.protocol.framing import pack
from engine.protocol.version import PROTOCOL
from engine.worker import client as client_module
from engine.worker.client import Client
from engine.worker.link import GoneError
from tests.patience import PATIENCE

LISTEN = 0.01


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    monkeypatch.setattr(client_module, "_LISTEN", LISTEN)
    folder = tmp_path / "s"
    folder.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "w.sock"))
        listener.listen()
        yield listener


def say_all(worker: socket.socket) -> None:
    """Say the last word of a worker, which is its first here: a welcome."""
    welcome = Welcome(
        protocol=PROTOCOL,
        version="0",
        run="moons-1",
        seeds=(1,),
        inputs=2,
        feature_names=("x", "y"),
        classes=("a", "b"),
        rows=(10, 5, 5),
        read_only=False,
    )
    worker.sendall(b"".join(pack(encode(welcome))))


class Worker:
    """The other end of a connection: a worker that says its last word and has ended then."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._socket: socket.socket | None = None
        self.has_ended = False

    async def hear(self) -> None:
        """Wait for a watcher's first word."""
        self._socket, _ = self._listener.accept()
        self._socket.setblocking(False)
        await asyncio.get_running_loop().sock_recv(self._socket, 1)

    def end(self, *, speaks: bool = True) -> None:
        assert self._socket is not None
        if speaks:
            say_all(self._socket)
        self.has_ended = True

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()


@pytest.fixture
def worker(listener: socket.socket) -> Iterator[Worker]:
    worker = Worker(listener)
    yield worker
    worker.close()


@asynccontextmanager
async def greeting(listener: socket.socket, alive: Callable[[], bool]) -> AsyncIterator[asyncio.Task[Welcome]]:
    client = Client(Path(listener.getsockname()), alive=alive)
    async with asyncio.timeout(PATIENCE):
        yield asyncio.create_task(client.hello())
        await client.close()


async def test_it_is_heard_where_the_time_to_listen_is_over_in_the_same_moment(
    listener: socket.socket, worker: Worker
) -> None:
    async with greeting(listener, lambda: not worker.has_ended) as welcomed:
        await worker.hear()
        worker.end()
        time.sleep(10 * LISTEN)
        assert (await welcomed).run == "moons-1"


async def test_it_is_heard_where_it_comes_while_the_watcher_looks_for_the_worker(
    listener: socket.socket, worker: Worker
) -> None:
    heard = asyncio.Event()

    def alive() -> bool:
        if heard.is_set():
            worker.end()
        return not worker.has_ended

    async with greeting(listener, alive) as welcomed:
        await worker.hear()
        heard.set()
        assert (await welcomed).run == "moons-1"


async def test_a_worker_that_ends_without_a_word_is_gone(listener: socket.socket, worker: Worker) -> None:
    async with greeting(listener, lambda: not worker.has_ended) as welcomed:
        await worker.hear()
        worker.end(speaks=False)
        with pytest.raises(GoneError):
            await welcomed
