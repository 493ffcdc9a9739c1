"""A worker that holds a run, and cannot be reached, or does not answer: within seconds one line says what to do."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
from pathlib import Path

import pytest

from engine.errors import InputError, WorkerError
from engine.protocol.version import PROTOCOL
from engine.store.runs import Run
from engine.worker import launcher
from engine.worker import reach as reach_module
from engine.worker.launcher import attach, connect
from tests.faults.conftest import MakeRun, Processes, Watch
from tests.patience import PATIENCE


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach_module, "REACH_PATIENCE", 0.3)
    monkeypatch.setattr(reach_module, "ANSWER_PATIENCE", 1.0)
    monkeypatch.setattr(reach_module, "LOADING_PATIENCE", 0.3)


async def refusal(run: Run) -> str:
    with run.lock(), pytest.raises((WorkerError, InputError)) as caught:
        await attach(Run(run.path))
    assert str(caught.value).isprintable()
    return str(caught.value)


async def test_one_on_another_machine_is_named_with_its_host_and_process(make_run: MakeRun) -> None:
    run = make_run()
    there = "/tmp/tui-trainer-elsewhere/0123.sock"
    run.metrics.record_state(state="running", socket=there, pid=4321, host="login1", protocol=PROTOCOL)
    line = await refusal(run)
    assert line.startswith(
        f"run {run.name}: its worker (process 4321 on login1) holds it, but cannot be reached from here"
    )
    assert there in line
    assert "kill 4321 on login1 ends it, saved" in line


async def test_one_whose_socket_is_dead_is_told_of_likewise(make_run: MakeRun, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir(mode=0o700)
    run, path = make_run(), folder / "dead.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    here = {"pid": os.getpid(), "host": socket.gethostname()}
    run.metrics.record_state(state="running", socket=str(path), protocol=PROTOCOL, **here)
    assert "Connection refused" in await refusal(run)


async def test_one_that_still_reads_its_data_is_waited_for_and_then_told_of(make_run: MakeRun) -> None:
    run = make_run()
    run.metrics.record_state(socket=None, pid=os.getpid(), host=socket.gethostname(), protocol=PROTOCOL)
    assert "still reads its data" in await refusal(run)


async def test_one_of_an_older_version_is_not_waited_for(make_run: MakeRun) -> None:
    run = make_run()
    run.metrics.record_state(state="running", socket="/tmp/x/old.sock", pid=4321, version="0.0.9", protocol=2)
    line = await refusal(run)
    assert "tui-trainer 0.0.9 (protocol 2)" in line
    assert f"tui-trainer stop {run.name} ends it, saved" in line


async def test_one_that_hangs_is_told_of_with_its_process(
    make_run: MakeRun, processes: Processes, watch: Watch
) -> None:
    run = make_run()
    worker = processes.worker(run, attach_only=True)
    watch(run)
    worker.send_signal(signal.SIGSTOP)
    with pytest.raises(WorkerError, match="has not answered for 1 seconds") as caught:
        await connect(Run(run.path))
    assert f"(process {worker.pid} on {socket.gethostname()})" in str(caught.value)
    assert f"kill {worker.pid} ends it" in str(caught.value)


@pytest.mark.parametrize("danger", ["open to others", "a link", "no socket"])
async def test_a_socket_that_may_be_somebody_elses_is_not_talked_to(
    make_run: MakeRun, tmp_path: Path, danger: str
) -> None:
    folder, run = tmp_path / "s", make_run()
    folder.mkdir(mode=0o700)
    path = folder / "w.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        if danger == "no socket":
            path.mkdir()
        else:
            listener.bind(str(path))
            listener.listen()
        if danger == "open to others":
            folder.chmod(0o777)
        if danger == "a link":
            (tmp_path / "link").symlink_to(folder)
            path = tmp_path / "link" / "w.sock"
        run.metrics.record_state(state="running", socket=str(path), pid=1, host="here", protocol=PROTOCOL)
        line = await refusal(run)
    assert {"open to others": "is open to other users", "a link": "symbolic link", "no socket": "something else"}[
        danger
    ] in line


async def test_one_that_is_just_leaving_is_followed_by_another(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach_module, "ANSWER_PATIENCE", PATIENCE)  # the other one is real, and may be slow
    monkeypatch.setattr(launcher, "LEAVING_PATIENCE", PATIENCE)
    folder, run = tmp_path / "s", make_run()
    folder.mkdir(mode=0o700)
    hung_up = asyncio.Event()

    def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        hung_up.set()

    async with await asyncio.start_unix_server(hang_up, folder / "w.sock"):
        with run.lock():
            run.metrics.record_state(
                socket=str(folder / "w.sock"), pid=os.getpid(), host=socket.gethostname(), protocol=PROTOCOL
            )
            attached = asyncio.create_task(attach(Run(run.path)))
            await hung_up.wait()
            await asyncio.wait({attached}, timeout=0.2)  # it holds the run still, while it closes its store
            assert not attached.done()
    client = await attached
    assert client.welcome.rows[0] > 0
    await client.close()


def test_a_run_says_where_its_worker_is(make_run: MakeRun, processes: Processes, watch: Watch) -> None:
    run = make_run()
    worker = processes.worker(run, attach_only=True)
    watch(run)
    recorded = run.metrics.state()
    assert (recorded.pid, recorded.host) == (worker.pid, socket.gethostname())
    assert stat.S_ISSOCK(Path(str(recorded.socket)).stat().st_mode)
