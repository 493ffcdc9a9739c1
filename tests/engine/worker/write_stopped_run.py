"""Starts a run by the real worker, changes it in every manner there is, and stops it in the midst of an epoch.

``python -m tests.engine.worker.write_stopped_run`` writes ``old_runs/format-N/runs/trained-1`` beside this file, where
N is the newest format. Run it once when a format version changes, and leave what it wrote for the older ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import presets
from engine.protocol.commands import Command, NextStep, Pause, Resume, SetDial, Stop
from engine.protocol.events import Frame
from engine.run.description import FORMAT
from engine.store.runs import Run, RunStore
from engine.worker.client import Client
from engine.worker.launcher import connect, launch

OLD_RUNS = Path(__file__).with_name("old_runs")
RATE = "training.learning_rate"


class Watcher:
    """Does one thing after the other to a run."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._frames: AsyncIterator[Frame] = (frame async for frame, _ in client.frames())

    async def until(self, epoch: int) -> None:
        async for frame in self._frames:
            if frame.epoch >= epoch:
                return

    async def do(self, *commands: Command) -> None:
        for command in commands:
            number = await self._client.send(command)
            async for frame in self._frames:
                replies = {reply.number: reply.error for reply in frame.replies}
                if number in replies:
                    assert replies[number] is None, replies[number]
                    break

    async def leave(self) -> None:
        async for _ in self._frames:
            pass
        await self._client.close()


async def write(root: Path) -> Run:
    """Return the stopped run; its recipe has a change of its own at epoch 51."""
    run = RunStore(root).create(presets.load("breast-cancer-more-dropout"), [7], name="trained-1", pace=30.0)
    watcher = Watcher(await connect(run, launch(run)))
    await watcher.until(10)
    await watcher.do(Pause(), NextStep(), *(SetDial(path=RATE, value=rate) for rate in (0.01, 0.02, 0.01)))
    await watcher.do(SetDial(path="training.batch_size", value=16))
    await watcher.do(SetDial(path="network.edit", value={"kind": "set-units", "layer": 0, "units": 20}))
    await watcher.do(SetDial(path="weights.1.2.3", value=0.25), Resume())
    await watcher.until(30)
    await watcher.do(SetDial(path="training.l2", value=0.001))
    await watcher.until(40)
    await watcher.do(Pause(), NextStep(), SetDial(path="network.layers.1.dropout", value=0.1))
    await watcher.do(SetDial(path=RATE, value=0.005), Stop())
    await watcher.leave()
    return run


if __name__ == "__main__":
    asyncio.run(write(OLD_RUNS / f"format-{FORMAT}"))
