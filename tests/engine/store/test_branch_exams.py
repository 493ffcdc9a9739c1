"""What a branch knows of exams that were opened before there was a branch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from engine.store.branches import branch, inherited_openings
from engine.store.checkpoints import Checkpoint
from engine.store.runs import Run, RunStore
from tests.engine.training.recipes import recipe
from tests.exams import exam_of


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


def opened(run: Run, epoch: int, *, hours_ago: float) -> None:
    with run.lock():
        run.metrics.record_exam(exam_of(epoch=epoch, loss=0.5), at=datetime.now(UTC) - timedelta(hours=hours_ago))
        run.metrics.close()


def test_a_branch_knows_the_openings_of_those_it_comes_from_and_no_later_ones(store: RunStore) -> None:
    first = store.create(recipe(), [5], name="first")
    with first.lock():
        first.metrics.append(1, np.zeros((3, 1, 5)))
        first.checkpoints.save(Checkpoint(3, {}, {"changes": [], "pending": []}), keep="first")
        first.metrics.close()
    opened(first, 3, hours_ago=1)
    second = branch(store, first, 3, name="second")
    opened(first, 9, hours_ago=-1)
    opened(second, 7, hours_ago=0)
    third = branch(store, second, 3, name="third")
    assert inherited_openings(first) == []
    assert [(each.run, each.epoch) for each in inherited_openings(second)] == [("first", 3)]
    assert [(each.run, each.epoch) for each in inherited_openings(third)] == [("first", 3), ("second", 7)]


def test_of_a_run_that_was_deleted_a_branch_knows_nothing(store: RunStore) -> None:
    orphan = store.create(recipe(), [5], name="orphan", parent="gone@3")
    assert inherited_openings(orphan) == []
