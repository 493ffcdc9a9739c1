"""No key of the footer does nothing, wherever the focus is and however the run stands."""

from __future__ import annotations

import pytest

from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_feed import FakeFeed
from tui_trainer.bindings import Key
from tui_trainer.screens.dashboard import DashboardScreen

PLACES = {"nothing": None, "architecture": 1, "dials": 1, "loss": 2, "heatmap": 3, "clerks": 4}
PLACES |= {"boundary": 5, "sample": 6, "ranges": 6, "parts": 6}
WIDE, NARROW = (120, 40), (80, 24)
CASES = [
    *((pane, "training", WIDE) for pane in PLACES),
    *((pane, "training", NARROW) for pane in ("nothing", "dials", "loss", "clerks", "boundary")),
    *((pane, standing, WIDE) for pane in ("nothing", "dials") for standing in ("paused", "finished", "died")),
]


async def stand(desk: Desk, standing: str) -> None:
    if standing == "paused":
        await desk.press("space")
    elif standing == "finished":
        await desk.train(50)
    elif standing == "died":
        desk.feed.die()
        await desk.settle()


async def look_at(desk: Desk, pane: str) -> None:
    """Give a pane the focus, with no dialog or field over it."""
    while not isinstance(desk.app.screen, DashboardScreen):
        await desk.press("escape")
    desk.app.screen.set_focus(None)
    if pane != "nothing":
        await desk.app.screen.action_place(PLACES[pane])  # type: ignore[arg-type]
        desk.app.screen.query_one(f"#{pane}").focus()
    await desk.settle()


def next_key(desk: Desk, tried: set[str]) -> Key | None:
    """Return a key of the footer that has not been tried; the one that leaves comes last."""
    screen = desk.app.screen
    assert isinstance(screen, DashboardScreen)
    keys = [key for key, _ in screen.keys_now() if key.id not in tried]
    return min(keys, key=lambda key: key.id == "leave", default=None)


def traces(desk: Desk) -> tuple[object, ...]:
    """Return all by which one at the keys can see that they have done something."""
    return desk.picture, desk.app.screen, desk.app.return_value


@pytest.mark.parametrize(("pane", "standing", "size"), CASES)
async def test_every_key_shown_does_something(pane: str, standing: str, size: tuple[int, int]) -> None:
    async with dashboard(size=size, resumed=FakeFeed()) as desk:
        await look_at(desk, pane)
        await desk.train(1)
        await stand(desk, standing)
        tried: set[str] = set()
        while (key := next_key(desk, tried)) is not None:
            before = traces(desk)
            await desk.press(key.keys.split(",")[0])
            assert traces(desk) != before, f"{key.id} does nothing"
            tried.add(key.id)
            if desk.app.return_value is not None:
                break
            await look_at(desk, pane)
        assert {"help", "leave"} <= tried
