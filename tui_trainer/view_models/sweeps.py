"""Sweeps as lines of a list; one sweep as the screen shows it at a moment, and what is said of its trials."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from engine.errors import sanitize
from engine.sweep.field import Field
from tui_trainer.formatting import metric, within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.boundary_grid import BoundaryGrid, boundary_grid
from tui_trainer.view_models.runs import LONGEST_SETTINGS, age_text, seeds_text, size_text
from tui_trainer.view_models.sweep import SweepReport, TrialRow, seconds_text
from tui_trainer.view_models.table import NOTHING, Cell, Column

COLUMNS: Final = (
    Column("sweep"),
    Column("preset", spare=4),
    Column("state", spare=1),
    Column("trials", right=True),
    Column("seeds", right=True, spare=5),
    Column("best", right=True, spare=2),
    Column("age", right=True, spare=3),
    Column("over", spare=6),
)
STATE_INKS: Final = {"running": Ink.GOOD, "died": Ink.ERROR, "stopped": Ink.WARNING}
BARS: Final = "▁▂▃▄▅▆▇█"
SPARKS: Final = 30
"""Cells of a small curve."""


@dataclass(frozen=True)
class SweepLine:
    """A sweep in a list.

    Attributes:
        name: Its name.
        age: Seconds since it was last written to.
        preset: What it is a sweep of.
        state: running, stopped, finished, died.
        ended: Trials that have ended.
        trials: All trials.
        seeds: Of each trial.
        size: Bytes of its files.
        best: The median loss of the best.
        over: The keys that are varied.
        words: What came of it.
        problem: Why it cannot be read, if it cannot.
    """

    name: str
    age: float
    preset: str = ""
    state: str = ""
    ended: int = 0
    trials: int = 0
    seeds: tuple[int, ...] = ()
    size: int = 0
    best: float | None = None
    over: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def text(self) -> str:
        """What a filter looks at."""
        return f"{self.name} {self.preset} sweep {self.state or 'damaged'} {' '.join(self.over)}"

    @property
    def is_at_work(self) -> bool:
        """Whether a process works on it."""
        return self.state == "running"

    def cells(self) -> list[Cell]:
        """Return the cells of its line, one for each of ``COLUMNS``."""
        if self.problem is not None:
            return [Cell(self.name), Cell(self.problem, Ink.ERROR)]
        return [
            Cell(self.name),
            Cell(self.preset, Ink.MUTED),
            Cell(self.state, STATE_INKS.get(self.state, Ink.MUTED)),
            Cell(f"{self.ended}/{self.trials}"),
            Cell(str(len(self.seeds)), Ink.MUTED),
            Cell("" if self.best is None else metric(self.best)),
            Cell(age_text(self.age), Ink.MUTED),
            Cell(", ".join(self.over), Ink.MUTED),
        ]

    def cells_among_runs(self) -> list[Cell]:
        """Return the cells of its line in the list of runs, one for each of that list's columns."""
        if self.problem is not None:
            return [Cell(self.name), Cell("damaged", Ink.ERROR), Cell(sanitize(self.problem), Ink.MUTED)]
        return [
            Cell(self.name),
            Cell(f"sweep, {self.state}", STATE_INKS.get(self.state, Ink.MUTED)),
            Cell(f"{self.ended}/{self.trials} trials"),
            Cell(self.preset, Ink.MUTED),
            NOTHING,
            NOTHING,
            Cell(seeds_text(self.seeds), Ink.MUTED),
            NOTHING,
            Cell("" if self.best is None else metric(self.best), Ink.VALIDATION),
            NOTHING,
            Cell(size_text(self.size), Ink.MUTED),
            Cell(age_text(self.age), Ink.MUTED),
            Cell(within(sanitize(f"over {', '.join(self.over)}"), LONGEST_SETTINGS), Ink.MUTED),
        ]

    def card(self) -> list[list[Cell]]:
        """Return what is said of it beside the list."""
        if self.problem is not None:
            return [[Cell(self.problem, Ink.ERROR)]]
        head = [[Cell(self.name, Ink.BRIGHT)], [Cell(f"{self.preset} over {', '.join(self.over)}", Ink.MUTED)], []]
        return head + [line for word in self.words for line in ([Cell(word)], [])]


