"""No key of the footer does nothing, wherever the focus is and however the run stands."""

from __future__ import annotations

import pytest

from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_feed import FakeFeed
from tui_trainer.screens.dashboard import DashboardScreen

PLACES = {
    "nothing": (),
    "architecture": ("1",),
    "dials": ("1", "1"),
    "loss": ("2",),
    "heatmap": ("3",),
    "clerks": ("4",),
}
STANDINGS = ("training", "paused", "finished", "died")


async def stand(desk: Desk, standing: str) -> None:
    if standing == "paused":
        await desk.press("space")
    elif standing == "finished":
        await desk.train(50)
    elif standing == "died":
        desk.feed.die()
        await desk.settle()


def traces(desk: Desk) -> tuple[object, ...]:
    """Return all by which a key can be seen to have done something."""
    focused = desk.app.focused
    return desk.text, len(desk.feed.sent), focused.id if focused else None, desk.app.screen, desk.app.is_running


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("place", PLACES)
async def test_every_key_shown_does_something(place: str, standing: str, size: tuple[int, int]) -> None:
    async def opened(desk: Desk) -> list[str]:
        desk.app.screen.set_focus(None)
        await desk.press(*PLACES[place])
        await desk.train(1)
        await stand(desk, standing)
        screen = desk.app.screen
        assert isinstance(screen, DashboardScreen)
        return [key.keys.split(",")[0] for key, _ in screen.keys_now()]

    async with dashboard(size=size, resumed=FakeFeed()) as desk:
        keys = await opened(desk)
    assert keys
    for key in dict.fromkeys(keys):
        async with dashboard(size=size, resumed=FakeFeed()) as desk:
            await opened(desk)
            before = traces(desk)
            await desk.press(key)
            assert traces(desk) != before, f"{key} does nothing"
