"""The worker's socket: one ROUTER, its watchers, and the credit that each of them has left.

At its high-water mark a ROUTER drops the newest message, and its default queues let a few stopped watchers cost
hundreds of megabytes. So a watcher gets frames by credit: without credit nothing is kept for it but what it has been
told, and its next frame carries what it lacks. One that has been stopped, or hangs, is silent: nobody waits for it, but
while its connection holds it may come back and hear the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import zmq
from pydantic import BaseModel

from engine.errors import WorkerError, sanitize
from engine.protocol.codec import AnyHello, Arrays, decode_hello, decode_request, encode
from engine.protocol.commands import Acknowledge, Goodbye, Hello, Ping, Request, Subscribe
from engine.protocol.events import Pong, Refused
from engine.protocol.version import PROTOCOL
from engine.worker.subscription import Subscription

QUIET_AFTER = 2.0
"""Seconds without a word after which it is looked whether a watcher is still connected."""
SILENT_AFTER = 10.0
"""Seconds without a word after which a watcher is silent."""
FORGET_AFTER = 1800.0
"""Seconds without a word after which it is forgotten, connected or not."""
_LINGER_MS = 2000
"""How long a server that closes waits for slow readers."""
_QUEUE = 16
_LARGEST_REQUEST = 2**20
MOST_AT_A_LOOK = 64


class Server:
    """Listens on a Unix socket; hands out commands that need the worker, and deals with the rest itself.

    Attributes:
        watchers: Those who are served, by identity.
        silent: Those who are connected and have not been heard for a while.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.setsockopt(zmq.SNDHWM, _QUEUE)
        self._socket.setsockopt(zmq.RCVHWM, 64 * _QUEUE)
        self._socket.setsockopt(zmq.MAXMSGSIZE, _LARGEST_REQUEST)
        self._socket.setsockopt(zmq.LINGER, _LINGER_MS)
        self._socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        self.watchers: dict[bytes, Subscription] = {}
        self.silent: dict[bytes, Subscription] = {}
        self._pinged: set[bytes] = set()
        self._next_probe = float("-inf")
        self._bind()

    def _bind(self) -> None:
        # Whoever holds the run's lock owns this path: what lies there is a dead worker's.
        self._path.unlink(missing_ok=True)
        self._socket.bind(f"ipc://{self._path}")
        self._path.chmod(0o600)

    def rebind_if_lost(self) -> None:
        """Bind again where the socket's file vanished, as after a cleaning of the temporary directory.

        The same socket then listens in both places, so those who are connected notice nothing.
        """
        if self._path.exists():
            return
        with suppress(OSError, zmq.ZMQError):  # tried again at the next look; training needs no socket
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._bind()

    def wait(self, seconds: float) -> bool:
        """Wait for a message at most so long; return whether there is one."""
        return bool(self._socket.poll(math.ceil(max(0.0, seconds) * 1000)))

    def requests(self, now: float) -> Iterator[tuple[Subscription, Request]]:
        """Yield the requests that came in, of watchers that said hello; ``Hello`` itself is yielded too.

        What is left of a flood waits for the next look: nobody can keep the worker from its work by talking.
        """
        for _ in range(MOST_AT_A_LOOK):
            try:
                identity, *frames = self._socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            try:
                request = decode_request(frames)
            except WorkerError as error:
                self._send(identity, Refused(reason=_foreign(decode_hello(frames)) or str(error)))
                continue
            watcher = self._hear(identity, request, now)
            if watcher is not None:
                yield watcher, request
        self._answer_pings()

    def _answer_pings(self) -> None:
        """Answer once, however many came: after a long step of the worker's they would fill the watcher's queue."""
        for identity in self._pinged:
            self._send(identity, Pong())
        self._pinged.clear()

    def _hear(self, identity: bytes, request: Request, now: float) -> Subscription | None:
        """Deal with what concerns the conversation alone; return the watcher where the worker is concerned."""
        command = request.command
        if isinstance(command, Hello):
            return self._greet(identity, command, now)
        watcher = self._known(identity)
        if watcher is None:
            self._send(identity, Refused(reason="this worker does not know you: say hello first"))
            return None
        watcher.heard = now
        match command:
            case Acknowledge():
                watcher.acknowledge()
            case Ping():
                self._pinged.add(identity)
            case Goodbye():
                del self.watchers[identity]
            case Subscribe():
                watcher.subscribe(command.queries)
            case _:
                return watcher
        return None

    def _greet(self, identity: bytes, hello: Hello, now: float) -> Subscription | None:
        if reason := _foreign(hello):
            self._send(identity, Refused(reason=reason))
            return None
        watcher = Subscription(identity, hello, heard=now, queries=hello.queries)
        self._forget(identity)
        self.watchers[identity] = watcher
        return watcher

    def drop(self, watcher: Subscription, reason: str) -> None:
        """Refuse to serve a watcher any longer."""
        self._send(watcher.identity, Refused(reason=reason))
        self._forget(watcher.identity)

    def _known(self, identity: bytes) -> Subscription | None:
        if identity in self.silent:
            self.watchers[identity] = self.silent.pop(identity)
        return self.watchers.get(identity)

    def _forget(self, identity: bytes) -> None:
        self.watchers.pop(identity, None)
        self.silent.pop(identity, None)

    def look_after(self, now: float) -> None:
        """Put the watchers aside that have not been heard for a while, and forget those that are gone."""
        for identity, watcher in list(self.watchers.items()):
            if now - watcher.heard > SILENT_AFTER:
                self.silent[identity] = self.watchers.pop(identity)
            elif now - watcher.heard > QUIET_AFTER:
                self._probe(watcher)
        if now >= self._next_probe:
            self._next_probe = now + SILENT_AFTER
            for watcher in list(self.silent.values()):
                self._probe(watcher)
        for identity, watcher in list(self.silent.items()):
            if now - watcher.heard > FORGET_AFTER:
                self._forget(identity)

    def _probe(self, watcher: Subscription) -> None:
        """Send something, which fails where there is no connection any more."""
        self._send(watcher.identity, Pong())

    def send(self, watcher: Subscription, event: BaseModel, arrays: Arrays | None = None) -> bool:
        """Send an event to a watcher; return whether it could be sent."""
        return self._send(watcher.identity, event, arrays)

    def _send(self, identity: bytes, event: BaseModel, arrays: Arrays | None = None) -> bool:
        try:
            self._socket.send_multipart([identity, *encode(event, arrays)], zmq.NOBLOCK)
            return True
        except zmq.Again:
            self.watchers.pop(identity, None)  # it asks and asks, and reads nothing
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            self._forget(identity)
        return False

    def close(self) -> None:
        """Send what is queued, and leave."""
        self._socket.close()
        self._context.term()
        self._path.unlink(missing_ok=True)


def _foreign(hello: Hello | AnyHello | None) -> str | None:
    """Return why a watcher of another protocol cannot be served; None where that is not the matter."""
    if hello is None or hello.protocol == PROTOCOL:
        return None
    ours = f"this worker is tui-trainer {version('tui-trainer')} (protocol {PROTOCOL})"
    theirs = f"you are {sanitize(hello.version, 40)} (protocol {hello.protocol})"
    return f"{ours}, {theirs}: use the same version on both sides"
