"""Pictures of the screens; ``pytest --snapshot-update`` takes them anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui_trainer.driving import Desk, make_app
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.app import DashboardExit, TrainerApp

SnapCompare = Callable[..., bool]
Story = Callable[[Desk], Awaitable[None]]


def app_and_story(story: Story) -> tuple[TrainerApp, Callable[[Pilot[DashboardExit]], Awaitable[None]]]:
    """Return an app, and what is done with it before its picture is taken."""
    client = FakeClient()
    app = make_app(client, resumed=FakeClient())

    async def run_before(pilot: Pilot[DashboardExit]) -> None:
        desk = Desk(app, pilot, client)
        await desk.settle()
        await story(desk)
        await desk.settle()

    return app, run_before


async def learning(desk: Desk) -> None:
    await desk.train(12)
    await desk.press("right_square_bracket")
    await desk.train(20)


async def dials(desk: Desk) -> None:
    await learning(desk)
    await desk.press("1", "1", "down", "down", "right")


async def typing(desk: Desk) -> None:
    await learning(desk)
    await desk.press("1", "1", "enter", ".", "5")


async def weights(desk: Desk) -> None:
    await desk.press("3")
    await learning(desk)
    await desk.press("down", "right", "right")


async def inside(desk: Desk) -> None:
    await desk.press("3")
    await learning(desk)
    await desk.press("w", "a", "l", "right")
    await desk.train(1)


async def full_screen(desk: Desk) -> None:
    await learning(desk)
    desk.client.tell(best_epoch=20)
    await desk.settle()
    await desk.press("2", "s", *["left"] * 5, "f")


async def zoomed(desk: Desk) -> None:
    await learning(desk)
    await desk.press("2", *["left"] * 5, "up")


async def neurons(desk: Desk) -> None:
    await desk.press("4")
    await learning(desk)


async def plain_words(desk: Desk) -> None:
    await learning(desk)
    await desk.press("v")


async def paused(desk: Desk) -> None:
    await learning(desk)
    await desk.press("space", "y")


async def finished(desk: Desk) -> None:
    await learning(desk)
    await desk.train(50)


async def died(desk: Desk) -> None:
    await learning(desk)
    desk.client.die("the worker is gone")


async def leaving(desk: Desk) -> None:
    await learning(desk)
    await desk.press("q")


async def helping(desk: Desk) -> None:
    await learning(desk)
    await desk.press("2", "question_mark")


async def starting(desk: Desk) -> None:
    desk.client.tell()


@pytest.mark.parametrize(
    "story",
    [
        starting,
        learning,
        dials,
        weights,
        inside,
        full_screen,
        zoomed,
        plain_words,
        paused,
        finished,
        died,
        leaving,
        helping,
    ],
)
def test_120_columns(story: Story, snap_compare: SnapCompare) -> None:
    app, run_before = app_and_story(story)
    assert snap_compare(app, terminal_size=(120, 40), run_before=run_before)


@pytest.mark.parametrize(
    "story", [dials, typing, learning, weights, inside, full_screen, neurons, plain_words, died, leaving, helping]
)
def test_80_columns(story: Story, snap_compare: SnapCompare) -> None:
    app, run_before = app_and_story(story)
    assert snap_compare(app, terminal_size=(80, 24), run_before=run_before)


@pytest.mark.parametrize("size", [(100, 32), (60, 16), (40, 10), (20, 5)], ids=str)
def test_other_sizes(size: tuple[int, int], snap_compare: SnapCompare) -> None:
    app, run_before = app_and_story(learning)
    options: dict[str, Any] = {"terminal_size": size, "run_before": run_before}
    assert snap_compare(app, **options)
