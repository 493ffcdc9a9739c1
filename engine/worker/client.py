"""A watcher's side of the conversation with a worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import zmq
import zmq.asyncio

from engine.array_types import Arrays
from engine.errors import WorkerError, sanitize
from engine.protocol.codec import decode_event, encode
from engine.protocol.commands import Acknowledge, BoundaryQuery, Command, Goodbye, Hello, Ping, Request, Subscribe, View
from engine.protocol.events import Frame, Refused, Welcome
from engine.protocol.version import PROTOCOL

_LISTEN = 0.5
"""Seconds of silence after which a sign of life is asked for, and it is looked whether there is still a worker."""
_RECONNECT_MS = 20
_LINGER_MS = 500


class Client:
    """One connection to one worker, used from one asyncio loop.

    Args:
        path: The worker's socket.
        alive: Says whether there is a worker at all; asked when it has been silent.

    Attributes:
        welcome: What the run is; set by ``hello``.
    """

    welcome: Welcome

    def __init__(self, path: Path, *, alive: Callable[[], bool]) -> None:
        self._alive = alive
        self._requests = 0
        self._waited = 0
        self._context = zmq.asyncio.Context()
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.setsockopt(zmq.LINGER, _LINGER_MS)
        self._socket.setsockopt(zmq.RECONNECT_IVL, _RECONNECT_MS)
        self._socket.connect(f"ipc://{path}")

    async def hello(
        self, *, views: Sequence[View] = (), max_points: int | None = None, read_only: bool = False
    ) -> Welcome:
        """Introduce this watcher and wait for the worker's welcome.

        Raises:
            WorkerError: It refused (another version), or there is no worker any more.
        """
        await self.send(
            Hello(
                protocol=PROTOCOL,
                version=version("tui-trainer"),
                views=tuple(views),
                max_points=max_points,
                read_only=read_only,
            )
        )
        while True:
            event, _ = await self._receive(ping=False)
            if isinstance(event, Welcome):
                self.welcome = event
                return event

    async def frames(self) -> AsyncIterator[tuple[Frame, Arrays]]:
        """Yield frames until the worker leaves; taking one grants the worker another.

        Raises:
            WorkerError: The worker is gone, or does not know us any more.
        """
        while True:
            event, arrays = await self._receive(ping=True)
            if isinstance(event, Frame):
                # Taken from the queue: the worker may send another while this one is drawn.
                await self.send(Acknowledge(number=event.number))
                yield event, arrays
                if event.final:
                    return

    @property
    def silence(self) -> float:
        """Seconds for which nothing has come, not even an answer to a ping: a step takes long, or the worker stands.

        Those are counted in which this process listened, and not those that it spent in the background.
        """
        return self._waited * _LISTEN

    async def _receive(self, *, ping: bool) -> tuple[Any, Arrays]:
        while not await self._socket.poll(_LISTEN * 1000):
            self._waited += 1
            if not self._alive():
                raise WorkerError("the worker is gone")
            if ping:
                await self.send(Ping())
        event, arrays = decode_event(await self._socket.recv_multipart())
        self._waited = 0
        if isinstance(event, Refused):
            raise WorkerError(sanitize(event.reason, 300))
        return event, arrays

    async def send(self, command: Command) -> int:
        """Send a command and return its number; the ``Reply`` to it comes in a later frame."""
        self._requests += 1
        await self._socket.send_multipart(encode(Request(number=self._requests, command=command)))  # type: ignore[arg-type]
        return self._requests

    async def watch(self, views: Sequence[View], plane: BoundaryQuery | None = None) -> None:
        """Ask for other views from the next frame on; ``plane`` is that of the boundary view."""
        await self.send(Subscribe(views=tuple(views), plane=plane or BoundaryQuery()))

    async def close(self) -> None:
        """Say goodbye and close; training goes on."""
        if self._socket.closed:
            return
        await self.send(Goodbye())
        self._socket.close()
        # What is queued still goes out, for a moment; waiting for it must not hold up the loop.
        await asyncio.to_thread(self._context.term)
