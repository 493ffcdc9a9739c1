"""How many frames a watcher asks for: over a network fewer than the twenty a second that a worker would send."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from engine.protocol.events import STARTING_CREDIT

MOST_HELD: Final = STARTING_CREDIT - 1
"""Frames whose credit may be kept back: with the last one a worker can tell what is new after a quiet time."""


@dataclass(frozen=True)
class LinkPace:
    """How much is said over a connection.

    Attributes:
        frames_every: Seconds between two frames at least; 0 for as many as the worker sends.
        views_every: Seconds between two frames with answers to queries at least, while the run trains.
        ping_after: Seconds of silence after which a sign of life is asked for.
    """

    frames_every: float = 0.0
    views_every: float = 0.0
    ping_after: float = 0.5


OVER_NETWORK: Final = LinkPace(frames_every=0.5, views_every=2.0, ping_after=2.0)
"""A frame has all that is new since the last, however long ago. With all panes of ``breast-cancer`` in sight, at 20
epochs a second, ssh takes 2.7 KB/s; with views in every frame 9.7, and 18.9 at four frames a second; paused 32 bytes
(``python -m tests.benchmarks.link``)."""


class CreditGiver:
    """Grants a worker frames, evenly.

    Args:
        every: Seconds between two grants.
        grant: Grants one frame.
    """

    def __init__(self, every: float, grant: Callable[[], Awaitable[object]]) -> None:
        self._every = every
        self._grant = grant
        self._held = 0
        self._next = 0.0
        self._waiting: asyncio.Task[None] | None = None

    async def frame_taken(self) -> None:
        """Grant another frame in place of one that was taken, now or as soon as it is time."""
        if not self._every:
            await self._grant()
            return
        self._held += 1
        if self._held > MOST_HELD and (self._waiting is None or self._waiting.done()):
            self._waiting = asyncio.create_task(self._grant_in_time())

    async def give_all(self) -> None:
        """Grant what was kept back: an answer is waited for."""
        while self._held:
            self._held -= 1
            await self._grant()

    async def _grant_in_time(self) -> None:
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._next - clock()))
        if self._held:
            self._held -= 1
            self._next = clock() + self._every
            await self._grant()

    def close(self) -> None:
        """Grant nothing more."""
        if self._waiting is not None:
            self._waiting.cancel()
