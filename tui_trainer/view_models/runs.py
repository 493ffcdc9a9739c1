"""The runs of the store as lines of a list."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.errors import sanitize
from engine.run.status import RunState
from engine.run.verdicts import Convergence
from tui_trainer.formatting import count, metric, within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.table import Cell, Column

COLUMNS: Final = (
    Column("run"),
    Column("state"),
    Column("epoch", right=True),
    Column("preset", spare=7),
    Column("from", spare=2),
    Column("data", spare=6),
    Column("seed", spare=8),
    Column("train", right=True, spare=1),
    Column("validation", right=True, spare=2),
    Column("score", right=True, spare=3),
    Column("size", right=True, spare=5),
    Column("age", right=True, spare=4),
    Column("differs", spare=9),
)

LONGEST_SETTINGS: Final = 32
"""Cells of what differs from the preset: the filter finds all of it."""

STATE_INKS: Final[dict[RunState, Ink]] = {
    "running": Ink.GOOD,
    "paused": Ink.WARNING,
    "finished": Ink.ACCENT,
    "stopped": Ink.MUTED,
    "died": Ink.ERROR,
}


@dataclass(frozen=True)
class RunLine:
    """What a list says of a run.

    Attributes:
        name: The run's name.
        age: Seconds since it was last written to.
        problem: Why nothing more can be said of it: it is damaged. None where all the rest is known.
        is_host: Whether it is no run, but a machine whose runs cannot be asked for; ``problem`` says why.
        preset: What it was started from.
        state: How it stands; None where that cannot be read.
        epoch: Epochs completed.
        epochs: The epoch at which it ends; None where that is not known.
        seeds: Its seeds.
        train: The last training loss, the median over the seeds; None before the first epoch.
        validation: The last validation loss; None without a validation part.
        score: The last accuracy, or r² of a regression: of the validation part, else of the training part.
        size: Bytes of its files.
        data: The file that its rows are from, or the name of their source, where that is not the preset's.
        settings: What is other in its recipe than in its preset, as ``epochs=5 units=[4,1]``.
        parent: The run and the epoch that it was branched from, as ``wine-1@30``; empty where it was not.
        convergence: Where its training loss was going; None where nobody has judged it.
    """

    name: str
    age: float
    problem: str | None = None
    is_host: bool = False
    preset: str = ""
    state: RunState | None = None
    epoch: int = 0
    epochs: int | None = None
    seeds: tuple[int, ...] = ()
    train: float | None = None
    validation: float | None = None
    score: float | None = None
    size: int = 0
    data: str = ""
    settings: str = ""
    parent: str = ""
    convergence: Convergence | None = None

    @property
    def text(self) -> str:
        """What a filter looks at."""
        texts = (self.name, self.preset, self.data, self.state or "damaged", self.settings, self.parent)
        return " ".join(filter(None, texts))

    @property
    def at_work(self) -> bool:
        """Whether it has a worker that can be stopped."""
        return self.state in {"running", "paused"}

    @property
    def can_resume(self) -> bool:
        """Whether there is something to take up again."""
        return self.state in {"stopped", "died"}

    @property
    def stands(self) -> str:
        """How it stands, and where its loss was going: ``finished, falling`` has not come to its end yet."""
        return ", ".join(filter(None, (self.state, self.convergence)))

    def cells(self) -> list[Cell]:
        """Return the cells of its line, one for each of ``COLUMNS``; a damaged run has its complaint instead."""
        if self.problem is not None or self.state is None:
            trouble = Cell("offline", Ink.WARNING) if self.is_host else Cell("damaged", Ink.ERROR)
            return [Cell(self.name), trouble, Cell(sanitize(self.problem or ""), Ink.MUTED)]
        return [
            Cell(self.name),
            Cell(self.stands, STATE_INKS[self.state]),
            Cell(f"{count(self.epoch)}/{count(self.epochs)}" if self.epochs else count(self.epoch)),
            Cell(self.preset, Ink.MUTED),
            Cell(self.parent, Ink.MUTED),
            Cell(sanitize(self.data), Ink.MUTED),
            Cell(seeds_text(self.seeds), Ink.MUTED),
            Cell(metric(self.train), Ink.TRAIN),
            Cell(metric(self.validation), Ink.VALIDATION),
            Cell(metric(self.score)),
            Cell(size_text(self.size) if self.size else "", Ink.MUTED),
            Cell(age_text(self.age), Ink.MUTED),
            Cell(within(sanitize(self.settings), LONGEST_SETTINGS), Ink.MUTED),
        ]


def seeds_text(seeds: tuple[int, ...]) -> str:
    """Return the seed, or the first and the last of several; nothing where they are not known."""
    if not seeds:
        return ""
    return str(seeds[0]) if len(seeds) == 1 else f"{seeds[0]}–{seeds[-1]}"


def size_text(size: int) -> str:
    """Return a number of bytes in few characters: ``12 kB``, ``3.4 MB``."""
    for unit, bytes_of_it in (("GB", 10**9), ("MB", 10**6)):
        if size >= bytes_of_it:
            return f"{size / bytes_of_it:.1f} {unit}"
    return f"{-(-size // 1000)} kB"


def age_text(seconds: float) -> str:
    """Return how long ago something was, in its largest unit: ``now``, ``5 min``, ``3 h``, ``12 days``.

    Nothing where that is infinitely long: nobody knows.
    """
    if math.isinf(seconds):
        return ""
    minutes = int(max(0.0, seconds) // 60)
    if minutes < 60:
        return f"{minutes} min" if minutes else "now"
    hours = minutes // 60
    if hours < 48:
        return f"{hours} h"
    return f"{hours // 24} days"


def deletion_question(lines: Sequence[RunLine], left: Sequence[str]) -> str:
    """Return what is asked before runs are deleted.

    Args:
        lines: The runs.
        left: Names of those that were meant too, and are at work.
    """
    size = size_text(sum(line.size for line in lines))
    if len(lines) == 1:
        line = lines[0]
        what = "It is damaged" if line.problem else f"{count(line.epoch)} epochs, with all their checkpoints"
        asked = f"Delete {line.name}? {what} ({size}); there is no way back."
    else:
        asked = f"Delete {len(lines)} runs ({size})? {', '.join(line.name for line in lines)}; there is no way back."
    stays = f" Left as {'it is' if len(left) == 1 else 'they are'}, being at work: {', '.join(left)}." if left else ""
    return asked + stays
