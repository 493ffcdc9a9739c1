"""A token bucket of time: seconds are earned at a fixed rate, and spent on something beside the training.

What is spent is the thread's own time: what it works, and what it waits because there is nothing to do. So neither a
busy machine, which takes the processor away in the middle of something, nor a slow disk makes anything dear. It is
earned by the same clock where the training must not be slowed, and by the wall's where somebody waits for it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class WorkClock:
    """Seconds that a thread has worked or had nothing to do."""

    def __init__(self) -> None:
        self._idle = 0.0

    def __call__(self) -> float:
        """Return the seconds so far."""
        return time.thread_time() + self._idle

    def add_idle(self, seconds: float) -> None:
        """Note that there was nothing to do for so long."""
        self._idle += seconds


class Allowance:
    """Seconds that may be spent on something beside the training, earned at a fixed rate.

    Over any long time at most ``share`` of it is spent, by what takes no longer than ``owed`` at once; after a rest
    ``burst`` seconds may be spent at once.

    Args:
        share: Seconds earned a second; may be set anew.
        burst: Seconds that can be saved at most.
        owed: Seconds that can be owed at most: what was dear once is not paid off for ever. As many by default.
        saved: Seconds to begin with.
        longest_wait: Seconds by the clock after which something may be spent all the same: where others are at work,
            the thread's own time nearly stands still.
        clock: Seconds, steady.
    """

    def __init__(
        self,
        share: float,
        burst: float,
        *,
        owed: float | None = None,
        saved: float | None = None,
        longest_wait: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.share = share
        self._burst = burst
        self._owed = burst if owed is None else owed
        self._saved = burst if saved is None else saved
        self._seen = math.inf
        self._longest_wait = longest_wait
        self._clock = clock
        self._spent_at = -math.inf

    @property
    def saved(self) -> float:
        """Seconds that may be spent; below 0 where more has been spent than was earned."""
        return self._saved

    def wait(self, now: float) -> float:
        """Return the seconds until something may be spent; 0 where it may now."""
        self._saved = min(self._burst, self._saved + self.share * max(0.0, now - self._seen))
        self._seen = now
        if self._saved >= 0:
            return 0.0
        return max(0.0, min(-self._saved / self.share, self._spent_at + self._longest_wait - self._clock()))

    def spend(self, seconds: float) -> None:
        """Note that so much was spent."""
        self._saved = max(-self._owed, self._saved - seconds)
        self._spent_at = self._clock()
