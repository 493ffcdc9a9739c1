from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

import pytest

import presets
from engine.protocol.commands import OpenExam
from tests.patience import PATIENCE
from tests.tui_trainer.driving import dashboard
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.screens.dashboard import DashboardScreen

SIZES = [(120, 40), (80, 24), (60, 16)]


@pytest.mark.parametrize("size", SIZES)
async def test_the_exam_stays_sealed_until_one_has_said_yes(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as desk:
        await desk.press("e")
        assert "Sealed: 114 rows" in desk.text
        await desk.press("enter")
        assert "Open the exam?" in desk.text
        await desk.press("n")
        assert not desk.sent(OpenExam)
        assert "Sealed: 114 rows" in desk.text
        await desk.press("enter", "y")
        assert len(desk.sent(OpenExam)) == 1
        assert "After epoch 30, on 114 rows" in desk.text
        assert "0.9737" in desk.text


async def test_a_finished_run_has_its_exam_and_the_footer_offers_it() -> None:
    for size in SIZES:
        async with dashboard(size=size) as desk:
            await desk.train(50)
            assert "e exam" in desk.lines[-1]
            await desk.press("e", "enter", "y")
            assert "After epoch 50, on 114 rows" in desk.text


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_the_footer_offers_the_exam_while_it_trains(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as desk:
        assert "e exam" in desk.lines[-1]


async def test_what_was_opened_stands_there_when_one_comes_back() -> None:
    async with dashboard() as desk:
        await desk.press("e", "enter", "y", "escape")
        assert isinstance(desk.app.screen, DashboardScreen)
        await desk.press("e")
        assert "After epoch 30, on 114 rows" in desk.text
        assert "enter opens it again" in desk.text


async def test_a_small_screen_scrolls_to_the_last_line() -> None:
    async with dashboard(size=(60, 16)) as desk:
        await desk.press("e", "enter", "y")
        assert "↓ more" in desk.text
        await desk.press(*["pagedown"] * 5)
        assert "enter opens it again" in desk.text
        assert "↓ more" not in desk.text
        await desk.press(*["up"] * 40)
        assert "After epoch 30" in desk.text


async def test_who_may_only_look_is_told_so_and_opens_nothing() -> None:
    async with dashboard(read_only=True) as desk:
        await desk.press("e", "enter")
        assert "You may only look at this run" in desk.text
        assert not desk.sent(OpenExam)


async def test_a_refusal_of_the_worker_is_said() -> None:
    client = FakeClient()
    async with dashboard(client) as desk:
        await desk.press("e")
        client.refusal = "the disk is full"
        await desk.press("enter", "y")
        assert "the disk is full" in desk.lines[-2]


async def test_the_run_trains_on_behind_the_exam() -> None:
    async with dashboard() as desk:
        await desk.press("e")
        await desk.train(5)
        assert "epoch 35 / 50" in desk.lines[0]
        assert "after epoch 35" in desk.text


@pytest.mark.parametrize("size", SIZES)
async def test_every_section_shows_what_it_is_about(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as desk:
        await desk.press("e", "enter", "y")
        for told in ("[curves]", "[calibration]", "[cases]", "[openings]"):
            await desk.press("right")
            assert told in desk.text
            assert {
                "[curves]": "ROC, area 0.9980: mali",
                "[calibration]": "Reliability",
                "[cases]": "row 73: malignant, answered benign",
                "[openings]": "The first look at these rows",
            }[told] in desk.text
        await desk.press("right")
        assert "[openings]" in desk.text


async def test_below_the_curves_of_a_small_screen_stand_their_areas() -> None:
    async with dashboard(size=(60, 16)) as desk:
        await desk.press("e", "enter", "y", "right")
        assert "against all others" not in desk.text
        await desk.press("pagedown")
        assert "against all others" in desk.text
        assert "0.9972" in desk.text


async def test_the_curves_of_the_other_class_come_by_a_key() -> None:
    async with dashboard() as desk:
        await desk.press("e", "enter", "y", "right", "c")
        assert "ROC, area 0.9980: benign" in desk.text
        await desk.press("c")
        assert "ROC, area 0.9980: malignant" in desk.text


async def test_a_section_is_chosen_by_a_click_on_its_name() -> None:
    async with dashboard() as desk:
        await desk.press("e", "enter", "y")
        line = next(line for line in desk.lines if "calibration" in line)
        await desk.pilot.click("#page", offset=(line.index("cases"), 0))
        await desk.settle()
        assert "[cases]" in desk.text


async def test_a_second_opening_after_more_epochs_says_what_it_is_worth() -> None:
    client = FakeClient()
    async with dashboard(client) as desk:
        await desk.press("e", "enter", "y")
        first = client.exam_result.model_copy(update={"epoch": 30})
        await desk.train(5)
        client.exam_result = client.exam_result.after([first.opening])
        await desk.press("enter")
        assert "It has been opened before, after epoch 30" in desk.text
        await desk.press("y")
        await desk.press(*["right"] * 4)
        assert "the first opening was the honest one" in " ".join(desk.text.split())


async def test_the_preset_as_it_is_stands_beside_what_the_tutorial_prints() -> None:
    async with dashboard(FakeClient(presets.load("breast-cancer"))) as desk:
        await desk.press("e", "enter", "y")
        await wait_for(lambda: "printed 0.974" in desk.text)


async def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for what a thread brings."""
    deadline = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < deadline
        await asyncio.sleep(0.01)
