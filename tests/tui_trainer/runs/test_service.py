"""The runs of a store as the screens deal with them, with a real store, and where it matters a real worker."""

from __future__ import annotations

import getpass
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import presets
from engine.errors import InputError, WorkerError
from engine.protocol.commands import Have, NextStep, Stop
from engine.run.description import RunSummary
from engine.store.runs import Run, RunStore
from engine.training.trainer import Trainer
from tui_trainer.runs.pace import opens_paused, screen_pace
from tui_trainer.runs.service import LocalRunService, stop, watcher_name


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "store")


def trained(store: RunStore, epochs: int) -> Run:
    """Return a run as a worker leaves it after some epochs."""
    spec = presets.load("xor", set={"training.epochs": epochs})
    run, trainer = store.create(spec, [3]), Trainer(spec, 3)
    run.checkpoints.save(trainer.checkpoint(), keep="first")
    for result in trainer.epochs():
        run.metrics.append(result.epoch, result.row()[None])
    run.checkpoints.save(trainer.checkpoint())
    run.metrics.record_state(state="finished", reason="epochs")
    run.metrics.flush()
    run.metrics.close()
    return run


async def test_a_survey_has_a_line_for_each_run_damaged_ones_too(store: RunStore) -> None:
    begun = time.time()
    run = trained(store, 5)
    other = store.create(presets.load("iris"), [1, 2, 3])
    (store.create(presets.load("wine"), [7]).path / "run.json").write_text("{")
    lines = {line.name: line for line in await LocalRunService(store).list_runs()}
    assert set(lines) == {run.name, other.name, "wine-1"}
    assert (lines[run.name].epoch, lines[run.name].epochs, lines[run.name].preset) == (5, 5, "xor")
    assert lines[run.name].train == pytest.approx(float(run.metrics.rows()[-1, 0, 0]))
    assert lines[run.name].validation is None
    assert lines[other.name].seeds == (1, 2, 3)
    assert lines[other.name].train is None
    assert "run.json" in (lines["wine-1"].problem or "")
    assert all(line.age <= time.time() - begun + 1 for line in lines.values())


