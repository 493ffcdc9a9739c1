"""What the lists have in common: an answer that comes once the list has been left is nobody's any more."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.tui_trainer.driving import dashboard
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.screens.dashboard import DashboardScreen
from tui_trainer.screens.table_screen import TableScreen
from tui_trainer.view_models.runs import RunLine


@pytest.mark.parametrize("key", ["8", "9"])
async def test_a_list_is_open_until_it_is_left(key: str) -> None:
    async with dashboard() as desk:
        await desk.press(key)
        screen = desk.app.screen
        assert isinstance(screen, TableScreen)
        assert screen.is_open
        await desk.press("escape")
        assert not screen.is_open


@pytest.mark.parametrize("key", ["8", "9"])
async def test_the_filter_has_a_footer_that_can_be_clicked(key: str) -> None:
    async with dashboard() as desk:
        await desk.press(key, "slash", *"wine")
        assert desk.lines[-1].strip() == "enter take  esc give up"
        await desk.pilot.click("#keys", offset=(3, 0))
        await desk.settle()
        assert "filtered by wine" in desk.lines[0]
        assert "esc back" in desk.lines[-1]
        await desk.press("slash")
        await desk.pilot.click("#keys", offset=(14, 0))
        await desk.settle()
        assert "filtered" not in desk.lines[0]


async def test_a_list_says_nothing_of_the_dashboard_s_keys() -> None:
    async with dashboard(resumed=FakeClient()) as desk:
        desk.client.die("the worker is gone")
        await desk.settle()
        assert "enter resumes it" in desk.lines[-2]
        await desk.press("8")
        assert desk.lines[-2].strip() == "the worker is gone"


async def test_a_survey_that_comes_too_late_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    async with dashboard() as desk:
        await desk.press("8")
        screen = desk.app.screen
        assert isinstance(screen, TableScreen)
        gate = asyncio.Event()

        async def list_runs() -> list[RunLine]:
            await gate.wait()
            return []

        monkeypatch.setattr(desk.runs, "list_runs", list_runs)
        late: asyncio.Task[Any] = asyncio.create_task(screen.reload())
        await desk.press("escape")
        gate.set()
        await late
        assert isinstance(desk.app.screen, DashboardScreen)
        assert desk.app.is_running
