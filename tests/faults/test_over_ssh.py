"""Runs on another machine, over a real sshd: watched, lost, reached again; and what scripts wait for."""

from __future__ import annotations

import asyncio
import getpass
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError
from engine.protocol.commands import SetPace, Stop
from engine.run.series import LAST
from engine.spec.sources.files import CsvFile
from engine.store.runs import Run, RunStore
from engine.worker.launcher import connect, launch
from engine.worker.link import LinkLostError
from tests.engine.worker.learner import create
from tests.faults.proxy import Proxy, running_proxy
from tests.faults.sshd import Box, needs_private_folder, needs_sshd, running_box
from tests.patience import PATIENCE
from tui_trainer.cli.program import main
from tui_trainer.remote.targets import TargetRuns
from tui_trainer.runs.connection import RunConnection
from tui_trainer.view_models.dashboard import DashboardModel

pytestmark = [needs_sshd, needs_private_folder]

CUTS = 5


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Box, Proxy]]:
    with running_box(tmp_path_factory.mktemp("box")) as box, running_proxy(box.port) as proxy:
        if reason := box.why_no_login():
            pytest.skip(reason)
        yield box, proxy


@pytest.fixture
def box(running: tuple[Box, Proxy], monkeypatch: pytest.MonkeyPatch) -> Box:
    """Return a machine that ssh reaches through the proxy, whatever it is called."""
    box, proxy = running
    proxy.restore()
    proxy.delay = proxy.loss = 0.0
    for name, value in box.environment(proxy.port).items():
        monkeypatch.setenv(name, value)
    return box


@pytest.fixture
def proxy(running: tuple[Box, Proxy]) -> Proxy:
    return running[1]


async def started(run: Run) -> Run:
    """Return a run whose worker listens: whoever comes sooner is given one that only shows it."""
    await listening_worker(run)
    return run


async def listening_worker(run: Run) -> subprocess.Popen[bytes]:
    worker = launch(run)
    await (await connect(run, worker)).close()
    return worker


def made(box: Box, name: str, **values: Any) -> Run:
    """Return a new run on the machine."""
    store = RunStore(box.home)
    run = create(store, **values)
    return store.rename(run.name, name)


class Screen:
    """What a screen knows of a run over there."""

    def __init__(self, target: str) -> None:
        self.runs = TargetRuns([target])
        self.told: list[str] = []
        self.runs.ask(self.told.append, ask_user=False)
        self.target = self.runs.first(self.told.append, ask_user=False)
        self.model = DashboardModel(title="-")
        self.connection = RunConnection(self.target.connect, None, self.model, lambda _: None, check_every=0.05)
        self.connection.adopt(self.target)

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[asyncio.Task[None]]:
        conversation = asyncio.create_task(self.connection.run())
        try:
            yield conversation
        finally:
            conversation.cancel()
            await asyncio.gather(conversation, return_exceptions=True)
            self.runs.close()

    async def until(self, condition: Callable[[], bool], every: float = 0.02) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(every)

    def knows_all_of(self, run: Run) -> None:
        rows = run.metrics.rows()[:, 0, :]
        assert self.model.run.history.epochs == len(rows)
        np.testing.assert_array_equal(self.model.run.history.values[..., LAST], rows)


