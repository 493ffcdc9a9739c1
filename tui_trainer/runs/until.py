"""Wait for something to become of a run, without a screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from time import monotonic
from typing import Final, Literal

from engine.errors import TrainerError, WorkerError, sanitize
from engine.protocol.commands import Have
from engine.protocol.events import Frame
from engine.run.status import RunState
from engine.worker.link import GoneError, LinkLostError
from tui_trainer.formatting import count, duration
from tui_trainer.runs.connection import RunClient, RunTarget
from tui_trainer.runs.reconnector import Reconnector
from tui_trainer.view_models.endings import ending
from tui_trainer.view_models.link_state import LinkState, another_run, backoff

Condition = Literal["finished", "stalled", "non-finite"]

STALLED_AFTER: Final = 60.0
"""Seconds without a step after which a run that should train is stalled, and as many epochs as ``STALLED_EPOCHS``."""
STALLED_EPOCHS: Final = 10
UNTRAINED_AFTER: Final = 10.0
"""Seconds after which a run that had died or was stopped before it was looked at counts as ended so: it may just be
started, or taken up, by somebody else."""
GIVE_UP_AFTER: Final = 600.0
"""Seconds for which a machine may be out of reach."""


class Outcome(IntEnum):
    """What became of a run; the numbers are exit statuses."""

    HAPPENED = 0
    UNWATCHED = 1
    OTHERWISE = 3


@dataclass
class Progress:
    """How far a run has come, and since when it has not come further.

    Attributes:
        place: Epochs and steps done.
        since: When it came there, seconds.
        fastest: Epochs a second that it made when it was last seen to train.
    """

    place: tuple[int, int] = (-1, 0)
    since: float = 0.0
    fastest: float = 0.0

    def take(self, frame: Frame, now: float) -> None:
        """Note what a frame says."""
        if (frame.epoch, frame.step) != self.place or frame.state not in {"running", "paused"}:
            self.place, self.since = (frame.epoch, frame.step), now
        if frame.state == "paused" and frame.message is None:  # by somebody, who knows
            self.since = now
        self.fastest = frame.epochs_per_second or self.fastest

    def is_stalled(self, now: float) -> bool:
        """Return whether nothing has been done for too long."""
        slow = STALLED_EPOCHS / self.fastest if self.fastest else 0.0
        return now - self.since > max(STALLED_AFTER, slow)


def outcome_of(condition: Condition, frame: Frame) -> Outcome | None:
    """Return what a frame says has become of a run; None where that is still open."""
    if frame.state not in {"finished", "stopped"}:
        return None
    is_finite = frame.reason != "non_finite"
    happened = {
        "finished": frame.state == "finished" and is_finite,
        "non-finite": not is_finite,
        "stalled": False,
    }[condition]
    return Outcome.HAPPENED if happened else Outcome.OTHERWISE


def outcome_of_death(condition: Condition) -> Outcome:
    """Return what it is that a worker died: a run that has stalled, and anything but finished."""
    return Outcome.HAPPENED if condition == "stalled" else Outcome.OTHERWISE


class RunWait:
    """Waits until something has happened to a run, or cannot any more.

    Args:
        condition: What is waited for.
        target: The run.
        say: Takes what is to be told meanwhile and at the end.
        look_every: Seconds between two looks at the clock.
        clock: Seconds, steady.
    """

    def __init__(
        self,
        condition: Condition,
        target: RunTarget,
        say: Callable[[str], object],
        *,
        look_every: float = 1.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._condition = condition
        self._target = target
        self._name = LinkState(target.host).named(target.run)
        self._say = say
        self._look_every = look_every
        self._clock = clock
        self._progress = Progress(since=clock())
        self._have = Have()
        self._told = ""
        self._state: RunState | None = None

    async def outcome(self) -> Outcome:
        """Return what became of the run.

        Raises:
            TrainerError: It cannot be reached to begin with.
        """
        client: RunClient = await self._target.connect()
        self._have = Have(created=client.welcome.created)
        while True:
            if client.welcome.created != self._have.created:
                self._tell(another_run(client.welcome.created))
                await client.close()
                return Outcome.UNWATCHED
            try:
                return await self._follow(client)
            except (GoneError, LinkLostError) as error:
                self._tell(str(error))
            except WorkerError as error:
                self._tell(str(error))
                return Outcome.UNWATCHED
            finally:
                await client.close()
            try:
                async with asyncio.timeout(GIVE_UP_AFTER):
                    client = await self._reached_again()
            except TimeoutError:
                self._tell(f"out of reach for {duration(GIVE_UP_AFTER)}")
                return Outcome.UNWATCHED
            except TrainerError as error:
                self._tell(str(error))
                return outcome_of_death(self._condition)

    async def _reached_again(self) -> RunClient:
        """Return a client in place of one whose link was lost.

        Raises:
            TrainerError: The worker is gone for good.
        """
        if self._target.reconnect is None:
            raise GoneError
        reconnector = Reconnector(self._show, self._clock, self._look_every, backoff)
        return await reconnector.reach(self._target.reconnect, lambda: self._have, self._clock())

    async def _follow(self, client: RunClient) -> Outcome:
        """Follow a client until it is known what became of the run."""
        tasks = {asyncio.create_task(self._read(client))}
        if self._condition == "stalled":
            tasks.add(asyncio.create_task(self._stalled(client)))
        if client.welcome.left is not None and client.welcome.left.state in {"died", "stopped"}:
            tasks.add(asyncio.create_task(self._untrained(client.welcome.left.state)))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for task in tasks:
                task.cancel()

    async def _read(self, client: RunClient) -> Outcome:
        async for frame, _ in client.frames():
            self._progress.take(frame, self._clock())
            self._state = frame.state
            self._have = self._have.model_copy(update={"epoch": frame.epoch})
            if (outcome := outcome_of(self._condition, frame)) is not None:
                why = f": {frame.message}" if frame.message else ""
                self._tell(f"{ending(frame.reason, frame.epoch)}{why}")
                return outcome
            self._tell(f"{frame.state}, epoch {count(frame.epoch)} of {count(frame.epochs)}", once=True)
        raise GoneError

    async def _untrained(self, found: RunState) -> Outcome:
        """Return what became of a run that its worker only shows; never where somebody trains it after all."""
        begun = self._clock()
        while self._state in {None, "paused"}:
            if self._state == "paused" and self._clock() - begun > UNTRAINED_AFTER:
                how = "its worker died" if found == "died" else "stopped"
                self._tell(f"{how} after epoch {count(self._progress.place[0])}, and nobody trains it")
                return outcome_of_death(self._condition) if found == "died" else Outcome.OTHERWISE
            await asyncio.sleep(self._look_every)
        return await asyncio.Future[Outcome]()

    async def _stalled(self, client: RunClient) -> Outcome:
        while not self._progress.is_stalled(self._clock()):
            await asyncio.sleep(self._look_every)
        silent = client.seconds_since_heard
        heard = f", its worker was last heard {duration(silent)} ago" if silent > STALLED_AFTER else ""
        epoch, step = self._progress.place
        since = duration(self._clock() - self._progress.since)
        self._tell(f"stalled: no step for {since}, at epoch {count(epoch)}, step {step}{heard}")
        return Outcome.HAPPENED

    def _show(self, state: LinkState) -> None:
        """Tell of an attempt to reconnect once it is under way."""
        if state.attempt and not state.retry_in:
            self._tell(f"reconnecting: {state.why}", once=True)

    def _tell(self, text: str, *, once: bool = False) -> None:
        """Say something of the run; ``once``: not where something of the kind was said last."""
        kind = text.partition(",")[0]
        if not (once and kind == self._told):
            self._say(f"{self._name}: {sanitize(text)}")
        self._told = kind if once else ""
