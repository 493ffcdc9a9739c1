"""Notice when a watcher comes back to a run: after it had left, slept, been stopped, or lost its link."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from tui_trainer.runs.last_seen import LastSeen
from tui_trainer.view_models.absence import Away, Seen, away_since
from tui_trainer.view_models.away import found_lines
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.run import RunModel

ASLEEP_AFTER: Final = 20.0
"""Seconds without a sign of life of this process, which gives one a second, after which it was away."""
REMEMBER_EVERY: Final = 30.0
"""Seconds between two notes of what is seen, for a screen that ends without a word."""


class AbsenceWatch:
    """Keeps ``DashboardModel.away``: what the watcher had seen before its latest absence.

    Args:
        model: What is shown.
        last_seen: Remembers what was seen from one time to the next; None where nothing is remembered.
        clock: Seconds since 1970, which also pass while the machine sleeps.
    """

    def __init__(
        self, model: DashboardModel, last_seen: LastSeen | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._model = model
        self._last_seen = last_seen
        self._clock = clock
        self._awake_at = clock()
        self._noted_at = clock()
        self._run: RunModel | None = None
        self._seen: Seen | None = None

    def tick(self) -> None:
        """Give a sign of life: at least one a second."""
        if self._clock() - self._awake_at < ASLEEP_AFTER:  # else the next frame tells what was missed
            self._awake_at = self._clock()

    def came(self, run: RunModel) -> None:
        """Take note of a frame of a run that has just been taken in."""
        now = self._clock()
        before = self._seen if run is self._run else self._remembered()
        if before is not None and (run is not self._run or now - self._awake_at >= ASLEEP_AFTER):
            self._tell(away_since(run, before, now) or (None if run is not self._run else self._model.away))
        elif run is not self._run:
            self._tell(None)
        self._run, self._seen, self._awake_at = run, Seen.now(run, now), now

    @property
    def is_due(self) -> bool:
        """Whether what is seen is to be remembered again."""
        return self._seen is not None and self._clock() - self._noted_at >= REMEMBER_EVERY

    def remember(self) -> None:
        """Remember what is seen now, before the screen turns to another run or closes."""
        self._noted_at = self._clock()
        if self._last_seen is not None and self._seen is not None:
            self._last_seen.remember(self._model.title, self._seen)

    def _tell(self, away: Away | None) -> None:
        is_new = away is not None and away is not self._model.away
        self._model.away = away
        self._model.has_news |= is_new or bool(found_lines(self._model))

    def _remembered(self) -> Seen | None:
        return None if self._last_seen is None else self._last_seen.of(self._model.title)
