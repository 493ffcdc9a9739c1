"""What a worker costs: what its watchers slow down, the time to attach to a long history, and the memory of one.

``python -m tests.benchmarks.worker [slowdown] [attach] [memory]`` runs all of them, or those that are named.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

import numpy as np

import presets
from engine.protocol.commands import Resume, Stop
from engine.protocol.events import METRICS
from engine.spec import Spec
from engine.store.runs import Run, RunStore
from engine.training.trainer import Trainer
from engine.worker.launcher import attach, connect, launch
from tests.benchmarks.figures import report, upper_bound
from tests.terminal import Terminal

LONG, LONGEST = 100_000, 1_000_000
POINTS = 2_000
ATTACHES = 15
PAIRS = 15
SLOWDOWN_EPOCHS = 8_000
MOST_SLOWDOWN, MOST_ATTACH = 3.0, 500.0
"""Per cent, and milliseconds."""

Mode = Literal["nobody", "running", "stopped"]

WATCHER = f"""
import asyncio, sys
from pathlib import Path
from engine.store.runs import Run
from engine.worker.launcher import connect

async def watch():
    client = await connect(Run(Path(sys.argv[1])), views=("weights", "clerks"), max_points={POINTS})
    async for frame, _ in client.frames():
        if frame.number == 0:
            print("watching", flush=True)

asyncio.run(watch())
"""


def long_run(store: RunStore, epochs: int) -> Run:
    """Return a run that has ``epochs`` epochs behind it, and as many before it; its numbers are made up."""
    spec = presets.load("breast-cancer", set={"training.epochs": 2 * epochs})
    run = store.create(spec, [42])
    random = np.random.default_rng(0)
    for first in range(1, epochs + 1, 10_000):
        run.metrics.append(first, random.random((min(10_000, epochs + 1 - first), 1, len(METRICS))))
        run.metrics.flush()
    run.metrics.record_state(state="stopped", reason="stopped", epochs=2 * epochs)
    run.metrics.close()
    trainer = Trainer(spec)
    trainer.epoch = epochs
    trainer.total_steps = epochs * trainer.steps
    run.checkpoints.save(trainer.checkpoint())
    return run


def memory_of(pid: int, kind: Literal["VmRSS", "VmHWM"]) -> float:
    """Return what a process holds, or held at most, in megabytes."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(kind)]
    return int(line.split()[1]) / 1024


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
        with ended(launch(run, hold=True)) as worker:
            asyncio.run(_look(run, worker))
            now, most = memory_of(worker.pid, "VmRSS"), memory_of(worker.pid, "VmHWM")
        report(f"worker with {epochs:,} epochs behind it: memory", now, "MB", note=f"{most:.0f} at its peak")


async def _look(run: Run, worker: subprocess.Popen[bytes]) -> float:
    """Connect, wait for the first frame, and return the seconds that took."""
    start = time.perf_counter()
    client = await connect(run, worker, views=("weights", "clerks"), max_points=POINTS)
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
    with ended(launch(run, hold=True)) as worker:
        asyncio.run(_look(run, worker))
        there = [asyncio.run(_look(run, worker)) for _ in range(ATTACHES)]
        drawn = [_draw(store, run) for _ in range(ATTACHES)]
    started = [asyncio.run(_attach(run)) for _ in range(3)]
    name = f"attach to {LONG:,} epochs"
    _report_seconds(f"{name}: connection to first frame", there)
    _report_seconds(f"{name}: first paint to all of it drawn", drawn, at_most=MOST_ATTACH)
    _report_seconds(f"{name}: a worker started for it", started)


def _draw(store: RunStore, run: Run) -> float:
    """Attach in a terminal; return the seconds from the first paint, when it connects, to the curves' being drawn."""
    with Terminal(["attach", run.name], environment={"TUI_TRAINER_HOME": str(store.root)}) as terminal:
        terminal.wait_for("Architecture")
        return terminal.wait_for(lambda text: f"{LONG:,} / " in text and any("\u2800" < c <= "\u28ff" for c in text))


async def _attach(run: Run) -> float:
    start = time.perf_counter()
    client = await attach(run, views=("weights", "clerks"), max_points=POINTS)
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
    """Report how much longer training takes with a watcher, in interleaved pairs with an unwatched run."""
    spec = presets.load("breast-cancer", set={"training.epochs": SLOWDOWN_EPOCHS})
    modes: tuple[Mode, ...] = ("nobody", "running", "stopped")
    seconds: dict[Mode, list[tuple[float, float]]] = {mode: [] for mode in modes}
    for number in range(PAIRS):
        for mode in modes if number % 2 else reversed(modes):
            seconds[mode].append(_train(store, spec, mode))
    alone = np.array(seconds["nobody"])
    report("training alone: an epoch", float(np.median(alone[:, 0])) / SLOWDOWN_EPOCHS * 1e6, "µs")
    for mode in modes[1:]:
        slower = 100 * (np.array(seconds[mode]) / alone - 1)
        for column, clock, at_most in ((0, "wall clock", MOST_SLOWDOWN), (1, "processor time", None)):
            report(
                f"training slowed by a watcher that is {mode}, {clock}",
                upper_bound(slower[:, column]),
                "%",
                at_most=at_most,
                note=f"95 % upper bound over {PAIRS} pairs; median {np.median(slower[:, column]):+.1f}",
            )


def _train(store: RunStore, spec: Spec, mode: Mode) -> tuple[float, float]:
    """Return wall-clock and processor seconds that a worker takes for the whole run."""
    run = store.create(spec, [42])
    with ended(launch(run, hold=True)) as worker, ExitStack() as stack:
        client = stack.enter_context(asyncio.Runner())
        starter = client.run(connect(run, worker))
        if mode != "nobody":
            watcher = stack.enter_context(ended(_start_watcher(run)))
            if mode == "stopped":
                watcher.send_signal(signal.SIGSTOP)
        processor, start = _processor_seconds(worker.pid), time.perf_counter()
        client.run(starter.send(Resume()))
        client.run(starter.close())
        while not any(run.checkpoints.directory.glob(f"{SLOWDOWN_EPOCHS:010d}*.safetensors")):
            time.sleep(0.001)
        return time.perf_counter() - start, _processor_seconds(worker.pid) - processor


def _start_watcher(run: Run) -> subprocess.Popen[bytes]:
    watcher = subprocess.Popen([sys.executable, "-c", WATCHER, str(run.path)], stdout=subprocess.PIPE)
    assert watcher.stdout is not None
    assert watcher.stdout.readline() == b"watching\n"
    return watcher


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


MEASUREMENTS: dict[str, Callable[[RunStore], None]] = {
    "slowdown": measure_slowdown,
    "attach": measure_attach,
    "memory": measure_memory,
}


def main() -> None:
    """Run the measurements that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.worker")
    parser.add_argument("which", nargs="*", choices=[*MEASUREMENTS, []], help="all of them by default")
    chosen = parser.parse_args().which or list(MEASUREMENTS)
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            MEASUREMENTS[name](RunStore(Path(folder) / name))


if __name__ == "__main__":
    main()
