"""A worker of another version lives on while the program is replaced: its run is shown, and can be taken over."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from engine.errors import InputError, WorkerError
from engine.protocol.commands import Have, Pause, SetPace
from engine.protocol.fingerprint import fingerprint
from engine.protocol.version import PROTOCOL
from engine.store.runs import Run, RunStore
from engine.worker.client import Client
from engine.worker.followed import FollowedRun
from engine.worker.handover import end_other_worker, has_other_version
from engine.worker.launcher import attach
from engine.worker.other_version import OTHER_BUILD, OtherVersionError
from engine.worker.reach import reach
from tests.engine.worker.oracle import Undisturbed
from tests.faults.conftest import MakeRun
from tests.patience import PATIENCE
from tui_trainer.runs.service import LocalRunService, stop

OLD = 2
OLD_WORKER = f"""
import sys
import engine.protocol.version as of
of.PROTOCOL = {OLD}
from engine.worker.process import main
sys.exit(main())
"""


@pytest.fixture
def old_worker(make_run: MakeRun) -> Iterator[tuple[Run, subprocess.Popen[bytes]]]:
    run = make_run(training__epochs=3000, pace=20.0)  # more than it comes to while anything is waited for
    command = [sys.executable, "-P", "-c", f"# engine.worker{OLD_WORKER}", str(run.path)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    yield run, process
    process.kill()
    process.wait(PATIENCE)


async def _until_epoch(client: Client, epoch: int) -> None:
    async with asyncio.timeout(PATIENCE):
        async for frame, _ in client.frames():
            if frame.epoch >= epoch:
                return


async def test_its_run_is_shown_grows_and_is_taken_over_saved(
    old_worker: tuple[Run, subprocess.Popen[bytes]], store: RunStore
) -> None:
    run, process = old_worker
    while run.metrics.state().socket is None or run.metrics.state().epoch < 2:
        await asyncio.sleep(0.01)
    assert has_other_version(run)
    client = await attach(run)
    other = client.welcome.other_worker
    assert other is not None
    assert (other.protocol, other.pid) == (OLD, process.pid)
    assert f"protocol {PROTOCOL}" in other.words
    await _until_epoch(client, run.metrics.state().epoch + 5)
    assert process.poll() is None
    await client.send(Pause())
    async for frame, _ in client.frames():
        if frame.replies:
            assert frame.replies[0].error is not None
            assert "protocol 2" in frame.replies[0].error
            break
    target = LocalRunService(store).target(run)
    assert target.resume is not None
    ours = await target.resume(Have())
    await client.close()
    assert await asyncio.to_thread(process.wait, PATIENCE) == 0
    assert ours.welcome.other_worker is None
    await ours.send(SetPace(pace=None))
    async with asyncio.timeout(PATIENCE):
        async for frame, _ in ours.frames():
            if frame.state == "finished":
                break
    await ours.close()
    np.testing.assert_array_equal(run.metrics.rows(), Undisturbed(run).finish().rows)


async def test_it_is_stopped_by_the_command_that_stops_any_run(
    old_worker: tuple[Run, subprocess.Popen[bytes]],
) -> None:
    run, process = old_worker
    while run.metrics.state().socket is None:
        await asyncio.sleep(0.01)
    state, epoch = await stop(run)
    assert (state, epoch) == ("stopped", run.checkpoints.epochs()[-1])
    assert await asyncio.to_thread(process.wait, PATIENCE) == 0


@pytest.mark.parametrize(
    ("recorded", "line"),
    [
        ({"pid": 1, "host": "another-host"}, "another-host"),
        ({"pid": None}, "its worker is not on this machine"),
    ],
)
async def test_who_is_elsewhere_is_not_signalled(make_run: MakeRun, recorded: dict[str, object], line: str) -> None:
    run = make_run()
    run.metrics.record_state(protocol=OLD, **recorded)
    with run.lock(), pytest.raises(WorkerError, match=line):
        await end_other_worker(run)


@pytest.mark.parametrize("words", [(), ("engine.worker", "/elsewhere/runs/iris-1")], ids=["no worker", "another run's"])
async def test_a_process_that_bears_its_number_by_chance_is_left_alone(
    make_run: MakeRun, words: tuple[str, ...]
) -> None:
    run = make_run()
    with subprocess.Popen([sys.executable, "-c", "input()", *words], stdin=subprocess.PIPE) as somebody:
        run.metrics.record_state(protocol=OLD, pid=somebody.pid)
        with run.lock(), pytest.raises(WorkerError, match="is not its worker"):
            await end_other_worker(run)
        assert somebody.poll() is None


async def test_a_worker_of_another_build_of_this_protocol_is_one_of_another_version(make_run: MakeRun) -> None:
    run = make_run()
    with run.lock():
        for messages, is_other in ((fingerprint(), False), (None, False), ("0badcafe", True)):
            run.metrics.record_state(socket="/tmp/x.sock", protocol=PROTOCOL, version="0.1.0", messages=messages)
            assert has_other_version(run) is is_other
        with pytest.raises(OtherVersionError, match=OTHER_BUILD):
            await reach(run)
        with pytest.raises(InputError, match="of another build, whose messages are others; tui-trainer stop learner-1"):
            FollowedRun(run)  # of whose store there is nothing to show yet
