"""The worker's connections: which one is read next, and how many bytes may wait to be sent on each.

While the run trains, hearing may take a fixed share of the time, of which no connection gets more than a part; each has
one message heard in turn. What a peer does not read is kept for it once, and no more is added.
"""

from __future__ import annotations

import math
import selectors
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

from engine.errors import WorkerError
from engine.worker.allowance import Allowance, WorkClock
from engine.worker.connection import Connection
from engine.worker.listener import Listener

MOST_CONNECTIONS = 64
MOST_AT_A_LOOK = 64
"""Messages heard at one look."""
MAX_QUEUED_BYTES = 2**23
"""Bytes that may wait for all peers together, or one message alone."""
HEARING_SHARE, HEARING_BURST, HEARING_OWED = 0.015, 0.02, 0.08
"""Share of the time that hearing may take while the run trains, seconds of it that can be saved up, and owed."""
RESERVED_SHARE, RESERVED_BURST, RESERVED_FOR = 0.01, 0.08, 0.02
"""Share that is kept for connections which have so many seconds saved: who talks little, or has just come, is heard
beside who floods. It is one of the clock's time: where others are at work, the thread's own nearly stands still."""
ACCEPTING_SHARE, ACCEPTING_BURST, ACCEPTING_WAIT = 0.01, 0.01, 0.25
"""The same for those who knock: they wait before the door."""
UNKNOWN_FOR = 1.0
"""Seconds that a peer which has not said hello keeps its place where another one needs it."""
UNHEARD_FOR = 8.0
"""The same for one that has said something which was not heard yet; after so long it has given up itself."""
STUCK_AFTER = 1.0
"""Seconds without reading after which a peer may be cut off for the sake of others."""
_REST = 0.01
"""Seconds between two looks whether a connection has rested enough, or, where hearing has no time left, at all: a look
takes a tenth of a millisecond where sixty connections have something to say."""
_LINGER = 2.0
"""Seconds for which slow readers are waited for at the end."""
_ACCEPTED_AT_A_LOOK = 4


