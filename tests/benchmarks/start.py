"""How soon something is there: ``python -m tests.benchmarks.start [help] [paint] [open] [keys] [headless] [again]``.

Each figure is a ratio to the least that could be there in its place (an empty Python, the imports of what a worker
rests on, a Textual app of one label), both taken in turn on one machine. All of them, or those that are named.
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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.benchmarks.figures import describe_machine, report
from tests.benchmarks.screen import TRAINING, ending_workers
from tests.conftest import end_workers
from tests.terminal import TUI_TRAINER, Terminal

BARE_APP = (sys.executable, "-P", str(Path(__file__).with_name("bare_app.py")))
IMPORTS = (sys.executable, "-c", "import numpy, pydantic, zmq")
NOTHING = (sys.executable, "-c", "pass")
HEADLESS = (*TUI_TRAINER, "plants-moons", "--headless", "--json")

ROUNDS = 7
OPENINGS = {
    "help": ("?", "Keys everywhere"),
    "palette": ("ctrl+p", "Search for commands"),
    "runs": ("8", "enter open"),
    "presets": ("9", "enter begin"),
}
FOOTER = {
    "the dashboard": ("[", "]", "y", "y", "v", "v", "f", "escape", ",", ".", "2", "3", "4", "6", "2"),
    "a chart": ("2", "left", "right", "up", "down", "s", "s", "s", "w", "w", "w", "escape"),
    "the network": ("1", "down", "up", "k", "k", "c", "c"),
    "the dials": ("1", "1", "down", "up", "right", "left"),
    "the weights": ("3", "right", "left", "down", "up", "l", "a", "a", "w", "w"),
    "the neurons": ("4", "right", "left", "o", "o"),
}
"""Keys of each footer, pressed one after the other while the run is paused: the first lead to its pane."""


def in_turn(ours: Callable[[], float], theirs: Callable[[], float], rounds: int = ROUNDS) -> tuple[float, str]:
    """Return the median of one of ours over one of theirs, taken in turn, and a note of both medians."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    our, their = (1000 * statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    return statistics.median(mine / least for mine, least in pairs), f"{our:.0f} ms against {their:.0f}"


def seconds_of(command: Sequence[str]) -> float:
    """Return the seconds that a program takes."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def compare(what: str, ours: Callable[[], float], theirs: Callable[[], float], at_most: float) -> None:
    """Report how many times as long ours takes."""
    ratio, note = in_turn(ours, theirs)
    report(what, ratio, "×", at_most=at_most, note=note)


def measure_help() -> None:
    """Report ``--help`` against an empty Python."""
    help_ = (*TUI_TRAINER, "--help")
    compare("--help against python -c pass", lambda: seconds_of(help_), lambda: seconds_of(NOTHING), 3)


def measure_paint() -> None:
    """Report the first paint, and the first epoch on the screen, against the first paint of an app of one label."""
    compare("first paint against a bare app", lambda: painted("1 Architecture"), bare_app_painted, 1.5)
    ratio, note = in_turn(lambda: painted(is_training), bare_app_painted)
    report("the first epoch on the screen against a bare app", ratio, "×", note=note)


def painted(condition: str | Callable[[str], bool]) -> float:
    """Return the seconds until something stands on the screen of a new run."""
    with Terminal(TRAINING) as terminal:
        terminal.wait_for(condition)
        seconds = time.monotonic() - terminal.started
    end_workers(Path(os.environ["TUI_TRAINER_HOME"]))  # the next one is not to wait for this one's, which still starts
    return seconds


def bare_app_painted() -> float:
    """Return the seconds until an app of one label shows it."""
    with Terminal(program=BARE_APP) as terminal:
        terminal.wait_for("the label")
        return time.monotonic() - terminal.started


def is_training(text: str) -> bool:
    """Return whether the header says that an epoch has been trained."""
    return re.search(r"training +epoch +[1-9]", text) is not None


def measure_open() -> None:
    """Report what opens over the dashboard while it trains, against a dialog of one label in a bare app."""
    with Terminal(TRAINING) as ours, Terminal(program=BARE_APP) as theirs:
        ours.wait_for(is_training)
        theirs.wait_for("the label")
        ours.pump(3)
        for what, (key, text) in OPENINGS.items():
            opened = [(opening(ours, key, text), opening(theirs, "m", "the dialog")) for _ in range(ROUNDS)]
            our, their = (1000 * statistics.median(seconds) for seconds in zip(*opened, strict=True))
            ratio = statistics.median(mine / least for mine, least in opened)
            report(
                f"{what}, key to screen, against a bare dialog",
                ratio,
                "×",
                at_most=2,
                note=f"{our:.0f} ms against {their:.0f}",
            )
        compare_palettes(ours, theirs)


def compare_palettes(ours: Terminal, theirs: Terminal) -> None:
    """Report our palette against Textual's own in the bare app: that opens later than a dialog of a label."""
    key, text = OPENINGS["palette"]
    ratio, note = in_turn(lambda: opening(ours, key, text), lambda: opening(theirs, key, text))
    report("palette, key to screen, against Textual's own", ratio, "×", note=note)


