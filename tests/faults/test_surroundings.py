"""What a worker lives in: a clock that jumps, memory that ends, a disk that is full or is taken away."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from engine.protocol.commands import Command, Resume, SetDial, Stop
from engine.store.runs import Run, RunStore
from tests.engine.worker.learner import create
from tests.engine.worker.peers import Peer
from tests.faults.conftest import MakeRun, Processes
from tests.faults.disk import needs_faulty_disk
from tests.faults.failing_disk import a_host
from tests.faults.life import Life, check_log
from tests.faults.story import EPOCHS, STORY, Held, check_ends_undisturbed, check_held, tell
from tests.patience import PATIENCE

YEAR = 366 * 24 * 3600


@needs_faulty_disk
def test_a_clock_that_jumps_by_years_changes_nothing(tmp_path: Path) -> None:
    with a_host(tmp_path) as (host, disk, store):
        run, held = create(store, training__epochs=EPOCHS), Held()

        def talk(watcher: Peer) -> None:
            for number, command in enumerate(STORY):
                disk.set(clock_seconds=(-1) ** number * number * YEAR)
                tell(watcher, command, held)
            watcher.send(Stop())

        assert Life(host, run, "--hold").watch(talk) == 0
    assert held.refusals == []
    check_held(run, held)
    check_ends_undisturbed(run.path)
    assert [summary.state for summary in store.listing().summaries] == ["finished"]


GROWTH = 30_000_000
"""Bytes of address space that a worker may have beyond what it has."""


def test_memory_that_ends_is_said_in_a_line_and_ends_nothing(make_run: MakeRun, processes: Processes) -> None:
    run = make_run(training__epochs=EPOCHS)
    worker = processes.worker(run, attach_only=True)
    watcher = Peer(run.socket_path)
    try:
        watcher.greet()
        limit = int(Path(f"/proc/{worker.pid}/statm").read_text().split()[0]) * resource.getpagesize() + GROWTH
        resource.prlimit(worker.pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
        wide: Command = SetDial(path="network.edit", value={"kind": "set-units", "layer": 0, "units": 4_000})
        refusals = [watcher.ask(wide)[0].error]
        wide = SetDial(path="network.edit", value={"kind": "set-units", "layer": 1, "units": 4_000})
        refusals += [watcher.ask(wide)[0].error]
        assert any(refusals), "there was enough"
        assert all(refusal is None or "memory" in refusal for refusal in refusals)
        resource.prlimit(worker.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        watcher.do(Resume())
        watcher.until(state="finished")
        watcher.send(Stop())
    finally:
        watcher.close()
    assert worker.wait(PATIENCE) == 0
    check_log(run)
    check_ends_undisturbed(run.path)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Callable[[str], object]]:
    """Mount a disk of its own on a folder, and give what mounts it again with other options."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if os.getuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount")
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield lambda options: subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(folder: Path) -> None:
    with suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while file.write(bytes(4_096)):
            pass


def test_a_disk_that_is_really_full_pauses_the_run_and_one_with_room_again_lets_it_go_on(
    tmp_path: Path, processes: Processes
) -> None:
    with small_disk(tmp_path / "disk", "4m") as remount:
        run = create(RunStore(tmp_path / "disk" / "store"), training__epochs=EPOCHS)
        worker = processes.worker(run, attach_only=True)
        watcher = Peer(run.socket_path)
        try:
            watcher.greet()
            _fill(tmp_path / "disk")
            rates = (0.01 + number / 10_000 for number in range(1_000))  # the journal has some room of its own
            replies = (watcher.ask(SetDial(path="training.learning_rate", value=rate))[0] for rate in rates)
            refusal = next(reply.error for reply in replies if reply.error is not None)
            assert str(run.path) in refusal
            remount("size=20m")
            watcher.do(SetDial(path="training.learning_rate", value=0.005))
            watcher.do(Resume())
            watcher.until(state="finished")
            watcher.send(Stop())
        finally:
            watcher.close()
        assert worker.wait(PATIENCE) == 0
        check_log(run)
        check_ends_undisturbed(run.path)


def test_a_disk_that_becomes_read_only_pauses_the_run_and_lets_it_be_looked_at(
    tmp_path: Path, processes: Processes
) -> None:
    with small_disk(tmp_path / "disk", "20m") as remount:
        run = create(RunStore(tmp_path / "disk" / "store"), training__epochs=EPOCHS)
        worker = processes.worker(run, attach_only=True)
        watcher = Peer(run.socket_path)
        try:
            watcher.greet()
            watcher.do(SetDial(path="training.learning_rate", value=0.005))
            worker.kill()
            assert worker.wait(PATIENCE) != 0
        finally:
            watcher.close()
        remount("ro")
        assert Run(run.path).summary().state == "stopped"
        assert [change.value for change in Run(run.path).metrics.changes()] == [0.005]
        remount("rw")
        check_ends_undisturbed(run.path)