class Connections:
    """All peers of one socket.

    Args:
        path: The socket's file, in a private folder. Whoever holds the run's lock owns it.
        farewell: What is sent to a peer for which there is no room.

    Raises:
        InputError: The folder is not private, or something is in the socket's place.
    """

    def __init__(self, path: Path, farewell: Sequence[bytes]) -> None:
        self._path = path
        self._farewell = farewell
        self._selector = selectors.DefaultSelector()
        self._numbers = 0
        self._ready: dict[Connection, None] = {}  # in the order in which they are heard
        self._resting: set[Connection] = set()
        self._hearing = Allowance(HEARING_SHARE, HEARING_BURST, owed=HEARING_OWED)
        self._reserve = Allowance(RESERVED_SHARE, RESERVED_BURST)
        self._accepting = Allowance(ACCEPTING_SHARE, ACCEPTING_BURST, longest_wait=ACCEPTING_WAIT)
        self._is_knocked_at = False
        self._next_look = -math.inf
        self.work_clock = WorkClock()
        self.open: dict[int, Connection] = {}
        self._listener = Listener(path)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def is_lost(self) -> bool:
        """Say whether the socket's file vanished, or is another one's."""
        return self._listener.is_lost()

    def rebind(self) -> None:
        """Listen anew where the socket's file was lost; who is connected notices nothing.

        Raises:
            InputError: The folder is not private any more, or something is in the socket's place.
        """
        listener = Listener(self._path)
        self._selector.unregister(self._listener)
        self._listener.close()
        self._listener = listener
        self._selector.register(listener, selectors.EVENT_READ)

    # Hearing

    def wait(self, seconds: float) -> bool:
        """Wait for something to hear or to send on, at most so long; return whether there is something."""
        if seconds <= 0 and self._hearing.saved < 0 and monotonic() < self._next_look:
            return bool(self._ready)
        self._next_look = monotonic() + _REST
        now = monotonic()
        for rested in [one for one in self._resting if one.allowance.wait(now) <= 0]:
            self._resting.discard(rested)
            self._watch(rested)
            self._ready[rested] = None  # a whole message may be waiting already
        if self._ready or self._resting:
            seconds = min(seconds, _REST)
        begun = monotonic()
        ready = self._selector.select(max(0.0, seconds))
        if seconds > 0:
            self.work_clock.add_idle(monotonic() - begun)
        for key, events in ready:
            if key.fileobj is self._listener:
                self._is_knocked_at = True
                continue
            connection: Connection = key.data
            if events & selectors.EVENT_WRITE:
                connection.flush()
                self._watch(connection)
            if events & selectors.EVENT_READ and connection.number in self.open:
                self._ready.setdefault(connection)
        return bool(self._ready)

    def messages(self, *, training: bool) -> Iterator[tuple[Connection, bytes | WorkerError]]:
        """Yield what has come, a message of each connection in turn, or why one cannot be understood.

        Args:
            training: Whether there is something to train meanwhile, so that hearing is to take its share alone.
        """
        if self._is_knocked_at:
            self._accept(training=training)
        begun = self.work_clock()
        for _ in range(MOST_AT_A_LOOK):
            if (connection := self._next(training=training)) is None:
                return
            if connection.number not in self.open:
                continue
            message = self._receive(connection)
            if message is not None:
                yield connection, message
                if connection.has_more:
                    self._ready[connection] = None
            if training:  # also to choose it, which takes longer the more there are
                ended = self.work_clock()
                self._charge(connection, ended - begun)
                begun = ended

    def _next(self, *, training: bool) -> Connection | None:
        """Return the connection to read next: in turn, or the cheapest while the run trains; None once time is up."""
        if not self._ready:
            return None
        chosen = self._quietest() if training else next(iter(self._ready))
        if chosen is not None:
            del self._ready[chosen]
        return chosen

    def _quietest(self) -> Connection | None:
        is_open = self._hearing.wait(self.work_clock()) <= 0
        if not is_open and self._reserve.wait(monotonic()) > 0:
            return None
        quietest = max(self._ready, key=lambda connection: connection.allowance.saved)
        return quietest if is_open or quietest.allowance.saved >= RESERVED_FOR else None

    def _receive(self, connection: Connection) -> bytes | WorkerError | None:
        try:
            return connection.receive()
        except WorkerError as error:
            return error
        except OSError:
            self.drop(connection)
            return None

    def _charge(self, connection: Connection, seconds: float) -> None:
        """Charge hearing to the connection; one that has spent its share rests, and nobody waits for its bytes."""
        (self._hearing if self._hearing.wait(self.work_clock()) <= 0 else self._reserve).spend(seconds)
        now = monotonic()
        connection.allowance.wait(now)
        connection.allowance.spend(seconds)
        if connection.allowance.wait(now) > 0 and connection.number in self.open:
            self._resting.add(connection)
            self._watch(connection)
            self._ready.pop(connection, None)

    def _accept(self, *, training: bool) -> None:
        """Let in who knocks; while the run trains, as far as there is time for it."""
        begun = self.work_clock()
        if training and self._accepting.wait(begun) > 0:
            return
        self._is_knocked_at = False
        for _ in range(_ACCEPTED_AT_A_LOOK):
            if (peer := self._listener.accept()) is None:
                break
            self._let_in(peer)
        if training:
            self._accepting.spend(self.work_clock() - begun)

    def _let_in(self, peer: socket.socket) -> None:
        self._numbers += 1
        connection = Connection(peer, self._numbers)
        if len(self.open) >= MOST_CONNECTIONS and not self._make_room():
            connection.send(self._farewell)
            connection.close()
            return
        self.open[connection.number] = connection
        self._selector.register(connection, selectors.EVENT_READ, connection)

    def _make_room(self) -> bool:
        """Hang up on the oldest peer that never said hello; say whether there was one."""
        now = monotonic()
        for connection in self.open.values():  # in the order in which they came
            patience = UNHEARD_FOR if connection in self._ready else UNKNOWN_FOR
            if not connection.is_known and now - connection.opened > patience:
                self.drop(connection)
                return True
        return False

    # Sending

    def send(self, connection: Connection, parts: Sequence[bytes]) -> bool:
        """Send a message; return whether there was room for it, and somebody to read it."""
        size = sum(map(len, parts))
        if connection.number not in self.open or not self._has_room(size):
            return False
        connection.send(parts)
        if connection.queued:
            self._watch(connection)
        return connection.listens

    def _has_room(self, size: int) -> bool:
        """Say whether so many bytes more may wait; peers that have not read for a while make room."""
        total = sum(one.queued for one in self.open.values())
        if total == 0 or total + size <= MAX_QUEUED_BYTES:
            return True
        for connection in sorted(self.open.values(), key=lambda one: -one.queued):
            if connection.queued and monotonic() - connection.progressed > STUCK_AFTER:
                total -= connection.queued
                self.drop(connection)
            if total == 0 or total + size <= MAX_QUEUED_BYTES:
                return True
        return False

    def _watch(self, connection: Connection) -> None:
        """Be told when it can be read, unless it rests, and when it takes more, where something waits."""
        events = 0 if connection in self._resting else selectors.EVENT_READ
        events |= selectors.EVENT_WRITE if connection.queued else 0
        registered = connection.fileno() in self._selector.get_map()
        if not events and registered:
            self._selector.unregister(connection)
        elif events and not registered:
            self._selector.register(connection, events, connection)
        elif events and self._selector.get_key(connection).events != events:
            self._selector.modify(connection, events, connection)

    # Ending

    def drop(self, connection: Connection) -> None:
        """Hang up on a peer."""
        if self.open.pop(connection.number, None) is None:
            return
        self._resting.discard(connection)
        with suppress(KeyError):
            self._selector.unregister(connection)
        connection.close()

    def close(self) -> None:
        """Send what waits, for a moment, and leave."""
        deadline = monotonic() + _LINGER
        while (waiting := [one for one in self.open.values() if one.queued]) and monotonic() < deadline:
            for connection in waiting:
                connection.flush()
            if any(one.queued for one in self.open.values()):
                self._selector.select(0.01)
        for connection in list(self.open.values()):
            self.drop(connection)
        self._listener.remove()
        self._listener.close()
        self._selector.close()
