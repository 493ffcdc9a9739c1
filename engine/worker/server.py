"""The worker's watchers: which have said hello, what credit each has left, and which are not served any more.

A watcher gets frames by credit: without credit nothing is kept for it but what it has been told, and its next frame
carries what it lacks. One that has been stopped, or hangs, is silent: nobody waits for it, but while its connection
holds it may come back and hear the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel

from engine.errors import InputError, WorkerError, sanitize
from engine.protocol.codec import ACKNOWLEDGEMENT, AnyHello, Arrays, decode_hello, decode_request, encode
from engine.protocol.commands import Acknowledge, Goodbye, Hello, Ping, Request, Subscribe
from engine.protocol.events import Pong, Refused
from engine.protocol.fingerprint import fingerprint
from engine.protocol.version import PROTOCOL, program_version
from engine.worker.allowance import WorkClock
from engine.worker.connection import Connection
from engine.worker.connections import MOST_AT_A_LOOK, MOST_CONNECTIONS, Connections
from engine.worker.other_version import OTHER_BUILD
from engine.worker.subscription import Subscription

SILENT_AFTER = 10.0
"""Seconds without a word after which a watcher is silent."""
FORGET_AFTER = 1800.0
"""Seconds without a word after which it is hung up on."""

__all__ = ["FORGET_AFTER", "MOST_AT_A_LOOK", "SILENT_AFTER", "Server"]


class Server:
    """Listens on a Unix socket; hands out commands that need the worker, and deals with the rest itself.

    Args:
        path: The socket's file, in a private folder.

    Attributes:
        watchers: Those who are served, by the numbers of their connections.
        silent: Those who are connected and have not been heard for a while.

    Raises:
        InputError: The folder is not private, or something is in the socket's place.
    """

    def __init__(self, path: Path) -> None:
        full = f"{MOST_CONNECTIONS} watchers are connected to this worker: that is as many as it serves"
        self._connections = Connections(path, encode(Refused(reason=full)))
        self.watchers: dict[int, Subscription] = {}
        self.silent: dict[int, Subscription] = {}
        self._pinged: dict[int, Connection] = {}
        self._complaint = ""

    @property
    def work_clock(self) -> WorkClock:
        """By which time is shared out."""
        return self._connections.work_clock

    def rebind_if_lost(self) -> None:
        """Bind again where the socket's file vanished, as after a cleaning of the temporary directory.

        A folder that is not private any more is refused, as at the start; training needs no socket, and goes on.
        """
        if not self._connections.is_lost():
            return
        try:
            self._connections.rebind()
            self._complaint = ""
        except InputError as error:  # tried again at the next look
            if str(error) != self._complaint:
                self._complaint = str(error)
                logging.getLogger(__name__).warning("nobody can attach: %s", error)

    def wait(self, seconds: float) -> bool:
        """Wait for a message at most so long; return whether there is one."""
        return self._connections.wait(seconds)

    def requests(self, now: float, *, training: bool = False) -> Iterator[tuple[Subscription, Request]]:
        """Yield the requests that came in, of watchers that said hello; ``Hello`` itself is yielded too.

        What is left of a flood waits for the next look: nobody can keep the worker from its work by talking.

        Args:
            now: Seconds, by the worker's clock.
            training: Whether there is something to train meanwhile.
        """
        for connection, message in self._connections.messages(training=training):
            if isinstance(message, WorkerError):  # where the next message begins is not known
                self._tell(connection, Refused(reason=str(message)))
                self._hang_up(connection)
                continue
            if message == ACKNOWLEDGEMENT:
                self._acknowledge(connection, now)
                continue
            try:
                request = decode_request([message])
            except WorkerError as error:
                self._tell(connection, Refused(reason=_foreign(decode_hello([message])) or str(error)))
                continue
            watcher = self._hear(connection, request, now)
            if watcher is not None:
                yield watcher, request
        self._answer_pings()
        self._forget_the_gone()

    def _acknowledge(self, connection: Connection, now: float) -> None:
        if (watcher := self._known(connection.number)) is not None:
            watcher.heard = now
            watcher.acknowledge()

    def _answer_pings(self) -> None:
        """Answer once, however many came."""
        for connection in self._pinged.values():
            self._tell(connection, Pong())
        self._pinged.clear()

    def _forget_the_gone(self) -> None:
        for number in [*self.watchers, *self.silent]:
            if number not in self._connections.open:
                self._forget(number)

    def _hear(self, connection: Connection, request: Request, now: float) -> Subscription | None:
        """Deal with what concerns the conversation alone; return the watcher where the worker is concerned."""
        command = request.command
        if isinstance(command, Hello):
            return self._greet(connection, command, now)
        watcher = self._known(connection.number)
        if watcher is None:
            self._tell(connection, Refused(reason="this worker does not know you: say hello first"))
            return None
        watcher.heard = now
        match command:
            case Acknowledge():
                watcher.acknowledge()
            case Ping():
                self._pinged[connection.number] = connection
            case Goodbye():
                self._forget(connection.number)
            case Subscribe():
                watcher.subscribe(command.queries)
            case _:
                return watcher
        return None

    def _greet(self, connection: Connection, hello: Hello, now: float) -> Subscription | None:
        if reason := _foreign(hello):
            self._tell(connection, Refused(reason=reason))
            return None
        if connection.queued:  # it greets and greets, and reads nothing
            self._hang_up(connection)
            return None
        watcher = Subscription(connection, hello, heard=now, queries=hello.queries)
        self._forget(connection.number)
        connection.is_known = True
        self.watchers[connection.number] = watcher
        return watcher

    def drop(self, watcher: Subscription, reason: str) -> None:
        """Refuse to serve a watcher any longer."""
        self._tell(watcher.connection, Refused(reason=reason))
        self._forget(watcher.connection.number)

    def _known(self, number: int) -> Subscription | None:
        if number in self.silent:
            self.watchers[number] = self.silent.pop(number)
        return self.watchers.get(number)

    def _forget(self, number: int) -> None:
        for known in (self.watchers, self.silent):
            if (watcher := known.pop(number, None)) is not None:
                watcher.connection.is_known = False

    def _hang_up(self, connection: Connection) -> None:
        self._connections.drop(connection)
        self._forget(connection.number)

    def look_after(self, now: float) -> None:
        """Put the watchers aside that have not been heard for a while, and forget those that are gone."""
        self._forget_the_gone()
        for number, watcher in list(self.watchers.items()):
            if now - watcher.heard > SILENT_AFTER:
                self.silent[number] = self.watchers.pop(number)
        for watcher in list(self.silent.values()):
            if now - watcher.heard > FORGET_AFTER:
                self._hang_up(watcher.connection)

    def send(self, watcher: Subscription, event: BaseModel, arrays: Arrays | None = None) -> bool:
        """Send an event to a watcher; return whether it could be sent."""
        return self.send_encoded(watcher, encode(event, arrays))

    def send_encoded(self, watcher: Subscription, message: Sequence[bytes]) -> bool:
        """Send a message that has been encoded, perhaps for several; return whether it could be sent."""
        if self._connections.send(watcher.connection, message):
            return True
        self._forget_the_gone()
        return False

    def _tell(self, connection: Connection, event: BaseModel) -> None:
        """Send a short word, unless earlier ones have not been read yet."""
        if not connection.queued:
            self._connections.send(connection, encode(event))

    def close(self) -> None:
        """Send what is queued, for a moment, and leave."""
        self._connections.close()


def _foreign(hello: Hello | AnyHello | None) -> str | None:
    """Return why a watcher of another protocol or build cannot be served; None where that is not the matter."""
    if hello is None or (hello.protocol == PROTOCOL and hello.messages in {"", fingerprint()}):
        return None
    ours = f"this worker is tui-trainer {program_version()} (protocol {PROTOCOL})"
    theirs = f"you are {sanitize(hello.version, 40)} (protocol {hello.protocol})"
    if hello.protocol == PROTOCOL:
        return f"{ours}, {theirs} {OTHER_BUILD}"
    return f"{ours}, {theirs}: use the same version on both sides"
