"""Reach a worker again whose link was lost: after pauses that grow, saying all the while how it stands."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import TypeVar

from engine.protocol.commands import Have
from engine.worker.link import LinkLostError
from tui_trainer.view_models.link_state import LinkState

Client = TypeVar("Client")


class Reconnector:
    """Tries until it succeeds, or until there is nothing to reach any more.

    Args:
        show: Takes how it stands, whenever that is another.
        clock: Seconds, steady.
        check_every: Seconds after which it is said anew how it stands.
        backoff: Seconds to wait before an attempt, which are counted from 0.
    """

    def __init__(
        self,
        show: Callable[[LinkState], None],
        clock: Callable[[], float],
        check_every: float,
        backoff: Callable[[int], float],
    ) -> None:
        self._show = show
        self._clock = clock
        self._check_every = check_every
        self._backoff = backoff
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """Make the next attempt at once."""
        self._hurry.set()

    async def reach(
        self, reconnect: Callable[[Have], Awaitable[Client]], have: Callable[[], Have], lost_at: float
    ) -> Client:
        """Return a client that takes the place of one whose link was lost.

        Args:
            reconnect: Makes an attempt; raises ``LinkLostError`` where it is worth another one.
            have: Says what need not be told again.
            lost_at: When the worker was heard last, by the clock.

        Raises:
            TrainerError: The worker is gone for good.
        """
        state = LinkState()
        for attempt in count():
            state = replace(state, attempt=attempt)
            await self._wait(state, lost_at)
            ticking = asyncio.create_task(self._tick(state, lost_at))
            try:
                return await reconnect(have())
            except LinkLostError as error:
                state = replace(state, why=str(error))
            finally:
                ticking.cancel()
        raise AssertionError

    async def _wait(self, state: LinkState, lost_at: float) -> None:
        """Wait as long as the attempt wants, or until it is asked for, and say for how long yet."""
        self._hurry.clear()
        due = self._clock() + self._backoff(state.attempt)
        while (seconds_left := due - self._clock()) > 0 and not self._hurry.is_set():
            self._tell(replace(state, retry_in=math.ceil(seconds_left)), lost_at)
            with suppress(TimeoutError):
                async with asyncio.timeout(min(seconds_left, self._check_every)):
                    await self._hurry.wait()

    async def _tick(self, state: LinkState, lost_at: float) -> None:
        """Say for how long the link has been lost, while an attempt is under way."""
        while True:
            self._tell(state, lost_at)
            await asyncio.sleep(self._check_every)

    def _tell(self, state: LinkState, lost_at: float) -> None:
        self._show(replace(state, lost_for=max(0, int(self._clock() - lost_at))))
