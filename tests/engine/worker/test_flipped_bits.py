"""A bit is flipped in what a stopped or killed run left: it goes on to the same numbers, or says what is damaged.

20 flips of each in ``make test``; 200 with ``pytest --hypothesis-profile=long`` and this file.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError
from engine.protocol.commands import NextEpoch, NextStep, SetDial, Stop
from engine.store.runs import Run
from engine.training.stored import open_trainer
from engine.worker.recorded_history import read_history
from tests.engine.worker.conftest import MakeRun, Serve
from tests.engine.worker.oracle import Undisturbed
from tests.properties import examples

FLIPS = 20
STOPPED_AT = (2, 1)
TURNS = [((1, 0), "training.learning_rate", 0.02), ((1, 0), "training.l2", 0.001)]


@pytest.fixture(params=["stopped", "killed"])
def left(request: pytest.FixtureRequest, make_run: MakeRun, serve: Serve, tmp_path: Path) -> Run:
    """Return a run that was changed on its way, and stopped in the midst of its third epoch, or killed there."""
    run = make_run()
    served = serve(run)
    watcher = served.watch()
    watcher.do(NextEpoch())
    watcher.until(epoch=1, state="paused")
    for _, path, value in TURNS:
        watcher.do(SetDial(path=path, value=value))
    watcher.do(NextEpoch())
    watcher.until(epoch=2, state="paused")
    watcher.do(NextStep())
    watcher.until(epoch=2, step=1, state="paused")
    killed = Path(shutil.copytree(run.path, tmp_path / "killed" / "runs" / run.name))  # what a kill would leave
    watcher.send(Stop())
    served.join()
    return run if request.param == "stopped" else Run(killed)


def rows_of(directory: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return what a run comes to when it is taken up: the rows that it had, and those that it goes on to."""
    run = Run(directory)
    trainer = open_trainer(run)
    past = read_history(run, trainer.epoch).rows(1, trainer.epoch)
    return np.concatenate([past, *(result.row()[None] for result in trainer.epochs())])


def test_no_flipped_bit_leads_to_other_numbers(left: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    expected = Undisturbed(left, TURNS).finish().rows
    kept = {path: path.read_bytes() for path in left.path.rglob("*") if path.is_file()}
    newest = max(left.checkpoints.directory.iterdir())
    files = [newest, *(path for path in kept if path.name in {"run.json", "metrics.sqlite", "metrics.sqlite-wal"})]
    random = np.random.default_rng(11)
    for number in range(examples(FLIPS)):
        path = files[number % len(files)]
        data = bytearray(kept[path])
        data[random.integers(len(data))] ^= 1 << int(random.integers(8))
        path.write_bytes(data)
        caplog.clear()
        try:
            np.testing.assert_array_equal(rows_of(left.path), expected)
            lines = [str(message) for message in caplog.messages]
        except InputError as error:
            lines = [str(error)]
        for line in lines:
            assert line.startswith(str(path).removesuffix("-wal"))
            assert line.isprintable()
        for name, whole in kept.items():
            name.write_bytes(whole)
    np.testing.assert_array_equal(rows_of(left.path), expected)
