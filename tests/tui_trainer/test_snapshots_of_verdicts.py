"""Pictures of verdicts: the line above the keys, the charts' marks, and the list; ``pytest --snapshot-update``."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from textual.pilot import Pilot

from tests.tui_trainer.driving import Desk, make_app
from tests.tui_trainer.fake_client import FakeClient
from tests.tui_trainer.verdicts import OVERFITTING, PLATEAU, UNSCALED
from tui_trainer.app import DashboardExit

SnapCompare = Callable[..., bool]

SIZES = {"120x40": (120, 40), "80x24": (80, 24), "60x16": (60, 16)}
KEYS: dict[str, tuple[str, ...]] = {"dashboard": (), "list": ("V",)}


@pytest.mark.parametrize(("place", "size"), product(KEYS, SIZES))
def test_snapshot(place: str, size: str, snap_compare: SnapCompare) -> None:
    client = FakeClient()
    app = make_app(client)

    async def run_before(pilot: Pilot[DashboardExit]) -> None:
        desk = Desk(app, pilot, client)
        await desk.settle()
        await desk.train(30)
        client.tell(verdicts=(OVERFITTING, PLATEAU, UNSCALED))
        await desk.settle()
        await desk.press(*KEYS[place])

    assert snap_compare(app, terminal_size=SIZES[size], run_before=run_before)
