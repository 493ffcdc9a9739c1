"""Random keys, resizes and edits while a run trains at full speed, in a real pseudo-terminal.

After each burst the program must still run, its worker must, and a key must show an effect. In the end the screen shows
the small network of the beginning again, and must have given back what it took for the others.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import presets
from engine.store.runs import Run, RunStore
from presets.writer import save
from tests.soak.memory import GROWTH, Shaken, Worker, resident_memory
from tests.terminal import Terminal

TYPED = "0123456789.-e% "
LETTERS = "nNrR[]-+,.buvyfgklopiacxzsSdwt<>/?*:;'123456"
MOVES = ("up", "down", "left", "right", "enter", "escape", "tab")
EDITS = (
    ("1", "right"),
    ("1", "left"),
    ("1", "down", "right"),
    ("1", "a"),
    ("1", "a", "c"),
    ("1", "down", "x"),
    ("1", "c"),
    ("1", "k", "left", "k"),
    ("1", "i"),
    ("u",),
    ("4", "o"),
    ("[",),
    ("]",),
)
SMALLEST, LARGEST = (20, 5), (300, 100)
USUAL = (120, 40)
REST = 10
"""Seconds with the small network after which the screen is measured once more."""

REPORT_EVERY = 100
"""Bursts."""

PRESET, SMALL_NETWORK = "breast-cancer", "30→16→8→1"
ENDLESS, EPOCHS = "endless", 10**9
"""A preset of the soak's own: the default one, with so many epochs."""

MOST_FOUND = 20
"""Presets with a name in theirs; the first one is it."""

MOST_WORKERS = 4
"""Keys resume runs in the background; more than so many would leave none of them the processor."""
PATIENCE = 8
"""Times that a key is pressed, and half seconds for which its effect is waited for."""


