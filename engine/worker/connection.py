"""One peer of the worker: what has come of its next message, and what still has to go out to it.

It is read only while no whole message of it waits, so that who sends faster than it is heard waits by itself.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from time import monotonic

from engine.protocol.framing import Inbox, pack
from engine.worker.allowance import Allowance

MAX_REQUEST_BYTES = 2**15
"""The value of a change may have 10,000 characters; reading this much takes 20 ms at worst."""
CONNECTION_SHARE, CONNECTION_BURST, CONNECTION_BEGINS_WITH = 0.02, 0.15, 0.02
"""Share of the time that hearing one connection may take while the run trains, seconds of it that can be saved up, and
those with which it begins."""
_CHUNK = 2**15
_LAST_READS = 16
_VECTORS = 64


class Connection:
    """One peer.

    Attributes:
        number: By which it is known.
        is_known: Whether it has said hello.
        opened: When it connected, seconds.
        queued: Bytes that wait to be sent.
        listens: Whether it reads; one that has hung up may still have something to say, as to stop.
        has_more: Whether more may have come than was taken; what comes later the selector tells.
        allowance: The time that hearing it may take.
        sending: The time that frames for it have taken, beside what is its due.
    """

    def __init__(self, peer: socket.socket, number: int) -> None:
        peer.setblocking(False)
        self.number = number
        self.is_known = False
        self.opened = self.progressed = monotonic()
        self.queued = 0
        self.listens = True
        self.has_more = False
        self.allowance = Allowance(CONNECTION_SHARE, CONNECTION_BURST, saved=CONNECTION_BEGINS_WITH)
        self.sending = Allowance(CONNECTION_SHARE, CONNECTION_BURST, saved=0.0)
        self._socket = peer
        self._was_cut = False
        self._inbox = Inbox(most_parts=1, most_bytes=MAX_REQUEST_BYTES)
        self._outbox: deque[memoryview] = deque()

    def fileno(self) -> int:
        """Return its descriptor, by which selectors know it."""
        return self._socket.fileno()

    def receive(self) -> bytes | None:
        """Return the next message if it is whole; where none waits, one stretch of bytes is read.

        Raises:
            WorkerError: No message, or one too large.
            OSError: The peer has hung up.
        """
        message = self._inbox.take()
        if message is None:
            try:
                data = self._socket.recv(_CHUNK)
            except BlockingIOError:
                self._was_cut = False
                return None
            if not data:
                raise ConnectionResetError
            self._inbox.feed(data)
            message = self._inbox.take()
            self._was_cut = len(data) == _CHUNK
        self.has_more = self._was_cut or self._inbox.size > 0
        return None if message is None else message[0]

    def send(self, parts: Sequence[bytes]) -> None:
        """Send a message, or keep what of it the system does not take now; to one that has hung up it goes nowhere."""
        if not self.listens:
            return
        views = [memoryview(part) for part in pack(parts) if part]
        if not self.queued:
            self.progressed = monotonic()
        self.queued += sum(map(len, views))
        self._outbox.extend(views)
        self.flush()

    def flush(self) -> None:
        """Send on what waits."""
        while self._outbox:
            try:
                sent = self._socket.sendmsg(list(islice(self._outbox, _VECTORS)))
            except BlockingIOError:
                return
            except OSError:
                self.listens = False
                self._outbox.clear()
                self.queued = 0
                return
            self.progressed = monotonic()
            self.queued -= sent
            while sent:
                first = self._outbox.popleft()
                if len(first) > sent:
                    self._outbox.appendleft(first[sent:])
                sent -= min(sent, len(first))

    def close(self) -> None:
        """Hang up. What came in is read first: with some of it unread, the peer would find an error, not an end."""
        with suppress(OSError):
            for _ in range(_LAST_READS):
                if not self._socket.recv(_CHUNK):
                    break
        self._socket.close()
        self._outbox.clear()
        self.queued = 0
