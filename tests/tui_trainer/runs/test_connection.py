from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

import numpy as np
import pytest
from textual.message import Message

from engine.errors import InputError
from engine.protocol.commands import Have, Pause, SetDial
from engine.protocol.queries import BoundaryQuery, simple_queries
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.runs.connection import SILENT_AFTER, Connect, LinkChanged, Resume, RunClient, RunConnection, Updated
from tui_trainer.view_models.dashboard import DashboardModel


class Watched:
    """A session at work, and all it has posted."""

    def __init__(
        self, connect: Connect, resume: Resume | None = None, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self.posted: list[Message] = []
        self.model = DashboardModel(title="a-run")
        self.connection = RunConnection(connect, resume, self.model, self.posted.append, check_every=0.0, clock=clock)

    def all(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.posted if isinstance(message, kind)]


def opener(client: FakeClient) -> Connect:
    async def connect() -> RunClient:
        return client

    return connect


def taker_up(client: FakeClient) -> Resume:
    async def resume(_: Have) -> RunClient:
        return client

    return resume


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_frames_are_folded_into_the_model_and_told_of() -> None:
    client = FakeClient()
    watched = Watched(opener(client))
    task = asyncio.create_task(watched.connection.run())
    client.train(10, frames=2)
    await settle()
    run = watched.model.run
    assert run is not None
    assert (run.history.epochs, watched.model.link) == (10, "live")
    assert [message.immediate for message in watched.all(Updated)] == [False, False]
    client.leave()
    await task
    assert watched.model.link == "ended"
    assert client.closed


async def test_a_refusal_becomes_the_notice_and_the_answer_is_urgent() -> None:
    client = FakeClient()
    client.refusal = "this watcher is read-only"
    watched = Watched(opener(client))
    task = asyncio.create_task(watched.connection.run())
    client.tell()
    await settle()
    await watched.connection.send(Pause())
    await settle()
    assert watched.model.notice.text == "this watcher is read-only"
    assert watched.all(Updated)[-1].immediate
    task.cancel()


async def test_a_value_asked_for_is_shown_until_it_is_answered() -> None:
    client = FakeClient()
    watched = Watched(opener(client))
    task = asyncio.create_task(watched.connection.run())
    client.tell()
    await settle()
    dial = watched.model.dials[0]
    asking = asyncio.create_task(watched.connection.ask(dial.path, 0.01, dial.command(0.01)))
    assert watched.model.run is not None
    while dial.path not in watched.model.pending:
        await asyncio.sleep(0)
    assert watched.model.value(dial, watched.model.run) == 0.01
    await asking
    await settle()
    assert dial.path not in watched.model.pending
    assert watched.model.run.spec.training.learning_rate == 0.01
    assert client.sent == [SetDial(path="training.learning_rate", value=0.01)]
    task.cancel()


async def test_a_worker_that_dies_is_named_and_can_be_resumed() -> None:
    first, second = FakeClient(), FakeClient()
    watched = Watched(opener(first), taker_up(second))
    first.train(20)
    first.die()
    await watched.connection.run()
    assert (watched.model.link, watched.model.why, watched.model.can_resume) == (
        "died",
        "the worker is gone",
        True,
    )
    assert first.closed
    resuming = asyncio.create_task(watched.connection.resume())
    second.train(12)
    await settle()
    run = watched.model.run
    assert run is not None
    assert (watched.model.link, run.history.epochs) == ("live", 12)
    assert [type(message) for message in watched.posted].count(LinkChanged) == 5
    resuming.cancel()


async def test_a_worker_that_does_not_answer_is_called_silent_until_it_does() -> None:
    client = FakeClient()
    watched = Watched(opener(client))
    task = asyncio.create_task(watched.connection.run())
    client.train(3)
    await settle()
    assert watched.model.silence == 0
    client.seconds_since_heard = SILENT_AFTER - 0.1
    await settle()
    assert watched.model.silence == 0
    client.seconds_since_heard = SILENT_AFTER + 9.5
    await settle()
    assert watched.model.silence == 12
    told = len(watched.all(Updated))
    await settle()
    assert len(watched.all(Updated)) == told, "only what has changed is told"
    client.seconds_since_heard = 0.0
    await settle()
    assert watched.model.silence == 0
    client.seconds_since_heard = SILENT_AFTER + 1
    await settle()
    client.die()
    await task
    assert (watched.model.link, watched.model.silence) == ("died", 0)


async def test_a_worker_that_takes_long_to_start_is_told_of() -> None:
    client, started, now = FakeClient(), asyncio.Event(), [100.0]

    async def connect() -> RunClient:
        await started.wait()
        return client

    watched = Watched(connect, clock=lambda: now[0])
    task = asyncio.create_task(watched.connection.run())
    await settle()
    assert (watched.model.link, watched.model.silence) == ("opening", 0)
    now[0] += 12.5
    await settle()
    assert watched.model.silence == 12
    started.set()
    await settle()
    assert (watched.model.link, watched.model.silence) == ("live", 0)
    task.cancel()


async def test_until_the_resumed_worker_tells_something_the_old_run_is_shown() -> None:
    first, second = FakeClient(), FakeClient()
    watched = Watched(opener(first), taker_up(second))
    first.train(20)
    first.die()
    await watched.connection.run()
    resuming = asyncio.create_task(watched.connection.resume())
    await settle()
    assert watched.model.run is not None
    assert watched.model.run.history.epochs == 20
    resuming.cancel()


async def test_bad_input_found_by_the_worker_is_said_in_its_line() -> None:
    async def refuse() -> RunClient:
        raise InputError("x.csv: line 3: expected a number")

    watched = Watched(refuse)
    await watched.connection.run()
    assert (watched.model.link, watched.model.why) == ("died", "x.csv: line 3: expected a number")


async def test_a_finished_worker_that_leaves_has_not_died() -> None:
    client = FakeClient()
    watched = Watched(opener(client))
    client.train(50)
    client.die()
    await watched.connection.run()
    assert watched.model.link == "ended"


async def test_what_a_worker_says_cannot_write_on_the_screen() -> None:
    client = FakeClient()
    watched = Watched(opener(client))
    client.die("gone\x1b[2J\n[red]")
    await watched.connection.run()
    assert watched.model.why == "gone�[2J [red]"


async def test_a_frame_that_cannot_be_taken_in_ends_the_connection_with_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient()
    watched = Watched(opener(client))
    monkeypatch.setattr(client, "metrics", lambda first, last: np.zeros((2, 2)))
    client.train(1)
    await watched.connection.run()
    assert watched.model.link == "died"
    assert watched.model.why.startswith("the worker sent what cannot be shown (")


async def test_only_another_choice_of_views_is_asked_for() -> None:
    client = FakeClient()
    watched = Watched(opener(client))
    await watched.connection.watch(simple_queries("weights"))
    task = asyncio.create_task(watched.connection.run())
    await settle()
    assert list(client.views) == ["weights"]
    await watched.connection.watch(())
    assert list(client.views) == []
    task.cancel()


async def test_another_plane_is_asked_for_by_those_who_look_at_it() -> None:
    client = FakeClient()
    watched = Watched(opener(client))
    task = asyncio.create_task(watched.connection.run())
    await settle()
    await watched.connection.watch((BoundaryQuery(columns=(2, 3)),))
    assert client.plane == BoundaryQuery(columns=(2, 3))
    await watched.connection.watch((BoundaryQuery(columns=(2, 3), point=(1, 2)),))
    assert client.plane.point == (1, 2)
    task.cancel()
