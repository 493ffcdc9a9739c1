"""Files that vanish, are cut or cannot be written."""

from __future__ import annotations

import asyncio
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError, WorkerError
from engine.protocol.commands import MoreEpochs, NextEpoch, Pause, Resume, SetDial, Stop
from engine.spec import override
from engine.store.runs import Run, RunStore
from engine.worker.launcher import attach, connect, launch
from engine.worker.ready import HELD, HOLD
from tests.engine.worker.oracle import Undisturbed, told
from tests.faults.conftest import MakeRun, Processes, Watch, kill, until
from tests.patience import PATIENCE


def worker_alone(run: Run, *options: str) -> subprocess.CompletedProcess[str]:
    """Start a worker and wait for its end."""
    command = [sys.executable, "-P", "-m", "engine.worker", str(run.path), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)


def in_one_line(text: str) -> str:
    [line] = text.splitlines()
    return line


# The socket's file


def test_a_deleted_socket_is_bound_again(make_run: MakeRun, processes: Processes, watch: Watch) -> None:
    run = make_run()
    processes.worker(run, attach_only=True)
    first = watch(run)
    run.socket_path.unlink()
    second = watch(run)  # connects as soon as there is something to connect to
    first.do(NextEpoch())
    for watcher in (first, second):
        assert watcher.until(epoch=1).state == "paused"


# The lock


def test_a_second_worker_that_is_to_show_the_run_is_refused(
    make_run: MakeRun, processes: Processes, watch: Watch
) -> None:
    run = make_run()
    worker = processes.worker(run, attach_only=True)
    watcher = watch(run)
    second = worker_alone(run, HOLD)
    assert (second.returncode, second.stdout) == (HELD, "")
    assert f"held by its worker (process {worker.pid})" in in_one_line(second.stderr)
    watcher.do(NextEpoch())


async def test_who_starts_a_worker_too_late_is_served_by_the_other(make_run: MakeRun, processes: Processes) -> None:
    run = make_run()
    workers = [processes.worker(run, attach_only=True) for _ in range(2)]
    clients = [await connect(run, worker) for worker in workers]
    async with asyncio.timeout(PATIENCE):
        while all(worker.poll() is None for worker in workers):
            await asyncio.sleep(0.01)
    await clients[0].send(NextEpoch())
    for client in clients:
        await until(client, epoch=1, state="paused")
    await clients[1].send(Stop())
    for client in clients:
        await until(client, final=True)
        await client.close()
    assert sorted(worker.wait(PATIENCE) for worker in workers) == [0, HELD]


# Damaged files


def test_a_checkpoint_that_was_cut_costs_only_the_way_back_to_the_one_before(
    make_run: MakeRun, processes: Processes, watch: Watch
) -> None:
    run = make_run()
    worker = processes.worker(run, attach_only=True)
    watcher = watch(run)
    for epoch in (1, 2):
        watcher.do(SetDial(path="training.learning_rate", value=0.1 / epoch))
        watcher.do(NextEpoch())
        watcher.until(epoch=epoch, state="paused")
    kill(worker)
    assert run.checkpoints.epochs() == [0, 1, 2]
    [cut] = run.checkpoints.directory.glob("0000000002*")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    processes.worker(run)
    watcher = watch(run)
    watcher.until(state="finished")
    rates = [((0, 0), "training.learning_rate", 0.1), ((1, 0), "training.learning_rate", 0.05)]
    np.testing.assert_array_equal(told(watcher), Undisturbed(run, rates).finish().rows)
    assert str(cut) in in_one_line(run.log_path.read_text())


@pytest.mark.parametrize("text", [b"", b'{"format_version": 1, "run"', b'{"format_version": 99}', b"\xff\xfe", b"[]"])
def test_a_description_that_was_cut_is_one_line_and_status_2(make_run: MakeRun, text: bytes) -> None:
    run = make_run()
    (run.path / "run.json").write_bytes(text)
    ended = worker_alone(run)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert in_one_line(ended.stderr).startswith(f"{run.path / 'run.json'}: ")


