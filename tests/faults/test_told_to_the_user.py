"""What someone at the command line reads when something goes wrong: one line that says what, and nothing lost."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.protocol.commands import Resume, SetPace
from engine.store.runs import Run, RunStore
from engine.worker.launcher import attach
from presets import load
from tests.faults.conftest import until
from tests.patience import PATIENCE
from tests.stories.runs import EPOCHS, hurry_unseen, undisturbed, wait_for

OTHER_VERSION = """# engine.worker
import sys
from engine.protocol import version
version.PROTOCOL = 99
from engine.worker.process import main
sys.exit(main([sys.argv[1]]))
"""


class Program:
    """``tui-trainer`` without a terminal.

    Args:
        folder: Where to keep what it writes; it is made.
        arguments: Its arguments.
    """

    def __init__(self, folder: Path, *arguments: str) -> None:
        folder.mkdir()
        self._output, self._errors = folder / "stdout", folder / "stderr"
        command = [sys.executable, "-P", "-m", "tui_trainer", *arguments]
        with self._output.open("wb") as output, self._errors.open("wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)

    def says(self, text: str) -> str:
        """Wait until it has written a line with a text to stderr, and return that line."""
        wait_for(lambda: text in self._errors.read_text().rpartition("\n")[0])
        return next(line for line in self._errors.read_text().splitlines() if text in line)

    def end(self) -> tuple[int, list[str], list[str]]:
        """Wait for its end; return its status, and the lines that it wrote to stdout and stderr."""
        status = self.process.wait(PATIENCE)
        return status, self._output.read_text().splitlines(), self._errors.read_text().splitlines()


Start = Callable[..., Program]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Program] = []

    def launch(*arguments: str) -> Program:
        started.append(Program(tmp_path / f"program-{len(started)}", *arguments))
        return started[-1]

    yield launch
    for program in started:
        if program.process.poll() is None:
            program.process.kill()
            program.end()


def the_run(epochs: int = 1) -> Run:
    """Wait until there is a run with so many epochs, and return it."""
    wait_for(lambda: any(run.summary().epoch >= epochs for run in RunStore().runs()))
    (run,) = RunStore().runs()
    return run


def worker_of(run: Run) -> int:
    pid = run.metrics.state().pid
    assert pid is not None
    return pid


def headless(epochs: int, pace: str = "max") -> Sequence[str]:
    return ["run", "breast-cancer", "--json", "--epochs", str(epochs), "--pace", pace]


WATCHES = "ctrl+c stops it"
"""Said once the run's worker is heard; until then the run may go on unseen."""
SLOW = headless(EPOCHS, "2")
"""It is not over when something happens to it, however busy the machine."""


def resumed(start: Start, run: Run) -> list[str]:
    """Take a run up, let it go on at full speed, and return the lines of its end on stdout."""
    last_worker = worker_of(run)  # which may still hold the run while it leaves
    program = start("resume", run.name, "--json")
    wait_for(lambda: worker_of(run) != last_worker)
    hurry_unseen(run)
    status, told, errors = program.end()
    assert status == 0, errors
    assert "Traceback" not in "".join(errors)
    wait_for(lambda: not run.is_locked())  # while a worker closes its store nobody can read it
    return told


def test_a_worker_that_is_killed(start: Start) -> None:
    program = start(*SLOW)
    program.says(WATCHES)
    run = the_run(epochs=2)
    os.kill(worker_of(run), signal.SIGKILL)
    status, _, errors = program.end()
    assert status == 1, errors
    assert errors[-1].startswith("tui-trainer: ")
    assert "gone" in errors[-1]
    assert "Traceback" not in "".join(errors)
    assert run.summary().state == "died"
    assert '"reason":"epochs"' in resumed(start, run)[-1]
    np.testing.assert_array_equal(run.metrics.rows(), undisturbed())


def test_a_worker_that_is_asked_to_end(start: Start) -> None:
    program = start(*SLOW)
    program.says(WATCHES)
    run = the_run(epochs=2)
    os.kill(worker_of(run), signal.SIGTERM)
    status, told, errors = program.end()
    assert status == 0, errors
    assert '"reason":"stopped"' in told[-1]
    assert f"tui-trainer resume {run.name}" in errors[-1]
    assert resumed(start, run)
    np.testing.assert_array_equal(run.metrics.rows(), undisturbed())


async def go_on(run: Run) -> None:
    client = await attach(run)
    await client.send(SetPace(pace=None))
    await client.send(Resume())
    await until(client, state="finished")
    await client.close()


def test_a_full_disk(start: Start) -> None:
    program = start(*headless(200, "10"))
    run = the_run(epochs=2)
    _, hard = resource.prlimit(worker_of(run), resource.RLIMIT_FSIZE)
    resource.prlimit(worker_of(run), resource.RLIMIT_FSIZE, (1, hard))  # from now on no file takes another byte
    line = program.says("paused")
    assert line.startswith(f"run {run.name}: paused: ")
    assert str(run.path) in line
    assert f"tui-trainer attach {run.name} goes on" in line
    resource.prlimit(worker_of(run), resource.RLIMIT_FSIZE, (hard, hard))  # space is made
    asyncio.run(go_on(run))
    status, told, errors = program.end()
    assert status == 0, errors
    assert sum('"kind":"epoch"' in line for line in told) == 200
    np.testing.assert_array_equal(run.metrics.rows(), undisturbed(epochs=200))


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_store_that_is_read_only(start: Start) -> None:
    start(*headless(3)).end()
    run = the_run(epochs=3)
    wait_for(lambda: not run.is_locked())
    for path in (run.path, run.path.parent):
        path.chmod(0o555)
    try:
        status, told, errors = start(*headless(3)).end()
        assert (status, told, len(errors)) == (2, [], 1)
        assert "cannot be written" in errors[0]
        assert "TUI_TRAINER_HOME" in errors[0]
        status, listed, _ = start("runs", "--json").end()
        assert (status, len(listed)) == (0, 1)
    finally:
        for path in (run.path.parent, run.path):
            path.chmod(0o755)


def test_a_store_that_is_no_folder(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_TRAINER_HOME", "/dev/null/store")
    status, told, errors = start(*headless(3)).end()
    assert (status, told, len(errors)) == (2, [], 1)
    assert "/dev/null/store" in errors[0]
    assert "TUI_TRAINER_HOME" in errors[0]


def test_a_worker_of_another_version(start: Start) -> None:
    run = RunStore().create(load("breast-cancer", set={"training.epochs": 10**6}), [42], pace=20.0)
    worker = subprocess.Popen([sys.executable, "-P", "-c", OTHER_VERSION, str(run.path)])
    try:
        wait_for(lambda: (recorded := run.metrics.state()).pid == worker.pid and recorded.socket)  # it hears signals
        status, told, errors = start("stop", run.name).end()
        assert (status, len(told), errors) == (0, 1, [])
        assert run.name in told[0]
        assert worker.wait(PATIENCE) == 0
    finally:
        worker.kill()
        worker.wait()


def test_half_a_checkpoint(start: Start) -> None:
    program = start(*SLOW)
    run = the_run(epochs=2)
    wait_for(lambda: len(run.checkpoints.epochs()) > 2)
    os.kill(worker_of(run), signal.SIGKILL)
    program.end()
    latest = max(run.checkpoints.directory.iterdir())
    latest.write_bytes(latest.read_bytes()[: latest.stat().st_size // 2])
    assert '"reason":"epochs"' in resumed(start, run)[-1]
    np.testing.assert_array_equal(run.metrics.rows(), undisturbed())
