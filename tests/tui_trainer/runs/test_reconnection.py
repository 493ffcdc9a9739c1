"""A connection that is lost and made again, to real workers: what is known already is neither sent nor forgotten."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from engine.array_types import Arrays
from engine.errors import WorkerError
from engine.protocol.commands import Have, MoreEpochs, SetDial, SetPace, Stop
from engine.protocol.events import Frame
from engine.run.series import HIGH, LAST, LOW
from engine.store.runs import Run
from engine.worker.client import Client
from engine.worker.link import LinkLostError
from tests.engine.worker.conftest import MakeRun, Serve
from tests.patience import PATIENCE
from tui_trainer.runs.connection import RunConnection
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.link_state import another_run

RATE = "training.learning_rate"


class LossyClient(Client):
    """A client whose connection is lost when ``lose`` is called; it keeps what it was sent."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, alive=lambda: True, patience=PATIENCE)
        self.told: list[tuple[Frame, Arrays]] = []
        self._is_lost = False

    def lose(self) -> None:
        self._is_lost = True
        self._link.close()

    def drop(self) -> None:
        """Lose the connection as a cut cable does: nothing more comes."""
        self._link.close()

    async def frames(self) -> AsyncIterator[tuple[Frame, Arrays]]:
        async for frame, arrays in super().frames():
            self.told.append((frame, arrays))
            yield frame, arrays
            if self._is_lost:
                raise WorkerError("the connection was lost")


@dataclass
class Screen:
    """What the screen knows of a run, by connections that are lost.

    Attributes:
        path: Where the run's worker listens.
        clients: One a connection.
    """

    path: Path
    max_points: int | None = None
    clients: list[LossyClient] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.model = DashboardModel(title="learner")
        self.connection = RunConnection(lambda: self._open(Have()), self._open, self.model, lambda _: None)

    async def _open(self, have: Have) -> LossyClient:
        client = LossyClient(self.path)
        await client.hello(name="ada", have=have, max_points=self.max_points)
        self.clients.append(client)
        return client

    async def reach(self, have: Have) -> LossyClient:
        return await self._open(have)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.01)

    async def lose(self, conversation: asyncio.Task[None]) -> None:
        self.clients[-1].lose()
        async with asyncio.timeout(PATIENCE):
            await conversation
        assert self.model.link != "live"

    @property
    def epochs(self) -> int:
        return self.model.run.history.epochs

    def knows_all_of(self, run: Run) -> None:
        """Check that the model has each epoch and each change of the run once."""
        rows = run.metrics.rows()[:, 0, :]
        history, changes = self.model.run.history, self.model.run.changes
        assert history.epochs == len(rows)
        groups = [rows[start : start + history.width] for start in range(0, len(rows), history.width)]
        np.testing.assert_array_equal(history.values[..., LOW], [group.min(axis=0) for group in groups])
        np.testing.assert_array_equal(history.values[..., HIGH], [group.max(axis=0) for group in groups])
        np.testing.assert_array_equal(history.values[..., LAST], [group[-1] for group in groups])
        assert changes == run.metrics.changes()


def _sent(client: LossyClient) -> int:
    return sum(len(arrays.get("rows", ())) for _, arrays in client.told)


@pytest.mark.parametrize("max_points", [None, 16])
async def test_a_connection_that_comes_back_brings_what_is_missing_and_nothing_twice(
    make_run: MakeRun, serve: Serve, max_points: int | None
) -> None:
    run = make_run(training__epochs=40)
    served = serve(run, attach_only=False)
    screen = Screen(run.socket_path, max_points)
    conversation = asyncio.create_task(screen.connection.run())
    await screen.until(lambda: screen.epochs == 40)
    other = served.watch(name="bob")
    await screen.connection.send(SetDial(path=RATE, value=0.02))
    await screen.until(lambda: len(screen.model.run.changes) == 1)
    seen = screen.model.run
    await screen.lose(conversation)

    other.do(SetDial(path=RATE, value=0.03))
    other.do(SetPace(pace=5000.0))
    other.do(MoreEpochs(epochs=100))
    other.until(state="finished")

    conversation = asyncio.create_task(screen.connection.resume())
    await screen.until(lambda: screen.epochs == 100)
    assert screen.model.run is seen
    assert screen.model.link == "live"
    assert screen.clients[1].welcome.known == Have(epoch=40, change=1, created=run.description.created)
    if max_points is None:
        assert _sent(screen.clients[1]) == 60
    assert [change.author for frame, _ in screen.clients[1].told for change in frame.changes] == ["bob"] * 3
    screen.knows_all_of(run)
    assert screen.model.run.spec.training.epochs == 100
    assert screen.model.run.spec.training.learning_rate == 0.03
    conversation.cancel()


