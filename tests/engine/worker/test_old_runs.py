"""Runs that a worker of an older version stopped go on as if it had gone on itself.

``finished_rows.npy`` holds the metrics to which the version that wrote format 1 trained on; on the machine where they
were written today's come to the same bits. Elsewhere sums of floats are rounded another way.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.run.description import FORMAT
from engine.store.runs import Run, RunStore
from engine.training.stored import open_trainer
from tests.engine.worker.write_stopped_run import OLD_RUNS

STOPPED_AT = 41
CHANGES = [
    (2, 12, 1, "training.learning_rate", 0.01),
    (3, 12, 1, "training.learning_rate", 0.02),
    (4, 12, 1, "training.learning_rate", 0.01),
    (5, 13, 0, "training.batch_size", 16),
    (6, 13, 0, "network.edit", {"kind": "set-units", "layer": 0, "keep": True, "units": 20}),
    (7, 12, 1, "weights.1.2.3", 0.25),
    (8, 32, 0, "training.l2", 0.001),
    (9, 43, 0, "network.layers.1.dropout", 0.1),
    (10, 42, 1, "training.learning_rate", 0.005),
]
"""Number, epoch, step, path and value: number 1 is the recipe's own, of epoch 51."""


@pytest.fixture(params=[f"format-{number}" for number in range(1, FORMAT + 1)])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Return a copy of the run in that format."""
    shutil.copytree(OLD_RUNS / request.param, tmp_path / "store")
    return RunStore(tmp_path / "store").open("trained-1")


def test_its_log_has_every_change_with_a_number(old: Run) -> None:
    log = [(one.number, one.epoch, one.step, one.path, one.value) for one in old.metrics.changes()]
    assert log == CHANGES


def test_it_stands_where_it_was_stopped(old: Run) -> None:
    trainer = open_trainer(old)
    assert (trainer.epoch, trainer.step_in_epoch) == (STOPPED_AT, 1)
    numbers = [(one.number, one.author) for one in trainer.change_log.done]
    assert numbers == [(number, "user") for number in (2, 3, 4, 7, 5, 6, 8, 10)]
    assert [(one.number, one.author) for one in trainer.change_log.pending] == [(9, "user"), (1, "recipe")]
    assert trainer.learning_rate == 0.005


def test_it_goes_on_as_the_version_did_that_stopped_it(old: Run) -> None:
    trainer, expected = open_trainer(old), np.load(OLD_RUNS / "finished_rows.npy")
    np.testing.assert_array_equal(old.metrics.rows(), expected[:STOPPED_AT])
    rest = np.stack([result.row() for result in trainer.epochs()])
    np.testing.assert_allclose(rest, expected[STOPPED_AT:], rtol=1e-3, atol=1e-4)
    assert [one.number for one in trainer.change_log.done] == [2, 3, 4, 7, 5, 6, 8, 10, 9, 1]
