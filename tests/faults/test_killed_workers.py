"""A worker that is killed: what is left, who hears of it, and that the run ends as if nothing had happened."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.errors import WorkerError
from engine.protocol.commands import NextEpoch, NextStep, Resume, SetDial, SetPace
from engine.protocol.queries import simple_queries
from engine.store.runs import Run
from engine.training.seed_pool import FEWEST_SEEDS
from engine.worker import launcher
from engine.worker.client import Client
from engine.worker.launcher import attach, connect
from engine.worker.reach import reach
from tests.engine.worker.oracle import Undisturbed, shown_weights, told, weights_of
from tests.engine.worker.peers import Peer
from tests.faults.conftest import MakeRun, Processes, Watch, kill, until
from tests.patience import PATIENCE
from tests.properties import examples


def replayed(run: Run) -> Undisturbed:
    """Return the run as its log of changes says it went, trained without a break."""
    changes = sorted(Run(run.path).metrics.changes(), key=lambda turn: turn.place)
    return Undisturbed(run, [((turn.epoch - 1, turn.step), turn.path, turn.value) for turn in changes]).finish()


def assert_ends_as(run: Run, watcher: Peer, alone: Undisturbed) -> None:
    """Wait for the run's end and compare every number of it."""
    watcher.until(state="finished", epoch=alone.trainer.epoch)
    assert shown_weights(watcher) == weights_of(alone.trainer)
    rows = Run(run.path).metrics.rows()
    np.testing.assert_array_equal(rows, alone.rows)
    summary = run.summary()
    assert (summary.state, summary.epoch, summary.epochs) == ("finished", len(rows), len(rows))


async def test_who_watches_hears_of_it_and_the_store_says_died(make_run: MakeRun, processes: Processes) -> None:
    run = make_run(pace=0.5)
    worker = processes.worker(run)
    client = await connect(run, worker)
    assert run.summary().state == "running"
    kill(worker)
    with pytest.raises(WorkerError, match="gone"):
        async for _ in client.frames():
            pass
    await client.close()
    assert run.summary().state == "died"
    assert run.summary().socket is None
    assert run.checkpoints.latest() is not None
    assert run.metrics.rows().shape[1:] == (1, 5)


async def test_attaching_offers_what_is_left_and_resuming_ends_as_if_nothing_had_happened(
    make_run: MakeRun, processes: Processes, watch: Watch
) -> None:
    run = make_run(training__epochs=30)
    worker = processes.worker(run, attach_only=True)
    watcher = watch(run)
    for epoch in range(1, 4):
        watcher.do(NextEpoch())
        watcher.until(epoch=epoch, state="paused")
    watcher.do(NextStep())
    kill(worker)
    client = await attach(run, queries=simple_queries("weights"))
    try:
        assert run.summary().state == "paused"
        await client.send(Resume())
        await until(client, state="finished")
    finally:
        await client.close()
    alone = Undisturbed(run).finish()
    np.testing.assert_array_equal(Run(run.path).metrics.rows(), alone.rows)
    latest = run.checkpoints.latest()
    assert latest is not None
    np.testing.assert_array_equal(latest.arrays["parameters"], alone.trainer.network.parameters.flat)


TURNS = [
    ("training.learning_rate", 0.03),
    ("network.dropout", 0.4),
    ("training.batch_size", 5),
    ("training.optimizer", "rmsprop"),
    ("training.learning_rate", 0.002),
    ("training.learning_rate", 0.03),
    ("training.l2", 0.001),
    ("network.edit", {"kind": "set-units", "layer": 0, "units": 10}),
    ("training.epochs", 60),
]


def test_changes_made_before_the_death_are_made_again(make_run: MakeRun, processes: Processes, watch: Watch) -> None:
    run = make_run(training__epochs=40)
    for death in range(3):
        worker = processes.worker(run, attach_only=True)
        watcher = watch(run)
        for path, value in TURNS[3 * death : 3 * death + 3]:
            watcher.do(NextStep())
            watcher.do(SetDial(path=path, value=value))
        watcher.do(NextEpoch())
        watcher.do(NextStep())
        kill(worker)
    assert [turn.path for turn in Run(run.path).metrics.changes()] == [path for path, _ in TURNS]
    alone = replayed(run)
    assert alone.trainer.epoch == 60
    processes.worker(run)
    assert_ends_as(run, watch(run, views=("weights",)), alone)


