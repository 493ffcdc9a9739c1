"""Watchers that come and go: ``python -m tests.soak.watchers --watchers 1000 --stopped-for 600``.

A run trains at full speed. Watchers come, twenty at once, and go as watchers do: with a goodbye, or by vanishing; some
come back and say what they have, some are stopped and read nothing. Each of the others checks that it was told every
epoch once, in order. In turns nobody watches for a while, so that the speeds can be compared.

Before all that a watcher of its own process is stopped (SIGSTOP) for as long as is wished, and goes on.

It says how fast the run trained beside them and alone, by the worker's processor time, what its memory came to, and how
long the stopped one took to have everything; its status is 1 where anything was missing, told twice, or grew.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from engine.protocol.commands import Have, Stop
from engine.protocol.events import Frame
from engine.protocol.queries import simple_queries
from engine.store.runs import Run, RunStore
from engine.worker import reach
from engine.worker.client import Client
from engine.worker.launcher import connect, launch
from tests.patience import SOAK_PATIENCE
from tests.processes import thread_seconds
from tests.soak.__main__ import store_of_its_own
from tests.soak.answers import report
from tests.soak.fuzz import make_run
from tests.soak.memory import resident_memory

AT_ONCE = 20
POINTS = 1024
"""Of the longest history that a watcher takes epoch by epoch, as a screen does."""
FRAMES = (1, 6)
"""Frames for which a watcher stays, at least and at most."""
MOST_GROWTH = 24 * 2**20
"""Bytes by which the worker may have grown in the end: its own history of all epochs is among them."""


SLEEPER = """
import asyncio, sys, time
from pathlib import Path
from engine.store.runs import Run
from engine.worker.launcher import connect
from tests.soak.watchers import Told

async def watch():
    client = await connect(Run(Path(sys.argv[1])), max_points=1024)
    told = Told()
    waits_from, there = None, 0
    async for frame, arrays in client.frames():
        told.take(frame, arrays)
        now = time.time()
        if waits_from is not None and told.epochs >= there:
            print(f"{now - waits_from:.3f} {told.epochs - seen}", flush=True)
            return
        if frame.number == 3:
            print("watching", flush=True)
            seen, there = told.epochs, int(sys.stdin.readline())  # where it is stopped until the line comes
            waits_from = time.time()

