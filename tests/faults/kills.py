"""Random ``kill -9`` of a worker: ``python -m tests.faults.kills --times 200 [--seed 1]``.

Runs train in full flight or step by step, their dials are turned, exams are opened, and their worker dies at random
moments: while it starts, reads, trains, writes, answers. After each death everything in the store is read; what a
watcher was told to hold is there; and in the end each run comes bit for bit to what it comes to undisturbed.
It says how many deaths and held changes there were, and its status is 1 where something was lost.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import TrainerError
from engine.protocol.commands import Command, NextEpoch, NextStep, OpenExam, Pause, Resume, SetDial, SetPace
from engine.store.runs import Run, RunStore
from tests.engine.worker.learner import create
from tests.engine.worker.peers import Peer
from tests.faults.disk import Host
from tests.faults.life import Life, check_log
from tests.faults.story import Held, check_ends_undisturbed, check_held

LATEST = 0.5
"""Seconds after a worker's start, or after it was reached, at which it dies at the latest."""
SHARE_IN_START = 0.4
"""Share of the deaths that are timed from the start on."""
MOST_DEATHS = 8
"""Of one run."""


@dataclass
class Killed:
    """What came of it.

    Attributes:
        deaths: By the state in which the run was found.
        runs: Runs that were taken to their ends.
        changes: Changes that were told to hold.
        exams: Exams likewise.
        problems: What was lost, in one line each.
    """

    deaths: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    changes: int = 0
    exams: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        states = ", ".join(f"{number} found {state}" for state, number in self.deaths.most_common())
        counts = f"{self.runs} runs ended as undisturbed ones, {self.changes} held changes and {self.exams} exams kept"
        return "\n".join([f"{self.deaths.total()} deaths ({states}); {counts}", *self.problems])


def _commands(dice: random.Random) -> Command:
    """Return a command, whatever the run makes of it."""
    turns: tuple[tuple[str, Callable[[], object]], ...] = (
        ("training.learning_rate", lambda: dice.choice([0.001, 0.003, 0.01, 0.02])),
        ("training.l2", lambda: dice.choice([0.0, 0.0001, 0.001])),
        ("training.batch_size", lambda: dice.choice([4, 5, 8, 16])),
        ("training.optimizer", lambda: dice.choice(["adam", "rmsprop", "momentum"])),
        ("training.clip", lambda: dice.choice([1.0, 2.0])),
        ("network.dropout", lambda: dice.choice([0.0, 0.2, 0.4])),
        ("network.edit", lambda: _units(dice.randrange(2), dice.choice([3, 6, 10]))),
        (f"weights.{dice.randrange(3)}.{dice.randrange(2)}.{dice.randrange(3)}", lambda: dice.choice([0.25, -0.5])),
    )
    path, draw = dice.choice(turns)
    turn = SetDial(path=path, value=draw())
    steps = (Resume(), Pause(), NextStep(), NextEpoch(), SetPace(pace=dice.choice([None, 50.0, 400.0])), OpenExam())
    return turn if dice.random() < 0.6 else dice.choice(steps)


def _units(layer: int, units: int) -> dict[str, object]:
    return {"kind": "set-units", "layer": layer, "units": units, "keep": True}


def live_and_die(host: Host, run: Run, dice: random.Random, held: Held) -> str:
    """Serve a run until its worker is killed; return the state in which the run is found then."""
    life = Life(host, run, *(["--hold"] if dice.random() < 0.5 else []))
    blow = threading.Timer(dice.uniform(0, LATEST), lambda: _kill(life.process))

    def talk(watcher: Peer) -> None:
        if blow.ident is None:  # else it was timed from the start on, and may have fallen
            blow.start()
        _talk(watcher, dice, held)

    if dice.random() < SHARE_IN_START:
        blow.start()
    try:
        life.watch(talk)
    finally:
        blow.cancel()
    return read_all(run.path)


def _talk(watcher: Peer, dice: random.Random, held: Held) -> None:
    """Ask for one thing after the other, until the worker dies."""
    while True:
        command = _commands(dice)
        if watcher.ask(command)[0].error is None:
            held.note(command, 0)


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):  # it had nothing left to do
        os.kill(process, signal.SIGKILL)


def read_all(directory: Path) -> str:
    """Read all that a run's store has; return the state in which it stands.

    Raises:
        TrainerError: Something cannot be read.
        AssertionError: It holds what cannot be.
    """
    run = Run(directory)
    run.check()
    log = run.metrics
    state, rows = log.state(), log.rows()
    assert len(rows) >= (state.epoch or 0) or not len(rows)
    numbers = [change.number for change in log.changes()]
    assert numbers == sorted(set(numbers))
    log.exams(), log.events()
    verdicts = [verdict.number for verdict in log.verdicts()]
    assert verdicts == list(range(1, 1 + len(verdicts)))
    for name in log.series_names():
        log.points(name)
    for epoch in run.checkpoints.epochs():
        run.checkpoints.load(epoch)
    return run.summary().state


def kill(folder: Path, *, times: int, seed: int = 1) -> Killed:
    """Kill workers so often, of one run after the other.

    Args:
        folder: Where to put the store.
        times: How often at least.
        seed: Of what is random, but for what the system's clock decides.
    """
    killed, dice = Killed(), random.Random(seed)  # noqa: S311 - what it draws is to be drawn again
    store = RunStore(folder / "store")
    with Host(dict(os.environ)) as host:
        while killed.deaths.total() < times:
            held = Held()
            seeds = dice.choice([(7,), (7,), (7, 8, 9)])
            run = create(store, seeds=seeds, training__epochs=dice.choice([60, 600, 2_000]))
            try:
                for _ in range(min(times - killed.deaths.total(), 1 + dice.randrange(MOST_DEATHS))):
                    killed.deaths[live_and_die(host, run, dice, held)] += 1
                    check_held(run, held)
                    check_log(run)
                check_ends_undisturbed(run.path)
            except (AssertionError, TrainerError) as error:
                killed.problems.append(f"{run.path}: {type(error).__name__}: {error}")
                killed.deaths["lost"] += 1
            killed.runs += 1
            killed.changes += len(held.changes)
            killed.exams += len(held.exams)
            print(f"\r{killed.deaths.total()} of {times} ", end="", file=sys.stderr, flush=True)  # noqa: T201
    return killed


def main() -> int:
    """Kill as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills", description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        killed = kill(Path(folder), times=options.times, seed=options.seed)
    print(f"\n{killed}")  # noqa: T201 (a command's answer)
    return bool(killed.problems)


if __name__ == "__main__":
    sys.exit(main())