class Soak:
    """Shakes a dashboard.

    Args:
        terminal: Where it runs.
        seed: Of everything that is random here.
    """

    def __init__(self, terminal: Terminal, seed: int) -> None:
        self.terminal = terminal
        self.shaken = Shaken()
        self._random = random.Random(seed)  # noqa: S311 (nothing to be guessed here)
        self._history: list[str] = []

    def burst(self) -> None:
        """Press and resize, then see whether everything still stands.

        Raises:
            AssertionError: Something broke; the message has the last keys and the screen.
        """
        for _ in range(self._random.randint(1, 6)):
            self._random.choice((self._press_anything, self._press_anything, self._edit, self._type, self._resize))()
            self.terminal.pump(self._random.uniform(0, 0.15))
        self.shaken.bursts += 1
        self._check()
        self._end_old_workers()
        self._measure()

    def come_to_rest(self) -> None:
        """Begin the small network anew, let the screen show it for a while, and measure what it still holds.

        Raises:
            AssertionError: It never came.
        """
        self.terminal.resize(*USUAL)
        self._begin(PRESET)
        self.terminal.pump(REST)
        self.shaken.rest = resident_memory(self.terminal.pid)

    def _begin(self, preset: str) -> None:
        """Begin a new run of a preset with the network of the default one."""
        self._come_back()
        before = self._header()
        self._press_until("9", lambda: "presets" in self._header().lower())
        self.terminal.press("/", *preset, "enter")
        self.terminal.pump(1)
        self.terminal.press(*["up"] * MOST_FOUND, "enter")
        self.terminal.wait_for(lambda _: self._shows_small_network() and self._header().split()[0] != before.split()[0])

    def _shows_small_network(self) -> bool:
        words = self._header().split()
        return bool(words) and SMALL_NETWORK in words

    def _end_old_workers(self) -> None:
        shown = self._header().split(maxsplit=1)[0]
        others = sorted(pid for pid, run in workers().items() if run.name != shown)
        for pid in others[:-MOST_WORKERS]:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, signal.SIGTERM)

    def _measure(self) -> None:
        """Take note of the memory of all processes."""
        for pid, run in workers().items():
            worker = self.shaken.workers.setdefault(pid, Worker(first=resident_memory(pid)))
            worker.most = max(worker.most, resident_memory(pid))
            worker.saw(run)
        self.shaken.screen.append(resident_memory(self.terminal.pid))
        self.shaken.needs.append(max((worker.shown for worker in self.shaken.workers.values()), default=0))

    def _press(self, *keys: str) -> None:
        self._history.extend(keys)
        self.shaken.keys += len(keys)
        for key in keys:
            self.terminal.press(key)

    def _press_anything(self) -> None:
        self._press(*(self._random.choice((*LETTERS, *MOVES, " ")) for _ in range(self._random.randint(1, 8))))

    def _edit(self) -> None:
        self._press(*self._random.choice(EDITS))

    def _type(self) -> None:
        text = "".join(self._random.choice(TYPED) for _ in range(self._random.randint(0, 6)))
        self._press("1", "1", *["down"] * self._random.randint(0, 12), "enter", *text, "enter", "escape")

    def _resize(self) -> None:
        columns, rows = (self._random.randint(low, high) for low, high in zip(SMALLEST, LARGEST, strict=True))
        self._history.append(f"<{columns}×{rows}>")
        self.shaken.resizes += 1
        self.terminal.resize(columns, rows)

    def _check(self) -> None:
        """Come back to the dashboard, and see that a key shows an effect."""
        try:
            self.terminal.resize(*USUAL)
            self._come_back()
            self._toggle()
            self._go_on()
        except AssertionError as error:
            raise AssertionError(f"after {' '.join(self._history[-60:])}\n{error}") from None

    def _come_back(self) -> None:
        """Leave whatever dialog, field or other screen is open; where the worker has ended, take the run up again."""
        for _ in range(10 * PATIENCE):
            self.terminal.press("escape")
            self.terminal.pump(0.2)
            assert self.terminal.alive, f"the program has ended; it said:\n{self.terminal.text}"
            if self._is_dashboard():
                return
        raise AssertionError(f"never came back to the dashboard:\n{self.terminal.text}")

    def _is_dashboard(self) -> bool:
        text = self.terminal.text
        return "leave" in text.splitlines()[-1] and ("Architecture" in text or "1 Network" in text)

    def _toggle(self) -> None:
        """Change the words and change them back: both must show."""
        plain = self._is_plain()
        self._press_until("v", lambda: self._is_plain() != plain)
        self._press_until("v", lambda: self._is_plain() == plain)

    def _go_on(self) -> None:
        """Train on where the run stands still: it was paused, had ended, or its numbers have blown up."""
        first = self._header()
        if "training" not in first:
            can_go_on = "space" in self.terminal.text.splitlines()[-1]
            self._press_until(" " if can_go_on else "R", lambda: self._has_gone_on_from(first))
            if "training" not in self._header():
                write_endless()
                self._begin(ENDLESS)
                self.terminal.press(*"++++++++")  # to full speed

    def _has_gone_on_from(self, before: str) -> bool:
        """Whether the run trains, or is another one; with little patience either may have ended at once."""
        now = self._header()
        return (
            "training" in now
            or before.split(maxsplit=1)[0] != now.split()[0]
            or ("finished" in now and "paused" in before)
        )

    def _press_until(self, key: str, holds: Callable[[], bool]) -> None:
        """Press a key until it shows an effect.

        What comes right after an escape may be read together with it, as a key of another name; so patience is needed,
        and the field or dialog that the escape was meant for may still be open.
        """
        for _ in range(PATIENCE):
            self.terminal.press("escape")
            self.terminal.pump(0.3)
            self.terminal.press(key)
            for _ in range(5 * PATIENCE):
                if holds():
                    return
                self.terminal.pump(0.1)
        raise AssertionError(f"{key!r} shows no effect:\n{self.terminal.text}")

    def _header(self) -> str:
        return self.terminal.text.splitlines()[0]

    def _is_plain(self) -> bool:
        return "full pass" in self._header()


def soak(
    seed: int,
    *,
    minutes: float | None = None,
    bursts: int | None = None,
    report: Callable[[Shaken], None] = lambda _: None,
) -> Shaken:
    """Shake a run of the endless preset for so long, or so often; return what was done, and report on the way.

    Raises:
        AssertionError: Something broke.
    """
    end = time.monotonic() + 60 * minutes if minutes is not None else float("inf")
    write_endless()
    with Terminal([ENDLESS, "--pace", "max"], size=USUAL) as terminal:
        terminal.wait_for("training")
        shaking = Soak(terminal, seed)
        while time.monotonic() < end and (bursts is None or shaking.shaken.bursts < bursts):
            shaking.burst()
            if shaking.shaken.bursts % REPORT_EVERY == 0:
                report(shaking.shaken)
        shaking.come_to_rest()
    growth = max(shaking.shaken.screen_growth, shaking.shaken.greediest.growth)
    assert growth < GROWTH, f"memory has grown: {shaking.shaken}"
    return shaking.shaken


def write_endless() -> None:
    """Make the preset that is begun, also where the keys have overwritten it."""
    save(presets.load(PRESET, set={"training.epochs": EPOCHS}), ENDLESS, overwrite=True)


def workers() -> dict[int, Run]:
    """Return the processes that hold a run of the store."""
    runs = [run for run in RunStore().runs() if run.is_locked()]
    return {pid: run for run in runs if (pid := run.metrics.state().pid) is not None and _serves(pid, run)}


def _serves(pid: int, run: Run) -> bool:
    """Return whether a process is a run's worker, and not another one that bears the number of an earlier one."""
    with suppress(OSError):
        return os.fsencode(run.path) in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False
