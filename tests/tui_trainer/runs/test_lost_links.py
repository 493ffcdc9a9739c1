"""A link to another machine that is lost: tried again after pauses, and what was missed is told."""

from __future__ import annotations

import asyncio
from collections import deque

import pytest
from textual.message import Message

from engine.errors import InputError, TrainerError
from engine.protocol.commands import Have
from engine.worker.link import GoneError, LinkLostError
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.runs.connection import RunClient, RunConnection, RunTarget, Updated
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.header import notice_of


class Box:
    """A machine that answers an attempt to reconnect with what comes next: a client, or an error."""

    def __init__(self, *answers: FakeClient | TrainerError) -> None:
        self.answers = deque(answers)
        self.asked: list[tuple[float, Have]] = []
        self.now = 0.0
        self.said: list[str] = []
        self.model = DashboardModel(title="a-run")
        first = FakeClient()

        async def connect() -> RunClient:
            return first

        self.client = first
        self.connection = RunConnection(connect, None, self.model, self._post, check_every=0.0, clock=lambda: self.now)
        self.connection.adopt(RunTarget("a-run", connect, None, host="box", reconnect=self._reconnect))

    async def _reconnect(self, have: Have) -> RunClient:
        self.asked.append((self.now, have))
        answer = self.answers.popleft()
        if isinstance(answer, TrainerError):
            raise answer
        return answer

    def _post(self, message: Message) -> None:
        if isinstance(message, Updated):
            self.said.append(notice_of(self.model).text)

    async def until(self, link: str, looks: int = 10_000) -> None:
        for _ in range(looks):
            for _ in range(20):
                await asyncio.sleep(0)
            if self.model.link == link:
                return
            self.now += 0.5


async def test_it_is_tried_again_after_growing_pauses_and_what_was_missed_is_told() -> None:
    back = FakeClient()
    back.train(22)
    box = Box(LinkLostError("ssh: no route to host"), LinkLostError("ssh: no route to host"), back)
    box.client.train(10)
    task = asyncio.create_task(box.connection.run())
    await box.until("live")
    kept = box.model.run
    box.client.die(GoneError())
    await box.until("reconnecting")
    assert box.model.run is kept, "the screen keeps what it has"
    await box.until("live")
    assert box.asked == [(0.0, Have(epoch=10)), (1.0, Have(epoch=10)), (3.0, Have(epoch=10))]
    assert "reconnecting to box in 2 s, lost 1 s ago: ssh: no route to host · enter tries now" in box.said
    assert box.model.notice.text == "back after 3 s · +12 epochs while you were away"
    assert box.model.link_state.why == ""
    assert box.client.closed
    task.cancel()


async def test_a_link_that_is_lost_before_the_first_word_is_tried_again_as_well() -> None:
    box = Box(LinkLostError("ssh: no route to host"), FakeClient())

    async def connect() -> RunClient:
        raise LinkLostError("ssh: connection reset")

    box.connection.adopt(RunTarget("a-run", connect, None, host="box", reconnect=box.connection.reconnect))
    task = asyncio.create_task(box.connection.run())
    await box.until("live")
    assert [have for _, have in box.asked] == [Have(), Have()]
    task.cancel()


async def test_the_next_attempt_can_be_made_at_once() -> None:
    box = Box(*[LinkLostError("down")] * 6, FakeClient())
    box.client.train(3)
    task = asyncio.create_task(box.connection.run())
    await box.until("live")
    box.client.die(GoneError())
    await box.until("never", looks=100)
    assert len(box.asked) == 6, "the seventh waits for half a minute"
    box.connection.reconnector.hurry()
    while len(box.asked) < 7:
        await asyncio.sleep(0)
    await box.until("live")
    task.cancel()


async def test_a_worker_that_is_gone_for_good_is_said_to_be() -> None:
    box = Box(InputError("box: there is no run a-run any more"))
    box.client.train(3)
    box.client.die(GoneError())
    await box.connection.run()
    assert (box.model.link, box.model.why) == ("died", "box: there is no run a-run any more")


@pytest.mark.parametrize("error", [GoneError(), LinkLostError("lost")])
async def test_on_this_machine_a_worker_that_hangs_up_is_gone(error: TrainerError) -> None:
    box = Box()
    box.connection.reconnect = None
    box.client.train(3)
    box.client.die(error)
    await box.connection.run()
    assert (box.model.link, box.model.why) == ("died", str(error))
