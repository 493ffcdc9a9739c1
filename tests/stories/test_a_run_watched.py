"""Launch, watch, steer, leave, come back."""

from __future__ import annotations

import os
import re
import signal

import numpy as np
import pytest

import engine
import presets
from engine.store.runs import Run, RunStore
from tests.terminal import Terminal

EPOCHS = 60
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a pseudo-terminal")


def the_run() -> Run:
    (run,) = RunStore().runs()
    return run


def wait_for_end_of(run: Run) -> None:
    """Wait until no worker holds the run; its lock is what tells."""
    import time

    for _ in range(3000):
        if not run.is_locked():
            return
        time.sleep(0.02)
    raise AssertionError("the worker never ended")


def epoch_of(text: str) -> int:
    """Return the epoch that the header shows."""
    found = re.search(r"epoch\s+(\d+) / ", text)
    return int(found[1]) if found else 0


def undisturbed(**settings: object) -> np.ndarray:
    """Return the metrics of the same recipe trained in this process, nobody watching."""
    spec = presets.load("breast-cancer", set={"training.epochs": EPOCHS, **settings})
    return np.stack([result.row() for result in engine.Trainer(spec).epochs()])


def test_launch_steer_detach_and_come_back() -> None:
    with Terminal(["--epochs", str(EPOCHS), "--pace", "20"]) as terminal:
        terminal.wait_for(lambda text: epoch_of(text) >= 5)
        assert "train" in terminal.text
        assert "validation" in terminal.text
        assert any("\u2800" < char <= "\u28ff" for char in terminal.text), "a curve is drawn"
        assert len(terminal.colors()) > 8, "the heatmap is coloured"
        terminal.wait_for(lambda text: text.count("■") >= 12)
        terminal.press("]")
        terminal.wait_for("0.001→0.002")
        seen = epoch_of(terminal.text)
        terminal.wait_for(lambda text: epoch_of(text) > seen)
        terminal.press("q")
        terminal.wait_for("etach")
        terminal.press("d")
        assert terminal.wait_for_end() == 0
    run = the_run()
    wait_for_end_of(run)
    assert run.summary().state == "finished"
    assert len(run.metrics.rows()) == EPOCHS
    (change,) = run.metrics.changes()
    assert (change.path, change.before, change.value) == ("training.learning_rate", 0.001, 0.002)
    with Terminal(["attach", run.name]) as terminal:
        terminal.wait_for(lambda text: epoch_of(text) == EPOCHS)
        terminal.wait_for("0.001→0.002")


def test_a_paused_screen_is_silent() -> None:
    with Terminal(["--epochs", "100000", "--pace", "20"]) as terminal:
        terminal.wait_for(lambda text: epoch_of(text) >= 3)
        terminal.press(" ")
        terminal.wait_for("paused")
        terminal.pump(0.5)  # what was under way when it paused
        assert terminal.pump(1.5) == 0
        terminal.press("n")
        terminal.wait_for("step 1")
        terminal.press("q")
        terminal.wait_for("top")
        terminal.press("s")
        assert terminal.wait_for_end() == 0
    assert the_run().summary().state == "stopped"


def test_a_killed_screen_does_not_disturb_training() -> None:
    with Terminal(["--epochs", str(EPOCHS), "--pace", "20"]) as terminal:
        terminal.wait_for(lambda text: epoch_of(text) >= 3)
        terminal.kill(signal.SIGKILL)
    run = the_run()
    wait_for_end_of(run)
    np.testing.assert_array_equal(run.metrics.rows(), undisturbed())


def test_a_killed_worker_is_noticed_and_resumed_to_the_same_end() -> None:
    with Terminal(["--epochs", str(EPOCHS), "--pace", "20"]) as terminal:
        terminal.wait_for(lambda text: epoch_of(text) >= 15)
        run = the_run()
        pid = run.metrics.state().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        terminal.wait_for("resume")
        assert run.summary().state == "died"
        terminal.press("enter")
        terminal.wait_for(lambda text: epoch_of(text) == EPOCHS)
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    wait_for_end_of(run)
    np.testing.assert_array_equal(run.metrics.rows(), undisturbed())


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (20, 5)])
def test_any_terminal_will_do(size: tuple[int, int]) -> None:
    with Terminal(["--epochs", "100000", "--pace", "20"], size=size) as terminal:
        terminal.wait_for("training")
        terminal.resize(120, 40)
        terminal.wait_for("Architecture")
        terminal.resize(*size)
        terminal.press("q")
        terminal.wait_for("top")
        terminal.press("s")
        assert terminal.wait_for_end() == 0
