"""A share of the time: what is spent has to be earned before more may be spent."""

from __future__ import annotations

import math


class Allowance:
    """Seconds that may be spent on something beside the training, earned at a fixed rate.

    Over any long time at most ``share`` of it is spent; after a rest ``burst`` seconds may be spent at once.

    Args:
        share: Seconds earned a second.
        burst: Seconds that can be saved, or owed, at most: what was dear once is not paid off for ever.
        saved: Seconds to begin with.
    """

    def __init__(self, share: float, burst: float, *, saved: float | None = None) -> None:
        self._share = share
        self._burst = burst
        self._saved = burst if saved is None else saved
        self._seen = math.inf

    def wait(self, now: float) -> float:
        """Return the seconds until something may be spent; 0 where it may now."""
        self._saved = min(self._burst, self._saved + self._share * max(0.0, now - self._seen))
        self._seen = now
        return max(0.0, -self._saved) / self._share

    def spend(self, seconds: float) -> None:
        """Note that so much was spent."""
        self._saved = max(-self._burst, self._saved - seconds)
