from __future__ import annotations

import asyncio
import os
import signal

import pytest

from engine.protocol.commands import Stop
from tests.tui_trainer.driving import AT_ONCE, Desk, dashboard
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.app import DashboardExit, Memory, TrainerApp, run_dashboard
from tui_trainer.runs.connection import RunClient, RunTarget
from tui_trainer.screens.leave import LeaveScreen
from tui_trainer.settings import LoadedSettings, Settings
from tui_trainer.ui_config import UiConfig

RUN = "breast-cancer-3"


async def left_with(desk: Desk) -> DashboardExit | None:
    """Wait until the app has ended; return what it says."""
    while desk.app.is_running and desk.app.return_value is None:
        await desk.pilot.pause()
    return desk.app.return_value


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_leaving_asks_and_detaching_sends_nothing(key: str) -> None:
    async with dashboard() as desk:
        await desk.press(key)
        assert isinstance(desk.app.screen, LeaveScreen)
        for text in ("detach", "stop", "cancel"):
            assert text in desk.text
        await desk.press("d")
        assert await left_with(desk) == DashboardExit("detached", "running", run=RUN)
    assert desk.client.sent == []
    assert desk.client.closed


async def test_a_paused_run_is_not_said_to_go_on() -> None:
    async with dashboard() as desk:
        await desk.press("space", "q")
        assert "the run stays paused" in desk.text
        assert "training goes on" not in desk.text


async def test_stopping_waits_until_the_worker_has_saved() -> None:
    async with dashboard() as desk:
        await desk.press("q", "down", "enter")
        assert await left_with(desk) == DashboardExit("stopped", "stopped", run=RUN)
    assert desk.client.sent == [Stop()]


@pytest.mark.parametrize("keys", [("escape",), ("c",), ("up", "enter")])
async def test_cancelling_stays(keys: tuple[str, ...]) -> None:
    async with dashboard() as desk:
        await desk.press("q", *keys)
        assert not isinstance(desk.app.screen, LeaveScreen)
        assert desk.app.return_value is None
        await desk.train(1)
        assert "epoch 31 / 50" in desk.lines[0]


async def test_what_happened_under_the_dialog_is_drawn_once_it_is_gone() -> None:
    async with dashboard() as desk:
        await desk.press("q")
        await desk.train(5)
        await desk.press("escape")
        assert "epoch 35 / 50" in desk.lines[0]


async def test_a_choice_can_be_clicked() -> None:
    async with dashboard() as desk:
        await desk.press("q")
        await desk.pilot.click("#choices", offset=(6, 1))
        assert await left_with(desk) == DashboardExit("detached", "running", run=RUN)


async def test_ctrl_c_leaves_a_text_field_too() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "enter", "ctrl+c")
        assert isinstance(desk.app.screen, LeaveScreen)


async def test_there_is_nothing_to_ask_once_the_run_has_ended() -> None:
    async with dashboard(epochs=50) as desk:
        await desk.press("q")
        assert await left_with(desk) == DashboardExit("detached", "finished", run=RUN)


async def test_one_who_may_only_look_just_leaves() -> None:
    async with dashboard(read_only=True) as desk:
        await desk.press("q")
        assert await left_with(desk) == DashboardExit("detached", "running", run=RUN)


async def test_leaving_a_dead_run_is_a_failure_with_its_line() -> None:
    async with dashboard() as desk:
        desk.client.die("the worker is gone")
        await desk.settle()
        await desk.press("q")
        assert await left_with(desk) == DashboardExit("failed", "running", "the worker is gone", run=RUN)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_lost_terminal_means_detach(number: signal.Signals) -> None:
    async with dashboard() as desk:
        os.kill(os.getpid(), number)
        assert await left_with(desk) == DashboardExit("detached", "running", run=RUN)
    assert desk.client.sent == []


async def test_the_screen_is_there_before_the_worker_answers() -> None:
    answered = asyncio.Event()

    async def connect() -> RunClient:
        await answered.wait()
        return FakeClient()

    app = TrainerApp(connect, None, title="breast-cancer-3", refresh=AT_ONCE, read_only=False)
    async with app.run_test(size=(120, 40)) as pilot:
        desk = Desk(app, pilot, FakeClient())
        await desk.settle()
        assert "breast-cancer-3" in desk.lines[0]
        assert "starting the worker…" in desk.lines[-2]
        await desk.press("q")
        assert app.return_value == DashboardExit("detached", run=RUN)


def test_a_start_after_a_crash_begins_at_the_default_place(monkeypatch: pytest.MonkeyPatch) -> None:
    config = UiConfig(LoadedSettings(Settings(place=5, vocabulary="plain")))
    monkeypatch.setattr(TrainerApp, "run", lambda _: None)  # as it ends when drawing fails
    saved: list[Settings] = []

    async def connect() -> RunClient:
        return FakeClient()

    left = run_dashboard(RunTarget(RUN, connect, None), refresh=None, config=config, memory=Memory(saved.append))
    assert left.kind == "failed"
    assert saved == [Settings(vocabulary="plain")]
