"""Pictures of the screen before the first step on a data file; ``pytest --snapshot-update`` takes them anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.tui_trainer.findings import finding
from tui_trainer.setup_app import SetupApp
from tui_trainer.ui_config import UiConfig

SnapCompare = Callable[..., bool]


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_snapshot(size: tuple[int, int], snap_compare: SnapCompare) -> None:
    app = SetupApp(finding(), lambda _: finding(), title="houses.csv", config=UiConfig())
    assert snap_compare(app, terminal_size=size, press=["right", *["down"] * 5])
