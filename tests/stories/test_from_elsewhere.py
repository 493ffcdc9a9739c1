"""A run that is started in one terminal and taken up in another: over tmux, and over ssh."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.faults.sshd import PRIVATE_FOLDER, needs_sshd, running_box
from tests.patience import PATIENCE
from tests.stories.runs import STEERED, finished, hurry, reached, the_run, turns, undisturbed, wait_for_end_of
from tests.terminal import TUI_TRAINER, Terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a pseudo-terminal")

OURS = ("TUI_TRAINER_HOME", "HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR", "PATH")


def command(*arguments: str) -> str:
    """Return a shell command that runs ``tui-trainer`` with this test's store."""
    settings = [f"{name}={os.environ[name]}" for name in OURS if name in os.environ]
    return shlex.join(["env", *settings, *TUI_TRAINER, *arguments])


# tmux


class Tmux:
    """A tmux server of the test's own."""

    def __init__(self, socket: Path) -> None:
        self._base = ["tmux", "-f", os.devnull, "-S", str(socket)]

    def run(self, *arguments: str) -> str:
        return subprocess.run([*self._base, *arguments], capture_output=True, text=True, check=True).stdout

    def wait_for(self, holds: Callable[[str], bool]) -> str:
        deadline = time.monotonic() + PATIENCE
        while not holds(text := self.run("capture-pane", "-p")):
            assert time.monotonic() < deadline, text
            time.sleep(0.05)
        return text


@pytest.fixture
def tmux() -> Iterator[Tmux]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    with tempfile.TemporaryDirectory() as folder:
        server = Tmux(Path(folder) / "s")
        yield server
        subprocess.run([*server._base, "kill-server"], capture_output=True, check=False)


def test_a_run_begun_in_tmux_outlives_it_and_is_taken_up_elsewhere(tmux: Tmux) -> None:
    tmux.run("new-session", "-d", "-x", "120", "-y", "40", command(*STEERED))
    tmux.wait_for(reached(5))
    tmux.run("send-keys", "Space")  # it is not to end before somebody is there again
    tmux.wait_for(lambda text: "paused" in text)
    tmux.run("send-keys", "]")
    tmux.wait_for(lambda text: "0.001→0.002" in text)
    tmux.run("kill-server")
    run = the_run()
    assert run.is_locked()
    with Terminal(["attach"]) as terminal:
        terminal.wait_for("0.001→0.002")
        terminal.press(" ")
        hurry(terminal)
        terminal.wait_for(finished)
    wait_for_end_of(run)
    np.testing.assert_array_equal(run.metrics.rows(), undisturbed(turns(run)))


# ssh


@pytest.fixture
def ssh() -> Iterator[list[str]]:
    """Return the words that log in to this machine, by an ssh server of the test's own."""
    if os.getuid() == 0:
        PRIVATE_FOLDER.mkdir(mode=0o755, exist_ok=True)  # as the system's own service does when it starts
    with tempfile.TemporaryDirectory() as folder, running_box(Path(folder)) as box:
        if reason := box.why_no_login():
            pytest.skip(reason)
        yield [*shlex.split(box.ssh()), "-tt", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "box"]


@needs_sshd
def test_a_run_is_attached_to_over_ssh_and_a_cut_connection_does_not_disturb_it(ssh: list[str]) -> None:
    with Terminal(STEERED) as terminal:
        terminal.wait_for(reached(3))
        terminal.press(" ")  # it is not to end before somebody has logged in
        terminal.wait_for("paused")
        terminal.press("q")
        terminal.wait_for("etach")
        terminal.press("d")
        assert terminal.wait_for_end() == 0
    run = the_run()
    with Terminal([command("attach", run.name)], program=ssh) as terminal:
        terminal.wait_for("paused")
        terminal.press("]", *"++++")  # at 50 epochs a second it will take another one
        terminal.wait_for("0.001→0.002")
        terminal.press(" ")
        terminal.wait_for(lambda text: "paused" not in text)
    wait_for_end_of(run)  # leaving the block has killed ssh itself
    assert run.summary().state == "finished"
    np.testing.assert_array_equal(run.metrics.rows(), undisturbed(turns(run)))
