from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import presets
from engine.store.runs import Run, RunStore
from engine.worker import launcher
from engine.worker.ready import ReadyWorker
from tests.patience import PATIENCE


@pytest.fixture
def ready() -> Iterator[ReadyWorker]:
    holder = ReadyWorker()
    holder.prepare()
    yield holder
    holder.close()


def make_run() -> Run:
    spec = presets.load("xor", set={"training.epochs": 3})
    return RunStore().create(spec, (1,), pace=None)


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def waiting_process(ready: ReadyWorker) -> int:
    """Return the process that is held ready, once it has a command line: for a moment after its start it has none."""
    assert ready.pid is not None
    deadline = time.monotonic() + PATIENCE
    while " --ready" not in command_line(ready.pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return ready.pid


def is_running(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


async def finish(run: Run, process: subprocess.Popen[bytes]) -> str:
    """Follow a run to its end, and return what its worker is called meanwhile."""
    client = await launcher.connect(run, process)
    name = command_line(process.pid)
    async for frame, _ in client.frames():
        if frame.state == "finished":
            break
    await client.close()
    return name


def test_a_process_held_ready_serves_the_run_and_says_so_in_its_command_line(ready: ReadyWorker) -> None:
    run, waiting = make_run(), waiting_process(ready)
    process = launcher.launch(run, ready=ready)
    assert process.pid == waiting
    assert str(run.path) in asyncio.run(finish(run, process))
    assert "--ready" not in command_line(process.pid)
    assert process.wait(PATIENCE) == 0
    assert run.summary().state == "finished"


def test_its_last_words_go_to_the_log_of_the_run(ready: ReadyWorker) -> None:
    run = make_run()
    (run.path / "run.json").write_text("{")
    process = launcher.launch(run, ready=ready)
    assert process.wait(PATIENCE) == 2
    assert "run.json" in run.log_path.read_text()


def wait_for_end_of(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while is_running(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_nobody_wanting_it_ends_it(ready: ReadyWorker) -> None:
    waiting = waiting_process(ready)
    ready.close()
    wait_for_end_of(waiting)


def test_where_it_has_died_another_one_is_started(ready: ReadyWorker) -> None:
    run, waiting = make_run(), waiting_process(ready)
    os.kill(waiting, signal.SIGKILL)
    wait_for_end_of(waiting)
    process = launcher.launch(run, ready=ready)
    assert process.pid != waiting
    asyncio.run(finish(run, process))
    assert process.wait(PATIENCE) == 0
