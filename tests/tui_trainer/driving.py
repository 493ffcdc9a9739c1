"""Driving the dashboard in tests: keys in, text out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.strip import Strip

from engine.errors import InputError
from engine.protocol.commands import Command, Have
from tests.tui_trainer.fake_client import FakeClient
from tests.tui_trainer.fake_run_service import FakeRunService
from tui_trainer.app import DEFAULT_CONFIG, DashboardExit, TrainerApp
from tui_trainer.runs.connection import RunClient
from tui_trainer.runs.lessons import LessonBook
from tui_trainer.ui_config import UiConfig

AT_ONCE = 1e9
"""Redraws a second so many that every change is drawn."""


@dataclass
class Desk:
    """A dashboard under test, and the client it looks at."""

    app: TrainerApp
    pilot: Pilot[DashboardExit]
    client: FakeClient
    runs: FakeRunService = field(default_factory=FakeRunService)

    async def settle(self) -> None:
        """Wait until everything that was sent has been taken in and drawn."""
        for _ in range(2):
            await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys, and let them act."""
        await self.pilot.press(*keys)
        await self.settle()

    async def press_at_once(self, *keys: str) -> None:
        """Press keys faster than any of them can act, as they come over a slow line: names or characters."""
        for key in keys:
            typed = key if len(key) == 1 else None
            self.app.post_message(Key(_character_to_key(typed) if typed else key, typed))
        await self.settle()

    async def train(self, epochs: int, *, frames: int = 1) -> None:
        """Let the run go on."""
        self.client.train(epochs, frames=frames)
        await self.settle()

    @property
    def text(self) -> str:
        """What stands on the screen."""
        compositor = self.app.screen._compositor
        return "\n".join(strip.text.rstrip() for strip in compositor.render_strips())

    @property
    def picture(self) -> list[Strip]:
        """The same with its colours, to be compared."""
        return self.app.screen._compositor.render_strips()

    @property
    def lines(self) -> list[str]:
        """The same, by lines."""
        return self.text.split("\n")

    def sent(self, kind: type[Command]) -> list[Command]:
        """Return the commands of a kind that the client was sent."""
        return [command for command in self.client.sent if isinstance(command, kind)]


def make_app(
    client: FakeClient,
    *,
    resumed: FakeClient | None = None,
    read_only: bool = False,
    runs: FakeRunService | None = None,
    config: UiConfig = DEFAULT_CONFIG,
    refused: str = "",
    lessons: LessonBook | None = None,
) -> TrainerApp:
    """Return an app that opens ``client``, or cannot as ``refused`` says, and ``resumed`` when asked to resume."""

    async def connect() -> RunClient:
        if refused:
            raise InputError(refused)
        return client

    async def resume(_: Have) -> RunClient:
        assert resumed is not None
        return resumed

    return TrainerApp(
        connect,
        resume if resumed else None,
        title=client.welcome.run,
        refresh=AT_ONCE,
        read_only=read_only,
        runs=runs,
        lessons=lessons,
        config=config,
    )


def line_with(desk: Desk, text: str) -> str:
    """Return the first line on the screen that has ``text``."""
    return next(line for line in desk.lines if text in line)


@asynccontextmanager
async def dashboard(
    client: FakeClient | None = None,
    *,
    size: tuple[int, int] = (120, 40),
    epochs: int = 30,
    resumed: FakeClient | None = None,
    read_only: bool = False,
    config: UiConfig = DEFAULT_CONFIG,
    refused: str = "",
    lessons: LessonBook | None = None,
) -> AsyncIterator[Desk]:
    """Open a dashboard on a client that has trained some epochs, or on a run that cannot begin."""
    client = client or FakeClient()
    runs = FakeRunService()
    app = make_app(
        client, resumed=resumed, read_only=read_only, runs=runs, config=config, refused=refused, lessons=lessons
    )
    async with app.run_test(size=size) as pilot:
        desk = Desk(app, pilot, client, runs)
        await desk.settle()
        if epochs and not refused:
            await desk.train(epochs)
        yield desk
