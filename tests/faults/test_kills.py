"""Random deaths of a worker: see ``tests.faults.kills`` for two hundred of them."""

from __future__ import annotations

from pathlib import Path

from tests.faults.kills import kill

TIMES = 10


def test_whenever_it_dies_nothing_that_was_held_is_lost_and_the_run_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    killed = kill(tmp_path, times=TIMES)
    assert killed.problems == []
    assert killed.deaths.total() == TIMES