@dataclass(frozen=True)
class SweepSnapshot:
    """One sweep at a moment.

    Attributes:
        name: Its name.
        state: running, stopped, finished, died.
        report: Its trials.
        fields: What they answer over two columns, by trial.
        newest: The id of the newest result that is in it.
        jobs: Trials at once.
        seconds: For which it has been worked on.
    """

    name: str
    state: str
    report: SweepReport
    fields: Mapping[int, Field] = field(default_factory=dict)
    newest: int = 0
    jobs: int | None = None
    seconds: float = 0.0

    @cached_property
    def grid(self) -> BoundaryGrid | None:
        """The pictures of its boundaries."""
        return boundary_grid(self.report, self.fields)

    def columns(self) -> tuple[Column, ...]:
        """Return the columns of its table."""
        values = tuple(Column(head, right=True) for head in self.report.heads)
        return (
            Column("trial", right=True),
            *values,
            Column("loss", right=True, spare=1),
            Column("of its seeds", right=True, spare=5),
            Column(self.report.score_name, right=True, spare=4),
            Column("train loss", right=True, spare=7),
            Column("epochs", right=True, spare=6),
            Column("state", spare=2),
        )

    def cells(self, row: TrialRow) -> list[Cell]:
        """Return the cells of a trial, one for each of ``columns``."""
        is_known = row.state not in {"waiting", "running"}
        ink = Ink.BRIGHT if row.rank == 1 else Ink.TEXT if is_known else Ink.MUTED
        return [
            Cell(str(row.trial), Ink.MUTED),
            *(Cell(value, ink) for value in row.values),
            Cell("" if row.loss is None else metric(row.loss), ink),
            Cell(row.band, Ink.MUTED),
            Cell("" if row.score is None else metric(row.score), ink),
            Cell("" if row.train is None else metric(row.train), Ink.MUTED),
            Cell("" if row.epochs is None else str(row.epochs), Ink.MUTED),
            Cell(_state_text(row), _state_ink(row.state)),
        ]

    def count(self) -> str:
        """Return how it stands, for the title."""
        jobs = f", {self.jobs} at once" if self.state == "running" and self.jobs else ""
        return f"{self.name} · {self.state}{jobs} · {self.report.count()} · {seconds_text(self.seconds)}"

    def card(self, trial: int | None) -> list[list[Cell]]:
        """Return what is said of the sweep, and of a trial seed by seed."""
        lines = [line for word in self.report.words() for line in ([Cell(word)], [])]
        if trial is None or trial > len(self.report.rows):
            return lines
        row, result = self.report.rows[trial - 1], self.report.ended.get(trial)
        lines.append([Cell(f"trial {trial}  ", Ink.BRIGHT), Cell(self.report.values_text(trial), Ink.ACCENT)])
        if result is None:
            at = "" if row.epochs is None else f", epoch {row.epochs}"
            return [*lines, [Cell(f"{row.state}{at}", Ink.MUTED)]]
        if result.message is not None:
            lines.append([Cell(result.message, Ink.WARNING)])
        if result.curve:
            lines.append([Cell("loss by epoch ", Ink.MUTED), Cell(sparkline(result.curve, SPARKS), Ink.ACCENT)])
        losses = result.validation.loss if result.validation else result.train.loss if result.train else ()
        named = "validation" if result.validation else "train"
        ends = result.non_finite or (None,) * len(losses)
        for seed, loss, end in zip(self.report.description.seeds, losses, ends, strict=False):
            lines.append([Cell(f"seed {seed}  {named} loss ", Ink.MUTED), Cell(metric(loss))])
            if end is not None:
                lines[-1].append(Cell(f"  not finite after epoch {end}", Ink.WARNING))
        return lines


def _state_text(row: TrialRow) -> str:
    if row.state == "running" and row.epochs is not None:
        return f"running, epoch {row.epochs}"
    return "" if row.state == "finished" else row.state


def _state_ink(state: str) -> Ink:
    if state == "running":
        return Ink.GOOD
    return Ink.MUTED if state in {"waiting", "finished"} else Ink.WARNING


def sparkline(values: Sequence[float | None], width: int) -> str:
    """Return a curve in so many cells at most, by orders of magnitude where all of it is positive."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return ""
    is_log = min(known) > 0
    scaled = [None if v is None or not math.isfinite(v) else math.log(v) if is_log else v for v in values]
    low, high = (math.log(min(known)), math.log(max(known))) if is_log else (min(known), max(known))
    step = max(1, math.ceil(len(scaled) / width))
    room = (high - low) or 1.0
    chosen = [*scaled[:-1:step], scaled[-1]]
    return "".join(" " if v is None else BARS[round((v - low) / room * (len(BARS) - 1))] for v in chosen)


@dataclass(frozen=True)
class Asked:
    """A sweep as it was typed.

    Attributes:
        axes: What is varied, as ``PATH=VALUES``.
        trials: How many draws; None for all of a grid.
        seeds: Of each trial; None for the usual number.
    """

    axes: tuple[str, ...]
    trials: int | None = None
    seeds: int | None = None


def parse_asked(text: str) -> Asked:
    """Return what was typed: ``PATH=VALUES`` one after the other, ``trials=N`` and ``seeds=N`` among them.

    Raises:
        ValueError: Not a number.
    """
    parts = [part for part in re.split(r"\s+(?=[a-z_][\w.]*\s*=)", text.strip()) if part]
    numbers: dict[str, int] = {}
    axes = []
    for part in parts:
        name, _, value = part.partition("=")
        if name.strip() not in {"trials", "seeds"}:
            axes.append(part)
            continue
        if not re.fullmatch(r"[1-9]\d{0,3}", value.strip()):
            raise ValueError(f"{name.strip()}: expected a whole number from 1 on")
        numbers[name.strip()] = int(value)
    return Asked(tuple(axes), numbers.get("trials"), numbers.get("seeds"))
