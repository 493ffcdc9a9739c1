"""The n-th operation on the disk fails, for every n: ``python -m tests.faults.failing_disk [--every 1] [--seed 1]``.

A worker is told a story while its disk fails: an operation fails once, or half of a write is done, or all fail from
one on until somebody makes room; or the worker dies before it. Whatever fails: what a watcher was told to hold is in
the store, the worker says what is the matter in one line, and taken up again the run ends bit for bit as an undisturbed
one. It says how many faults of each kind there were, and its status is 1 where one was not survived.
"""

from __future__ import annotations

import argparse
import errno
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import TrainerError
from engine.protocol.commands import Command, Stop
from engine.store.runs import Run, RunStore
from tests.engine.worker.learner import create
from tests.engine.worker.peers import Peer
from tests.faults.disk import FOREVER, Disk, Host
from tests.faults.life import Life, check_log
from tests.faults.story import EPOCHS, STORY, Held, check_ends_undisturbed, check_held, tell

KINDS = ("once", "half", "full", "killed")
ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS)
MOST_LIVES = 8


@dataclass
class Survived:
    """What was survived.

    Attributes:
        faults: How many of each kind.
        refusals: The lines that were said, without numbers, and how often.
        problems: What was not survived: kind, operation, and what was wrong.
    """

    faults: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = ", ".join(f"{number} × {kind}" for kind, number in self.faults.items())
        return "\n".join([f"{kinds}; {len(self.problems)} not survived", *self.problems])


def tell_all(watcher: Peer, commands: list[Command], disk: Disk, held: Held) -> None:
    """Tell a worker the story, taking away what it has done."""
    while commands:
        tell(watcher, commands[0], held, lambda: disk.count, lambda: disk.set(fail_from=0))
        del commands[0]
    watcher.send(Stop())


def survive(host: Host, disk: Disk, run: Run, **faults: int) -> Held:
    """Tell a run its story on a disk with faults; return what was held.

    Raises:
        AssertionError: Something was lost, or not said as it should be.
    """
    held, commands, lives = Held(), list(STORY), 0
    disk.reset(**faults)
    while commands:
        life = Life(host, run, "--hold")
        status = life.watch(lambda watcher: tell_all(watcher, commands, disk, held))
        lives += 1
        assert lives < MOST_LIVES, f"it died {lives} times, with status {status}"
        disk.set(fail_from=0, kill_at=0)
        check_log(run)
        check_held(run, held)
    check_ends_undisturbed(run.path)
    return held


def faults_of(kind: str, operation: int) -> dict[str, int]:
    """Return the faults of a kind at an operation."""
    if kind == "killed":
        return {"kill_at": operation}
    until = {"once": operation, "half": operation + 1, "full": FOREVER}[kind]
    error = errno.ENOSPC if kind != "once" else ERRORS[operation % len(ERRORS)]
    return {"fail_from": operation, "fail_until": until, "error": error, "partial": int(kind == "half")}


@contextmanager
def a_host(folder: Path) -> Iterator[tuple[Host, Disk, RunStore]]:
    """Give a host, its disk and a store on it."""
    store = RunStore(folder / "store")
    disk = Disk(folder, store.root)
    with Host(os.environ | disk.environment) as host:
        yield host, disk, store


def fail(folder: Path, *, every: int = 1, first: int = 1) -> Survived:
    """Let operations fail, every so manieth from one on, in each manner in turn.

    Args:
        folder: Where to put the store.
        every: With 1 each operation fails in each manner.
        first: The first one.
    """
    survived = Survived()
    with a_host(folder) as (host, disk, store):
        survive(host, disk, create(store, training__epochs=EPOCHS))
        operations = disk.count
        for number in range(first, len(KINDS) * operations, every):
            operation, kind = 1 + number // len(KINDS), KINDS[number % len(KINDS)]
            survived.faults[kind] += 1
            print(f"\r{kind} at {operation} of {operations} ", end="", file=sys.stderr, flush=True)  # noqa: T201
            run = create(store, training__epochs=EPOCHS)
            try:
                held = survive(host, disk, run, **faults_of(kind, operation))
                survived.refusals.update(re.sub(r"\S*/learner-\d+", "RUN", line) for line in held.refusals)
            except (AssertionError, TrainerError) as error:
                problem = f"{kind} at {operation} ({run.name}): {type(error).__name__}: {error}"
                print(f"\n{problem}", file=sys.stderr, flush=True)  # noqa: T201
                survived.problems.append(problem)
            else:
                store.delete(run.name)
    return survived


def main() -> int:
    """Fail as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.failing_disk", description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        survived = fail(Path(folder), every=options.every)
    print(survived)  # noqa: T201 (a command's answer)
    for line, number in survived.refusals.most_common():
        print(f"{number:5} {line}", file=sys.stderr)  # noqa: T201
    return bool(survived.problems)


if __name__ == "__main__":
    sys.exit(main())