async def test_metrics_that_are_none_are_the_launchers_input_error(make_run: MakeRun, processes: Processes) -> None:
    run = make_run()
    (run.path / "metrics.sqlite").write_text("no database at all, but long enough to look like one" * 100)
    ended = worker_alone(run)
    assert ended.returncode == 2
    assert in_one_line(ended.stderr).startswith(f"{run.path / 'metrics.sqlite'}: ")
    with pytest.raises(InputError, match=r"metrics\.sqlite"):
        await connect(run, processes.worker(run))


@pytest.mark.parametrize("damage", ["missing", "text"])
async def test_data_that_cannot_be_read_is_the_launchers_input_error(
    make_run: MakeRun, store: RunStore, processes: Processes, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "rows.csv"
    spec = override(make_run().description.trained.spec, {"data": {"source": str(path), "target": "y"}})
    run = store.create(spec, [7])
    if damage == "text":
        path.write_text("x,y\n1,0\nfour,1\n")
    ended = worker_alone(run)
    assert ended.returncode == 2
    line = in_one_line(ended.stderr)
    assert str(path) in line
    for waiting in (connect(run, processes.worker(run)), attach(run)):
        with pytest.raises(InputError) as raised:
            await waiting
        assert str(raised.value) == line


def test_a_run_that_cannot_be_written_to_starts_no_worker(make_run: MakeRun) -> None:
    run = make_run()
    run.log_path.mkdir()
    with pytest.raises(WorkerError, match=r"worker\.log: cannot be written"):
        launch(run)


def test_a_run_that_is_gone_starts_no_worker(make_run: MakeRun) -> None:
    run = make_run()
    shutil.rmtree(run.path)
    with pytest.raises(WorkerError, match="No such file"):
        launch(run)


def test_a_worker_whose_run_is_taken_away_ends_and_leaves_the_place_to_another(
    make_run: MakeRun, processes: Processes, watch: Watch, tmp_path: Path
) -> None:
    run = make_run(training__epochs=10**6, pace=20)
    worker = processes.worker(run)
    watch(run).until(state="running")
    run.path.rename(tmp_path / "elsewhere")
    assert worker.wait(PATIENCE) == 2
    assert not run.socket_path.exists()
    assert Run(tmp_path / "elsewhere").summary().state == "died"


@pytest.mark.parametrize("attempt", range(3))
def test_a_run_that_is_deleted_while_it_trains_does_not_come_back(
    make_run: MakeRun, processes: Processes, watch: Watch, attempt: int
) -> None:
    run = make_run(training__epochs=10**6)
    worker = processes.worker(run)
    watcher = watch(run)
    watcher.until(state="running")
    while len(run.checkpoints.epochs()) < 2 + attempt:  # it saves now and then
        watcher.frame()
    subprocess.run(["rm", "-rf", str(run.path)], check=False, capture_output=True)
    assert worker.wait(PATIENCE) == 2
    assert not run.path.exists()
    assert RunStore(run.path.parent.parent).listing().problems == ()


# A full disk


def test_a_full_disk_pauses_the_run_and_loses_nothing(make_run: MakeRun, processes: Processes, watch: Watch) -> None:
    run = make_run(training__epochs=10**6)
    worker = processes.worker(run)
    watcher = watch(run)
    watcher.frame()
    _, hard = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (1, hard))  # from now on no file takes another byte
    frame = watcher.until(state="paused")
    assert frame.message is not None
    assert "metrics.sqlite" in frame.message
    assert "metrics.sqlite" in watcher.refusal(Resume())
    assert "metrics.sqlite" in watcher.refusal(SetDial(path="training.learning_rate", value=0.5))
    last = watcher.frames[-1][0]
    assert (last.state, last.epoch, last.step, last.changes) == ("paused", frame.epoch, frame.step, ())
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (hard, hard))
    watcher.do(Resume())
    held = watcher.do(Pause())
    assert held.message is None
    watcher.do(MoreEpochs(epochs=held.epoch + 50))
    watcher.do(Resume())
    watcher.until(state="finished")
    alone = Undisturbed(run, [((held.epoch, held.step), "training.epochs", held.epoch + 50)]).finish()
    np.testing.assert_array_equal(Run(run.path).metrics.rows(), alone.rows)
