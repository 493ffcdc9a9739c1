"""A watcher reduced to its socket: it sends what it is told to, also what no client of ours would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zmq
from numpy.typing import NDArray

from engine.protocol.codec import decode_event, encode
from engine.protocol.commands import Acknowledge, Command, Goodbye, Hello, Ping, Request, View, simple_queries
from engine.protocol.events import Frame, Pong, Refused, Reply, Welcome
from engine.protocol.version import PROTOCOL
from tests.patience import PATIENCE

Arrays = dict[str, NDArray[Any]]


class Peer:
    """One connection, used from one thread."""

    def __init__(self, path: Path) -> None:
        self._context = zmq.Context()
        self.socket = self._context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(f"ipc://{path}")
        self._requests = 0
        self.frames: list[tuple[Frame, Arrays]] = []

    def close(self) -> None:
        self.socket.close()
        self._context.term()

    def send(self, command: Command) -> int:
        self._requests += 1
        self.send_raw(encode(Request(number=self._requests, command=command)))  # type: ignore[arg-type]
        return self._requests

    def send_raw(self, frames: list[bytes]) -> None:
        self.socket.send_multipart(frames)

    def has_mail(self) -> bool:
        return bool(self.socket.poll(0))

    def receive(self) -> tuple[Any, Arrays]:
        """Return the next event and its arrays."""
        assert self.socket.poll(int(PATIENCE * 1000)), "nothing came"
        return decode_event(self.socket.recv_multipart())

    # The conversation with a worker that runs elsewhere

    def greet(self, views: tuple[View, ...] = (), **options: Any) -> Welcome:
        """Say hello, asking for views under the names of their kinds, and return the welcome."""
        self.send(Hello(protocol=PROTOCOL, version="test", queries=simple_queries(*views), **options))
        event, _ = self.receive()
        assert isinstance(event, Welcome), event
        return event

    def frame(self) -> tuple[Frame, Arrays]:
        """Return the next frame, and grant another."""
        while True:
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
