"""A run that somebody else writes is shown as its store grows."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import numpy as np
import pytest

from engine.array_types import Arrays
from engine.errors import InputError
from engine.protocol.commands import Have, SetDial, Stop
from engine.protocol.events import Frame
from engine.run.changes import make_change
from engine.run.description import Reported
from engine.store.runs import RunStore
from engine.worker.client import Client
from engine.worker.followed import LOOK_EVERY, FollowedRun
from engine.worker.launcher import attach
from tests.engine.worker.conftest import Clock, MakeRun, Serve
from tests.engine.worker.learner import create
from tests.engine.worker.reported import COLUMNS, SOURCE, reported_rows

ROWS = reported_rows()


def _looks(followed: FollowedRun, clock: Clock) -> None:
    clock.skip(LOOK_EVERY)
    followed.advance(0)


def test_rows_series_changes_and_the_end_come_in_as_another_program_writes_them(store: RunStore) -> None:
    run = store.create_reported(Reported(source=SOURCE, config={}, seeds=(0,)), COLUMNS)
    clock = Clock()
    clock.stop()
    with run.lock():  # as the program has it that writes it
        run.metrics.append(1, ROWS[:10])
        run.metrics.record_state(state="running")
        followed = FollowedRun(run, clock)
        assert (followed.status.state, len(followed.history)) == ("running", 10)
        revision = followed.status.revision
        _looks(followed, clock)
        assert followed.status.revision == revision, "nothing has changed, so nothing is told"
        run.metrics.append(11, ROWS[10:30])
        run.metrics.append_point("grad_norm", 300, 30, [0.5])
        run.metrics.flush()
        clock.skip(LOOK_EVERY / 2)
        followed.advance(0)
        assert len(followed.history) == 10, "it is not time yet"
        _looks(followed, clock)
        np.testing.assert_array_equal(followed.history.rows(1), ROWS[:30])
        assert followed.series_names == ("grad_norm",)
        assert followed.status.epochs_per_second == pytest.approx(20 / (2.5 * LOOK_EVERY))
        run.metrics.record_change(make_change("training.learning_rate", 0.1, epoch=31, step=0, author="ada", before=1))
        run.metrics.record_state(state="finished", reason="epochs")
        _looks(followed, clock)
    assert [change.author for change in followed.changes] == ["ada"]
    assert (followed.status.state, followed.status.reason) == ("finished", "epochs")
    assert followed.status.epochs_per_second is None


def test_a_program_that_dies_is_noticed(store: RunStore) -> None:
    run = store.create_reported(Reported(source=SOURCE, config={}, seeds=(0,)), COLUMNS)
    clock = Clock()
    clock.stop()
    with run.lock():
        run.metrics.append(1, ROWS[:10])
        run.metrics.record_state(state="running")
        followed = FollowedRun(run, clock)
    _looks(followed, clock)
    assert followed.status.state == "died"


def test_a_run_that_is_set_back_is_told_anew(store: RunStore) -> None:
    run = store.create_reported(Reported(source=SOURCE, config={}, seeds=(0,)), COLUMNS)
    clock = Clock()
    clock.stop()
    run.metrics.append(1, ROWS[:10])
    run.metrics.record_state(state="running")
    followed = FollowedRun(run, clock)
    followed.check_place()
    run.metrics.record_state(epoch=4)
    _looks(followed, clock)
    with pytest.raises(InputError, match="set back to epoch 4"):
        followed.check_place()


async def _until(client: Client, epoch: int) -> tuple[int, int]:
    """Return how many epochs the frames brought until there are so many, and how many frames that took."""
    told = frames = 0
    async for frame, arrays in client.frames():
        told, frames = told + len(arrays.get("rows", ())), frames + 1
        if frame.epoch >= epoch and told >= epoch:
            return told, frames
    raise AssertionError("it left")


async def test_two_watchers_follow_a_reported_run_through_one_process_and_one_comes_back(store: RunStore) -> None:
    run = store.create_reported(Reported(source=SOURCE, config={}, seeds=(0,)), COLUMNS)
    with run.lock():
        run.metrics.append(1, ROWS[:20])
        run.metrics.record_state(state="running")
        first = await attach(run)
        second = await attach(run, read_only=True)
        assert (await _until(first, 20))[0] == 20
        run.metrics.append(21, ROWS[20:40])
        run.metrics.flush()
        assert (await _until(second, 40))[0] == 40
        await second.close()
        back = await attach(run, have=Have(epoch=20))
        assert back.welcome.known == Have(epoch=20)
        run.metrics.append(41, ROWS[40:])
        run.metrics.record_state(state="finished")
        told = [len(arrays.get("rows", ())) async for _, arrays in _frames_until_finished(back)]
        assert sum(told) == len(ROWS) - 20
        await first.close()
        await back.close()
    assert run.metrics.state().socket is None, "nothing of its own is written to the run"
    assert run.metrics.state().pid is None


async def _frames_until_finished(client: Client) -> AsyncIterator[tuple[Frame, Arrays]]:
    epochs = 20
    async for frame, arrays in client.frames():
        epochs += len(arrays.get("rows", ()))
        yield frame, arrays
        if frame.state == "finished" and epochs == frame.epoch:
            return


def test_what_would_stop_or_change_it_is_refused(store: RunStore) -> None:
    run = create(store)
    run.metrics.record_state(state="running", version="0.0.1", protocol=1, pid=1, host="elsewhere")
    with pytest.raises(InputError, match=r"0\.0\.1"):
        FollowedRun(run)  # it has no checkpoint to show
    reported = store.create_reported(Reported(source=SOURCE, config={}, seeds=(0,)), COLUMNS)
    followed = FollowedRun(reported)
    for command in (Stop(), SetDial(path="training.l2", value=0.1)):
        with pytest.raises(InputError, match=SOURCE):
            followed.handle(command, "ada")


async def test_a_run_whose_directory_is_not_ours_to_write_to_is_shown_and_left_as_it_is(
    make_run: MakeRun, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(training__epochs=6)
    served = serve(run, attach_only=False)
    served.watch().until(state="finished")
    served.stop()
    before = {path.name: path.read_bytes() for path in run.path.rglob("*") if path.suffix in {".json", ".safetensors"}}
    monkeypatch.setattr(os, "access", lambda *_: False)
    client = await attach(run)
    assert (await _until(client, 6))[0] == 6
    assert client.welcome.other_worker is None
    assert "not ours to write to" in client.welcome.refusals["steer"]
    await client.close()
    monkeypatch.undo()
    after = {path.name: path.read_bytes() for path in run.path.rglob("*") if path.suffix in {".json", ".safetensors"}}
    assert after == before
    assert run.summary().state == "finished"
