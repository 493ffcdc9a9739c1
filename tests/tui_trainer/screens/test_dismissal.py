from __future__ import annotations

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
