"""What the screen costs: ``python -m tests.benchmarks.screen [bytes] [processor] [keys] [start] [memory]``.

Runs the real program in a pseudo-terminal of 120×40: bytes a second to the terminal and processor time on
``breast-cancer`` at 20 epochs a second, the time from a key to the screen at full pace, the time to the help and to the
first paint, and the memory after a million epochs. All of them, or those that are named.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.benchmarks.figures import describe_machine, late, report
from tests.benchmarks.worker import LONGEST
from tests.conftest import end_workers
from tests.processes import memory_of
from tests.terminal import Terminal

TRAINING = ["--epochs", "100000", "--pace", "20"]
SECONDS = 15.0
PRESSES = 60
STARTS = 9


def settled(*keys: str, environment: dict[str, str] | None = None) -> Terminal:
    """Return a terminal in which a run has trained for a while, ``keys`` pressed on the way."""
    terminal = Terminal(TRAINING, environment=environment)
    terminal.wait_for("training")
    terminal.pump(3)
    terminal.press(*keys)
    terminal.pump(4)
    return terminal


def measure_bytes() -> None:
    """Report what the dashboard writes."""
    for what, keys, kilobytes in (
        ("charts only, full screen", ("2", "f"), 2.0),
        ("all panes", (), 10.0),
        ("paused", (" ",), 0.0),
    ):
        with settled(*keys) as terminal:
            report(f"to the terminal, {what}", terminal.pump(SECONDS) / SECONDS / 1024, "KB/s", at_most=kilobytes)


def measure_processor() -> None:
    """Report the share of one core that the screen's process takes at 4 redraws a second."""
    with settled(environment={"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}) as terminal:
        before = terminal.processor_seconds()
        terminal.pump(SECONDS)
        share = (terminal.processor_seconds() - before) / SECONDS
    report("processor time of the screen at 4 redraws a second", 100 * share, "%", at_most=15)


def measure_keys() -> None:
    """Report how long it takes from turning the learning rate to its new value on the screen, many times.

    The screen shows at once what was asked for (``0.001 → 0.002``), and what holds (``0.002``) once the worker, between
    two of its steps, has answered.
    """
    for pace, at_most in (("20", None), ("max", 100.0)):
        for what, seconds in zip(("as asked for", "as it holds"), key_to_screen(pace), strict=True):
            name = f"key to screen at pace {pace}, {what}, 95th percentile"
            note = f"median {1000 * statistics.median(seconds):.0f} of {PRESSES}"
            report(name, 1000 * late(sorted(seconds)), "ms", at_most=at_most, note=note)


def key_to_screen(pace: str) -> tuple[list[float], list[float]]:
    """Return the seconds of each press of a key until its value was shown as asked for, and as it holds."""
    asked: list[float] = []
    held: list[float] = []
    with Terminal(["--epochs", "100000000", "--pace", pace]) as terminal:
        terminal.wait_for("training")
        terminal.pump(2)
        for press in range(PRESSES):
            terminal.pump(0.13)  # out of step with the redraws
            key, now, then = ("]", "0.002", "0.001") if press % 2 == 0 else ("[", "0.001", "0.002")
            terminal.press(key)
            first = terminal.wait_for(partial(_rate_is, rf"({then} → )?{now}"))
            asked.append(first)
            held.append(first + terminal.wait_for(partial(_rate_is, now)))
    return asked, held


def _rate_is(value: str, text: str) -> bool:
    """Return whether the dial shows a value, a pattern; the notice, ``learning rate → 0.002``, is not the dial."""
    return re.search(rf"learning rate +{value}\b", text) is not None


def measure_start() -> None:
    """Report how long the help and the first painted screen take."""
    report("--help, median", 1000 * statistics.median(_help() for _ in range(STARTS)), "ms", at_most=200)
    report("first paint, median", 1000 * statistics.median(_paint() for _ in range(STARTS)), "ms", at_most=800)


def _help() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-P", "-m", "tui_trainer", "--help"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def _paint() -> float:
    with Terminal(TRAINING) as terminal:
        terminal.wait_for("Architecture")
        seconds = time.monotonic() - terminal.started
    end_workers(Path(os.environ["TUI_TRAINER_HOME"]))  # the next one is not to wait for this one's, which still starts
    return seconds


def measure_memory() -> None:
    """Report what the screen's process holds after it has watched a small network for a million epochs."""
    with Terminal(["xor", "--epochs", str(LONGEST), "--pace", "max"]) as terminal:
        terminal.wait_for("training")
        terminal.pump(1)
        start = memory_of(terminal.pid, "VmRSS")
        while "finished" not in terminal.text:
            terminal.pump(1)
        now, most = (memory_of(terminal.pid, kind) for kind in ("VmRSS", "VmHWM"))
    note = f"{start:.0f} after the first second, {now:.0f} in the end"
    report(f"memory of the screen over {LONGEST:,} epochs, peak", most, "MB", at_most=150, note=note)


@contextmanager
def ending_workers(home: Path) -> Iterator[None]:
    """End the workers that the terminals leave behind, before their store is removed."""
    try:
        yield
    finally:
        while end_workers(home):
            time.sleep(0.05)


MEASUREMENTS: dict[str, Callable[[], None]] = {
    "bytes": measure_bytes,
    "processor": measure_processor,
    "keys": measure_keys,
    "start": measure_start,
    "memory": measure_memory,
}


def main() -> None:
    """Run the measurements that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.screen")
    parser.add_argument("which", nargs="*", choices=[*MEASUREMENTS, []], help="all of them by default")
    chosen = parser.parse_args().which or list(MEASUREMENTS)
    describe_machine()
    with tempfile.TemporaryDirectory(prefix="tui-trainer-bench-") as home, ending_workers(Path(home)):
        os.environ |= {"TUI_TRAINER_HOME": home, "XDG_CONFIG_HOME": home}  # nobody's settings
        for name in chosen:
            MEASUREMENTS[name]()
            end_workers(Path(home))


if __name__ == "__main__":
    main()
