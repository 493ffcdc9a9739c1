"""What the processes of a soak hold in memory, and what they may.

The screen's is measured from the moment when everything there is has been seen once, each worker's from when it was
first seen; both less what the largest network so far needs, as edits may make one of millions of weights.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import InputError
from engine.run.changes import spec_after
from engine.spec import Spec
from engine.store.runs import Run
from engine.training.memory_estimate import memory_estimate

WARM_UP = 12
"""Bursts before memory is first measured."""

GROWTH = 64 * 2**20
"""Bytes by which a process may grow after that: caches fill up, histories are bounded."""

COPIES = 10
"""Times what its largest checkpoint holds that a worker may take beside: a network, its buffers, a save under way."""

INPUTS, ROWS = 30, 1400
"""For what a network takes of which there is no checkpoint yet: about the inputs of the presets, and so many rows that
a wide layer comes out at what it takes in a fresh process while it is edited and looked at (142 MB with 6,454 neurons).
The screen has no rows of it."""

COPIES_SHOWN = 4
"""The same for the screen: what it shows, what has just come, and what is computed to draw it."""


@dataclass
class Worker:
    """The memory of one worker.

    Attributes:
        first: Bytes that it held when it was first seen.
        most: Bytes that it held at most.
        need: Bytes that it may have grown by.
        shown: Bytes that a screen which shows it may have grown by.
    """

    first: int
    most: int = 0
    need: int = 0
    shown: int = 0

    def saw(self, run: Run) -> None:
        """Take note of the networks that it was given: what it saved, and what edits have made since."""
        if (checkpoint := run.checkpoints.latest()) is not None:
            saved = sum(array.nbytes for array in checkpoint.arrays.values())
            self._needs(COPIES * saved, COPIES_SHOWN * saved)
        spec = run.description.trained.spec
        self._needs_for(spec)
        for change in run.metrics.changes():
            with suppress(InputError):  # of a network that this one branched off from
                spec = spec_after(spec, INPUTS, change)
                self._needs_for(spec)

    def _needs_for(self, spec: Spec) -> None:
        self._needs(memory_estimate(spec, INPUTS, seeds=1, rows=ROWS), memory_estimate(spec, INPUTS, seeds=1, rows=0))

    def _needs(self, need: int, shown: int) -> None:
        self.need = max(self.need, need)
        self.shown = max(self.shown, shown)

    @property
    def growth(self) -> int:
        """Bytes by which it has grown beyond what its networks need."""
        return max(0, self.most - self.first - self.need)

    def __str__(self) -> str:
        """Return it in a few words."""
        return f"{_megabytes(self.most)}, at first {_megabytes(self.first)}, need {_megabytes(self.need)}"


@dataclass
class Shaken:
    """What a soak has done and seen.

    Attributes:
        bursts: Bursts of keys.
        keys: Keys pressed.
        resizes: Times the terminal changed its size.
        screen: Bytes of the screen's process after each burst.
        needs: What it may take beside, on account of the largest network so far.
        rest: Bytes of the screen's process in the end, with a small network; None before.
        workers: The workers by their process.
    """

    bursts: int = 0
    keys: int = 0
    resizes: int = 0
    screen: list[int] = field(default_factory=list)
    needs: list[int] = field(default_factory=list)
    rest: int | None = None
    workers: dict[int, Worker] = field(default_factory=dict)

    @property
    def screen_growth(self) -> int:
        """Bytes by which the screen has grown since it was warm, beyond what the networks needed."""
        warm = list(zip(self.screen, self.needs, strict=True))[WARM_UP:]
        if not warm:
            return 0
        beyond = [held - need for held, need in warm]
        return max(*beyond, self.rest or 0) - warm[0][0]

    @property
    def greediest(self) -> Worker:
        """The worker that has grown most beyond its need."""
        return max(self.workers.values(), key=lambda worker: worker.growth)

    def __str__(self) -> str:
        """Return it in one line."""
        return (
            f"{self.bursts} bursts, {self.keys} keys, {self.resizes} resizes; "
            f"screen {_megabytes(max(self.screen))} at most, {_megabytes(self.rest or self.screen[-1])} now, "
            f"since warm beyond need +{_megabytes(self.screen_growth)}; "
            f"{len(self.workers)} workers, beyond need +{_megabytes(self.greediest.growth)} at most ({self.greediest})"
        )


def resident_memory(pid: int) -> int:
    """Return the bytes of memory that a process holds; 0 where it has just ended."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.0f} MB"
