"""What watching costs the training, in a world where time passes by what is done alone."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.protocol.commands import Hello
from engine.protocol.events import Answer, Reply
from engine.protocol.queries import WeightsQuery
from engine.protocol.version import PROTOCOL
from engine.worker import publisher as publisher_module
from engine.worker.allowance import Allowance
from engine.worker.answers import Answers
from engine.worker.connection import CONNECTION_BURST, CONNECTION_SHARE
from engine.worker.publisher import Publisher
from engine.worker.subscription import FRAME_EVERY, Cursor, Draft, Subscription
from tests.properties import examples

SECONDS = 30.0
LOOK_EVERY = 0.01
"""Seconds of training between two rounds: fewer than a worker's, so that the test takes no longer than it must."""
ONE, TWENTY = 0.02, 0.05
"""Shares of the training's time that one watcher, and twenty of them, may cost."""


class Watched:
    """A run in full training with watchers who read at once: a publisher, its server and its run.

    Args:
        watchers: How many there are.
        frame: Seconds to make a frame.
        answer: Seconds to answer what they subscribed to.
        sending: Seconds to send a frame.
    """

    def __init__(self, watchers: int, frame: float, answer: float, sending: float) -> None:
        self.now = 0.0
        self.training = 0.0
        self.frames = 0
        self.costs = {"frame": frame, "answer": answer, "sending": sending}
        self.history: list[int] = []
        self.status = SimpleNamespace(state="running", pace=None, revision=0, spec_version=0)
        self.data_version = 1
        self.watchers = {number: self._watcher(number) for number in range(watchers)}
        self.publisher = Publisher(self, self, self.clock)  # type: ignore[arg-type]

    @staticmethod
    def _watcher(number: int) -> Subscription:
        sending = Allowance(CONNECTION_SHARE, CONNECTION_BURST, saved=0.0)
        connection: Any = SimpleNamespace(number=number, queued=0, listens=True, sending=sending)
        hello = Hello(protocol=PROTOCOL, version="1")
        return Subscription(connection, hello, heard=0.0, queries=(WeightsQuery(),), frames=1)

    def clock(self) -> float:
        return self.now

    @property
    def work_clock(self) -> Any:
        return self.clock

    def spend(self, what: str) -> None:
        self.now += self.costs[what]

    def answer(self, query: Any) -> tuple[Answer, dict[str, Any]]:
        self.spend("answer")
        return Answer(query=query), {}

    def draft(self, watcher: Subscription, _run: Any, answers: Answers, now: float, **_: Any) -> Draft:
        self.spend("frame")
        if answers.wait <= 0:
            answers.subscribed(watcher)
        frame: Any = SimpleNamespace(replies=watcher.replies)
        return Draft(frame, {}, Cursor(epoch=len(self.history)), False, now, 0)

    def send_encoded(self, watcher: Subscription, message: Sequence[bytes]) -> bool:
        del message
        self.spend("sending")
        self.frames += 1
        watcher.credit += 1
        return True

    def train(self, seconds: float) -> float:
        """Train for so long, and return the share of the time that was not training."""
        end = self.now + seconds
        while self.now < end:
            self.now += LOOK_EVERY
            self.training += LOOK_EVERY
            self.history.append(0)
            self.publisher.publish(heard=False)
        return 1 - self.training / self.now


@pytest.fixture(autouse=True)
def _drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        publisher_module, "draft_frame", lambda watcher, run, *rest, **named: run.draft(watcher, run, *rest, **named)
    )
    monkeypatch.setattr(publisher_module, "encode", lambda *_: [b""])
    monkeypatch.setattr(publisher_module, "numbered", lambda message, _: message)


cheap_to_dear = st.floats(-5.0, -2.0).map(lambda power: 10**power)


@settings(max_examples=examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frame=cheap_to_dear, answer=cheap_to_dear, sending=st.floats(1e-6, 1e-4))
@pytest.mark.parametrize(("watchers", "most"), [(1, ONE), (20, TWENTY)])
def test_watching_takes_no_more_of_the_training_than_its_share_whatever_a_frame_costs(
    watchers: int, most: float, frame: float, answer: float, sending: float
) -> None:
    assert Watched(watchers, frame, answer, sending).train(SECONDS) <= most


