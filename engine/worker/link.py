"""A watcher's end of the Unix socket, on an asyncio loop."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from engine.errors import InputError, WorkerError, sanitize
from engine.protocol.codec import MAX_ARRAYS
from engine.protocol.framing import Inbox, pack
from engine.store.sockets import check_socket

MAX_EVENT_BYTES = 2**28
"""The largest message that a worker may send."""
MOST_AHEAD = 2**26
"""Bytes that are read before they are asked for; by credit no more than two frames come, and a last one."""
_CHUNK = 2**18
_SEND_PATIENCE = 5.0
"""Seconds for which a worker may take nothing: its side holds more than a watcher sends in minutes."""


class GoneError(WorkerError):
    """The worker has hung up, or has ended."""

    def __init__(self) -> None:
        super().__init__("the worker is gone")


class LinkLostError(WorkerError):
    """The connection is lost, while the worker may well be there: it can be tried again."""

    def __init__(self, line: str = "the connection to the worker is lost") -> None:
        super().__init__(line)


class Link:
    """One connection.

    Args:
        path: The worker's socket.

    Attributes:
        is_closed: Whether this side has hung up.

    Raises:
        OSError: Nobody listens there.
        InputError: Who listens there may be somebody else.
    """

    def __init__(self, path: Path) -> None:
        check_socket(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.setblocking(False)
            self._socket.connect(str(path))
            _check_peer(self._socket, path)
        except BaseException:
            self._socket.close()
            raise
        self._inbox = Inbox(most_parts=MAX_ARRAYS + 1, most_bytes=MAX_EVENT_BYTES)
        self._news = asyncio.Event()
        self._sending = asyncio.Lock()
        self._has_ended = False
        self.is_closed = False
        # Read as it comes, whoever is busy with what: a worker that leaves does not wait long for its last word.
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def _read(self) -> None:
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._inbox.feed(data)
        if not data:
            self._has_ended = True
        if not data or self._inbox.size > MOST_AHEAD:
            asyncio.get_running_loop().remove_reader(self._socket)
        self._news.set()

    async def receive(self, seconds: float) -> list[bytes] | None:
        """Return the next message; None where nothing has come for so long.

        Raises:
            GoneError: The worker hung up.
            WorkerError: It speaks another protocol.
        """
        while (message := self._inbox.take()) is None:
            if self._has_ended or self.is_closed:
                raise GoneError
            asyncio.get_running_loop().add_reader(self._socket, self._read)
            self._news.clear()
            try:
                async with asyncio.timeout(seconds):  # wait_for may swallow the end of its task
                    await self._news.wait()
            except TimeoutError:
                return self._inbox.take()  # of a process that was not let run both have come: the time, and a message
        return message

    def holds_message(self) -> bool:
        """Read what has come by now, and say whether a whole message waits to be received.

        Raises:
            WorkerError: It speaks another protocol.
        """
        while not (self._inbox.holds() or self._has_ended or self.is_closed):
            size = self._inbox.size
            self._read()
            if self._inbox.size == size:
                break
        return self._inbox.holds()

    async def send(self, parts: Sequence[bytes]) -> None:
        """Send a message. To a worker that has hung up it goes nowhere: what it said last can still be received.

        Raises:
            WorkerError: The worker takes nothing.
        """
        data = b"".join(pack(parts))
        loop = asyncio.get_running_loop()
        async with self._sending:
            try:
                async with asyncio.timeout(_SEND_PATIENCE):
                    await loop.sock_sendall(self._socket, data)
            except TimeoutError:
                self.close()  # a part of the message may have gone
                raise WorkerError("the worker takes no commands: it hangs, or a step takes long") from None
            except OSError:
                return

    def close(self) -> None:
        """Hang up."""
        if not self.is_closed:
            self.is_closed = True
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()


def _check_peer(connected: socket.socket, path: Path) -> None:
    """Check that a process of this user listens, where the system tells.

    Raises:
        InputError: It is another user's.
    """
    if (option := getattr(socket, "SO_PEERCRED", None)) is None:
        return
    with suppress(OSError):
        _, uid, _ = struct.unpack("3i", connected.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i")))
        if uid != os.getuid():
            raise InputError(f"{sanitize(path)}: a process of another user (uid {uid}) listens there")
