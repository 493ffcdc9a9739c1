"""Pictures of the courses, of a lesson beside the panes, and of a question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

import presets
from tests.tui_trainer.driving import Desk, make_app
from tests.tui_trainer.fake_client import FakeClient
from tests.tui_trainer.lessons import made_up_book
from tui_trainer.app import DashboardExit

SnapCompare = Callable[..., bool]

STORIES: dict[str, tuple[str, ...]] = {"learn": ("L",), "lesson": ("L", "enter"), "answered": ("L", "a", "2")}


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
@pytest.mark.parametrize("name", STORIES)
def test_snapshot(name: str, size: tuple[int, int], snap_compare: SnapCompare, tmp_path: Path) -> None:
    client = FakeClient(presets.load("breast-cancer"))
    app = make_app(client, lessons=made_up_book(tmp_path))

    async def run_before(pilot: Pilot[DashboardExit]) -> None:
        desk = Desk(app, pilot, client)
        await desk.settle()
        await desk.train(30)
        for key in STORIES[name]:
            await desk.press(key)
        await desk.train(5)

    assert snap_compare(app, terminal_size=size, run_before=run_before)
