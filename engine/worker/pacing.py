"""The clock of a run: when the next epoch, or step, is due, and how fast the last ones went."""

from __future__ import annotations

from collections import deque

STEP_BY_STEP = 1.0
"""At fewer epochs a second than this an epoch's steps are spread over its time, so that each of them can be seen."""
_LATE = 0.01
"""Seconds that a tick may be late without putting off the following ones, however short it is."""
_WINDOW = 1.0
"""Seconds over which the speed is measured, or the last two epochs where they are farther apart."""
_NOTE_EVERY = 0.02


class Pacer:
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

    def is_tick(self, step: int) -> bool:
        """Return whether step ``step`` (from 0) of an epoch has its own time; the others follow at once."""
        return step == 0 or self._by_step

    def wait(self, now: float) -> float:
        """Return the seconds until the next tick may begin; 0 when it may."""
        return max(0.0, self._due - now)

    def begin(self, now: float, steps: int = 1) -> None:
        """Note that a tick begins: an epoch of ``steps`` steps, or one of these."""
        if self._pace is None:
            return
        interval = 1 / (self._pace * steps if self._by_step else self._pace)
        # A tick that is a little late does not put off the following ones; a long pause does.
        self._due = (self._due if now - self._due < max(interval, _LATE) else now) + interval

    @property
    def _by_step(self) -> bool:
        return self._pace is not None and self._pace < STEP_BY_STEP

    def end_epoch(self, now: float, epoch: int) -> None:
        """Note that ``epoch`` is completed; at most one note each 20 ms is kept."""
        if not self._ends or now - self._ends[-1][0] >= _NOTE_EVERY:
            self._ends.append((now, epoch))
        while len(self._ends) > 2 and now - self._ends[1][0] >= _WINDOW:
            self._ends.popleft()

    def pause(self) -> None:
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
