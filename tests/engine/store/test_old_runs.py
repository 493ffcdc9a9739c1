"""Runs that older versions wrote keep opening. What is expected here is written out, not computed by today's code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.run.changes import TurnDial
from engine.store.checkpoints import Checkpoint
from engine.store.runs import RunStore
from tests.engine.store.write_old_run import NEWEST, OLD_RUNS
from tests.exams import exam_of


def test_the_newest_format_is_checked_in() -> None:
    """Where this fails a format version has changed: see ``write_old_run``."""
    assert (OLD_RUNS / NEWEST).is_dir()


@pytest.fixture(params=sorted(path.name for path in OLD_RUNS.iterdir()))
def old(request: pytest.FixtureRequest, tmp_path: Path) -> RunStore:
    """Return a store of that format; a copy, for nothing may write into the original."""
    shutil.copytree(OLD_RUNS / request.param, tmp_path / "store")
    return RunStore(tmp_path / "store")


def test_its_description_and_state(old: RunStore) -> None:
    run = old.open("breast-cancer-1")
    assert run.description.seeds == (42, 43)
    assert run.description.pace == 20
    assert [layer.dropout for layer in run.description.trained.spec.network.layers] == [0.5, 0]
    assert run.summary().model_dump() == {
        "run": "breast-cancer-1",
        "preset": "breast-cancer",
        "state": "finished",
        "epoch": 3,
        "epochs": 3,
        "socket": None,
        "version": "0.1.0",
        "protocol": 1,
    }


def test_its_log(old: RunStore) -> None:
    metrics = old.open("breast-cancer-1").metrics
    first_seed = [[0, 0.125, 0.25, 0.375, 0.5], [1.25, 1.375, 1.5, 1.625, 1.75], [2.5, 2.625, 2.75, 2.875, 3]]
    second_seed = [[0.625, 0.75, 0.875, 1, 1.125], [1.875, 2, 2.125, 2.25, 2.375], [3.125, 3.25, np.nan, np.inf, 3.625]]
    np.testing.assert_array_equal(metrics.rows(), np.stack([first_seed, second_seed], axis=1))
    assert metrics.changes() == [
        TurnDial(number=1, epoch=2, step=0, path="training.learning_rate", value=0.01, before=0.001)
    ]
    assert [exam.result for exam in metrics.exams()] == [exam_of(epoch=3, loss=[0.5, 0.25], accuracy=[0.75, None])]
    assert [(event.kind, event.epoch, event.details) for event in metrics.events()] == [("non-finite", 3, {"layer": 1})]


def test_its_checkpoints(old: RunStore) -> None:
    checkpoints = old.open("breast-cancer-1").checkpoints
    assert checkpoints.epochs() == [0, 3]
    assert checkpoints.load(0).meta == {"rng": 2**127 + 1}
    for found in (checkpoints.latest(), checkpoints.best()):
        assert found is not None
        assert found.epoch == 3
        np.testing.assert_array_equal(found.arrays["W"], np.ones((2, 3), np.float32), strict=True)


def test_looking_rewrites_nothing(old: RunStore) -> None:
    run = old.open("breast-cancer-1")
    before = {path: path.read_bytes() for path in sorted(run.path.rglob("*")) if path.is_file()}
    run.summary(), run.metrics.rows(), run.metrics.changes(), run.metrics.exams(), run.checkpoints.latest()
    assert {path: path.read_bytes() for path in sorted(run.path.rglob("*")) if path.is_file()} == before


def test_it_is_brought_into_todays_format_and_stays_what_it_is(old: RunStore) -> None:
    run = old.open("breast-cancer-1")
    before = run.description, run.metrics.changes(), run.metrics.state(), run.metrics.exams(), run.metrics.events()
    with run.lock():
        run.upgrade()
    assert json.loads((run.path / "run.json").read_bytes())["format_version"] == 2
    run = old.open("breast-cancer-1")
    after = run.description, run.metrics.changes(), run.metrics.state(), run.metrics.exams(), run.metrics.events()
    assert after == before
    test_its_log(old)


def test_it_can_be_taken_up_again(old: RunStore) -> None:
    run = old.open("breast-cancer-1")
    with run.lock():
        run.upgrade()
        run.metrics.append(4, np.ones((1, 2, 5)))
        run.metrics.close()
        run.checkpoints.save(Checkpoint(4, {}, {}))
    assert run.metrics.rows().shape == (4, 2, 5)
    assert run.checkpoints.epochs() == [0, 3, 4]


@pytest.mark.parametrize(("name", "names"), [("format-1", []), ("format-2", ["gradient_norm.0"])])
def test_series_came_with_format_2(name: str, names: list[str]) -> None:
    metrics = RunStore(OLD_RUNS / name).open("breast-cancer-1").metrics
    points = metrics.points("gradient_norm.0")
    assert metrics.series_names() == names
    assert (points.steps.tolist(), points.epochs.tolist()) == ([15] * len(names), [3] * len(names))
    np.testing.assert_array_equal(points.values, np.array([[0.5, np.nan]] * len(names)).reshape(-1, 2))
