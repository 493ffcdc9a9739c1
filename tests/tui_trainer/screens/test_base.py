from __future__ import annotations

import pytest
from textual.events import Resize
from textual.geometry import Size

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
