"""What a worker costs: memory of a long history, the time to attach to it, and what its watchers slow down.

``python -m tests.benchmarks.worker [memory] [attach] [slowdown]`` runs all of them, or those that are named.
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
from numpy.typing import NDArray

import presets
from engine.protocol.commands import Resume, Stop
from engine.protocol.events import METRICS
from engine.spec import Spec
from engine.store.runs import Run, RunStore
from engine.training.trainer import Trainer
from engine.worker.launcher import attach, connect, launch

LONG, LONGEST = 100_000, 1_000_000
POINTS = 2_000
ATTACHES = 15
PAIRS = 15
SLOWDOWN_EPOCHS = 8_000
RESAMPLES = 10_000

Mode = Literal["nobody", "watched", "stopped"]

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


def print_line(text: str) -> None:
    """Print a line of the report."""
    print(text, flush=True)


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
        print_line(f"memory  {epochs:>9,} epochs, taken up again and looked at: {now:5.0f} MB now, {most:5.0f} at most")


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
    """Report how long it takes from the connection to the first frame, with and without a worker that is there."""
    run = long_run(store, LONG)
    with ended(launch(run, hold=True)) as worker:
        asyncio.run(_look(run, worker))
        there = [asyncio.run(_look(run, worker)) for _ in range(ATTACHES)]
    started = [asyncio.run(_attach(run)) for _ in range(3)]
    _report_seconds(f"attach  {LONG:,} epochs, to a worker that trains", there)
    _report_seconds(f"attach  {LONG:,} epochs, worker started for it  ", started)


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


def _report_seconds(what: str, seconds: list[float]) -> None:
    print_line(f"{what}: median {np.median(seconds) * 1000:4.0f} ms, at most {max(seconds) * 1000:4.0f} ms")


# Slowdown


def measure_slowdown(store: RunStore) -> None:
    """Report how much longer training takes with a watcher, in interleaved pairs with an unwatched run."""
    spec = presets.load("breast-cancer", set={"training.epochs": SLOWDOWN_EPOCHS})
    modes: tuple[Mode, ...] = ("nobody", "watched", "stopped")
    seconds: dict[Mode, list[tuple[float, float]]] = {mode: [] for mode in modes}
    for number in range(PAIRS):
        for mode in modes if number % 2 else reversed(modes):
            seconds[mode].append(_train(store, spec, mode))
    alone = np.array(seconds["nobody"])
    print_line(f"slowdown  alone: {np.median(alone[:, 0]) / SLOWDOWN_EPOCHS * 1e6:.0f} µs an epoch")
    for mode in modes[1:]:
        ratios = np.array(seconds[mode]) / alone
        for column, clock in enumerate(("wall clock", "processor")):
            median, bound = np.median(ratios[:, column]), upper_bound(ratios[:, column])
            print_line(
                f"slowdown  {mode}, by {clock}: median {100 * (median - 1):+.1f} %, "
                f"95 % upper bound {100 * (bound - 1):+.1f} % over {PAIRS} pairs"
            )


def upper_bound(ratios: NDArray[np.float64]) -> float:
    """Return the one-sided 95 % bootstrap bound of the median (Efron 1979)."""
    random = np.random.default_rng(0)
    medians = np.median(random.choice(ratios, (RESAMPLES, len(ratios))), axis=1)
    return float(np.quantile(medians, 0.95))


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
    "memory": measure_memory,
    "attach": measure_attach,
    "slowdown": measure_slowdown,
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
