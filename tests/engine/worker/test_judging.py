"""Judging beside the training: what goes wrong in it is none of the training's business."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import pytest

from engine.protocol.commands import Resume
from engine.worker.judging import Judging
from tests.engine.worker.conftest import MakeRun, Serve
from tests.engine.worker.oracle import Undisturbed, rows_of


def test_a_rule_that_fails_ends_the_judging_and_not_the_training(
    make_run: MakeRun, serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> NoReturn:
        raise KeyError("a rule's own mistake")

    monkeypatch.setattr(Judging, "SURVIVES", True)
    monkeypatch.setattr("engine.worker.judge.judged", fail)
    run = make_run(training__epochs=40)
    watcher = serve(run).watch()
    watcher.do(Resume())
    watcher.until(state="finished", epoch=40)
    np.testing.assert_array_equal(rows_of(run), Undisturbed(run).finish().rows)
    assert capsys.readouterr().err.count("Traceback") == 1
