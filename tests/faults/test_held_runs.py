"""A run that is to be trained while another worker holds it: one that was started only to show it, or is leaving."""

from __future__ import annotations

import os
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError, WorkerError
from engine.protocol.commands import Pause, Resume, SetPace, Stop
from engine.protocol.version import PROTOCOL
from engine.spec import override
from engine.store.runs import Run, RunStore
from engine.worker import launcher
from engine.worker.launcher import attach, connect
from engine.worker.ready import HELD
from tests.engine.worker.oracle import Undisturbed
from tests.engine.worker.peers import peer
from tests.faults.conftest import MakeRun, Processes, Watch, until
from tests.patience import PATIENCE


def test_a_worker_that_only_shows_the_run_is_asked_to_train_it(
    make_run: MakeRun, processes: Processes, watch: Watch
) -> None:
    run = make_run(training__epochs=30)
    shows = processes.worker(run, attach_only=True)
    watcher = watch(run)
    assert watcher.frame()[0].state == "paused"
    trains = processes.worker(run)
    assert watcher.until(state="finished").epoch == 30
    assert trains.wait(PATIENCE) == 0
    assert shows.poll() is None
    assert run.log_path.read_text() == ""
    np.testing.assert_array_equal(Run(run.path).metrics.rows(), Undisturbed(run).finish().rows)


async def test_who_begins_a_run_is_served_once_it_trains_whoever_looked_at_it_before(
    make_run: MakeRun, processes: Processes, watch: Watch
) -> None:
    run = make_run(training__epochs=10**6, pace=5.0)
    shows = processes.worker(run, attach_only=True)
    watch(run)
    client = await connect(run, processes.worker(run))
    assert client.welcome.pid == shows.pid
    assert run.summary().state == "running"
    await client.close()


def test_a_run_that_its_watchers_have_paused_stays_paused(
    make_run: MakeRun, processes: Processes, watch: Watch
) -> None:
    run = make_run(training__epochs=10**6)
    processes.worker(run, attach_only=True)
    watcher = watch(run)
    watcher.do(Resume())
    watcher.do(Pause())
    assert processes.worker(run).wait(PATIENCE) == 0
    assert watcher.do(SetPace(pace=50.0)).state == "paused"


async def test_a_run_that_cannot_be_trained_any_more_is_refused_in_the_line_of_who_holds_it(
    make_run: MakeRun, store: RunStore, processes: Processes, watch: Watch, tmp_path: Path
) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("x,y\n" + "".join(f"{number},{number % 2}\n" for number in range(40)))
    spec = override(
        make_run().description.trained.spec, {"data": {"source": str(table), "target": "y"}, "training.epochs": 5}
    )
    run = store.create(spec, [7])
    first = processes.worker(run)
    watch(run).do(Stop())
    assert first.wait(PATIENCE) == 0
    table.unlink()
    processes.worker(run, attach_only=True)
    watch(run)
    with pytest.raises(InputError, match=r"train on: .*rows\.csv"):
        await connect(run, processes.worker(run))


def test_a_run_whose_worker_is_just_leaving_is_trained_once_it_has_left(
    make_run: MakeRun, processes: Processes, watch: Watch, tmp_path: Path
) -> None:
    run = make_run(training__epochs=3)
    folder = tmp_path / "s"
    folder.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as leaving:
        leaving.bind(str(folder / "w.sock"))
        leaving.listen()
        with run.lock():
            here = {"pid": os.getpid(), "host": socket.gethostname(), "protocol": PROTOCOL}
            run.metrics.record_state(socket=str(folder / "w.sock"), **here)
            worker = processes.worker(run)
            newcomer, _ = leaving.accept()  # it has found the run held
            newcomer.close()
    assert watch(run).until(state="finished").epoch == 3
    assert worker.poll() is None


async def test_who_wants_to_look_is_served_by_another_worker_where_the_one_that_came_first_leaves(
    make_run: MakeRun, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run()
    started: list[subprocess.Popen[bytes]] = []
    with ExitStack() as first:

        def launch(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
            """Start a worker, before which another one has come that leaves as soon as it has kept that one out."""
            if not started:
                first.enter_context(run.lock())
            started.append(process := processes.worker(run, attach_only=True))
            if len(started) == 1:
                assert process.wait(PATIENCE) == HELD
                first.close()
            return process

        monkeypatch.setattr(launcher, "launch", launch)
        client = await attach(run)
    assert client.welcome.pid == started[1].pid
    await client.close()


async def test_who_comes_so_late_that_the_run_has_ended_is_shown_all_of_it(
    make_run: MakeRun, processes: Processes
) -> None:
    run = make_run(training__epochs=3)
    worker = processes.worker(run)
    with peer(run.socket_path) as watcher:
        watcher.greet()
        watcher.until(state="finished")
    assert worker.wait(PATIENCE) == 0
    client = await connect(run, worker)
    assert (await until(client, state="finished")).epoch == 3
    await client.close()


async def test_who_comes_so_late_that_the_run_has_been_stopped_is_told_how_to_see_it(
    make_run: MakeRun, processes: Processes
) -> None:
    run = make_run(training__epochs=10**6, pace=5.0)
    worker = processes.worker(run)
    with peer(run.socket_path) as watcher:
        watcher.greet()
        watcher.do(Stop())
    assert worker.wait(PATIENCE) == 0
    with pytest.raises(WorkerError, match=f"its worker has left .*; tui-trainer attach {run.name} shows it"):
        await connect(run, worker)
