"""How long a training step takes, here and elsewhere: ``python -m tests.benchmarks.engine``.

All contestants that are installed train the same networks in turns, block after block within one process, once with one
BLAS thread and once with as many as the libraries choose. A figure is the best of its blocks, for what disturbs a block
only ever makes it slower; memory is the peak of a process of its own that did nothing else.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.benchmarks.workloads import BAND_SEEDS, BAND_TARGETS, WORKLOADS, Workload

Train = Callable[[int], None]

LIBRARIES = {"ours": None, "textbook": None, "sklearn": "sklearn", "torch": "torch", "jax": "jax", "jax ×100": "jax"}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
BLOCK_SECONDS = 0.2
JAX_BLOCK = 100


def prepare(contestant: str, workload: Workload) -> Train | None:
    """Return what trains, or None where the library is not installed or has no such network."""
    library = LIBRARIES[contestant]
    if library is not None and importlib.util.find_spec(library) is None:
        return None
    name, _, many = contestant.partition(" ")
    module = importlib.import_module(f"tests.benchmarks.contestants.{name}")
    try:
        train: Train = module.prepare_many(workload) if many else module.prepare(workload)
    except NotImplementedError:
        return None
    return train


def seconds(train: Train, epochs: int) -> float:
    start = time.perf_counter()
    train(epochs)
    return time.perf_counter() - start


def block_size(train: Train) -> int:
    """Return how many epochs fill a block, at least those of one call of the contestant that does many."""
    epochs = JAX_BLOCK
    train(1)
    while (taken := seconds(train, epochs)) < BLOCK_SECONDS / 2:
        epochs *= 2
    return max(1, round(epochs * BLOCK_SECONDS / taken / JAX_BLOCK)) * JAX_BLOCK if taken < 1 else 1 + epochs // 10


def in_turns(trains: dict[str, Train], rounds: int) -> dict[str, float]:
    """Return the best seconds an epoch of each, from blocks that take turns."""
    blocks = {name: block_size(train) for name, train in trains.items()}
    best = dict.fromkeys(trains, float("inf"))
    for _ in range(rounds):
        for name, train in trains.items():
            best[name] = min(best[name], seconds(train, blocks[name]) / blocks[name])
    return best


def measure(workload: Workload, rounds: int) -> dict[str, float]:
    """Return µs a step by contestant."""
    prepared = {name: prepare(name, workload) for name in LIBRARIES}
    trains = {name: train for name, train in prepared.items() if train is not None}
    return {name: 1e6 * best / workload.steps for name, best in in_turns(trains, rounds).items()}


def measure_band(rounds: int) -> dict[str, float]:
    """Return µs a step and seed: of one network alone, and of a band in one process and in two."""
    from engine.training.crew import Crew
    from engine.training.trainer import Trainer

    workload = WORKLOADS[0]

    def crew_of(seeds: int, processes: int) -> Crew:
        return Crew(Trainer(workload.spec, seeds=range(seeds), data=workload.data), processes=processes)

    crews = {"alone": crew_of(1, 1), "one process": crew_of(BAND_SEEDS, 1), "two processes": crew_of(BAND_SEEDS, 2)}
    for _ in range(2):  # a crew's first two blocks measure which way is faster
        crews["two processes"].advance(JAX_BLOCK)

    def advance(crew: Crew) -> Train:
        return lambda epochs: void(crew.advance(epochs))

    best = in_turns({name: advance(crew) for name, crew in crews.items()}, rounds)
    crews["two processes"].close()
    return {name: 1e6 * best[name] / workload.steps / len(crew.trainer.seeds) for name, crew in crews.items()}


def void(_: object) -> None:
    """Drop a result."""


def peak_memory(contestant: str, workload: Workload) -> float | None:
    """Return MB at the most, Python and libraries included, of this process training a while."""
    train = prepare(contestant, workload)
    if train is None:
        return None
    train(JAX_BLOCK if workload.steps < 5 else 5)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def child(*arguments: str, threads: str | None = None) -> Any:
    """Run this module again with fixed or default threads, and return what it prints as JSON."""
    environment = {name: value for name, value in os.environ.items() if name not in THREADS}
    if threads is not None:
        environment |= dict.fromkeys(THREADS, threads)
    command = [sys.executable, "-m", "tests.benchmarks.engine", *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def rows(measured: dict[str, dict[str, float]], memory: dict[str, dict[str, float | None]]) -> Iterator[str]:
    """Yield the table of one setting of threads."""
    head = "".join(f"{name:>22}" for name in LIBRARIES)
    yield f"{'µs a step (× ours, MB)':<38}{head}"
    for workload in WORKLOADS:
        found = measured[workload.name]
        cells = ""
        for name in LIBRARIES:
            if name not in found:
                cells += f"{'–':>22}"
                continue
            ratio, target = found[name] / found["ours"], workload.targets.get(name)
            mark = "" if target is None else (" ✓" if ratio >= target else f" <{target:g}")
            megabytes = memory.get(workload.name, {}).get(name)
            size = "" if megabytes is None else f", {megabytes:.0f}"
            cells += f"{found[name]:>10.1f} ({ratio:.1f}{mark}{size})".rjust(22)
        yield f"{workload.name:<38}{cells}"
    band = measured["band"]
    for name, target in BAND_TARGETS.items():
        share = band[name] / band["alone"]
        mark = "✓" if share <= target else f"> {target:g}"
        yield f"band of {BAND_SEEDS} in {name}: {band[name]:.2f} µs a step and seed, {share:.2f} of one alone {mark}"


def main() -> None:
    """Measure in processes of their own, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="blocks of each contestant and network")
    parser.add_argument("--no-memory", action="store_true", help="leave out what memory they take")
    parser.add_argument("--only", metavar="TEXT", default="", help="only networks whose name has this in it")
    parser.add_argument("--measure", metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("--memory", metavar="CONTESTANT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(_asked(options.measure, options.memory, options.rounds)))
        return
    chosen = [workload for workload in WORKLOADS if options.only in workload.name]
    WORKLOADS[:] = chosen
    memory: dict[str, dict[str, float | None]] = {}
    if not options.no_memory:
        for workload in chosen:
            memory[workload.name] = {
                name: child("--measure", workload.name, "--memory", name, threads="1") for name in LIBRARIES
            }
    for threads in ("1", None):
        names = [*(workload.name for workload in chosen), "band"]
        measured = {name: child("--measure", name, "--rounds", str(options.rounds), threads=threads) for name in names}
        print(f"\nthreads: {threads or 'default'}")
        for row in rows(measured, memory):
            print(row, flush=True)


def _asked(name: str, contestant: str | None, rounds: int) -> Any:
    if name == "band":
        return measure_band(rounds)
    (workload,) = (workload for workload in WORKLOADS if workload.name == name)
    return measure(workload, rounds) if contestant is None else peak_memory(contestant, workload)


if __name__ == "__main__":
    main()
