"""Pictures of the labs; ``pytest --snapshot-update`` takes them anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from presets import labs
from tests.tui_trainer.driving import Desk, make_app
from tests.tui_trainer.fake_client import FakeClient
from tests.tui_trainer.squares import SQUARES
from tui_trainer.app import DashboardExit
from tui_trainer.screens.lab import LabScreen

SnapCompare = Callable[..., bool]

STORIES: dict[str, tuple[str, ...]] = {
    "dials": ("right",),
    "plots": ("2", "right", "down"),
    "plot alone": ("2", "right", "enter"),
    "tables": ("3",),
    "words": ("4", "f"),
}


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", STORIES)
def test_snapshot(name: str, size: tuple[int, int], snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labs, "LABS", {"squares": SQUARES})
    client = FakeClient()
    app = make_app(client)

    async def run_before(pilot: Pilot[DashboardExit]) -> None:
        desk = Desk(app, pilot, client)
        await desk.settle()
        screen = LabScreen(app.model, "squares")
        await app.push_screen(screen)
        while screen.lab.result is None:
            await desk.settle()
        await desk.press(*STORIES[name])

    assert snap_compare(app, terminal_size=size, run_before=run_before)