def opening(terminal: Terminal, key: str, text: str) -> float:
    """Return the seconds from a key to what it opens; then close it, at no fixed distance to the screen's clock."""
    terminal.pump(0.13)
    terminal.press(key)
    seconds = terminal.wait_for(text)
    terminal.press("escape")
    terminal.wait_for(lambda shown: text not in shown)
    return seconds


def measure_keys() -> None:
    """Report how soon the keys of each footer show something, against a dialog of one label in a bare app."""
    with Terminal(TRAINING) as ours, Terminal(program=BARE_APP) as theirs:
        ours.wait_for(is_training)
        theirs.wait_for("the label")
        ours.pump(2)
        ours.press(" ")
        ours.wait_for("paused")
        for pane, keys in FOOTER.items():
            come_to_rest(ours)
            pairs = [(answered(ours, key), opening(theirs, "m", "the dialog")) for key in keys]
            least = statistics.median(seconds for _, seconds in pairs)
            slowest, key = max((seconds, key) for (seconds, _), key in zip(pairs, keys, strict=True))
            typical = 1000 * statistics.median(seconds for seconds, _ in pairs)
            note = f"{key}: {1000 * slowest:.0f} ms, median {typical:.0f}, against {1000 * least:.0f}"
            report(f"slowest key of {pane} against a bare dialog", slowest / least, "×", at_most=2, note=note)


def come_to_rest(terminal: Terminal) -> None:
    """Wait until a paused screen has written all that it has to say."""
    while terminal.pump(0.5):
        pass


def answered(terminal: Terminal, key: str) -> float:
    """Return the seconds from a key to the first that the screen writes; 0 for a key that does nothing there."""
    start, before = time.monotonic(), len(terminal.written)
    terminal.press(key)
    come_to_rest(terminal)
    pieces = terminal.written[before:]
    return pieces[0][0] - start if pieces else 0.0


def measure_headless() -> None:
    """Report the start to the first epoch's line against the imports, from the second start on."""
    first_line()
    what = "plants-moons headless to its first epoch, against the imports"
    compare(what, first_line, lambda: seconds_of(IMPORTS), 3)


def first_line() -> float:
    """Return the seconds to the first epoch's line."""
    start = time.perf_counter()
    with subprocess.Popen(HEADLESS, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if '"kind":"epoch"' in line)
        seconds = time.perf_counter() - start
        process.stdout.read()
    return seconds


def measure_again() -> None:
    """Report a new run's first epoch on the screen, by each key that makes one, against the imports."""
    with Terminal(TRAINING) as terminal:
        terminal.wait_for(is_training)
        for what, keys in {"r": ("r",), "R": ("R",), "b": ("b", "y", " "), "a preset": ("9", "enter")}.items():
            pairs = [(renewed(terminal, keys), seconds_of(IMPORTS)) for _ in range(5)]
            our, their = (1000 * statistics.median(seconds) for seconds in zip(*pairs, strict=True))
            ratio = statistics.median(mine / least for mine, least in pairs)
            note = f"{our:.0f} ms against {their:.0f}"
            report(f"{what} to the new run's first epoch, against the imports", ratio, "×", at_most=1.5, note=note)


SHOWN_BY: Final = {"9": "enter begin", "b": "branch, and stop this one"}
"""What a key shows that does not yet lead to another run."""


def renewed(terminal: Terminal, keys: Sequence[str]) -> float:
    """Return the seconds from the last of some keys to the first epoch of the run that they begin."""
    terminal.pump(3)  # the next process is being made ready
    *first, last = keys
    before = name_of(terminal.text)
    for key in first:
        terminal.press(key)
        terminal.wait_for(SHOWN_BY.get(key, lambda text: name_of(text) != before))
    start = time.monotonic()
    terminal.press(last)
    terminal.wait_for(lambda text: name_of(text) != before and is_training(text))
    return time.monotonic() - start


def name_of(text: str) -> str:
    """Return the run that the header names."""
    return text.split(maxsplit=1)[0]


MEASUREMENTS: dict[str, Callable[[], None]] = {
    "help": measure_help,
    "paint": measure_paint,
    "open": measure_open,
    "keys": measure_keys,
    "headless": measure_headless,
    "again": measure_again,
}


def main() -> None:
    """Run the measurements that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.start")
    parser.add_argument("which", nargs="*", choices=[*MEASUREMENTS, []], help="all of them by default")
    chosen = parser.parse_args().which or list(MEASUREMENTS)
    describe_machine()
    with tempfile.TemporaryDirectory(prefix="tui-trainer-bench-") as home, ending_workers(Path(home)):
        os.environ |= {"TUI_TRAINER_HOME": home, "XDG_CONFIG_HOME": home, "TUI_TRAINER_CACHE": f"{home}/cache"}
        for name in chosen:
            MEASUREMENTS[name]()
            end_workers(Path(home))


if __name__ == "__main__":
    main()
