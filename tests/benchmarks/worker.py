"""What a worker costs: what its watchers slow down, the time to attach to a long history, and the memory of one.

``python -m tests.benchmarks.worker [slowdown] [many] [attach] [memory]`` runs all of them, or those that are named.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

import presets
from engine.protocol.commands import Acknowledge, Resume, Stop
from engine.protocol.events import Frame
from engine.protocol.queries import simple_queries
from engine.run.metrics import METRICS
from engine.store.runs import Run, RunStore
from engine.training.trainer import Trainer
from engine.worker.launcher import attach, connect, launch
from tests.benchmarks.figures import describe_machine, report, upper_bound
from tests.engine.worker.peers import Peer, peer
from tests.processes import memory_of, thread_seconds
from tests.terminal import Terminal

LONG, LONGEST, FOREVER = 100_000, 1_000_000, 10**9
POINTS = 2_000
ATTACHES = 15
PAIRS = 60
STRETCH = 0.4
"""Seconds; short ones, so that what else the machine does falls on both sides of a pair."""
MOST_SLOWDOWN, MOST_SLOWDOWN_OF_MANY, MOST_ATTACH = 2.0, 5.0, 500.0
"""Per cent by processor time, per cent, and milliseconds."""
MANY = 20

Mode = Literal["running", "stopped"]

WATCHER = f"""
import asyncio, sys
from pathlib import Path
from engine.store.runs import Run
from engine.protocol.queries import simple_queries
from engine.worker.launcher import connect