def processes_of(box: Box, words: str) -> list[int]:
    """Return the processes of the machine whose command lines have these words."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        with suppress(OSError):  # it has just ended
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            if words.encode() in line and os.fsencode(box.home) in (process / "environ").read_bytes():
                found.append(int(process.name))
    return found


async def test_a_run_over_there_is_followed_to_its_end_and_nothing_is_left_behind(box: Box) -> None:
    run = await started(made(box, "followed", training__epochs=300, pace=1.0))
    screen = Screen("box:followed")
    assert screen.told == ["box: connecting…", "box: forwarding the socket of followed…"]
    async with screen.followed():
        await screen.until(lambda: screen.model.link == "live" and screen.model.has_frame)
        assert screen.model.title == "box:followed"
        await screen.connection.send(SetPace(pace=5000.0))
        await screen.until(lambda: screen.model.run.frame.state == "finished")
        await screen.until(lambda: screen.model.run.history.epochs == 300)
        screen.knows_all_of(run)
    await screen.until(lambda: not processes_of(box, "serve followed"), every=0.5)


async def test_a_finished_run_is_shown_by_a_worker_that_is_started_for_it(box: Box) -> None:
    run = made(box, "finished", training__epochs=4)
    assert (await listening_worker(run)).wait(PATIENCE) == 0  # somebody has watched it, so it does not linger
    screen = Screen(f"{getpass.getuser()}@box:finished")
    async with screen.followed():
        await screen.until(lambda: screen.model.run.history.epochs == 4)
        assert screen.model.run.frame.state == "finished"
    await screen.until(lambda: not run.is_locked())


async def test_new_runs_are_made_on_the_machine_of_the_run_that_is_shown(box: Box) -> None:
    run = await started(made(box, "origin", training__epochs=10**6, pace=20.0))
    screen = Screen("box:origin")
    service = screen.runs.service
    try:
        spec = run.description.trained.spec
        target = await service.begin(spec, (5, 6), 50.0, "box:origin")
        client = await target.connect()
        assert (target.host, client.welcome.run) == ("box", target.run)
        assert (client.welcome.seeds, client.welcome.spec) == ((5, 6), spec)
        await client.send(Stop())
        await client.close()
        branch = await service.branch("box:origin", 0, None)
        assert branch.run.startswith("origin-branch")
        assert RunStore(box.home).open(branch.run).description.parent == "origin@0"
        assert await service.stop("box:origin") == run.summary().epoch
        lost = spec.model_copy(update={"data": CsvFile(source=Path("/nowhere.csv"), target="y")})
        with pytest.raises(InputError, match=r"^box: .*nowhere\.csv"):
            await service.begin(lost, (1,), None, "box:origin")
    finally:
        screen.runs.close()


async def test_a_link_that_is_cut_again_and_again_loses_no_epoch(box: Box, proxy: Proxy) -> None:
    proxy.delay, proxy.loss = 0.02, 0.05
    run = await started(made(box, "cut", training__epochs=10**6, pace=100.0))
    screen = Screen("box:cut")
    async with screen.followed():
        for cut in range(CUTS):
            await screen.until(lambda: screen.model.link == "live" and screen.model.has_frame)
            seen = screen.model.run
            known = seen.history.epochs
            await screen.until(lambda: screen.model.run.history.epochs > known)  # noqa: B023
            proxy.cut()
            await screen.until(lambda: screen.model.link == "reconnecting")
            assert screen.model.run is seen, f"after cut {cut} the screen keeps what it has"
            proxy.restore()
            screen.connection.reconnector.hurry()
        await screen.until(lambda: screen.model.link == "live")
        await screen.until(lambda: screen.model.notice.text.startswith("back after"))
        await screen.connection.send(Stop())
        await screen.until(lambda: screen.model.link == "ended")
        await screen.until(lambda: not run.is_locked())  # while a worker closes its store nobody can read it
        screen.knows_all_of(run)
    assert len(screen.model.run.changes) == len(run.metrics.changes())


async def test_a_worker_that_was_killed_is_said_to_have_died(box: Box) -> None:
    run = made(box, "killed", training__epochs=10**6, pace=50.0)
    worker = await listening_worker(run)
    screen = Screen("box:killed")
    async with screen.followed() as conversation:
        await screen.until(lambda: screen.model.run.history.epochs > 3)
        worker.kill()
        worker.wait(PATIENCE)
        await screen.until(conversation.done)
        assert screen.model.link == "died"
        assert screen.model.why.startswith("box: run killed: its worker died after epoch ")


def test_what_cannot_be_watched_is_told_in_a_line(box: Box, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    made(box, "there")
    with pytest.raises(InputError, match="box: there is no run nobody; there: "):
        Screen("box:nobody")
    with pytest.raises(InputError, match="there is no /nowhere/tui-trainer that can be run; install tui-trainer there"):
        TargetRuns(["box"], program="/nowhere/tui-trainer").ask(str, ask_user=False)
    proxy.cut()
    with pytest.raises(LinkLostError, match=r"^box: .*[Cc]onnection"):
        Screen("box:there")


@pytest.mark.parametrize(
    ("condition", "status", "said"),
    [("finished", 0, "finished after epoch 5"), ("non-finite", 3, "finished after epoch 5")],
)
def test_scripts_wait_for_the_end_of_a_run(
    box: Box, condition: str, status: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    name = f"awaited-{condition}"
    asyncio.run(started(made(box, name, training__epochs=5, pace=20.0)))
    assert main(["watch", f"box:{name}", "--until", condition]) == status
    assert f"box:{name}: {said}" in capfd.readouterr().err


def test_scripts_are_told_what_could_not_be_watched(box: Box, proxy: Proxy, capfd: pytest.CaptureFixture[str]) -> None:
    proxy.cut()
    assert main(["watch", "box:x", "--until", "finished"]) == 1
    assert capfd.readouterr().err.splitlines()[-1].startswith("tui-trainer: box: ")
