from __future__ import annotations

import gc

import pytest
from textual.events import Resize
from textual.geometry import Size
from textual.strip import Strip

from tests.tui_trainer.driving import dashboard
from tui_trainer.screens.dashboard import DashboardScreen
from tui_trainer.screens.help import HelpScreen


async def test_a_dialog_that_is_closed_twice_leaves_the_dashboard_where_it_is() -> None:
    async with dashboard() as desk:
        await desk.press("?")
        dialog = desk.app.screen
        assert isinstance(dialog, HelpScreen)
        dialog.dismiss(None)
        dialog.dismiss(None)
        await desk.pilot.pause()
        assert isinstance(desk.app.screen, DashboardScreen)


@pytest.mark.parametrize("keys", [[], ["?"], ["8"]], ids=["dashboard", "help", "runs"])
async def test_a_size_that_the_terminal_had_before_is_not_taken_over(keys: list[str]) -> None:
    async with dashboard() as desk:
        await desk.press(*keys)
        before = desk.text
        former = Size(170, 69)
        desk.app.screen.post_message(Resize(former, former))
        await desk.settle()
        assert desk.app.screen.size == desk.app.size
        assert desk.text == before


@pytest.mark.parametrize("key", ["?", "8", "9", "S", "ctrl+p"], ids=["help", "runs", "presets", "save", "palette"])
async def test_what_a_dialog_drew_does_not_stay_in_memory(key: str) -> None:
    async with dashboard() as desk:
        kept = []
        for _ in range(3):
            for _ in range(4):
                await desk.press(key, "escape")
            gc.collect()
            kept.append(sum(type(known) is Strip for known in gc.get_objects()))
        assert kept[2] <= kept[1] + 4