async def test_a_survey_reads_only_the_runs_that_may_have_changed(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    still, moved, held = trained(store, 5), trained(store, 5), trained(store, 5)
    (store.create(presets.load("wine"), [7]).path / "run.json").write_text("{")
    read: list[str] = []
    summary = Run.summary

    def told(run: Run) -> RunSummary:
        read.append(run.name)
        return summary(run)

    monkeypatch.setattr(Run, "summary", told)
    runs = LocalRunService(store)
    first = {line.name: line for line in await runs.list_runs()}
    assert sorted(read) == sorted(first)
    read.clear()
    moved.metrics.record_state(epochs=8)
    moved.metrics.close()
    with held.lock():
        second = {line.name: line for line in await runs.list_runs()}
    assert sorted(read) == sorted([moved.name, held.name, "wine-1"])
    assert second[moved.name].epochs == 8
    assert replace(second[still.name], age=0) == replace(first[still.name], age=0)


async def test_a_history_has_every_epoch_of_the_store(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_trainer.runs.service.EPOCHS_AT_ONCE", 3)
    run = trained(store, 10)
    history = await LocalRunService(store).history(run.name)
    assert history.epochs == 10
    told = [history.at(0, epoch) for epoch in range(1, 11)]
    np.testing.assert_allclose([one.last for one in told if one], run.metrics.rows()[:, 0, 0])


async def test_what_there_is_none_of_is_refused(store: RunStore) -> None:
    runs = LocalRunService(store)
    for request in (runs.open("no-such"), runs.delete("no-such"), runs.history("no-such"), runs.stop("no-such")):
        with pytest.raises(InputError, match="no-such"):
            await request
    with pytest.raises(InputError, match="no checkpoint of epoch 77"):
        await runs.branch(trained(store, 2).name, 77, None)


async def test_deleting_takes_the_run_out_of_the_store(store: RunStore) -> None:
    run = trained(store, 2)
    await LocalRunService(store).delete(run.name)
    assert store.all_runs() == []


async def test_stopping_what_has_no_worker_is_an_error(store: RunStore) -> None:
    with pytest.raises(WorkerError):
        await stop(trained(store, 2))


async def test_one_who_may_only_look_cannot_resume(store: RunStore) -> None:
    run = trained(store, 2)
    assert (await LocalRunService(store, read_only=True).open(run.name)).resume is None
    assert (await LocalRunService(store).open(run.name)).resume is not None


@pytest.mark.parametrize(("epochs", "pace"), [(1, 1.0), (100, 5.0), (5000, 20.0)])
def test_a_preset_takes_about_twenty_seconds_on_the_screen(epochs: int, pace: float) -> None:
    assert screen_pace(presets.load("xor", set={"training.epochs": epochs})) == pace


async def test_a_run_is_begun_stopped_branched_and_resumed(store: RunStore) -> None:
    runs = LocalRunService(store)
    target = await runs.begin(presets.load("xor", set={"training.epochs": 1_000_000}), (5,), None)
    client = await target.connect()
    assert client.welcome.seeds == (5,)
    async for frame, _ in client.frames():
        if frame.epoch > 20:
            break
    assert target.resume is not None
    again = await target.resume(Have(epoch=20))  # the worker is there: only the connection was lost
    assert again.welcome.known == Have(epoch=20)
    await again.close()
    epoch = await runs.stop(target.run)
    await client.close()
    assert epoch > 20
    assert store.open(target.run).summary().state == "stopped"
    branch = await runs.branch(target.run, epoch, None)
    branched = await branch.connect()
    async for frame, _ in branched.frames():
        assert (frame.state, frame.epoch) == ("paused", epoch)
        break
    await branched.send(Stop())
    async for _ in branched.frames():
        pass
    await branched.close()
    await runs.resume(target.run)
    assert store.open(target.run).summary().state == "running"
    assert await runs.stop(target.run) >= epoch


async def test_a_run_that_turns_out_to_be_bad_input_leaves_nothing_behind(store: RunStore, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("a,b\n1,2\n3,4\n")
    spec = presets.load("xor").model_copy(deep=True)
    spec = presets.load("iris", set={"data": {"source": str(rows), "target": "missing"}})
    target = await LocalRunService(store).begin(spec, (1,), None)
    with pytest.raises(InputError, match="missing"):
        await target.connect()
    assert store.all_runs() == []


@pytest.mark.parametrize(
    ("preset", "changes", "paused"),
    [
        ("backprop-2-2-1", {}, True),
        ("one-clerk", {}, True),
        ("backprop-2-2-1", {"training.epochs": 5}, True),
        ("backprop-2-2-1", {"training.batch_size": 8}, True),
        ("backprop-2-2-1", {"training.epochs": 6}, False),
        ("xor", {"training.batch_size": 1, "training.epochs": 1}, True),
        ("xor", {"training.batch_size": 2, "training.epochs": 2}, True),
        ("xor", {"training.batch_size": 2, "training.epochs": 3}, False),
        ("plants-moons", {"training.batch_size": 50, "training.epochs": 2}, True),
        ("breast-cancer", {"training.epochs": 1}, False),
        ("plants-moons", {}, False),
        ("loan-neuron", {}, False),
    ],
)
def test_a_recipe_of_few_steps_waits_for_the_key_that_takes_the_first(
    preset: str, changes: dict[str, int], paused: bool
) -> None:
    assert opens_paused(presets.load(preset, set=changes)) == paused


async def test_a_lesson_of_one_step_is_begun_paused(tmp_path: Path) -> None:
    target = await LocalRunService(RunStore(tmp_path)).begin(presets.load("backprop-2-2-1"), [42], 1.0)
    client = await target.connect()
    states = []
    try:
        async for frame, _ in client.frames():
            states.append((frame.state, frame.epoch))
            if len(states) == 1:
                await client.send(NextStep())
            if frame.epoch:
                break
        assert states[0] == ("paused", 0)
        assert states[-1][0] == "finished"
    finally:
        await client.send(Stop())
        await client.close()


@pytest.mark.parametrize(
    ("user", "machine", "name"),
    [("ada", "box", "ada@box"), ("ada\u202e", "b\x1bx", "ada\ufffd@b\ufffdx"), ("x" * 60, "box", "x" * 39 + "…")],
)
def test_a_change_is_signed_with_the_user_and_the_machine(
    monkeypatch: pytest.MonkeyPatch, user: str, machine: str, name: str
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: user)
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("", machine, "", "", "")))
    assert watcher_name() == name


def test_a_user_without_a_name_signs_with_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert watcher_name().startswith(f"uid-{os.getuid()}@")
