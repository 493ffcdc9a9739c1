"""What the tests of the screen share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual import app, pilot
from textual._compositor import Compositor

from tests.tui_trainer.idle import wait_for_idle


@pytest.fixture(scope="session", autouse=True)
def exact_pauses() -> Iterator[None]:
    """Let every pause of a pilot, also that after each key, end when the app has nothing left to do."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (app, pilot):
            patch.setattr(module, "wait_for_idle", wait_for_idle)
        yield


@pytest.fixture(autouse=True)
def faults_in_painting_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a pane that cannot be drawn end the test."""
    monkeypatch.setattr("tui_trainer.widgets.canvas.Canvas.SURVIVES", False)


@pytest.fixture(autouse=True)
def lasting_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is said stay until something else is said, however slow the machine."""
    monkeypatch.setattr("tui_trainer.screens.dashboard.SAID_FOR", 3600.0)


@pytest.fixture
def rendered_when_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the lines of what has changed to who looks at the whole picture: there is no terminal to send them to."""

    def leave(self: Compositor, **_: object) -> None:
        self._dirty_regions.clear()

    monkeypatch.setattr(Compositor, "render_update", leave)
