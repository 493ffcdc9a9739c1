"""A power cut at any moment: see ``tests.faults.power`` for every one of them."""

from __future__ import annotations

from pathlib import Path

from tests.faults.disk import needs_faulty_disk
from tests.faults.power import LOSSES, cut

EVERY = 53
"""Some sixteen of eight hundred states that a cut can leave, over the whole of the story."""


@needs_faulty_disk
def test_what_was_synced_is_there_after_a_power_cut_and_the_run_ends_as_if_there_had_been_none(tmp_path: Path) -> None:
    cuts, problems = cut(tmp_path, every=EVERY)
    assert problems == []
    assert set(cuts) == set(LOSSES)
