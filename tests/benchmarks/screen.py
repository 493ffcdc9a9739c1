"""What the dashboard costs: ``python -m tests.benchmarks.screen``.

Runs the real program in a pseudo-terminal of 120×40 on ``breast-cancer`` at 20 epochs a second, and prints bytes a
second to the terminal (charts only, all panes, paused), processor time at 4 Hz, the time from a key to the screen, and
the time to the first paint.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import end_workers
from tests.terminal import Terminal

TRAINING = ["--epochs", "100000", "--pace", "20"]
SECONDS = 10.0
PRESSES = 40


def settled(arguments: list[str], *keys: str, environment: dict[str, str] | None = None) -> Terminal:
    """Return a terminal in which a run has trained for a while."""
    terminal = Terminal([*TRAINING, *arguments], environment=environment)
    terminal.wait_for("training")
    terminal.pump(3)
    if keys:
        terminal.press(*keys)
    terminal.pump(3)
    return terminal


def bytes_a_second(*keys: str, seconds: float = SECONDS) -> float:
    """Return how much the dashboard writes, after pressing ``keys``."""
    with settled([], *keys) as terminal:
        return terminal.pump(seconds) / seconds


def processor_share() -> float:
    """Return the share of one core that the screen's process takes at 4 redraws a second."""
    with settled([], environment={"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}) as terminal:
        before = terminal.processor_seconds()
        terminal.pump(SECONDS)
        return (terminal.processor_seconds() - before) / SECONDS


def key_to_screen(pace: str) -> list[float]:
    """Return the seconds from turning the learning rate to its new value on the screen, many times."""
    times: list[float] = []
    with Terminal(["--epochs", "100000000", "--pace", pace]) as terminal:
        terminal.wait_for("training")
        terminal.pump(2)
        for press in range(PRESSES):
            terminal.pump(0.13)  # out of step with the redraws
            terminal.press("]" if press % 2 == 0 else "[")
            times.append(terminal.wait_for(_rate_is("0.002" if press % 2 == 0 else "0.001")))
    return times


def _rate_is(value: str) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        return any("learning rate" in line and value in line[:40] for line in text.splitlines()[:-1])

    return holds


def first_paint() -> float:
    """Return the seconds from the start of the program to its first painted screen."""
    with Terminal(TRAINING) as terminal:
        terminal.wait_for("Architecture")
        return time.monotonic() - terminal.started


@contextmanager
def ending_workers(home: Path) -> Iterator[None]:
    """End the workers that the terminals leave behind, before their store is removed."""
    try:
        yield
    finally:
        while end_workers(home):
            time.sleep(0.05)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="tui-trainer-bench-") as home, ending_workers(Path(home)):
        os.environ["TUI_TRAINER_HOME"] = home
        print(f"{'bytes a second, all panes':<44}{bytes_a_second():>10.0f}")
        print(f"{'bytes a second, charts only':<44}{bytes_a_second('2', 'f'):>10.0f}")
        print(f"{'bytes a second, paused':<44}{bytes_a_second(' '):>10.0f}")
        print(f"{'processor share of the screen at 4 Hz':<44}{processor_share():>10.1%}")
        for pace in ("20", "max"):
            times = sorted(key_to_screen(pace))
            late = times[int(0.95 * len(times))]
            name = f"key to screen at pace {pace}: median, 95th (ms)"
            print(f"{name:<44}{statistics.median(times) * 1000:>10.0f}{late * 1000:>8.0f}")
        paints = sorted(first_paint() for _ in range(5))
        print(f"{'first paint: median of 5 (ms)':<44}{statistics.median(paints) * 1000:>10.0f}")


if __name__ == "__main__":
    main()
