"""Keys that are pressed before a run has told anything."""

from __future__ import annotations

import pytest

from engine.protocol.commands import Pause
from tests.tui_trainer.driving import dashboard
from tui_trainer.keys_ahead import MOST


async def test_a_key_that_only_a_run_can_answer_waits_for_its_first_frame() -> None:
    async with dashboard(epochs=0) as desk:
        await desk.press("e")
        assert "Sealed" not in desk.text
        await desk.train(1)
        assert "Sealed: 114 rows" in desk.text


async def test_keys_that_wait_are_pressed_in_their_order() -> None:
    async with dashboard(epochs=0) as desk:
        await desk.press("e", "escape", "space")  # the second one would do nothing on the dashboard
        assert not desk.sent(Pause)
        await desk.train(1)
        await desk.settle()
        assert len(desk.sent(Pause)) == 1
        assert "Sealed" not in desk.text


@pytest.mark.parametrize(("key", "shows"), [("8", "4 runs"), ("question_mark", "Keys everywhere")])
async def test_what_needs_no_frame_acts_at_once(key: str, shows: str) -> None:
    async with dashboard(epochs=0) as desk:
        await desk.press(key)
        assert shows in desk.text


async def test_leaving_waits_for_nothing_also_where_other_keys_wait() -> None:
    async with dashboard(epochs=0) as desk:
        await desk.press("e", "q")
        left = desk.app.return_value
    assert left is not None
    assert left.kind == "detached"


async def test_a_cat_on_the_keyboard_is_not_remembered_for_long() -> None:
    async with dashboard(epochs=0) as desk:
        await desk.press(*["e", "escape"] * MOST, "space")
        await desk.train(1)
        await desk.settle()
        assert not desk.sent(Pause)


async def test_where_the_run_cannot_begin_no_key_waits() -> None:
    async with dashboard(refused="no such data") as desk:
        await desk.press("e", "question_mark")
        assert "Keys" in desk.text
