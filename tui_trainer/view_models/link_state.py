"""How a worker is reached, named as mosh names it: connecting, live, last heard 8 s ago, reconnecting, back.

A worker on this machine that hangs up is gone. One on another machine may only be out of reach: then the screen keeps
what it has, tries again after pauses that grow, and is sent what it lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from engine.errors import sanitize
from tui_trainer.formatting import count, duration

Link = Literal["opening", "live", "reconnecting", "ended", "died"]
"""Whether a worker is being reached, answers, is out of reach for now, has left after the run's end, or is dead."""

PAUSES: Final = (0, 1, 2, 4, 8, 15)
"""Seconds before the first attempts to reconnect."""
LONGEST_PAUSE: Final = 30
"""Seconds before each further one."""


def backoff(attempt: int) -> int:
    """Return the seconds to wait before an attempt to reconnect, which are counted from 0."""
    return PAUSES[attempt] if attempt < len(PAUSES) else LONGEST_PAUSE


@dataclass(frozen=True)
class LinkState:
    """What there is to say of the way to a worker.

    Attributes:
        host: The machine on which it runs, as the user named it; empty for this one.
        attempt: Which attempt to reconnect is next or under way, from 0.
        lost_for: Seconds since the worker was last heard; 0 while the link holds.
        retry_in: Seconds until the next attempt; 0 while one is under way.
        why: Why the last attempt failed; empty before that.
    """

    host: str = ""
    attempt: int = 0
    lost_for: int = 0
    retry_in: int = 0
    why: str = ""

    def named(self, run: str) -> str:
        """Return a run's name as it is shown, and as ``watch`` takes it: with its host, where that is another."""
        return sanitize(f"{self.host}:{run}" if self.host else run)

    @property
    def opening(self) -> str:
        """What is under way before the worker has answered."""
        return f"connecting to {sanitize(self.host)}…" if self.host else "starting the worker…"

    def outage(self, retry_key: str) -> str:
        """Return what is said while the link is lost; ``retry_key`` is the key that tries again at once."""
        where = f" to {sanitize(self.host)}" if self.host else ""
        since = f", lost {duration(self.lost_for)} ago" if self.lost_for else ""
        why = sanitize(self.why).removeprefix(f"{sanitize(self.host)}: ")
        why = f": {why}" if why else ""
        if not self.retry_in:
            return f"reconnecting{where}…{since}{why}"
        return f"reconnecting{where} in {duration(self.retry_in)}{since}{why} · {retry_key} tries now"


def another_run(made: datetime | None) -> str:
    """Return what is said where another run bears the name of the one that was shown; ``made`` is when it was made."""
    since = f", made at {made.astimezone():%H:%M on %d %B}" if made else ""
    return f"the run that was shown is deleted: this is another one of its name{since}"


def back(epochs: int, seconds: float, word: str) -> str:
    """Return what is said once the link holds again.

    Args:
        epochs: How many were done meanwhile.
        seconds: How long the link was lost.
        word: The word for several epochs.
    """
    more = f" · +{count(epochs)} {word} while you were away" if epochs > 0 else ""
    return f"back after {duration(seconds)}{more}"
