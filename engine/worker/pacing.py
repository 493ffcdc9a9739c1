"""The clock of a run: when the next epoch is due, and how fast the last ones went."""

from __future__ import annotations

from collections import deque

_WINDOW = 1.0
"""Seconds over which the speed is measured, or the last two epochs where they are farther apart."""
_NOTE_EVERY = 0.02


class Pacemaker:
    """Holds training to ``pace`` epochs a second (None: full speed), and measures what it comes to.

    Times are seconds by any steady clock, passed in.
    """

    def __init__(self, pace: float | None) -> None:
        self._pace = pace
        self._due = float("-inf")
        self._ends: deque[tuple[float, int]] = deque()

    @property
    def pace(self) -> float | None:
        """Epochs a second at most."""
        return self._pace

    @pace.setter
    def pace(self, pace: float | None) -> None:
        self._pace = pace
        self._due = float("-inf")
        self._ends.clear()

    def wait(self, now: float) -> float:
        """Return the seconds until the next epoch may begin; 0 when it may."""
        return max(0.0, self._due - now)

    def begin_epoch(self, now: float) -> None:
        """Note that an epoch begins."""
        if self._pace is not None:
            # An epoch that is a little late does not put off the following ones; a long pause does.
            interval = 1 / self._pace
            self._due = (self._due if now - self._due < interval else now) + interval

    def end_epoch(self, now: float, epoch: int) -> None:
        """Note that ``epoch`` is completed; at most one note each 20 ms is kept."""
        if not self._ends or now - self._ends[-1][0] >= _NOTE_EVERY:
            self._ends.append((now, epoch))
        while len(self._ends) > 2 and now - self._ends[1][0] >= _WINDOW:
            self._ends.popleft()

    def rest(self) -> None:
        """Forget the measured speed: training pauses."""
        self._ends.clear()
        self._due = float("-inf")

    @property
    def epochs_per_second(self) -> float | None:
        """Measured over the last second; None before there is anything to measure."""
        if len(self._ends) < 2:
            return None
        (start, first), (end, last) = self._ends[0], self._ends[-1]
        return (last - first) / (end - start)
