"""What is stored is its owner's alone, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store.runs import RunStore
from engine.training.trainer import Trainer
from engine.worker.launcher import launch
from tests.engine.worker.learner import create
from tests.patience import PATIENCE


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_folders_and_files_of_a_run_are_the_owners_alone(umask: int, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "share" / "store")
    os.umask(0o022)
    run = create(RunStore(tmp_path / "elsewhere"))  # its data, which are not ours to hide
    os.umask(umask)
    run = store.create(run.description.trained.spec, [7])
    with run.lock():
        run.metrics.record_state(state="stopped")
        run.checkpoints.save(Trainer(run.description.trained.spec, 7).checkpoint())
        assert {path.name for path in run.path.iterdir()} >= {"metrics.sqlite-wal", "metrics.sqlite-shm"}
        modes = modes_below(tmp_path / "share")
        run.metrics.close()
    modes |= modes_below(tmp_path / "share")
    assert {
        name: oct(mode) for name, (is_folder, mode) in modes.items() if mode != (0o700 if is_folder else 0o600)
    } == {}
    assert {"share", "store", "checkpoints", "run.json", "metrics.sqlite", "worker.lock", "metrics.sha256"} <= set(
        modes
    )


def test_a_workers_log_is_the_owners_alone(tmp_path: Path) -> None:
    run = create(RunStore(tmp_path / "store"), training__epochs=0)
    before = os.umask(0)
    try:
        worker = launch(run, attach_only=True)
    finally:
        os.umask(before)
    worker.terminate()
    worker.wait(PATIENCE)
    assert stat.S_IMODE(run.log_path.stat().st_mode) == 0o600


def modes_below(folder: Path) -> dict[str, tuple[bool, int]]:
    """Return of each file and folder whether it is a folder, and its permissions."""
    paths = [folder, *folder.rglob("*")]
    return {path.name: (path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in paths}
