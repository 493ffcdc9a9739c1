"""Keys that come all at once, as over a slow line, do what they would have done one by one."""

from __future__ import annotations

import pytest

import presets
from engine.protocol.commands import SetDial
from tests.tui_trainer.driving import dashboard
from tests.tui_trainer.screens.test_presets import finish

LEARNING_RATE = "training.learning_rate"


async def test_what_is_typed_ahead_replaces_the_value_of_the_dial() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1")
        await desk.press_at_once("enter", *"0.03", "enter")
        assert desk.sent(SetDial) == [SetDial(path=LEARNING_RATE, value=0.03)]


async def test_what_is_deleted_and_typed_at_once_is_done_in_that_order() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "enter")
        await desk.press_at_once(*["backspace"] * 8, *"0.03", "enter")
        assert desk.sent(SetDial) == [SetDial(path=LEARNING_RATE, value=0.03)]


async def test_a_value_taken_is_not_changed_by_what_is_typed_behind_it() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "enter")
        await desk.press_at_once(*"0.03", "enter", "7")
        assert desk.sent(SetDial) == [SetDial(path=LEARNING_RATE, value=0.03)]


async def test_half_of_it_may_come_later() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1")
        await desk.press_at_once("enter", *"0.")
        await desk.press("0", "7", "enter")
        assert desk.sent(SetDial) == [SetDial(path=LEARNING_RATE, value=0.07)]


@pytest.mark.parametrize("pane", [("1",), ("3",), ("5",)])
async def test_no_pane_takes_what_is_typed_ahead_for_its_own_keys(pane: tuple[str, ...]) -> None:
    async with dashboard() as desk:
        await desk.press(*pane)
        await desk.press_at_once("enter", *"arR?q8", "escape")
        assert not desk.client.sent
        assert desk.app.screen is desk.app.dashboard


async def test_a_filter_takes_what_is_typed_ahead() -> None:
    async with dashboard() as desk:
        await desk.press("9")
        await finish(desk, "list")
        await desk.press_at_once("/", *"mistake-un", "enter")
        found = [name for name in presets.names() if "mistake-un" in name]
        assert f"{len(found)} of {len(presets.names())} presets, filtered by mistake-un" in desk.lines[0]


async def test_keys_of_a_pane_may_follow_the_one_that_leads_there() -> None:
    async with dashboard() as desk:
        await desk.press_at_once("1", "right", "a")
        edits = [command.value for command in desk.sent(SetDial) if isinstance(command, SetDial)]
        assert [edit["kind"] for edit in edits] == ["set-units", "add-layer"]


async def test_the_next_pane_of_a_tab_may_be_asked_for_ahead() -> None:
    async with dashboard() as desk:
        await desk.press_at_once("1", "1", "down", "down", "right")
        assert desk.sent(SetDial) == [SetDial(path="training.batch_size", value=64)]