async def watch():
    options = dict(queries=simple_queries("weights", "neurons"), max_points={POINTS})
    clients = [await connect(Run(Path(sys.argv[1])), **options) for _ in range(int(sys.argv[2]))]
    there = asyncio.Semaphore(0)
    following = [asyncio.create_task(follow(client, there)) for client in clients]
    for _ in clients:
        await there.acquire()
    print("watching", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for task, client in zip(following, clients):
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await client.close()
    print("gone", flush=True)

async def follow(client, there):
    async for frame, _ in client.frames():
        if frame.number == 0:
            there.release()

while sys.stdin.readline():
    asyncio.run(watch())
"""

CONNECTING = """
import sys, time
from pathlib import Path
from engine.worker.client import Client
from tui_trainer.cli import main

connected, make = Path(sys.argv.pop(1)), Client.__init__

def note(client, *arguments, **options):
    if not connected.exists():
        connected.write_text(str(time.monotonic()))
    make(client, *arguments, **options)

Client.__init__ = note
sys.exit(main())
"""
"""The program, which notes when it connects to its first worker."""


class Watcher:
    """Clients in a process of their own, which watch when they are told to."""

    def __init__(self, run: Run, clients: int = 1) -> None:
        command = [sys.executable, "-c", WATCHER, str(run.path), str(clients)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _ask(self, answer: bytes) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == answer

    @contextmanager
    def watching(self, mode: Mode) -> Iterator[None]:
        """Watch, or be stopped while watching."""
        self._ask(b"watching\n")
        if mode == "stopped":
            self.process.send_signal(signal.SIGSTOP)
        yield
        self.process.send_signal(signal.SIGCONT)
        self._ask(b"gone\n")


def long_run(store: RunStore, epochs: int) -> Run:
    """Return a run that has ``epochs`` epochs behind it, and no end in sight; its numbers are made up."""
    spec = presets.load("breast-cancer", set={"training.epochs": FOREVER})
    run = store.create(spec, [42])
    random = np.random.default_rng(0)
    for first in range(1, epochs + 1, 10_000):
        run.metrics.append(first, random.random((min(10_000, epochs + 1 - first), 1, len(METRICS))))
        run.metrics.flush()
    run.metrics.record_state(state="stopped", reason="stopped", epochs=FOREVER)
    run.metrics.close()
    trainer = Trainer(spec)
    trainer.state.epoch = epochs
    trainer.state.total_steps = epochs * trainer.steps
    run.checkpoints.save(trainer.checkpoint())
    return run


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Give a process, and kill it afterwards."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()


# Memory


def measure_memory(store: RunStore) -> None:
    """Report what a worker holds without a history, and with one of a million epochs."""
    for epochs in (1, LONGEST):
        run = long_run(store, epochs)
        with ended(launch(run, attach_only=True)) as worker:
            asyncio.run(_look(run, worker))
            now, most = memory_of(worker.pid, "VmRSS"), memory_of(worker.pid, "VmHWM")
        report(f"worker with {epochs:,} epochs behind it: memory", now, "MB", note=f"{most:.0f} at its peak")


async def _look(run: Run, worker: subprocess.Popen[bytes]) -> float:
    """Connect, wait for the first frame, and return the seconds that took."""
    start = time.perf_counter()
    client = await connect(run, worker, queries=simple_queries("weights", "neurons"), max_points=POINTS)
    async for _ in client.frames():
        break
    elapsed = time.perf_counter() - start
    await client.send(Resume())  # so that the worker stays when its watcher leaves
    await client.close()
    return elapsed


# Attaching


def measure_attach(store: RunStore) -> None:
    """Report how long it takes from the connection to the first frame, and to a screen on which that is drawn."""
    run = long_run(store, LONG)
    with ended(launch(run, attach_only=True)) as worker:
        asyncio.run(_look(run, worker))
        there = [asyncio.run(_look(run, worker)) for _ in range(ATTACHES)]
        drawn = [_draw(store, run) for _ in range(ATTACHES)]
    started = [asyncio.run(_attach(run)) for _ in range(3)]
    name = f"attach to {LONG:,} epochs"
    _report_seconds(f"{name}: connection to first frame", there)
    _report_seconds(f"{name}: connection to all of it drawn", drawn, at_most=MOST_ATTACH)
    _report_seconds(f"{name}: a worker started for it", started)


def _draw(store: RunStore, run: Run) -> float:
    """Attach in a terminal; return the seconds from the connection to the worker to the curves' being drawn."""
    connected = store.root / "connected"
    connected.unlink(missing_ok=True)
    environment = dict.fromkeys(("TUI_TRAINER_HOME", "XDG_CONFIG_HOME"), str(store.root))
    program = (sys.executable, "-P", "-c", CONNECTING, str(connected))
    with Terminal(["attach", run.name], environment=environment, program=program) as terminal:
        terminal.wait_for(_is_drawn)
        return time.monotonic() - float(connected.read_text())


def _is_drawn(text: str) -> bool:
    epoch = re.search(r"epoch\s+([\d,]+) / ", text)
    is_curved = any("\u2800" < character <= "\u28ff" for character in text)
    return epoch is not None and int(epoch[1].replace(",", "")) >= LONG and is_curved


async def _attach(run: Run) -> float:
    start = time.perf_counter()
    client = await attach(run, queries=simple_queries("weights", "neurons"), max_points=POINTS)
    async for _ in client.frames():
        break
    elapsed = time.perf_counter() - start
    await client.send(Stop())
    await client.close()
    while run.is_locked():
        await asyncio.sleep(0.01)
    return elapsed


def _report_seconds(what: str, seconds: list[float], at_most: float | None = None) -> None:
    report(what, 1000 * float(np.median(seconds)), "ms", at_most=at_most, note=f"slowest {max(seconds) * 1000:.0f}")


# Slowdown


def measure_slowdown(store: RunStore) -> None:
    """Report how much longer an epoch takes with a watcher, in pairs of neighbouring stretches of one worker's time."""
    run = store.create(presets.load("breast-cancer", set={"training.epochs": FOREVER}), [42])
    modes: tuple[Mode, ...] = ("running", "stopped")
    slower: dict[Mode, list[tuple[float, float]]] = {mode: [] for mode in modes}
    watcher = Watcher(run)
    with ended(launch(run, attach_only=True)) as worker, ended(watcher.process), peer(run.socket_path) as probe:
        _keep_apart(worker, watcher.process)
        probe.greet(max_points=16)
        probe.do(Resume())
        alone = [_epoch_cost(probe, worker.pid)]
        for _ in range(PAIRS):
            for mode in modes:
                with watcher.watching(mode):
                    watched = _epoch_cost(probe, worker.pid)
                alone.append(_epoch_cost(probe, worker.pid))
                # Beside the mean of the stretches before and after, so that a drift of the machine cancels out.
                slower[mode].append(tuple(100 * (2 * watched / (alone[-2] + alone[-1]) - 1)))
    report("training alone: an epoch", 1e6 * float(np.median(alone, axis=0)[0]), "µs")
    for mode in modes:
        for column, clock, at_most in ((0, "wall clock", None), (1, "processor time", MOST_SLOWDOWN)):
            values = np.array(slower[mode])[:, column]
            report(
                f"training slowed by a watcher that is {mode}, {clock}",
                upper_bound(values),
                "%",
                at_most=at_most,
                note=f"95 % upper bound over {PAIRS} pairs; median {np.median(values):+.1f}",
            )


def measure_many(store: RunStore) -> None:
    """Report how much longer an epoch takes with twenty watchers that all read; they are clients in one process."""
    run = store.create(presets.load("breast-cancer", set={"training.epochs": FOREVER}), [42])
    slower: list[float] = []
    crowd = Watcher(run, MANY)
    with ended(launch(run, attach_only=True)) as worker, ended(crowd.process), peer(run.socket_path) as probe:
        _keep_apart(worker, crowd.process)
        probe.greet(max_points=16)
        probe.do(Resume())
        alone = [_epoch_cost(probe, worker.pid)[1]]
        for _ in range(PAIRS):
            with crowd.watching("running"):
                watched = _epoch_cost(probe, worker.pid)[1]
            alone.append(_epoch_cost(probe, worker.pid)[1])
            slower.append(100 * (2 * watched / (alone[-2] + alone[-1]) - 1))
    report(
        f"training slowed by {MANY} watchers, processor time",
        upper_bound(slower),
        "%",
        at_most=MOST_SLOWDOWN_OF_MANY,
        note=f"95 % upper bound over {PAIRS} pairs; median {np.median(slower):+.1f}",
    )


def _keep_apart(worker: subprocess.Popen[bytes], watchers: subprocess.Popen[bytes]) -> None:
    """Give the worker a core, and the watchers the others: what they take of each other's caches is no cost of ours."""
    first, *others = sorted(os.sched_getaffinity(0))
    if others:
        os.sched_setaffinity(worker.pid, {first})
        os.sched_setaffinity(watchers.pid, others)


def _epoch_cost(probe: Peer, pid: int) -> NDArray[np.float64]:
    """Return the seconds that an epoch takes over a stretch of training: by the wall clock, and of the processor."""
    start = _look_in(probe, pid)
    time.sleep(STRETCH)
    epochs, seconds, processor = _look_in(probe, pid) - start
    return np.array([seconds / epochs, processor / epochs])


def _look_in(probe: Peer, pid: int) -> NDArray[np.float64]:
    """Return epochs trained, time, and processor time of the thread that trains.

    The probe has no credit but for this one frame, so that in between it is nobody to the worker.
    """
    while probe.has_mail():
        probe.receive()
    probe.send(Acknowledge(number=0))
    while not isinstance(frame := probe.receive()[0], Frame):
        pass
    return np.array([frame.epoch, time.perf_counter(), thread_seconds(pid)])


MEASUREMENTS: dict[str, Callable[[RunStore], None]] = {
    "slowdown": measure_slowdown,
    "many": measure_many,
    "attach": measure_attach,
    "memory": measure_memory,
}


def main() -> None:
    """Run the measurements that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.worker")
    parser.add_argument("which", nargs="*", choices=[*MEASUREMENTS, []], help="all of them by default")
    chosen = parser.parse_args().which or list(MEASUREMENTS)
    describe_machine()
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            MEASUREMENTS[name](RunStore(Path(folder) / name))


if __name__ == "__main__":
    main()
