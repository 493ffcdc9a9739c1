from __future__ import annotations

from engine.protocol.commands import Pause, SetDial
from tests.tui_trainer.driving import dashboard

LEARNING_RATE = "training.learning_rate"


async def test_the_palette_lists_every_action_and_runs_it() -> None:
    async with dashboard() as desk:
        await desk.press("ctrl+p")
        await desk.pilot.press(*"Logarithmic")
        while "key y" not in desk.text:
            await desk.pilot.pause()
        await desk.press("enter")
        while "linear axis" not in desk.text:
            await desk.pilot.pause()


async def test_keys_of_the_footer_can_be_clicked() -> None:
    async with dashboard() as desk:
        column = desk.lines[-1].index("pause")
        await desk.pilot.click("#keys", offset=(column, 0))
        await desk.settle()
        assert desk.sent(Pause)


async def test_the_keys_shown_follow_what_is_chosen_while_nothing_moves() -> None:
    async with dashboard() as desk:
        await desk.press("space", "1")
        assert "x remove" in desk.lines[-1]
        await desk.press("down", "down")
        assert "x remove" not in desk.lines[-1]
        await desk.press("up")
        assert "x remove" in desk.lines[-1]


async def test_the_keys_shown_follow_a_click_while_nothing_moves() -> None:
    async with dashboard() as desk:
        await desk.press("space", "1")
        await desk.pilot.click("#architecture", offset=(3, 6))  # the output
        await desk.settle()
        assert "x remove" not in desk.lines[-1]


async def test_the_keys_shown_follow_scrolling_while_nothing_moves() -> None:
    async with dashboard() as desk:
        await desk.press("space", "6")
        assert "← column" not in desk.lines[-1]
        await desk.press("right")
        assert "← → column" in desk.lines[-1]


async def test_the_palette_does_what_other_panes_can() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await desk.press("4", "ctrl+p")
        await desk.pilot.press(*"Add a layer")
        while "Architecture: Add a layer" not in desk.text:
            await desk.pilot.pause()
        await desk.press("down", "enter")
        while not desk.sent(SetDial):
            await desk.pilot.pause()
        assert desk.sent(SetDial)[0].value["kind"] == "add-layer"  # type: ignore[attr-defined]
        assert desk.app.focused is not None
        assert desk.app.focused.id == "architecture"


async def test_while_a_value_is_typed_the_keys_are_those_of_the_field() -> None:
    async with dashboard() as desk:
        await desk.press("3", "enter")
        assert desk.lines[-1].strip() == "enter take  esc give up"
        await desk.pilot.click("#keys", offset=(desk.lines[-1].index("give up"), 0))
        await desk.settle()
        assert "space pause" in desk.lines[-1]


async def test_of_two_keys_alike_the_one_of_the_pane_is_shown() -> None:
    async with dashboard(size=(200, 40)) as desk:
        await desk.press("2", "f", "left")
        assert "esc no crosshair" in desk.lines[-1]
        assert "back" not in desk.lines[-1]
        await desk.press("escape")
        assert "esc back" in desk.lines[-1]
