"""Launch, watch, steer, leave, come back."""

from __future__ import annotations

import os
import shlex
import shutil
import signal

import numpy as np
import pytest

from tests.stories.runs import (
    EPOCHS,
    STEERED,
    come_to_rest,
    epoch_of,
    finished,
    hurry,
    hurry_unseen,
    reached,
    the_run,
    turns,
    undisturbed,
    wait_for,
    wait_for_end_of,
)
from tests.terminal import TUI_TRAINER, Terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a pseudo-terminal")


def above_the_notice(text: str) -> list[str]:
    """Return the lines of the screen that do not change with time."""
    return text.splitlines()[:-2]


def test_launch_steer_detach_and_come_back() -> None:
    with Terminal(STEERED) as terminal:
        terminal.wait_for(reached(5))
        terminal.wait_for("━ validation")
        terminal.wait_for(lambda text: any("\u2800" < char <= "\u28ff" for char in text))  # a curve is drawn
        terminal.wait_for(lambda _: len(terminal.colors()) > 8)  # the heatmap is coloured
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
    hurry_unseen(run)
    wait_for_end_of(run)
    assert run.summary().state == "finished"
    assert len(run.metrics.rows()) == EPOCHS
    (change,) = turns(run)
    assert (change.path, change.before, change.value) == ("training.learning_rate", 0.001, 0.002)
    with Terminal(["attach", run.name]) as terminal:
        terminal.wait_for(lambda text: epoch_of(text) == EPOCHS)
        terminal.wait_for("0.001→0.002")


def test_a_paused_screen_is_silent() -> None:
    with Terminal(["--epochs", "100000", "--pace", "20"]) as terminal:
        terminal.wait_for(reached(3))
        terminal.press(" ")
        terminal.wait_for("paused")
        come_to_rest(terminal)  # what was under way when it paused
        assert terminal.pump(1.5) == 0
        terminal.press("?")
        terminal.wait_for("esc closes")
        come_to_rest(terminal)
        with_help = terminal.text
        terminal.press("ctrl+l")  # sends every cell, those too that were left out while the help opened
        come_to_rest(terminal)
        assert terminal.text == with_help
        terminal.press("escape")
        terminal.wait_for(lambda text: "esc closes" not in text)
        come_to_rest(terminal)
        terminal.kill(signal.SIGSTOP)
        terminal.show(b"\x1b[2;1Hwhat a shell has written")
        terminal.press("n")
        terminal.kill(signal.SIGCONT)
        terminal.wait_for(lambda text: "a shell has written" not in text)
        terminal.wait_for("step 1")
        terminal.press("q")
        terminal.wait_for("top")
        terminal.press("s")
        assert terminal.wait_for_end() == 0
    assert the_run().summary().state == "stopped"


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell with jobs")
def test_a_screen_in_the_background_comes_back_and_has_missed_nothing() -> None:
    with Terminal(program=("bash", "--norc", "-i"), environment={"LC_ALL": "C.UTF-8"}) as terminal:
        terminal.press(shlex.join([*TUI_TRAINER, "--epochs", "100000", "--pace", "20"]), "enter")
        terminal.wait_for(reached(3))
        terminal.press("ctrl+z")
        terminal.wait_for("Stopped")
        run = the_run()
        before = len(run.metrics.rows())
        wait_for(lambda: len(run.metrics.rows()) > before + 20)
        terminal.press("fg", "enter")
        terminal.wait_for(reached(before + 20))
        terminal.press("v")
        terminal.wait_for("full pass")
        terminal.press("q")
        terminal.wait_for("top")
        terminal.press("s")
        terminal.wait_for("stopped and saved")
        terminal.press("exit", "enter")
        assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("keys", [(), ("?",), ("9",), ("ctrl+p",)], ids=["dashboard", "help", "presets", "palette"])
def test_a_terminal_that_was_smaller_for_a_moment_is_whole_again(keys: tuple[str, ...]) -> None:
    with Terminal(["--epochs", "100000", "--pace", "20"]) as terminal:
        terminal.wait_for(reached(3))
        terminal.press(" ")
        terminal.wait_for("paused")
        come_to_rest(terminal)  # under a dialog the panes wait with what is new
        terminal.press(*keys)
        come_to_rest(terminal)
        before = above_the_notice(terminal.text)
        terminal.flicker(48, 26)
        assert above_the_notice(terminal.text) != before
        terminal.wait_for(lambda text: above_the_notice(text) == before)
        terminal.resize(48, 26)
        terminal.resize(120, 40)
        assert above_the_notice(terminal.text) != before
        terminal.wait_for(lambda text: above_the_notice(text) == before)


def test_what_others_wrote_on_the_screen_goes_away_with_ctrl_l() -> None:
    with Terminal(["--epochs", "100000", "--pace", "20"]) as terminal:
        terminal.wait_for(reached(3))
        terminal.press(" ")
        terminal.wait_for("paused")
        come_to_rest(terminal)
        terminal.show(b"\x1b[2;1HThe system goes down for a reboot at noon.")
        assert "reboot" in terminal.text
        terminal.press("ctrl+l")
        terminal.wait_for(lambda text: "reboot" not in text)


def test_a_killed_screen_does_not_disturb_training() -> None:
    with Terminal(["--epochs", str(EPOCHS), "--pace", "50"]) as terminal:
        terminal.wait_for(reached(3))
        terminal.kill(signal.SIGKILL)
    run = the_run()
    wait_for_end_of(run)
    np.testing.assert_array_equal(run.metrics.rows(), undisturbed())


def test_a_screen_whose_terminal_hung_while_the_run_ended_shows_all_of_it_in_the_end() -> None:
    epochs = 2 * EPOCHS
    with Terminal(["--epochs", str(epochs), "--pace", "2"]) as terminal:
        terminal.wait_for(reached(3))
        run = the_run()
        terminal.press(*"++++")  # to 50 epochs a second
        wait_for(lambda: run.summary().state == "finished")  # nothing is read of what the screen writes
        assert epoch_of(terminal.text) < epochs
        terminal.wait_for(lambda text: "finished" in text and epoch_of(text) == epochs)
        terminal.press("2", "f", "right")  # the crosshair begins at the last epoch that the chart has
        terminal.wait_for(f"epoch {epochs}")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_a_killed_worker_is_noticed_and_resumed_to_the_same_end() -> None:
    with Terminal(STEERED) as terminal:
        terminal.wait_for(reached(3))
        run = the_run()
        pid = run.metrics.state().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        terminal.wait_for("resume")
        assert run.summary().state == "died"
        terminal.press("enter")
        terminal.wait_for("training")
        hurry(terminal)
        terminal.wait_for(finished)
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    wait_for_end_of(run)
    np.testing.assert_array_equal(run.metrics.rows(), undisturbed())


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (20, 5)])
def test_any_terminal_will_do(size: tuple[int, int]) -> None:
    with Terminal(["--epochs", "100000", "--pace", "20"], size=size) as terminal:
        terminal.wait_for("▶")  # the word beside it may have no room
        terminal.resize(120, 40)
        terminal.wait_for("Architecture")
        terminal.resize(*size)
        terminal.press("q")
        terminal.wait_for("top")
        terminal.press("s")
        assert terminal.wait_for_end() == 0
