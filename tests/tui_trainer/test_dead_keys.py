"""No key of the footer does nothing, wherever the focus is and however the run stands."""

from __future__ import annotations

import pytest

from tests.properties import long_profile
from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.bindings import Key
from tui_trainer.screens.dashboard import DashboardScreen
from tui_trainer.screens.table_screen import TableScreen

pytestmark = pytest.mark.usefixtures("rendered_when_looked_at")

PLACES = {"nothing": None, "architecture": 1, "dials": 1, "loss": 2, "heatmap": 3, "neurons": 4}
PLACES |= {"boundary": 5, "sample": 6, "ranges": 6, "parts": 6}
WIDE, NARROW = (120, 40), (80, 24)
CASES = [
    *((pane, "training", WIDE) for pane in PLACES),
    *((pane, "training", NARROW) for pane in ("nothing", "dials", "loss", "neurons", "boundary")),
    *((pane, standing, WIDE) for pane in PLACES for standing in ("paused", "finished", "died", "read-only")),
]


async def stand(desk: Desk, standing: str) -> None:
    if standing == "paused":
        await desk.press("space")
    elif standing == "finished":
        await desk.train(50)
    elif standing == "died":
        desk.client.die()
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


def next_key(desk: Desk, tried: set[str], *, own: bool = False) -> Key | None:
    """Return a key of the footer that has not been tried, ``own``: none but the pane's; one that leaves comes last."""
    screen = desk.app.screen
    assert isinstance(screen, DashboardScreen | TableScreen)
    keys = [key for key, _ in screen.keys_now() if key.id not in tried and not (own and key.owner == "dashboard")]
    return min(keys, key=lambda key: key.id.endswith(("leave", "back", "open", "begin")), default=None)


def traces(desk: Desk) -> tuple[object, ...]:
    """Return all by which one at the keys can see that they have done something."""
    return desk.picture, desk.app.screen, desk.app.return_value


@pytest.mark.parametrize(("pane", "standing", "size"), CASES)
async def test_every_key_shown_does_something(pane: str, standing: str, size: tuple[int, int]) -> None:
    async with dashboard(size=size, resumed=FakeClient(), read_only=standing == "read-only") as desk:
        await look_at(desk, pane)
        await desk.train(1)
        await stand(desk, standing)
        # However the run stands, the keys that work everywhere are the same in every pane.
        everywhere = pane == "nothing" or (standing == "training" and (pane == "loss" or long_profile()))
        tried: set[str] = set()
        while (key := next_key(desk, tried, own=not everywhere)) is not None:
            before = traces(desk)
            await desk.press(key.keys.split(",")[0])
            assert traces(desk) != before, f"{key.id} does nothing"
            tried.add(key.id)
            if desk.app.return_value is not None:
                break
            await look_at(desk, pane)
        assert not everywhere or {"help", "leave"} <= tried


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(("way", "row"), [("8", 0), ("8", 1), ("8", 3), ("9", 0), ("9", 2)])
async def test_every_key_of_a_list_does_something(way: str, row: int, read_only: bool) -> None:
    async with dashboard(read_only=read_only) as desk:
        tried: set[str] = set()
        while True:
            await look_at(desk, "nothing")
            await desk.app.run_action("runs" if way == "8" else "presets")
            await desk.settle()
            if isinstance(desk.app.screen, DashboardScreen):
                return  # one who may only look begins no run
            await desk.press(*["down"] * row)
            key = next_key(desk, tried)
            if key is None:
                break
            before = traces(desk)
            await desk.press(key.keys.split(",")[0])
            assert traces(desk) != before, f"{key.id} does nothing"
            tried.add(key.id)
        assert any(name.endswith(".help") for name in tried)


async def test_every_key_of_a_field_does_something() -> None:
    for name in ("field.take", "field.leave"):
        async with dashboard() as desk:
            await desk.press("1", "1", "enter")
            screen = desk.app.screen
            assert isinstance(screen, DashboardScreen)
            assert [key.id for key, _ in screen.keys_now()] == ["field.take", "field.leave"]
            before = traces(desk)
            await desk.press(next(key.keys for key, _ in screen.keys_now() if key.id == name))
            assert traces(desk) != before
