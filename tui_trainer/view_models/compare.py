"""Several runs side by side: what they came to, seed by seed, and which of them is better by more than chance.

The exam takes no part: who chooses by it has no exam any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import numpy as np

from engine.array_types import Rows
from engine.judgement.paired import Direction, Paired, paired
from engine.run.changes import Change
from engine.run.metrics import MetricSet
from engine.run.status import RunState
from tui_trainer.view_models.history import History
from tui_trainer.view_models.plotted_curves import Kind
from tui_trainer.view_models.recipe_differences import Difference, Values, differences

Part = Literal["train", "validation"]
KINDS: Final[tuple[Kind, ...]] = ("losses", "scores")
PARTS: Final[tuple[Part, ...]] = ("validation", "train")
BETTER: Final[dict[Kind, Direction]] = {"losses": "lower", "scores": "higher"}

OTHER_ROWS: Final = ("data.", "split.")
"""Where recipes differ in these, their rows may be others."""
LEARNED_ROWS: Final = "split.train"
"""How many rows are learned from: those that are validated on are the same."""
OTHER_LOSS: Final = frozenset(
    {"training.loss", "training.class_weight", "training.label_smoothing", "scaler.targets", "data.weight"}
)
"""Where recipes differ in these, their losses are numbers of another kind."""


@dataclass(frozen=True)
class EpochValues:
    """The metrics of one epoch.

    Attributes:
        epoch: Which one; the last one of any seed where seeds have stopped early.
        values: (S, C).
    """

    epoch: int
    values: Rows


@dataclass(frozen=True)
class Ruler:
    """How far training had come by the end of some epochs, in steps or in milliseconds.

    Attributes:
        epochs: (k,) rising, from 0 on.
        reached: (k,) what had been done by then.
    """

    epochs: Rows
    reached: Rows

    def at(self, epochs: Rows) -> Rows:
        """Return what had been done by the end of epochs (n,), going on evenly after the last one known."""
        known, reached = self.epochs, self.reached
        speed = (reached[-1] - reached[-2]) / (known[-1] - known[-2])
        beyond = np.maximum(0.0, epochs - known[-1]) * speed
        return np.asarray(np.interp(epochs, known, reached) + beyond)


@dataclass(frozen=True)
class ComparedRun:
    """What there is to compare of a run.

    Attributes:
        name: Its name.
        title: Its preset, or the program that reports it.
        state: How it stands.
        seeds: S.
        recipe: The values of its recipe as it stands, by path.
        changes: What was changed on the way.
        columns: C.
        history: The metrics of all epochs.
        last: The last epoch; of a seed that has stopped its own last one. None before the first.
        best: The epoch of the lowest validation loss, of the training loss where there is no validation.
        judged: (S, C) what each seed is judged by: its last epoch, or its best one where patience is set. A seed that
            diverged has an infinite loss.
        lineage: By name the epoch up to which it shares the past of a run: of itself its own last one.
        parts: The parts of the data on which it is measured.
        is_classification: Whether its score is an accuracy.
        has_patience: Whether it stops early.
        rulers: Steps and time by epoch, as far as they are recorded.
    """

    name: str
    title: str
    state: RunState
    seeds: tuple[int, ...]
    recipe: Values
    changes: tuple[Change, ...]
    columns: MetricSet
    history: History
    last: EpochValues | None
    best: EpochValues | None
    judged: Rows
    lineage: Mapping[str, int] = field(default_factory=dict)
    parts: frozenset[Part] = frozenset(PARTS)
    is_classification: bool = True
    has_patience: bool = False
    rulers: Mapping[str, Ruler] = field(default_factory=dict)

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return self.history.epochs

    def column(self, kind: Kind, part: Part) -> int | None:
        """Return the column of a loss or score on a part of the data; None where there is none."""
        of_kind = self.columns.losses if kind == "losses" else self.columns.scores
        return next((column for column in of_kind if part in self.parts and self._is_of(column, part)), None)

    @property
    def diverged(self) -> int:
        """How many of its seeds have diverged."""
        return int(np.isinf(self.judged[:, self.columns.losses]).any(axis=1).sum())

    def values(self, kind: Kind, part: Part) -> dict[int, float]:
        """Return what each seed is judged by."""
        column = self.column(kind, part)
        return {} if column is None else dict(zip(self.seeds, self.judged[:, column].tolist(), strict=True))

    def median(self, kind: Kind, part: Part) -> float | None:
        """Return the median over the seeds of what they are judged by; None where there is none."""
        column = self.column(kind, part)
        if column is None:
            return None
        middle = float(np.median(defined)) if len(defined := _defined(self.judged[:, column])) else np.nan
        return None if np.isnan(middle) else middle

    def _is_of(self, column: int, part: Part) -> bool:
        return (self.columns.metrics[column].part or "train") == part


@dataclass(frozen=True)
class Pair:
    """Two runs compared seed by seed, by one metric."""

    first: ComparedRun
    second: ComparedRun
    kind: Kind
    found: Paired


@dataclass(frozen=True)
class Varied:
    """The one value in which runs differ: what they come to along it is a learning curve, or a validation curve.

    Attributes:
        path: Where it stands in the recipe.
        values: Of each run, rising.
        runs: In that order.
    """

    path: str
    values: tuple[float, ...]
    runs: tuple[ComparedRun, ...]


@dataclass(frozen=True)
class Comparison:
    """Runs side by side.

    Attributes:
        runs: Two or more, in the order in which they were named.
    """

    runs: tuple[ComparedRun, ...]

    @cached_property
    def differences(self) -> list[Difference]:
        """Where their recipes differ."""
        return differences([run.recipe for run in self.runs])

    @cached_property
    def part(self) -> Part:
        """The part of the data by which they are judged: validation where all that have any metric have that."""
        trained = [run for run in self.runs if run.epoch]
        return (
            "validation"
            if trained and all(run.column("losses", "validation") is not None for run in trained)
            else "train"
        )

    @cached_property
    def varied(self) -> Varied | None:
        """The one number in which the recipes differ, but for their names and seeds; None where there are others."""
        varied = [(path, values) for path, values in self.differences if path not in {"name", "training.seed"}]
        runs = [run for run in self.runs if run.epoch]
        if len(varied) != 1 or len(runs) != len(self.runs):
            return None
        path, values = varied[0]
        numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
        if path == LEARNED_ROWS:  # None is what is left beside the other parts
            numbers = [_learned_share(run) for run in runs]
        if len(numbers) != len(runs) or len(set(numbers)) != len(runs):
            return None
        order = sorted(range(len(runs)), key=lambda place: numbers[place])
        return Varied(path, tuple(float(numbers[place]) for place in order), tuple(runs[place] for place in order))

    def pairs(self, kind: Kind) -> list[Pair]:
        """Return the best run by its median against each other one; of two the first against the second.

        Those are left out whose numbers are of another kind: none of them is better.
        """
        measured = [run for run in self.runs if run.values(kind, self.part)]
        if len(measured) < 2:
            return []
        sign = 1 if kind == "losses" else -1
        best = (
            measured[0]
            if len(measured) == 2
            else min(measured, key=lambda run: sign * (run.median(kind, self.part) or 0.0))
        )
        others = [run for run in measured if run is not best and _are_of_one_kind(best, run, kind)]
        return [self._pair(best, other, kind) for other in others]

    def _pair(self, first: ComparedRun, second: ComparedRun, kind: Kind) -> Pair:
        values = [run.values(kind, self.part) for run in (first, second)]
        difference = paired(*values, names=(first.name, second.name), better=BETTER[kind])
        return Pair(first, second, kind, difference)

    def shared_past(self, first: ComparedRun, second: ComparedRun) -> int:
        """Return how many epochs two runs have in common, as a run and its branch have; 0 where none."""
        common = first.lineage.keys() & second.lineage.keys()
        return max((min(first.lineage[name], second.lineage[name]) for name in common), default=0)

    def cautions(self) -> list[str]:
        """Return what is to be kept in mind before their numbers are held against one another."""
        paths = {path for path, _ in self.differences}
        said = []
        same_rows = OTHER_LOSS | {LEARNED_ROWS}
        if rows := sorted(path for path in paths - same_rows if path.startswith(OTHER_ROWS)):
            said.append(f"{_listed(rows)}: the rows may be others, and so what their losses and scores are of")
        if losses := sorted(paths & OTHER_LOSS):
            said.append(f"{_listed(losses)}: their losses are not of one kind; compare scores")
        if len({run.is_classification for run in self.runs}) > 1:
            said.append("some predict classes, others values: their scores are accuracies and r²")
        epochs = {run.epoch for run in self.runs}
        if len(epochs) > 1 and not any(run.has_patience for run in self.runs):
            said.append(f"they stand at {_listed([f'epoch {epoch}' for epoch in sorted(epochs)])}")
        return said


def _are_of_one_kind(first: ComparedRun, second: ComparedRun, kind: Kind) -> bool:
    """Return whether numbers of two runs measure the same, as far as their recipes tell."""
    if kind == "scores" and first.is_classification != second.is_classification:
        return False
    recipes = first.recipe, second.recipe
    sources = {str(recipe["data.source"]) for recipe in recipes if "data.source" in recipe}
    if len(sources) > 1 and not any(Path(source).suffix for source in sources):  # two files may have the same rows
        return False
    deciding = [path for path in OTHER_LOSS if all(path in recipe for recipe in recipes)]
    return kind == "scores" or all(first.recipe[path] == second.recipe[path] for path in deciding)


def _learned_share(run: ComparedRun) -> float:
    """Return the share of all rows that a run learns from."""
    recipe = run.recipe
    share = recipe.get(LEARNED_ROWS)
    left = 1.0 - float(recipe.get("split.validation") or 0.0) - float(recipe.get("split.test") or 0.0)
    return round(left, 9) if share is None else float(share)


def _defined(values: Rows) -> Rows:
    return values[~np.isnan(values)]


def _listed(names: Sequence[str]) -> str:
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
