"""Pictures of a sweep; ``pytest --snapshot-update`` takes them anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.tui_trainer.driving import Desk, make_app
from tests.tui_trainer.fake_client import FakeClient
from tests.tui_trainer.made_up_sweep import made_up_snapshot
from tests.tui_trainer.screens.test_sweeps import show
from tui_trainer.app import DashboardExit

SnapCompare = Callable[..., bool]

STORIES: dict[str, tuple[str, ...]] = {"trials": ("down",), "boundaries": ("f",)}


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", STORIES)
def test_snapshot(name: str, size: tuple[int, int], snap_compare: SnapCompare) -> None:
    client = FakeClient()
    app = make_app(client)

    async def run_before(pilot: Pilot[DashboardExit]) -> None:
        desk = Desk(app, pilot, client)
        await desk.settle()
        await show(desk, made_up_snapshot())
        await desk.press(*STORIES[name])

    assert snap_compare(app, terminal_size=size, run_before=run_before)
