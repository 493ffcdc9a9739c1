"""A bad network between ssh and sshd: delay, loss, and links that are cut, on the loopback and without privileges.

What a network loses TCP sends again: so a loss is a chunk, and all behind it, that come later by the time this takes.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

Result = TypeVar("Result")

CHUNK: Final = 1460
"""Bytes of a packet."""
SENT_AGAIN_AFTER: Final = 0.2
"""Seconds, beside those of a round trip, until what was lost is sent again."""


@dataclass
class Counted:
    """Bytes that came through, to the machine and from it, and connections that were made."""

    sent: int = 0
    received: int = 0
    connections: int = 0


class Proxy:
    """Passes connections on to a port of this machine.

    Args:
        target: The port.
        delay: Seconds that a packet takes, each way.
        loss: Share of the packets that are lost on the way.
        seed: Of which ones.

    Attributes:
        port: Where it listens.
        counted: What came through.
    """

    def __init__(self, target: int, *, delay: float = 0.0, loss: float = 0.0, seed: int = 0) -> None:
        self._target = target
        self.delay = delay
        self.loss = loss
        self.port = 0
        self.counted = Counted()
        self._random = random.Random(seed)  # noqa: S311 - nobody is to be kept from guessing it
        self._is_cut = False
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        self.port = self._run(self._listen())

    def cut(self) -> None:
        """Cut every connection, and refuse new ones."""
        self._run(self._cut())

    def restore(self) -> None:
        """Let connections pass again."""
        self._is_cut = False

    def stop(self) -> None:
        """Cut everything for good."""
        self.cut()
        self._run(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> int:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _cut(self) -> None:
        self._is_cut = True
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _end_tasks(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self.counted.connections += 1
        self._open |= {writer, there[1]}
        with suppress(asyncio.CancelledError):
            await asyncio.gather(self._pass(reader, there[1], "sent"), self._pass(there[0], writer, "received"))
        self._open -= {writer, there[1]}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        """Pass packets on, each after its delay, in their order."""
        packets: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.create_task(self._deliver(packets, writer))
        due = 0.0
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                setattr(self.counted, way, getattr(self.counted, way) + len(data))
                late = SENT_AGAIN_AFTER + 2 * self.delay if self._random.random() < self.loss else 0.0
                due = max(due, self._loop.time() + self.delay + late)
                packets.put_nowait((due, data))
        packets.put_nowait((due, b""))
        await delivery

    async def _deliver(self, packets: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                due, data = await packets.get()
                if (left := due - self._loop.time()) > 0:
                    await asyncio.sleep(left)
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()


@contextmanager
def running_proxy(target: int, **options: Any) -> Iterator[Proxy]:
    """Run a proxy before a port."""
    proxy = Proxy(target, **options)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
