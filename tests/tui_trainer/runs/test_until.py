from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from engine.errors import InputError, TrainerError
from engine.protocol.commands import Have
from engine.protocol.events import RunLeft
from engine.run.status import RunState
from engine.worker.link import GoneError, LinkLostError
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.runs import until
from tui_trainer.runs.connection import RunClient, RunTarget
from tui_trainer.runs.until import STALLED_AFTER, UNTRAINED_AFTER, Condition, Outcome, RunWait
from tui_trainer.view_models.link_state import another_run


class Waiting:
    """A wait for a run, whose clients come one after the other."""

    def __init__(self, condition: Condition, *clients: FakeClient | TrainerError) -> None:
        self.clients = list(clients)
        self.said: list[str] = []
        self.now = 0.0
        target = RunTarget("wine-1", self._next, None, host="box", reconnect=self._again)
        self._wait = RunWait(condition, target, self.said.append, look_every=0.0, clock=lambda: self.now)
        self.task = asyncio.create_task(self._wait.outcome())

    async def _next(self) -> RunClient:
        client = self.clients.pop(0)
        if isinstance(client, TrainerError):
            raise client
        return client

    async def _again(self, have: Have) -> RunClient:
        self.have = have
        return await self._next()

    async def settle(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("condition", "state", "reason", "outcome"),
    [
        ("finished", "finished", "epochs", Outcome.HAPPENED),
        ("finished", "finished", "early_stopping", Outcome.HAPPENED),
        ("finished", "finished", "non_finite", Outcome.OTHERWISE),
        ("finished", "stopped", "stopped", Outcome.OTHERWISE),
        ("non-finite", "finished", "non_finite", Outcome.HAPPENED),
        ("non-finite", "finished", "epochs", Outcome.OTHERWISE),
        ("stalled", "finished", "epochs", Outcome.OTHERWISE),
        ("stalled", "stopped", "stopped", Outcome.OTHERWISE),
    ],
)
async def test_the_end_of_a_run_is_what_was_waited_for_or_not(
    condition: Condition, state: str, reason: str, outcome: Outcome
) -> None:
    client = FakeClient()
    waiting = Waiting(condition, client)
    client.train(7)
    await waiting.settle()
    assert not waiting.task.done()
    client.state, client.reason = state, reason
    client.tell()
    assert await waiting.task is outcome
    ending = {"epochs": "finished", "early_stopping": "stopped early", "non_finite": "failed"}.get(reason, reason)
    running, said = waiting.said
    assert running == "box:wine-1: running, epoch 7 of 50"
    assert said.startswith(f"box:wine-1: {ending} after epoch 7")
    assert client.closed


@pytest.mark.parametrize(
    ("condition", "found", "outcome"),
    [
        ("finished", "died", Outcome.OTHERWISE),
        ("finished", "stopped", Outcome.OTHERWISE),
        ("stalled", "died", Outcome.HAPPENED),
        ("stalled", "stopped", Outcome.OTHERWISE),
    ],
)
async def test_a_run_that_had_ended_before_it_was_looked_at_is_not_waited_for(
    condition: Condition, found: RunState, outcome: Outcome
) -> None:
    client = FakeClient()
    client.welcome = client.welcome.model_copy(update={"left": RunLeft(state=found, at=0.0)})
    client.state = "paused"
    waiting = Waiting(condition, client)
    client.tell()
    await waiting.settle()
    assert not waiting.task.done()
    waiting.now = UNTRAINED_AFTER + 1
    assert await waiting.task is outcome
    assert waiting.said[-1].endswith("and nobody trains it")


async def test_a_run_that_is_taken_up_again_is_waited_for() -> None:
    client = FakeClient()
    client.welcome = client.welcome.model_copy(update={"left": RunLeft(state="died", at=0.0)})
    client.state = "paused"
    waiting = Waiting("finished", client)
    client.tell()
    await waiting.settle()
    client.state = "running"
    client.train(7)
    await waiting.settle()
    waiting.now = UNTRAINED_AFTER + 1
    await waiting.settle()
    assert not waiting.task.done()
    client.state, client.reason = "finished", "epochs"
    client.tell()
    assert await waiting.task is Outcome.HAPPENED


async def test_a_run_that_makes_no_step_for_a_minute_has_stalled_and_one_that_is_paused_has_not() -> None:
    client = FakeClient()
    waiting = Waiting("stalled", client)
    client.train(3)
    await waiting.settle()
    waiting.now = STALLED_AFTER - 1
    client.train(1)
    await waiting.settle()
    waiting.now += STALLED_AFTER - 1
    await waiting.settle()
    client.state = "paused"
    client.tell()
    await waiting.settle()
    assert not waiting.task.done()
    client.state = "running"
    client.tell()
    await waiting.settle()
    waiting.now += STALLED_AFTER + 1
    assert await waiting.task is Outcome.HAPPENED
    assert waiting.said[-1] == "box:wine-1: stalled: no step for 61 s, at epoch 4, step 0"


async def test_a_link_that_is_lost_is_made_again_and_a_wait_goes_on() -> None:
    first, second = FakeClient(), FakeClient()
    waiting = Waiting("finished", first, LinkLostError("box: no route"), second)
    first.train(7)
    first.die(GoneError())
    await waiting.settle()
    while waiting.clients:
        waiting.now += 0.5
        await waiting.settle()
    second.train(50)
    assert await waiting.task is Outcome.HAPPENED
    assert waiting.have == Have(epoch=7)


async def test_another_run_of_its_name_is_not_the_one_that_was_waited_for() -> None:
    first, second = FakeClient(), FakeClient()
    made = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
    second.welcome = second.welcome.model_copy(update={"created": made})
    waiting = Waiting("finished", first, second)
    first.train(7)
    first.die(GoneError())
    assert await waiting.task is Outcome.UNWATCHED
    assert waiting.said[-1] == f"box:wine-1: {another_run(made)}"
    assert second.closed


@pytest.mark.parametrize(("condition", "outcome"), [("finished", Outcome.OTHERWISE), ("stalled", Outcome.HAPPENED)])
async def test_a_worker_that_died_has_stalled_and_not_finished(condition: Condition, outcome: Outcome) -> None:
    client = FakeClient()
    waiting = Waiting(condition, client, InputError("box: run wine-1: its worker died after epoch 7"))
    client.train(7)
    client.die(GoneError())
    assert await waiting.task is outcome
    assert waiting.said[-1] == "box:wine-1: box: run wine-1: its worker died after epoch 7"


async def test_a_machine_that_stays_out_of_reach_could_not_be_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(until, "GIVE_UP_AFTER", 0.0)
    client = FakeClient()
    waiting = Waiting("finished", client, *[LinkLostError("down")] * 50)
    client.train(7)
    client.die(GoneError())
    assert await waiting.task is Outcome.UNWATCHED
    assert waiting.said[-1] == "box:wine-1: out of reach for 0 s"
