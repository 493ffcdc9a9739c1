"""A bit is flipped somewhere in what a stopped run left: it goes on to the same numbers, or says what is damaged."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError
from engine.protocol.commands import NextEpoch, NextStep, SetDial, Stop
from engine.store.runs import Run
from engine.worker.__main__ import open_trainer
from engine.worker.recorded_history import read_history
from tests.engine.worker.conftest import MakeRun, Serve
from tests.engine.worker.oracle import Undisturbed

FLIPS = 200
STOPPED_AT = (2, 1)
TURNS = [((1, 0), "training.learning_rate", 0.02), ((1, 0), "training.l2", 0.001)]


@pytest.fixture
def stopped(make_run: MakeRun, serve: Serve) -> Run:
    """Return a run that was changed on its way, and stopped in the midst of its third epoch."""
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
    watcher.send(Stop())
    served.join()
    return run


def rows_of(directory: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return what a run comes to when it is taken up: the rows that it had, and those that it goes on to."""
    run = Run(directory)
    trainer = open_trainer(run)
    past = read_history(run, trainer.epoch).rows(1, trainer.epoch)
    return np.concatenate([past, *(result.row()[None] for result in trainer.epochs())])


def test_no_flipped_bit_leads_to_other_numbers(stopped: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    expected = Undisturbed(stopped, TURNS).finish().rows
    np.testing.assert_array_equal(rows_of(stopped.path), expected)
    newest = max(stopped.checkpoints.directory.iterdir())
    files = [newest, stopped.path / "metrics.sqlite", stopped.path / "run.json"]
    random = np.random.default_rng(11)
    for number in range(FLIPS):
        path = files[number % len(files)]
        whole = path.read_bytes()
        data = bytearray(whole)
        data[random.integers(len(data))] ^= 1 << int(random.integers(8))
        path.write_bytes(data)
        caplog.clear()
        try:
            np.testing.assert_array_equal(rows_of(stopped.path), expected)
            [line] = caplog.messages
            assert path == newest
        except InputError as error:
            line = str(error)
        assert line.startswith(f"{path}: ")
        assert line.isprintable()
        path.write_bytes(whole)
    np.testing.assert_array_equal(rows_of(stopped.path), expected)