asyncio.run(watch())
"""


class Told:
    """What one watcher was told; checks that each epoch came once, in order."""

    def __init__(self, epochs: int = 0) -> None:
        self.epochs = epochs

    def take(self, frame: Frame, arrays: object) -> None:
        """Take a frame in.

        Raises:
            AssertionError: Epochs are missing, or were told twice.
        """
        assert isinstance(arrays, dict)
        for name, width in (("rows", 1), ("bins", frame.bin_width)):
            if name in arrays:
                # Bins lie on a grid of their width: the first one may begin before what is new.
                assert self.epochs + 1 - width < frame.first_epoch <= self.epochs + 1, (self.epochs, frame.first_epoch)
                last = frame.epoch if name == "bins" else frame.first_epoch + len(arrays[name]) - 1
                self.epochs = last
        assert self.epochs <= frame.epoch


@dataclass
class Soaked:
    """What came of it.

    Attributes:
        watchers: How many came.
        came_back: How many of them came back with what they had.
        epochs: Epochs that were checked, over all watchers.
        beside: Epochs a second of the worker's processor time, of each stretch beside watchers.
        alone: Those of each stretch without.
        memory: Bytes of the worker: at the beginning, at most, and in the end.
        caught_up: Seconds that the stopped one took to have everything, and how many epochs that were.
    """

    watchers: int = 0
    came_back: int = 0
    epochs: int = 0
    beside: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    memory: tuple[int, int, int] = (0, 0, 0)
    caught_up: tuple[float, int] = (0.0, 0)

    @property
    def slowdown(self) -> float:
        """Median loss of speed beside watchers, as a share of the mean of the stretches before and after each."""
        pairs = zip(self.beside, self.alone, self.alone[1:], strict=False)
        return float(np.median([1 - 2 * beside / (before + after) for beside, before, after in pairs] or [np.nan]))

    def __str__(self) -> str:
        before, most, last = (size / 2**20 for size in self.memory)
        return (
            f"{self.watchers} watchers, {self.came_back} came back, {self.epochs:,} epochs told, none twice; "
            f"training slower by {self.slowdown:.1%} beside {AT_ONCE} of them; "
            f"memory {before:.0f} MB, at most {most:.0f}, in the end {last:.0f}; "
            f"the stopped one had its {self.caught_up[1]:,} epochs after {self.caught_up[0]:.2f} s"
        )

    def check(self) -> None:
        """Raise AssertionError where the worker has grown; speed is for benchmarks to judge."""
        before, _, last = self.memory
        assert last - before <= MOST_GROWTH, f"memory grew from {before / 2**20:.0f} to {last / 2**20:.0f} MB"


class Soak:
    """A run at work, and those who watch it.

    Args:
        run: The run.
        worker: Its worker.
        seed: Of what is drawn.
    """

    def __init__(self, run: Run, worker: subprocess.Popen[bytes], seed: int) -> None:
        self._run = run
        self._worker = worker
        self._pid = pid = worker.pid
        self._dice = random.Random(seed)  # noqa: S311 - what it draws is to be drawn again
        self.found = Soaked(memory=(resident_memory(pid),) * 3)

    async def go(self, watchers: int, stretch: float, sleep: float) -> None:
        """Let them come and go, in groups, between stretches without any."""
        observer = await connect(self._run, self._worker, max_points=POINTS)
        reading = asyncio.create_task(self._observe(observer))
        self.found.caught_up = await self._stop_one(sleep)
        seconds, missed = self.found.caught_up
        _tell(f"stopped for {sleep:.0f} s, a watcher had its {missed:,} epochs after {seconds:.2f} s")
        self.found.memory = (resident_memory(self._pid),) * 3
        self.found.alone.append(await self._speed(stretch))
        while self.found.watchers < watchers:
            stopped = [await self._stopped() for _ in range(2)]
            group = asyncio.create_task(self._group(min(5 * AT_ONCE, watchers - self.found.watchers)))
            self.found.beside.append(await self._speed(stretch))
            await group
            for client in stopped:
                await client.close()
            first, most, _ = self.found.memory
            now = resident_memory(self._pid)
            self.found.memory = first, max(most, now), now
            self.found.alone.append(await self._speed(stretch))
            _tell(str(self.found))
        await observer.send(Stop())
        await reading

    async def _observe(self, observer: Client) -> None:
        told = Told()
        async for frame, arrays in observer.frames():
            told.take(frame, dict(arrays))
            self.epoch = frame.epoch

    async def _speed(self, seconds: float) -> float:
        """Return the epochs a second of the worker's processor time over so long."""
        begun, epoch = thread_seconds(self._pid), await self._next_epoch()
        await asyncio.sleep(seconds)
        return (await self._next_epoch() - epoch) / (thread_seconds(self._pid) - begun)

    async def _next_epoch(self) -> int:
        self.epoch = 0
        async with asyncio.timeout(SOAK_PATIENCE):
            while not self.epoch:
                await asyncio.sleep(0.001)
        return self.epoch

    async def _group(self, watchers: int) -> None:
        places = asyncio.Semaphore(AT_ONCE)

        async def take_a_place() -> None:
            async with places:
                await self._come_and_go()

        await asyncio.gather(*(take_a_place() for _ in range(watchers)))

    async def _come_and_go(self) -> None:
        told = Told()
        await self._watch(told)
        self.found.watchers += 1
        if self._dice.random() < 0.3:
            await self._watch(told)
            self.found.came_back += 1
        self.found.epochs += told.epochs

    async def _watch(self, told: Told) -> None:
        """Watch for some frames, and leave with a word or without one."""
        client = await connect(
            self._run,
            have=Have(epoch=told.epochs),
            max_points=POINTS,
            read_only=self._dice.random() < 0.3,
            queries=simple_queries("weights", "neurons"),
        )
        assert client.welcome.known.epoch == told.epochs
        stays = self._dice.randint(*FRAMES)
        async with asyncio.timeout(SOAK_PATIENCE):
            async for frame, arrays in client.frames():
                told.take(frame, dict(arrays))
                if frame.number >= stays:
                    break
        if self._dice.random() < 0.5:
            client._link.close()  # without a word, as one whose process was killed
        await client.close()

    async def _stopped(self) -> Client:
        """Return a watcher that reads nothing: to the worker it is as one that was stopped."""
        return await connect(self._run, queries=simple_queries("weights", "neurons"))

    async def _stop_one(self, seconds: float) -> tuple[float, int]:
        """Stop a watcher's process for so long, and return the seconds it then takes to have all, and the epochs."""
        command = [sys.executable, "-c", SLEEPER, str(self._run.path)]
        process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        assert await process.stdout.readline() == b"watching\n"
        process.send_signal(signal.SIGSTOP)
        before = resident_memory(self._pid)
        await asyncio.sleep(seconds)
        grown = resident_memory(self._pid) - before
        process.send_signal(signal.SIGCONT)
        process.stdin.write(f"{await self._next_epoch()}\n".encode())
        spent, missed = (await process.stdout.readline()).split()
        await process.wait()
        assert grown < MOST_GROWTH, f"the worker grew by {grown / 2**20:.0f} MB while one was stopped"
        return float(spent), int(missed)


def soak(run: Run, *, watchers: int, stretch: float = 3.0, sleep: float = 2.0, seed: int = 1) -> Soaked:
    """Let so many watchers come and go.

    Raises:
        AssertionError: One of them was not told everything once, or the worker died.
    """
    worker = launch(run)
    try:

        async def go() -> Soaked:
            shaken = Soak(run, worker, seed)
            await shaken.go(watchers, stretch, sleep)
            return shaken.found

        found = asyncio.run(go())
        worker.wait(SOAK_PATIENCE)
    except Exception as problem:
        problem.add_note(
            f"status of the worker: {worker.poll()}; its log: {run.log_path.read_text()[-2_000:] or 'empty'}"
        )
        raise
    finally:
        with suppress(ProcessLookupError):
            worker.kill()
        worker.wait()
    return found


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - so that what is cut short has said something


def main() -> int:
    """Soak as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.watchers", description=__doc__)
    parser.add_argument("--watchers", type=int, default=1000)
    parser.add_argument("--stopped-for", type=float, default=600.0, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begun = time.monotonic()
    reach.ANSWER_PATIENCE = SOAK_PATIENCE  # eight seconds are no sign of a hang where others work
    with store_of_its_own():
        found = soak(make_run(RunStore()), watchers=options.watchers, sleep=options.stopped_for, seed=options.seed)
    return report(found, f"; {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
