"""A watcher reduced to its socket: it sends what it is told to, also what no client of ours would."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from numpy.typing import NDArray

from engine.protocol.codec import decode_event, encode
from engine.protocol.commands import Acknowledge, Command, Goodbye, Hello, NextEpoch, Ping, Request
from engine.protocol.events import Frame, Pong, Refused, Reply, Welcome
from engine.protocol.framing import Inbox, pack
from engine.protocol.queries import View, simple_queries
from engine.protocol.version import PROTOCOL
from tests.patience import PATIENCE

Arrays = dict[str, NDArray[Any]]

SAYS_SOMETHING_EVERY = 2.5
"""Seconds after which one that waits for a frame says that it is there: who says nothing for ten gets none."""


def connected(path: Path) -> socket.socket:
    """Return a socket that is connected to ``path``, as soon as somebody listens there."""
    deadline = time.monotonic() + PATIENCE
    while True:
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            one.connect(str(path))
            return one
        except OSError:
            one.close()
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.01)


class Peer:
    """One connection, used from one thread.

    Args:
        at: The worker's socket, or one of ours that is connected to it.

    Attributes:
        socket: Its raw socket.
        frames: The frames that have come.
    """

    def __init__(self, at: Path | socket.socket) -> None:
        self.socket = connected(at) if isinstance(at, Path) else at
        self._inbox = Inbox(most_parts=10_000, most_bytes=2**30)
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._sender: threading.Thread | None = None
        self._requests = 0
        self.frames: list[tuple[Frame, Arrays]] = []

    def close(self) -> None:
        self._outbox.put(None)
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        if self._sender is not None:
            self._sender.join(PATIENCE)
        self.socket.close()

    def send(self, command: Command) -> int:
        self._requests += 1
        self.send_raw(encode(Request(number=self._requests, command=command)))  # type: ignore[arg-type]
        return self._requests

    def send_raw(self, parts: list[bytes]) -> None:
        """Send a message of any parts; what the system does not take now goes out from a thread."""
        self.send_bytes(b"".join(pack(parts)))

    def send_bytes(self, data: bytes) -> None:
        """Send bytes that need not be a message; to one that has hung up they go nowhere."""
        if self._sender is None:
            with suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
                data = data[self.socket.send(data, socket.MSG_DONTWAIT) :]
            if not data:
                return
            self._sender = threading.Thread(target=self._send_on, daemon=True)
            self._sender.start()
        self._outbox.put(data)

    def _send_on(self) -> None:
        with suppress(OSError):
            while (data := self._outbox.get()) is not None:
                self.socket.sendall(data)

    def has_mail(self, seconds: float = 0.0) -> bool:
        """Say whether there is a message, or an end, to be read within so long."""
        deadline = time.monotonic() + seconds
        while not self._inbox.holds():
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self.socket], [], [], left)[0]:
                return False
            if not (data := self._read()):
                return True
            self._inbox.feed(data)
        return True

    def _read(self) -> bytes:
        with suppress(ConnectionResetError):
            return self.socket.recv(2**18)
        return b""

    def receive(self) -> tuple[Any, Arrays]:
        """Return the next event and its arrays."""
        assert self.has_mail(PATIENCE), "nothing came"
        message = self._inbox.take()
        assert message is not None, "the worker hung up"
        return decode_event(message)

    def is_hung_up_on(self) -> bool:
        """Say whether the worker has hung up, once everything that it had sent is read."""
        while self.has_mail(PATIENCE):
            if self._inbox.take() is None:
                return True
        return False

    # The conversation with a worker that runs elsewhere

    def greet(self, views: tuple[View, ...] = (), **options: Any) -> Welcome:
        """Say hello, asking for views under the names of their kinds, and return the welcome."""
        self.send(Hello(protocol=PROTOCOL, version="test", queries=simple_queries(*views), **options))
        event, _ = self.receive()
        assert isinstance(event, Welcome), event
        return event

    def frame(self) -> tuple[Frame, Arrays]:
        """Return the next frame, and grant another; while it does not come, say that it is waited for.

        Not by a ping, whose answer would come to whoever reads next.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            while not self.has_mail(SAYS_SOMETHING_EVERY) and time.monotonic() < deadline:
                self.send(Acknowledge(number=0))
            event, arrays = self.receive()
            if isinstance(event, Frame):
                self.send(Acknowledge(number=event.number))
                self.frames.append((event, arrays))
                return event, arrays
            assert isinstance(event, Pong), event

    def until(self, **wanted: Any) -> Frame:
        """Return the latest frame if its fields have these values, else the first of the following ones that does."""
        frame = self.frames[-1][0] if self.frames else self.frame()[0]
        while any(getattr(frame, name) != value for name, value in wanted.items()):
            frame, _ = self.frame()
        return frame

    def ask(self, command: Command) -> tuple[Reply, Frame]:
        """Send a command; return its reply and the frame that brought it."""
        number = self.send(command)
        while True:
            frame, _ = self.frame()
            for reply in frame.replies:
                if reply.number == number:
                    return reply, frame

    def do(self, command: Command) -> Frame:
        """Send a command that is to be carried out; return the frame that says so."""
        reply, frame = self.ask(command)
        assert reply.error is None, reply.error
        return frame

    def next_epoch(self) -> Frame:
        """Have the run train to the end of its epoch; return the frame that says it is there.

        The reply may come before: a worker hears who talks to it every other millisecond.
        """
        self.do(NextEpoch())
        return self.until_at_rest()

    def until_at_rest(self) -> Frame:
        """Return the latest frame if the run does not train any more, else the first of the following ones."""
        frame = self.frames[-1][0]
        while frame.state == "running":
            frame, _ = self.frame()
        return frame

    def refusal(self, command: Command) -> str:
        """Send a command that is to be refused; return why."""
        reply, _ = self.ask(command)
        assert reply.error is not None
        assert reply.error.isprintable()
        return reply.error

    def ping(self) -> Pong | Refused:
        """Return the answer to a ping; everything that was sent before has been heard by then."""
        self.send(Ping())
        while True:
            event, arrays = self.receive()
            if isinstance(event, Pong | Refused):
                return event
            self.frames.append((event, arrays))

    def leave(self) -> None:
        self.send(Goodbye())


@contextmanager
def peer(path: Path) -> Iterator[Peer]:
    """Give a peer that is connected to ``path``."""
    one = Peer(path)
    try:
        yield one
    finally:
        one.close()