async def test_a_run_that_was_set_back_meanwhile_is_told_from_its_beginning(
    make_run: MakeRun, serve: Serve, tmp_path: Path
) -> None:
    run = make_run(training__epochs=20)
    before = shutil.copytree(run.path, tmp_path / "before")
    served = serve(run, attach_only=False)
    screen = Screen(run.socket_path)
    conversation = asyncio.create_task(screen.connection.run())
    await screen.until(lambda: screen.epochs == 20)
    await screen.lose(conversation)
    served.stop()
    shutil.rmtree(run.path)
    shutil.copytree(before, run.path)  # as after a power cut that took the latest writes

    serve(Run(run.path))
    conversation = asyncio.create_task(screen.connection.resume())
    await screen.until(lambda: screen.model.link == "live" and screen.model.run.frame.state == "paused")
    assert screen.clients[1].welcome.known == Have()
    assert (screen.epochs, screen.model.run.changes) == (0, [])
    conversation.cancel()


async def test_a_run_that_was_deleted_and_made_anew_meanwhile_is_another_and_is_said_to_be(
    make_run: MakeRun, serve: Serve, tmp_path: Path
) -> None:
    run = make_run(training__epochs=20)
    served = serve(run, attach_only=False)
    screen = Screen(run.socket_path)
    conversation = asyncio.create_task(screen.connection.run())
    await screen.until(lambda: screen.epochs == 20)
    await screen.lose(conversation)
    served.stop()
    shutil.rmtree(run.path)
    other = make_run(training__epochs=30)  # longer: nothing but when it was made tells it from the one before
    assert other.path == run.path
    serve(other, attach_only=False)
    conversation = asyncio.create_task(screen.connection.resume())
    await screen.until(lambda: screen.epochs == 30)
    assert screen.clients[1].welcome.known == Have()
    assert screen.model.notice.text == another_run(other.description.created)
    screen.knows_all_of(other)
    conversation.cancel()


async def test_a_lost_link_is_tried_again_until_the_worker_is_reached_and_the_gap_is_filled(
    make_run: MakeRun, serve: Serve
) -> None:
    run = make_run(training__epochs=40)
    served = serve(run, attach_only=False)
    screen = Screen(run.socket_path)
    attempts: list[Have] = []

    async def reconnect(have: Have) -> LossyClient:
        attempts.append(have)
        if len(attempts) < 3:
            raise LinkLostError
        return await screen.reach(have)

    screen.connection.reconnect = reconnect
    conversation = asyncio.create_task(screen.connection.run())
    await screen.until(lambda: screen.epochs == 40 and len(screen.clients) == 1)
    other = served.watch(name="bob")
    other.do(MoreEpochs(epochs=70))
    await screen.until(lambda: screen.epochs == 70)
    other.do(MoreEpochs(epochs=10**6))
    await screen.until(lambda: screen.model.run.frame.state == "running")
    seen = screen.model.run
    screen.clients[0].drop()
    await screen.until(lambda: len(screen.clients) == 2 and screen.model.link == "live")
    other.do(Stop())
    async with asyncio.timeout(PATIENCE):
        await conversation
    assert screen.model.run is seen
    assert len(attempts) == 3
    assert all(have.epoch >= 70 for have in attempts)
    assert screen.model.link == "ended"
    screen.knows_all_of(run)