@settings(
    max_examples=examples(4),
    phases=[Phase.generate],  # each example takes seconds, and no two of them die at the same place
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(deaths=st.lists(st.integers(1, 6), min_size=1, max_size=3), turns=st.permutations(TURNS))
def test_however_often_it_dies_in_full_flight_the_run_comes_to_the_same(
    make_run: MakeRun, processes: Processes, watch: Watch, deaths: list[int], turns: list[tuple[str, Any]]
) -> None:
    run = make_run(training__epochs=1_000)
    for frames, (path, value) in zip(deaths, turns, strict=False):
        worker = processes.worker(run)
        watcher = watch(run)
        if path != "training.epochs":
            watcher.do(SetDial(path=path, value=value))
        while watcher.until().state == "running" and len(watcher.frames) < frames:
            watcher.frame()
        kill(worker)
    processes.worker(run)
    assert_ends_as(run, watch(run, views=("weights",)), replayed(run))


@pytest.mark.parametrize("seeds", [3, FEWEST_SEEDS], ids=["in one process", "over several"])
def test_a_band_survives_as_well(make_run: MakeRun, processes: Processes, watch: Watch, seeds: int) -> None:
    run = make_run(training__epochs=200, seeds=tuple(range(seeds)))
    worker = processes.worker(run)
    watcher = watch(run)
    while watcher.frame()[0].epoch < 20:
        pass
    kill(worker)
    processes.worker(run)
    watcher = watch(run)
    watcher.until(state="finished", epoch=200)
    alone = Undisturbed(run).finish()
    np.testing.assert_array_equal(Run(run.path).metrics.rows(), alone.rows)
    while len(told(watcher)) < 200:
        watcher.frame()
    np.testing.assert_array_equal(told(watcher), alone.rows)


# Neither dead nor alive


async def to_the_end(client: Client) -> None:
    async for frame, _ in client.frames():
        if frame.state == "finished":
            return


async def test_one_that_stands_still_is_silent_and_a_paused_one_is_not(make_run: MakeRun, processes: Processes) -> None:
    run = make_run()
    worker = processes.worker(run, attach_only=True)
    client = await connect(run, worker)
    listening = asyncio.create_task(to_the_end(client))
    async with asyncio.timeout(PATIENCE):
        worker.send_signal(signal.SIGSTOP)
        while client.seconds_since_heard < 2:
            await asyncio.sleep(0.1)
        worker.send_signal(signal.SIGCONT)
        while client.seconds_since_heard >= 2:  # no frame comes, but an answer to each sign of life that is asked for
            await asyncio.sleep(0.1)
        await client.send(Resume())
        await listening
    await client.close()


# Before the first word


async def test_a_worker_that_is_killed_while_it_is_waited_for_is_an_error_not_a_wait(
    make_run: MakeRun, processes: Processes
) -> None:
    run = make_run()
    run.log_path.write_text("an old story\n")
    worker = processes.worker(run)
    worker.send_signal(signal.SIGSTOP)
    waiting = asyncio.create_task(connect(run, worker))
    await asyncio.sleep(0)
    kill(worker)
    with pytest.raises(WorkerError, match="ended by signal 9") as raised:
        await waiting
    assert "old story" not in str(raised.value)


async def test_so_is_one_that_somebody_else_started(make_run: MakeRun, processes: Processes, watch: Watch) -> None:
    run = make_run(pace=0.5)
    worker = processes.worker(run)
    watch(run)
    worker.send_signal(signal.SIGSTOP)
    waiting = asyncio.create_task(connect(run))
    await asyncio.sleep(0)
    kill(worker)
    with pytest.raises(WorkerError, match="gone"):
        await waiting


async def test_one_that_is_just_leaving_is_followed_by_another(
    make_run: MakeRun, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run()
    leaving = run.lock()
    leaving.__enter__()

    async def leave_then_reach(*arguments: Any, **options: Any) -> Client:
        monkeypatch.setattr(launcher, "reach", reach)
        leaving.__exit__(None, None, None)
        return await reach(*arguments, **options)

    monkeypatch.setattr(launcher, "reach", leave_then_reach)
    client = await attach(run)
    assert client.welcome.run == run.name
    await client.close()


# Elsewhere


async def test_a_worker_with_another_temporary_folder_is_found(
    make_run: MakeRun, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(pace=0.5)
    with tempfile.TemporaryDirectory() as elsewhere:  # shorter than pytest's: a socket's path has a limit
        with monkeypatch.context() as patch:
            patch.setenv("TMPDIR", elsewhere)
            worker = processes.worker(run)
        await watch_when_recorded(run)
        assert worker.wait(PATIENCE) == 0  # before the folder is deleted in which it listens


async def watch_when_recorded(run: Run) -> None:
    """Attach to a run's worker as soon as it has said where it listens, and let it come to its end."""
    async with asyncio.timeout(PATIENCE):
        while run.summary().socket is None:
            await asyncio.sleep(0.01)
    assert run.summary().socket != str(run.socket_path)
    client = await attach(run)
    await client.send(SetPace(pace=None))
    await until(client, state="finished")
    await client.close()


@pytest.mark.parametrize("seeds", [1, FEWEST_SEEDS], ids=["one process", "several"])
def test_a_folder_named_engine_where_it_is_started_is_not_taken_for_ours(
    make_run: MakeRun, processes: Processes, watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeds: int
) -> None:
    for package in ("engine", "engine/worker"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise SystemExit('taken for another')")
    for module in ("selectors.py", "numpy.py", "pydantic.py", "joblib.py"):
        (tmp_path / module).write_text("raise SystemExit('taken for another')")
    monkeypatch.chdir(tmp_path)
    run = make_run(training__epochs=50, seeds=tuple(range(seeds)))
    worker = processes.launched_worker(run)
    assert watch(run).until(state="finished").epoch == 50
    assert os.getsid(worker.pid) == worker.pid
