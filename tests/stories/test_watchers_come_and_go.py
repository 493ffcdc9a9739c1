"""Watchers that come and go, in short: see ``tests.soak.watchers`` for a thousand of them."""

from __future__ import annotations

from engine.store.runs import RunStore
from tests.soak.fuzz import make_run
from tests.soak.watchers import soak


def test_watchers_that_come_and_go_are_told_everything_once_and_leave_nothing_behind() -> None:
    found = soak(make_run(RunStore()), watchers=40, stretch=0.5, sleep=2.0)
    assert found.watchers == 40
    assert found.came_back > 0
    assert found.caught_up[1] > 0
    found.check()
