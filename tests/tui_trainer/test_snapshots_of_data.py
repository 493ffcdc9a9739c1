"""Pictures of the boundary and the data; ``pytest --snapshot-update`` takes them anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui_trainer.driving import Desk, make_app
from tests.tui_trainer.fake_client import FakeClient, make_spec
from tui_trainer.app import DashboardExit

SnapCompare = Callable[..., bool]
Story = Callable[[Desk], Awaitable[None]]

TWO_COLUMNS: dict[str, Any] = {"inputs": 2, "feature_names": ("x1", "x2")}


def softmax(classes: int) -> Any:
    layers = [{"units": 4, "activation": "relu"}, {"units": classes, "activation": "softmax"}]
    return make_spec(network__layers=layers, training__loss="cce")


def linear() -> Any:
    layers = [{"units": 4, "activation": "tanh"}, {"units": 1, "activation": "identity"}]
    return make_spec(network__layers=layers, training__loss="mse")


async def answers(desk: Desk) -> None:
    await desk.press("5", "right", "up", "right", "right")


async def a_neuron(desk: Desk) -> None:
    await desk.press("5", "greater_than_sign", "greater_than_sign")


async def choosing(desk: Desk) -> None:
    await desk.press("5", "x", *"wor", "down")


async def data(desk: Desk) -> None:
    await desk.press("6", "down", "down", "right")


STORIES: dict[str, tuple[Story, Callable[[], FakeClient]]] = {
    "answers": (answers, lambda: FakeClient(**TWO_COLUMNS)),
    "a neuron": (a_neuron, lambda: FakeClient(**TWO_COLUMNS)),
    "three classes": (
        answers,
        lambda: FakeClient(
            softmax(3), inputs=4, feature_names=("a", "b", "c", "d"), classes=("setosa", "versicolor", "x")
        ),
    ),
    "values": (answers, lambda: FakeClient(linear(), inputs=3, feature_names=("age", "sex", "bmi"), classes=())),
    "choosing": (choosing, FakeClient),
    "data": (data, lambda: FakeClient(notes=("the scaler was fitted on all rows: a leak, on purpose",))),
    "pictures": (data, lambda: FakeClient(softmax(10), inputs=64, classes=tuple("0123456789"), image_shape=(8, 8))),
}


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
@pytest.mark.parametrize("name", STORIES)
def test_snapshot(name: str, size: tuple[int, int], snap_compare: SnapCompare) -> None:
    story, make_feed = STORIES[name]
    client = make_feed()
    app = make_app(client)

    async def run_before(pilot: Pilot[DashboardExit]) -> None:
        desk = Desk(app, pilot, client)
        await desk.settle()
        await desk.train(12)
        await story(desk)
        await desk.train(3)

    assert snap_compare(app, terminal_size=size, run_before=run_before)
