"""Runs side by side on the screen; what is found of them is tested with the command line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.tui_trainer.driving import Desk, dashboard
from tui_trainer.screens.compare import CompareScreen
from tui_trainer.screens.runs import RunsScreen
from tui_trainer.view_models.runs import RunLine

SIZES = [(120, 40), (80, 24), (60, 16)]


async def compare(desk: Desk, *keys: str) -> CompareScreen:
    """Open the list, press some keys, and c."""
    await desk.press("8", *keys, "c")
    await desk.settle()
    assert isinstance(desk.app.screen, CompareScreen)
    return desk.app.screen


@pytest.mark.parametrize("size", SIZES)
async def test_curves_and_words_are_there_at_every_size(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as desk:
        await compare(desk, "down")
        assert "Validation loss by epoch" in desk.text
        if size[1] < 20:  # no room for both
            assert "seed by seed" not in desk.text
            await desk.press("f")
            assert "Validation loss by epoch" not in desk.text
        await desk.press(*["pagedown"] * 4)
        assert "The exam takes no part" in desk.text
        assert "esc back" in desk.lines[-1]


async def test_what_is_compared_are_the_runs_selected_else_the_shown_one_with_those_overlaid() -> None:
    async with dashboard() as desk:
        await compare(desk, "down", "space", "space")
        assert ("compare", "wine-1", "diabetes-2") in desk.runs.done
        await desk.press("escape")
        assert isinstance(desk.app.screen, RunsScreen)
    async with dashboard() as desk:
        await compare(desk, "down", "x", "down", "x", "up")
        assert ("compare", "breast-cancer-3", "wine-1", "diabetes-2") in desk.runs.done


async def test_a_run_alone_or_a_damaged_one_is_not_compared() -> None:
    async with dashboard() as desk:
        await desk.press("8")
        assert "c compare" not in desk.lines[-1]
        await desk.press("c")
        assert isinstance(desk.app.screen, RunsScreen)
        await desk.press("down", "down", "down")  # the damaged one
        assert "c compare" not in desk.lines[-1]


async def test_the_crosshair_reads_each_curve_at_one_place_of_the_axis() -> None:
    async with dashboard() as desk:
        await desk.press("8", "down", "space", "down", "down", "up", "space", "c")
        screen = desk.app.screen
        assert isinstance(screen, CompareScreen)
        compared = screen.compared
        await desk.press("left", *["left"] * 20)
        cursor = compared.view.cursor
        assert cursor is not None
        for curve, run in zip(compared.drawn(), compared.runs, strict=True):
            reading = curve.source.at(cursor)
            expected = run.history.at(2, cursor)
            assert (reading and reading.last) == (expected and expected.last)


async def test_the_axis_goes_by_steps_and_by_time() -> None:
    async with dashboard() as desk:
        screen = await compare(desk, "down")
        await desk.press("x")
        assert "by step" in desk.text
        assert screen.compared.whole().last == 11 * 120
        await desk.press("x")
        assert "by training time" in desk.text
        assert "4.8 s" in desk.text
        await desk.press("x")
        assert "by epoch" in desk.text


async def test_runs_that_have_not_recorded_the_time_are_named() -> None:
    async with dashboard() as desk:
        screen = await compare(desk, "down")
        first, second = screen.compared.runs
        screen.compared.adopt([replace(first, rulers={}), second])
        await desk.press("x")
        assert "not recorded of breast-cancer-3" in desk.text
        screen.compared.adopt([replace(first, rulers={}), replace(second, rulers={})])
        await desk.press("x")
        assert "none of them has recorded it" in desk.text


async def test_what_cannot_be_read_is_said_and_one_comes_back() -> None:
    async with dashboard() as desk:
        await desk.press("8", "down")
        desk.runs.refusal = "run wine-1: its directory is gone"
        await desk.press("c")
        assert "its directory is gone" in desk.lines[-2]
        await desk.press("escape")
        assert isinstance(desk.app.screen, RunsScreen)


async def test_names_from_outside_and_long_ones_break_nothing() -> None:
    async with dashboard(size=(60, 16)) as desk:
        long = RunLine(
            "a" * 60, 5.0, preset="[red]x\x1b[31m", state="stopped", epoch=12, epochs=20, seeds=(1,), train=0.5
        )
        desk.runs.lines.append(long)
        await compare(desk, "down", "space", "space")
        await desk.press("f", *["down"] * 9)
        assert "\x1b" not in desk.text
        assert all(len(line) <= 60 for line in desk.lines)


async def test_more_runs_than_inks_are_told_apart_by_their_line() -> None:
    async with dashboard() as desk:
        for number in range(9):
            desk.runs.lines.append(
                RunLine(f"run-{number}", 5.0, preset="wine", state="stopped", epoch=12, epochs=20, seeds=(1, 2))
            )
        await desk.press("8")
        await desk.press(*["down"] * 4, *["space"] * 9, "c")
        assert "the first 6 are drawn" in desk.text
        screen = desk.app.screen
        assert isinstance(screen, CompareScreen)
        assert len(screen.compared.drawn()) == 6
        assert np.isfinite(screen.compared.drawn()[0].source.latest() or np.nan)


async def test_runs_that_differ_in_one_number_are_drawn_along_it() -> None:
    async with dashboard() as desk:
        screen = await compare(desk, "down")
        runs = [replace(run, seeds=(1,), judged=run.judged[:1]) for run in screen.compared.runs]
        values = ((0.4, runs[0]), (0.05, runs[1]), (0.1, runs[1]))
        screen.compared.adopt([replace(run, name=f"at {v}", recipe={"split.train": v}) for v, run in values])
        await desk.press("x", "x", "x")
        assert "Loss by split.train" in desk.text
        train, validation = screen.compared.drawn()
        places = [source.source.columns(screen.compared.whole(), 101).place.tolist() for source in (train, validation)]
        assert places == [[0, 14, 100]] * 2  # .05, .1 and .4, evenly
        for column, run in ((1, runs[1]), (10_000, runs[0])):
            reading = validation.source.at(column)
            assert reading is not None
            assert reading.last == run.judged[0, 2]
        await desk.press("p")
        assert "p part" not in desk.lines[-1]
