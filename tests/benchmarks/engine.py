"""How long a training step takes, here and elsewhere: ``python -m tests.benchmarks.engine``.

All contestants that are installed train the same networks, each in a process of its own, as its users would run it;
blocks of training take turns, so that what else the machine does falls on all alike. A figure is the best of its
blocks, for what disturbs a block only ever makes it slower. Everything is done twice, with one BLAS thread and with as
many as the libraries choose by themselves. Memory is the peak of a contestant's process, libraries included.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Self

from threadpoolctl import threadpool_info

from tests.benchmarks.workloads import BAND, BAND_SEEDS, BAND_TARGETS, WORKLOADS, Workload

Train = Callable[[int], None]

LIBRARIES = {"ours": None, "textbook": None, "sklearn": "sklearn", "torch": "torch", "jax": "jax", "jax ×100": "jax"}
"""Contestants, and what must be installed for them."""
BANDS = {"alone": (1, 1), "band, one process": (BAND_SEEDS, 1), "band, two processes": (BAND_SEEDS, 2)}
"""Seeds and processes."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
EPOCHS_A_CALL = 100
"""Blocks are multiples of it, for the contestant that does so many in one call."""


def prepare(contestant: str, workload: Workload) -> Train:
    """Return what trains so many epochs more; NotImplementedError where the contestant has no such network."""
    if contestant in BANDS:
        from tests.benchmarks.contestants import ours

        return ours.prepare_band(workload, *BANDS[contestant])
    name, _, many = contestant.partition(" ")
    module = importlib.import_module(f"tests.benchmarks.contestants.{name}")
    train: Train = module.prepare_many(workload) if many else module.prepare(workload)
    return train


def serve(contestant: str, workload: Workload) -> None:
    """Train as many epochs as each line of stdin says, and print the seconds that they took and the peak memory."""
    try:
        train = prepare(contestant, workload)
    except NotImplementedError:
        return
    for line in sys.stdin:
        start = time.perf_counter()
        train(int(line))
        taken = time.perf_counter() - start
        print(taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)


class Contestant:
    """A process that serves blocks of training.

    Attributes:
        best: Seconds an epoch, of the best block so far.
        megabytes: Its peak memory.
    """

    def __init__(self, name: str, workload: Workload, threads: str | None) -> None:
        environment = {key: value for key, value in os.environ.items() if key not in THREADS}
        if threads is not None:
            environment |= dict.fromkeys(THREADS, threads)
        command = [sys.executable, "-m", "tests.benchmarks.engine", "--serve", name, "--only", workload.name]
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.best = float("inf")
        self.megabytes = 0.0
        self._epochs = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def warm_up(self, block_seconds: float) -> bool:
        """Find how many epochs fill a block; False where it does not take part."""
        epochs = EPOCHS_A_CALL
        if self._train(1) is None:
            return False
        while (taken := self._seconds(epochs)) < block_seconds / 2:
            epochs *= 2
        blocks = round(epochs * block_seconds / taken / EPOCHS_A_CALL)
        self._epochs = max(1, blocks) * EPOCHS_A_CALL if taken < 1 else 1 + epochs // 10
        return True

    def take_turn(self) -> None:
        """Train one block."""
        self.best = min(self.best, self._seconds(self._epochs) / self._epochs)

    def _seconds(self, epochs: int) -> float:
        taken = self._train(epochs)
        if taken is None:
            raise RuntimeError("a contestant gave up; see above")
        return taken

    def _train(self, epochs: int) -> float | None:
        if self._process.stdin is None or self._process.stdout is None:
            return None
        try:
            print(epochs, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            return None
        answer = self._process.stdout.readline().split()
        if not answer:
            return None
        self.megabytes = float(answer[1])
        return float(answer[0])


def in_turns(
    names: Sequence[str], workload: Workload, threads: str | None, rounds: int, block_seconds: float
) -> dict[str, Contestant]:
    """Return those that take part, after so many blocks each."""
    with ExitStack() as stack:
        started = {name: stack.enter_context(Contestant(name, workload, threads)) for name in names}
        taking_part = {name: one for name, one in started.items() if one.warm_up(block_seconds)}
        for _ in range(rounds):
            for contestant in taking_part.values():
                contestant.take_turn()
    return taking_part


def cell(name: str, measured: Mapping[str, Contestant], workload: Workload) -> str:
    """Return µs a step, how many times ours that is, whether that is enough, and MB."""
    if name not in measured:
        return "–"
    ratio, target = measured[name].best / measured["ours"].best, workload.targets.get(name)
    mark = "" if target is None else (f" ≥{target:g} ✓" if ratio >= target else f" <{target:g}")
    return f"{1e6 * measured[name].best / workload.steps:.1f} (×{ratio:.2f}{mark}; {measured[name].megabytes:.0f})"


def table(threads: str | None, options: argparse.Namespace) -> Iterator[str]:
    """Yield the lines of one setting of threads."""
    yield f"\nthreads: {threads or 'default'}"
    yield f"{'µs a step (× ours, target; MB)':<36}" + "".join(f"{name:>30}" for name in LIBRARIES)
    installed = [name for name, needed in LIBRARIES.items() if needed is None or importlib.util.find_spec(needed)]
    for workload in WORKLOADS:
        if options.only in workload.name:
            measured = in_turns(installed, workload, threads, options.rounds, options.block)
            yield f"{workload.name:<36}" + "".join(f"{cell(name, measured, workload):>30}" for name in LIBRARIES)
    if options.only in BAND.name:
        bands = in_turns(list(BANDS), BAND, threads, options.rounds, options.block)
        each = {name: 1e6 * bands[name].best / BAND.steps / seeds for name, (seeds, _) in BANDS.items()}
        for name, target in BAND_TARGETS.items():
            share = each[name] / each["alone"]
            mark = f"≤{target:g} ✓" if share <= target else f">{target:g}"
            yield f"{name} of {BAND_SEEDS}: {each[name]:.2f} µs a step and seed, {share:.2f} of one alone {mark}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="blocks of each contestant and network")
    parser.add_argument("--block", type=float, default=0.2, metavar="SECONDS", help="length of a block")
    parser.add_argument("--quick", action="store_const", const=3, dest="rounds", help="three rounds: a first look")
    parser.add_argument("--only", metavar="TEXT", default="", help="only networks whose name has this in it")
    parser.add_argument("--threads", choices=["1", "default"], help="only this setting of threads")
    parser.add_argument("--serve", metavar="CONTESTANT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, next(workload for workload in (*WORKLOADS, BAND) if workload.name == options.only))
        return
    for blas in threadpool_info():
        print(f"NumPy computes with {blas['internal_api']} {blas['version']}, kernels {blas.get('architecture')}")
    for threads in ("1", None):
        if options.threads in (None, threads or "default"):
            for line in table(threads, options):
                print(line, flush=True)


if __name__ == "__main__":
    main()
