"""Pictures of the lists and of what stands over a screen; ``pytest --snapshot-update`` takes them anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.tui_trainer.driving import Desk, make_app
from tests.tui_trainer.fake_client import FakeClient
from tests.tui_trainer.fake_run_service import FakeRunService
from tui_trainer.app import DashboardExit

SnapCompare = Callable[..., bool]

STORIES: dict[str, tuple[str, ...]] = {
    "runs": ("8", "down"),
    "runs overlaid": ("8", "down", "x"),
    "runs compared": ("8", "down", "c", "left", "left"),
    "runs filtered": ("8", "slash", *"wine"),
    "run deleted": ("8", "down", "d"),
    "presets": ("9",),
    "presets filtered": ("9", "slash", *"plants", "enter"),
    "charts compared": ("8", "down", "x", "escape", "2", "left"),
    "saved as": ("S",),
    "architecture": ("1", "f", "right"),
    "dials": ("right_square_bracket", "1", "1", "f"),
    "clerks": ("4", "f", "right"),
}


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
@pytest.mark.parametrize("name", STORIES)
def test_snapshot(name: str, size: tuple[int, int], snap_compare: SnapCompare) -> None:
    client = FakeClient()
    app = make_app(client, runs=FakeRunService())

    async def run_before(pilot: Pilot[DashboardExit]) -> None:
        desk = Desk(app, pilot, client)
        await desk.settle()
        await desk.train(30)
        for key in STORIES[name]:
            await desk.press(key)
        await desk.train(1)

    assert snap_compare(app, terminal_size=size, run_before=run_before)
