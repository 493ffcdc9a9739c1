"""The by-hand screen: it follows or stands, asks once what it needs, and leaves the dashboard as it was."""

from __future__ import annotations

import pytest

from engine.protocol.commands import SetDial
from engine.protocol.queries import ByHandQuery
from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.screens.by_hand import ByHandScreen
from tui_trainer.screens.dashboard import DashboardScreen

SIZES = [(120, 40), (80, 24), (60, 16)]
LEADS_AWAY = {"by_hand.leave", "by_hand.help"}


def screen_of(desk: Desk) -> ByHandScreen:
    assert isinstance(desk.app.screen, ByHandScreen)
    return desk.app.screen


@pytest.mark.parametrize("size", SIZES)
async def test_every_step_is_walked_through_and_back(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as desk:
        await desk.press("h")
        assert "train row 0 of 341" in desk.text
        await desk.press(*["right"] * 20)
        assert "step 21 of 21" in desk.text
        assert "← rate" not in desk.text
        await desk.press(*["left"] * 20)
        assert "step 1 of 21" in desk.text


async def test_it_follows_the_training_until_it_is_told_to_stand() -> None:
    async with dashboard() as desk:
        await desk.press("h")
        await desk.train(5)
        assert "epoch 35" in desk.lines[3]
        await desk.press("f")
        before = screen_of(desk).by_hand.known
        await desk.train(5)
        assert "epoch 35   stands" in desk.lines[3]
        assert screen_of(desk).by_hand.known is before
        await desk.press("f")
        assert "epoch 40" in desk.lines[3]


async def test_a_row_that_stands_goes_through_the_network_as_it_stood() -> None:
    async with dashboard() as desk:
        await desk.press("h", "f")
        layers = screen_of(desk).by_hand.known.sample.layers
        await desk.train(5)
        await desk.press("right_square_bracket")
        assert "train row 1 of 341" in desk.text
        assert screen_of(desk).by_hand.known.sample.layers is layers


async def test_what_is_tried_stands_and_asks_the_run_for_nothing() -> None:
    async with dashboard() as desk:
        await desk.press("h", "c", "enter", *["backspace"] * 12, *"0.5", "enter")
        assert "→ 0.5" in desk.text
        before = screen_of(desk).by_hand.known
        await desk.train(5)
        assert screen_of(desk).by_hand.known is before
        assert not desk.sent(SetDial)
        await desk.press("u")
        assert "→ 0.5" not in desk.text
        assert "epoch 35" in desk.lines[3]


async def test_a_guess_that_is_no_number_is_told_so_and_the_field_stays() -> None:
    async with dashboard() as desk:
        await desk.press("h", "t", "g", *"x", "enter")
        assert "expected a number" in desk.lines[-2]
        await desk.press("escape")
        assert "= ?" in desk.text
        await desk.press("s")
        assert "= ?" not in desk.text


async def test_a_row_that_there_is_none_of_is_refused_in_one_line() -> None:
    async with dashboard() as desk:
        await desk.press("h", "r", *["backspace"] * 3, *"341", "enter")
        assert "expected a row from 0 to 340" in desk.lines[-2]
        await desk.press("backspace", "0", "enter")
        assert "train row 340 of 341" in desk.text


async def test_the_next_wrong_row_follows_the_first() -> None:
    async with dashboard() as desk:
        await desk.press("h", "m")
        assert "train row 4 of 341" in desk.text
        await desk.press("m")
        assert "train row 5 of 341" in desk.text
        assert desk.client.sample == ByHandQuery(row=5)


async def test_its_question_ends_with_it_and_the_dashboards_go_on() -> None:
    async with dashboard() as desk:
        before = desk.client.views
        await desk.press("h")
        assert set(desk.client.views) == {*before, "by-hand"}
        await desk.press("escape")
        assert isinstance(desk.app.screen, DashboardScreen)
        assert desk.client.views == before


async def test_the_heatmaps_weight_is_wiggled_at_its_slope() -> None:
    async with dashboard() as desk:
        await desk.press("3", "down", "right", "right", "g")
        assert "slope of W1[1,2]" in desk.text
        assert "measured" in desk.text


async def test_the_check_of_all_comes_to_its_end_and_stays() -> None:
    async with dashboard() as desk:
        await desk.press("h", "W")
        while "641 of 641" not in desk.text:
            await desk.pilot.pause()
        await desk.train(1)
        assert "641 of 641" in desk.text


async def test_a_refusal_is_said_and_the_row_stays() -> None:
    client = FakeClient()
    async with dashboard(client) as desk:
        await desk.press("h")
        client.refused_picks = "none of the train rows is wrong"
        await desk.press("m")
        assert "none of the train rows is wrong" in desk.lines[-2]
        assert "train row 0 of 341" in desk.text


@pytest.mark.parametrize("standing", ["training", "paused", "finished", "read-only"])
async def test_every_key_that_is_shown_does_something(standing: str) -> None:
    async with dashboard(read_only=standing == "read-only") as desk:
        if standing == "finished":
            await desk.train(50)
        elif standing == "paused":
            await desk.press("space")
        await desk.press("h", "right")
        tried: set[str] = set()
        while key := next((key for key, _ in screen_of(desk).keys_now() if key.id not in tried | LEADS_AWAY), None):
            tried.add(key.id)
            before, sent = desk.picture, len(desk.client.sent)
            await desk.press(key.keys.split(",")[0])
            assert desk.picture != before or len(desk.client.sent) > sent, key.id
            if desk.app.screen.is_modal or desk.app.screen.focused is not screen_of(desk).pane:
                await desk.press("escape")
        assert len(tried) > 15


async def test_a_row_of_ones_own_is_typed_in_with_its_truth() -> None:
    async with dashboard() as desk:
        await desk.press("h", "i", *["backspace"] * 400)
        await desk.press(*" ".join(["10"] * 29), "enter")
        assert "expected 30 numbers with blanks between them (got 29)" in desk.lines[-2]
        await desk.press(*" 13", "enter")
        await desk.settle()
        assert "The truth?" in desk.text
        await desk.press("up", "up", "enter")  # past what the network answers, and the second class
        await desk.settle()
        assert "a row of your own" in desk.text
        sample = screen_of(desk).by_hand.known.sample
        assert desk.client.sample == ByHandQuery(typed=(*[10.0] * 29, 13.0), truth=(0.0,))
        assert sample.x.tolist() == [*[0.0] * 29, 1.0]
        await desk.press("right_square_bracket")
        assert "train row 0 of 341" in desk.text


@pytest.mark.parametrize("keys", [(), ("right",) * 10])
async def test_on_the_smallest_screen_the_path_of_the_cursor_is_drawn(keys: tuple[str, ...]) -> None:
    async with dashboard(size=(60, 16)) as desk:
        await desk.press("h", *keys)
        assert "▶ " in desk.lines[3]
        assert "◀" in desk.lines[4]
