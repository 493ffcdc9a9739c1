"""The n-th operation on the disk fails: see ``tests.faults.failing_disk`` for every n."""

from __future__ import annotations

from pathlib import Path

from tests.faults.disk import needs_faulty_disk
from tests.faults.failing_disk import KINDS, fail

EVERY = 97
"""Some ten of the thousand faults: another kind each time, over the whole of the story."""


@needs_faulty_disk
def test_a_disk_that_fails_anywhere_loses_nothing_that_was_held_and_changes_no_number(tmp_path: Path) -> None:
    survived = fail(tmp_path, every=EVERY, first=3)
    assert survived.problems == []
    assert set(survived.faults) == set(KINDS)
    assert survived.refusals
