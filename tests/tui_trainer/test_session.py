from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

from textual.message import Message

from engine.errors import InputError
from engine.protocol.commands import BoundaryQuery, Pause, SetDial
from tests.tui_trainer.fake_feed import FakeFeed
from tui_trainer.session import PATIENCE, Feed, LinkChanged, OpenFeed, Session, Updated
from tui_trainer.view_models.dashboard import DashboardModel


class Following:
    """A session at work, and all it has posted."""

    def __init__(
        self, open_feed: OpenFeed, resume: OpenFeed | None = None, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self.posted: list[Message] = []
        self.model = DashboardModel(title="a-run")
        self.session = Session(open_feed, resume, self.model, self.posted.append, look_every=0.0, clock=clock)

    def all(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.posted if isinstance(message, kind)]


def opener(feed: FakeFeed) -> OpenFeed:
    async def open_feed() -> Feed:
        return feed

    return open_feed


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_frames_are_folded_into_the_model_and_told_of() -> None:
    feed = FakeFeed()
    following = Following(opener(feed))
    task = asyncio.create_task(following.session.run())
    feed.train(10, frames=2)
    await settle()
    run = following.model.run
    assert run is not None
    assert (run.history.epochs, following.model.link) == (10, "live")
    assert [message.immediate for message in following.all(Updated)] == [False, False]
    feed.leave()
    await task
    assert following.model.link == "ended"
    assert feed.closed


async def test_a_refusal_becomes_the_notice_and_the_answer_is_urgent() -> None:
    feed = FakeFeed()
    feed.refusal = "this watcher is read-only"
    following = Following(opener(feed))
    task = asyncio.create_task(following.session.run())
    feed.tell()
    await settle()
    await following.session.send(Pause())
    await settle()
    assert following.model.notice.text == "this watcher is read-only"
    assert following.all(Updated)[-1].immediate
    task.cancel()


async def test_a_value_asked_for_is_shown_until_it_is_answered() -> None:
    feed = FakeFeed()
    following = Following(opener(feed))
    task = asyncio.create_task(following.session.run())
    feed.tell()
    await settle()
    dial = following.model.dials[0]
    asking = asyncio.create_task(following.session.set_dial(dial, 0.01))
    assert following.model.run is not None
    while not following.model.requested:
        await asyncio.sleep(0)
    assert following.model.value(dial, following.model.run) == 0.01
    await asking
    await settle()
    assert following.model.requested == {}
    assert following.model.run.spec.training.learning_rate == 0.01
    assert feed.sent == [SetDial(path="training.learning_rate", value=0.01)]
    task.cancel()


async def test_a_worker_that_dies_is_named_and_can_be_resumed() -> None:
    first, second = FakeFeed(), FakeFeed()
    following = Following(opener(first), opener(second))
    first.train(20)
    first.die()
    await following.session.run()
    assert (following.model.link, following.model.why, following.model.can_resume) == (
        "died",
        "the worker is gone",
        True,
    )
    assert first.closed
    resuming = asyncio.create_task(following.session.resume())
    second.train(12)
    await settle()
    run = following.model.run
    assert run is not None
    assert (following.model.link, run.history.epochs) == ("live", 12)
    assert [type(message) for message in following.posted].count(LinkChanged) == 5
    resuming.cancel()


async def test_a_worker_that_does_not_answer_is_called_silent_until_it_does() -> None:
    feed = FakeFeed()
    following = Following(opener(feed))
    task = asyncio.create_task(following.session.run())
    feed.train(3)
    await settle()
    assert following.model.silence == 0
    feed.silence = PATIENCE - 0.1
    await settle()
    assert following.model.silence == 0
    feed.silence = PATIENCE + 9.5
    await settle()
    assert following.model.silence == 12
    told = len(following.all(Updated))
    await settle()
    assert len(following.all(Updated)) == told, "only what has changed is told"
    feed.silence = 0.0
    await settle()
    assert following.model.silence == 0
    feed.silence = PATIENCE + 1
    await settle()
    feed.die()
    await task
    assert (following.model.link, following.model.silence) == ("died", 0)


async def test_a_worker_that_takes_long_to_start_is_told_of() -> None:
    feed, started, now = FakeFeed(), asyncio.Event(), [100.0]

    async def open_feed() -> Feed:
        await started.wait()
        return feed

    following = Following(open_feed, clock=lambda: now[0])
    task = asyncio.create_task(following.session.run())
    await settle()
    assert (following.model.link, following.model.silence) == ("opening", 0)
    now[0] += 12.5
    await settle()
    assert following.model.silence == 12
    started.set()
    await settle()
    assert (following.model.link, following.model.silence) == ("live", 0)
    task.cancel()


async def test_until_the_resumed_worker_tells_something_the_old_run_is_shown() -> None:
    first, second = FakeFeed(), FakeFeed()
    following = Following(opener(first), opener(second))
    first.train(20)
    first.die()
    await following.session.run()
    resuming = asyncio.create_task(following.session.resume())
    await settle()
    assert following.model.run is not None
    assert following.model.run.history.epochs == 20
    resuming.cancel()


async def test_bad_input_found_by_the_worker_is_said_in_its_line() -> None:
    async def refuse() -> Feed:
        raise InputError("x.csv: line 3: expected a number")

    following = Following(refuse)
    await following.session.run()
    assert (following.model.link, following.model.why) == ("died", "x.csv: line 3: expected a number")


async def test_a_finished_worker_that_leaves_has_not_died() -> None:
    feed = FakeFeed()
    following = Following(opener(feed))
    feed.train(50)
    feed.die()
    await following.session.run()
    assert following.model.link == "ended"


async def test_what_a_worker_says_cannot_write_on_the_screen() -> None:
    feed = FakeFeed()
    following = Following(opener(feed))
    feed.die("gone\x1b[2J\n[red]")
    await following.session.run()
    assert following.model.why == "gone�[2J [red]"


async def test_only_another_choice_of_views_is_asked_for() -> None:
    feed = FakeFeed()
    following = Following(opener(feed))
    await following.session.watch(("weights",))
    task = asyncio.create_task(following.session.run())
    await settle()
    assert list(feed.views) == ["weights"]
    await following.session.watch(())
    assert list(feed.views) == []
    task.cancel()


async def test_another_plane_is_asked_for_once_and_by_those_who_look_at_it() -> None:
    feed = FakeFeed()
    following = Following(opener(feed))
    task = asyncio.create_task(following.session.run())
    await settle()
    await following.session.look_over(BoundaryQuery(columns=(2, 3)))
    assert feed.plane == BoundaryQuery()
    await following.session.watch(("boundary",))
    assert feed.plane == BoundaryQuery(columns=(2, 3))
    await following.session.look_over(BoundaryQuery(columns=(2, 3), point=(1, 2)))
    assert feed.plane.point == (1, 2)
    task.cancel()
