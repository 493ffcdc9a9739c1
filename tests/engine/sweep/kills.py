"""A sweep whose process is killed again and again ends with the table of an undisturbed one.

``python -m tests.engine.sweep.kills --trials 200 --kills 3`` is the long form of the test.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import time
from pathlib import Path

from engine.sweep import exports
from engine.sweep.axes import make_plan, parse_axis
from engine.sweep.launcher import launch
from engine.sweep.store import Sweep, SweepStore
from tests.engine.sweep.small import recipe
from tests.patience import PATIENCE


def make_sweep(store: SweepStore, trials: int, name: str, epochs: int) -> Sweep:
    """Make a sweep of draws, each trained with three seeds."""
    spec = recipe(training__epochs=epochs)
    axes = ("training.learning_rate=1e-4..1e-1:log", "network.layers.0.units=2..32")
    plan = make_plan([parse_axis(axis, spec) for axis in axes], trials, seed=1)
    return store.create(spec, (1, 2, 3), plan, name=name, stem="kills")


def ended_count(sweep: Sweep) -> int:
    """Return how many trials have ended."""
    return len(sweep.trials.ended()[0])


class TooLateError(Exception):
    """The process had ended before it was killed: this one was not let run for so long."""


def work_and_kill(sweep: Sweep, until: int, jobs: int) -> int:
    """Let a process work on a sweep and kill it once so many trials have ended; return how many had.

    Raises:
        TooLateError: They had all ended by then.
    """
    process = launch(sweep, jobs=jobs)
    deadline = time.monotonic() + PATIENCE
    while ended_count(sweep) < until and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.kill()
    if (status := process.wait()) == 0:
        raise TooLateError
    assert status == -signal.SIGKILL, sweep.log_path.read_text()
    return ended_count(sweep)


def work_to_the_end(sweep: Sweep, jobs: int) -> None:
    """Let a process work on a sweep until it is done."""
    process = launch(sweep, jobs=jobs)
    assert process.wait() == 0, sweep.log_path.read_text()


def table(sweep: Sweep) -> str:
    """Return all results; they hold no times."""
    return exports.csv_text(sweep.description(), sweep.trials.ended()[0])


def kill_and_compare(home: Path, trials: int, kills: int, *, epochs: int, jobs: int) -> list[int]:
    """Kill a sweep's process so many times; return after how many trials each kill came.

    Raises:
        AssertionError: The table is not that of an undisturbed sweep.
        TooLateError: One came when all trials had ended.
    """
    store = SweepStore(home)
    disturbed, undisturbed = (make_sweep(store, trials, name, epochs) for name in ("disturbed", "undisturbed"))
    came = [work_and_kill(disturbed, trials * (kill + 1) // (kills + 2), jobs) for kill in range(kills)]
    assert disturbed.state()[0] == "died"
    work_to_the_end(disturbed, jobs)
    work_to_the_end(undisturbed, 1)
    assert disturbed.state()[0] == "finished"
    assert ended_count(disturbed) == trials
    assert table(disturbed) == table(undisturbed)
    return came


def main() -> None:
    """Do it as often as is asked for, and say so."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--kills", type=int, default=3)
    options = parser.parse_args()
    start, load = time.monotonic(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as home:
        came = kill_and_compare(Path(home), options.trials, options.kills, epochs=400, jobs=2)
    seconds = time.monotonic() - start
    what = f"{options.trials} trials, killed after {came}"
    print(f"{what}: the table of an undisturbed one ({seconds:.0f} s, load {load:.1f})")  # noqa: T201


if __name__ == "__main__":
    main()
