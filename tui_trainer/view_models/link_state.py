"""How the link to a run's worker is, as it is named on the screen, and when a lost one is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

LinkKind = Literal["connecting", "live", "quiet", "reconnecting", "back"]

FIRST_WAIT, LONGEST_WAIT = 0.25, 30.0
"""Seconds before the first attempt to connect again, and at most between two."""


@dataclass(frozen=True)
class LinkState:
    """The link at this moment.

    Attributes:
        kind: What it is called.
        seconds: Since it was last heard; of a lost one, until the next attempt.
        attempt: Of a lost one, how many attempts there have been.
        epochs: Of one that is back, the epochs that were trained meanwhile.
    """

    kind: LinkKind = "connecting"
    seconds: int = 0
    attempt: int = 0
    epochs: int = 0


LIVE: Final = LinkState("live")


def backoff(attempt: int) -> float:
    """Return the seconds before attempt number ``attempt``, from 0: each twice those before, up to a limit."""
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt, 16)))
