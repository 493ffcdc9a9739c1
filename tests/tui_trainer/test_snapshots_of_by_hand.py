"""Pictures of a sample by hand, small networks drawn, a large one by its layer; ``--snapshot-update`` takes them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from engine.spec import Spec, validate
from tests.tui_trainer.driving import Desk, make_app
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.app import DashboardExit

SnapCompare = Callable[..., bool]


def small_spec(*units: int) -> Spec:
    layers = [{"units": hidden, "activation": "relu"} for hidden in units]
    return validate(
        {
            "name": "small",
            "data": {"source": "rows", "X": [[0.5]], "y": [1]},
            "network": {"layers": [*layers, {"units": 1, "activation": "sigmoid"}]},
            "training": {"loss": "bce", "epochs": 200, "learning_rate": 0.1},
        },
        where="a test",
    )


NETWORKS = {
    "chain": (small_spec(1), 1),
    "drawn": (small_spec(3), 2),
    "layer": (None, 30),
}
STORIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "forward": ("layer", ("m", "right")),
    "slopes wiggled": ("layer", ("m", *["right"] * 8, "w", "down")),
    "of a batch": ("layer", ("b", "right", "right")),
    "chain collapses": ("chain", ("right",) * 5),
    "chain changed": ("chain", ("enter", "enter", *["backspace"] * 9, *"0.3", "enter", *["right"] * 4)),
    "drawn slopes": ("drawn", (*["right"] * 5, "w")),
}
SIZES = [("120x40", (120, 40)), ("80x24", (80, 24)), ("60x16", (60, 16))]


@pytest.mark.parametrize("size", [size for _, size in SIZES], ids=[name for name, _ in SIZES])
@pytest.mark.parametrize("name", STORIES)
def test_snapshot(name: str, size: tuple[int, int], snap_compare: SnapCompare) -> None:
    network, keys = STORIES[name]
    spec, inputs = NETWORKS[network]
    features = tuple(f"x{column}" for column in range(inputs))
    client = FakeClient() if spec is None else FakeClient(spec, inputs=inputs, feature_names=features)
    app = make_app(client)

    async def run_before(pilot: Pilot[DashboardExit]) -> None:
        desk = Desk(app, pilot, client)
        await desk.settle()
        await desk.train(30)
        await desk.press("h")
        for key in keys:
            await desk.press(key)

    assert snap_compare(app, terminal_size=size, run_before=run_before)