@pytest.mark.parametrize(("watchers", "most"), [(1, ONE), (20, TWENTY)])
def test_what_was_not_used_while_nobody_read_is_not_spent_at_once(watchers: int, most: float) -> None:
    watched = Watched(watchers, frame=8e-4, answer=6e-4, sending=2e-5)
    for watcher in watched.watchers.values():
        watcher.credit = 0
    watched.train(SECONDS)
    for watcher in watched.watchers.values():
        watcher.credit = 1
    begun, trained = watched.now, watched.training
    watched.train(0.4)
    assert watched.frames > watchers
    assert 1 - (watched.training - trained) / (watched.now - begun) <= most


def test_what_costs_little_comes_twenty_times_a_second() -> None:
    watched = Watched(1, frame=1e-4, answer=1e-4, sending=1e-5)
    watched.train(SECONDS)
    assert watched.frames == pytest.approx(SECONDS / FRAME_EVERY, rel=0.05)


def test_all_who_watch_get_their_frames_alike() -> None:
    watched = Watched(20, frame=2e-3, answer=2e-3, sending=1e-4)
    watched.train(SECONDS)
    counts = [watcher.frames for watcher in watched.watchers.values()]
    assert max(counts) - min(counts) <= 1
    assert min(counts) > SECONDS


def test_a_reply_is_not_kept_back_by_frames_that_have_used_up_their_time() -> None:
    watched = Watched(1, frame=8e-3, answer=1e-5, sending=1e-5)
    watched.train(5.0)
    [watcher] = watched.watchers.values()
    before = watched.frames
    while not watched.publisher._frames.wait(watched.now):
        watched.train(LOOK_EVERY)
    watcher.replies = [Reply(number=1)]
    watched.publisher.publish(heard=True)
    assert watched.frames > before


def test_who_owes_waits_until_it_is_earned_and_saves_no_more_than_the_burst() -> None:
    allowance = Allowance(0.1, burst=0.5, owed=2.0)
    assert allowance.wait(0.0) == 0
    allowance.spend(100.0)
    assert allowance.wait(0.0) == pytest.approx(20.0)
    assert allowance.wait(10.0) == pytest.approx(10.0)
    assert allowance.wait(20.0) == pytest.approx(0.0, abs=1e-9)
    assert allowance.wait(1000.0) == 0
    assert allowance.saved == 0.5
    allowance.share = 1.0
    allowance.spend(1.5)
    assert allowance.wait(1000.0) == pytest.approx(1.0)


def test_who_owes_waits_no_longer_than_it_may_where_its_own_time_stands_still() -> None:
    now = [0.0]
    allowance = Allowance(0.01, burst=0.5, longest_wait=2.0, clock=lambda: now[0])
    allowance.wait(0.0)
    allowance.spend(0.9)
    assert allowance.wait(0.0) == pytest.approx(2.0)
    now[0] = 1.5
    assert allowance.wait(0.0) == pytest.approx(0.5)
    now[0] = 2.0
    assert allowance.wait(0.0) == 0
    allowance.spend(0.1)
    assert allowance.wait(0.0) == pytest.approx(2.0)


@pytest.mark.parametrize("heard", [True, False])
def test_frames_come_once_a_second_on_a_machine_that_hardly_lets_the_training_work(heard: bool) -> None:
    watched = Watched(2, frame=5e-3, answer=5e-3, sending=1e-4)
    wall = [0.0]
    watched.publisher = Publisher(watched, watched, lambda: wall[0])  # type: ignore[arg-type]
    for _ in range(6000):
        wall[0] += LOOK_EVERY  # of which the thread has next to nothing
        watched.now += LOOK_EVERY / 1000
        watched.history.append(0)
        watched.publisher.publish(heard=heard)
    assert all(watcher.frames >= 50 for watcher in watched.watchers.values())
