from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.events import Resize

from tests.tui_trainer.driving import dashboard
from tui_trainer.app import TrainerApp


async def test_a_resize_to_the_same_size_is_painted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """So it looks from inside where a terminal shrank and grew before the program heard of either."""
    async with dashboard() as desk:
        painted = asyncio.Event()
        display = TrainerApp._display

        def paint(app: TrainerApp, *arguments: Any) -> None:
            display(app, *arguments)
            painted.set()

        monkeypatch.setattr(TrainerApp, "_display", paint)
        desk.app.post_message(Resize(desk.app.size, desk.app.size))
        async with asyncio.timeout(10):
            await painted.wait()
