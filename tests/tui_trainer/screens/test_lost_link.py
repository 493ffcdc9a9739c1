"""The screen while the link to another machine is lost: it keeps what it has, and everything of its own goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from engine.protocol.commands import Have, SetDial
from engine.run.verdicts import Cure, Verdict
from engine.worker.link import GoneError, LinkLostError
from tests.tui_trainer.driving import Desk, line_with, make_app
from tests.tui_trainer.fake_client import FakeClient
from tests.tui_trainer.fake_run_service import FakeRunService
from tui_trainer.runs.connection import RunClient, RunTarget
from tui_trainer.view_models.runs import RunLine
from tui_trainer.view_models.verdicts import can_cure


class Box:
    """A machine that is out of reach until ``back`` is set."""

    def __init__(self) -> None:
        self.first, self.second = FakeClient(), FakeClient()
        self.back = asyncio.Event()
        self.attempts = 0

    async def connect(self) -> RunClient:
        return self.first

    async def reconnect(self, have: Have) -> RunClient:
        self.attempts += 1
        if not self.back.is_set():
            raise LinkLostError("box: ssh: connect to host box port 22: No route to host")
        assert have.epoch == 30
        return self.second


@asynccontextmanager
async def lost(size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[Desk, Box]]:
    """Show a run of another machine whose link is lost."""
    box = Box()
    runs = FakeRunService()
    app = make_app(box.first, runs=runs)
    app.connection.adopt(RunTarget("breast-cancer-1", box.connect, None, host="box", reconnect=box.reconnect))
    async with app.run_test(size=size) as pilot:
        desk = Desk(app, pilot, box.first, runs)
        await desk.settle()
        await desk.train(30)
        box.first.die(GoneError())
        while box.attempts < 1 or not app.model.link_state.retry_in:
            await asyncio.sleep(0.001)
        await desk.settle()
        yield desk, box


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16)])
async def test_it_says_how_the_link_stands_and_keeps_what_it_has(size: tuple[int, int]) -> None:
    async with lost(size) as (desk, _):
        assert "⇄ reconnecting" in desk.lines[0]
        assert "box:" in desk.lines[0]
        said = " ".join(desk.text.split())
        assert "reconnecting to box in 1 s" in said
        assert "No route to host · enter tries now" in said
        assert "epoch 30" in desk.lines[0] or size[0] == 60


async def test_keys_of_the_screen_act_at_once_and_those_of_the_run_not_at_all() -> None:
    async with lost() as (desk, box):
        assert "log axis" in desk.text
        await desk.press("y")
        assert "log axis" not in line_with(desk, "Loss")
        await desk.press("2", "left")
        assert "epoch 30" in desk.text.lower()
        await desk.press("right_square_bracket", "space")
        assert not box.first.sent
        assert not desk.sent(SetDial)


async def test_enter_tries_at_once_and_what_was_missed_is_told() -> None:
    async with lost() as (desk, box):
        box.back.set()
        box.second.train(45)
        await desk.press("enter")
        while desk.app.model.link != "live":
            await asyncio.sleep(0.001)
        await desk.settle()
        assert "+15 epochs while you were away" in desk.text
        assert "▶ training" in desk.lines[0]
        await desk.press("right_square_bracket")
        assert len([command for command in box.second.sent if isinstance(command, SetDial)]) == 1


async def test_new_runs_are_not_made_of_a_run_elsewhere() -> None:
    async with lost() as (desk, _):
        assert not desk.app.navigator.can_replace
        await desk.press("r", "9")
        assert desk.runs.done == []
        cure = Cure(turns=(), anew=True)
        verdict = Verdict(name="overfitting", since=1, evidence="it rises", advice="more dropout", cure=cure)
        assert not can_cure(verdict, desk.app.model)


async def test_a_machine_that_is_out_of_reach_is_a_line_that_nothing_can_be_done_with() -> None:
    async with lost() as (desk, _):
        desk.runs.lines.append(RunLine("lab2:", 0.0, problem="lab2: no route to host", is_host=True))
        await desk.press("8")
        while desk.app.screen.listing.chosen != "lab2:":  # type: ignore[attr-defined]
            await desk.press("down")
        assert line_with(desk, "lab2:").split()[1:3] == ["offline", "lab2:"]
        await desk.press("enter", "s", "d", "space")
        assert desk.runs.done == []
        assert "Runs" in desk.lines[0]
