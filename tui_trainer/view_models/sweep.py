"""The results of a sweep as text: a table of its trials, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.sweep.choice import Choice, choose, second_beside_best
from engine.sweep.description import SweepDescription
from engine.sweep.results import PartMetrics, TrialResult, median, spread
from tui_trainer.formatting import cell_text, duration, metric

IN_WORDS = {"validation.loss": "validation loss", "validation.accuracy": "validation accuracy", "validation.r2": "R²"}
REASONS = {"epochs": "", "early_stopping": "stopped early", "stopped": "stopped", "non_finite": "not finite"}


@dataclass(frozen=True)
class TrialRow:
    """A trial as the table has it; numbers are medians over the seeds.

    Attributes:
        trial: Its number.
        values: What it changes, in the order of the sweep's keys.
        rank: Its place by validation, from 1; None where it has none.
        loss: Of validation, of the epoch that it is judged by.
        low: The smallest of the seeds, and so ``high`` the largest.
        score: Accuracy or r² of validation.
        train: The training loss.
        epochs: The last epoch that any of the seeds learned; of a trial under way the one it has come to.
        state: waiting, running, finished, or what became of it instead.
        curve: Its loss by epoch.
    """

    trial: int
    values: tuple[str, ...]
    rank: int | None = None
    loss: float | None = None
    low: float | None = None
    high: float | None = None
    score: float | None = None
    train: float | None = None
    epochs: int | None = None
    state: str = "waiting"
    curve: tuple[float | None, ...] = ()

    @property
    def band(self) -> str:
        """The range over the seeds."""
        return "" if self.low is None else f"{metric(self.low)}–{metric(self.high)}"


@dataclass(frozen=True)
class SweepReport:
    """A sweep at one moment.

    Attributes:
        description: What it was asked to try.
        ended: What came of the trials that have ended.
        running: The trials under way, and the epoch that each has come to, as far as that is known.
    """

    description: SweepDescription
    ended: Mapping[int, TrialResult]
    running: Mapping[int, int | None] = field(default_factory=dict)

    @cached_property
    def trials(self) -> list[dict[str, Any]]:
        """What each trial changes."""
        return self.description.trials()

    @cached_property
    def choice(self) -> Choice:
        """The order of the trials."""
        return choose(self.description, self.ended)

    @property
    def is_regression(self) -> bool:
        """Whether scores are r²."""
        return any(result.regression for result in self.ended.values())

    @property
    def score_name(self) -> str:
        """What scores are."""
        return "R²" if self.is_regression else "accuracy"

    @property
    def heads(self) -> tuple[str, ...]:
        """What the columns of the varied keys are called: the ends of their paths that tell them apart."""
        return short_paths(self.description.paths)

    @cached_property
    def rows(self) -> list[TrialRow]:
        """The trials in the order in which they were asked for."""
        ranks = {candidate.trial: rank for rank, candidate in enumerate(self.choice.candidates, 1)}
        return [self._row(trial, ranks.get(trial)) for trial in range(1, len(self.trials) + 1)]

    @property
    def best_first(self) -> list[TrialRow]:
        """The trials by their rank; those without one follow."""
        return sorted(self.rows, key=lambda row: (row.rank is None, row.rank or row.trial))

    def _row(self, trial: int, rank: int | None) -> TrialRow:
        values = tuple(value_text(self.trials[trial - 1].get(path)) for path in self.description.paths)
        result = self.ended.get(trial)
        if result is None:
            running = trial in self.running
            return TrialRow(trial, values, epochs=self.running.get(trial), state="running" if running else "waiting")
        judged = result.judged_losses
        low, high = spread(judged) or (None, None)
        return TrialRow(
            trial,
            values,
            rank,
            median(judged),
            low,
            high,
            _middle(result.validation, "score"),
            _middle(result.train, "loss"),
            max(result.epochs, default=None),
            _state_text(result),
            result.curve,
        )

    def count(self) -> str:
        """Return how many trials there are and have ended."""
        total, seeds = len(self.trials), len(self.description.seeds)
        of = f"{seeds} seeds each" if seeds > 1 else "one seed each"
        return f"{len(self.ended)} of {total} trials, {of}" if len(self.ended) < total else f"{total} trials, {of}"

    def words(self) -> list[str]:
        """Return what came of the sweep, a sentence a line: the best, beside the second, and how far seeds differ."""
        choice, best = self.choice, self.choice.best
        if best is None or choice.by is None:
            return [*([choice.why_not] if choice.why_not and self.ended else []), *self._of_others()]
        said = f"best by {IN_WORDS[choice.by]}: trial {best.trial}, {self.values_text(best.trial)}"
        lines = [f"{said}: {metric(best.median)}{self._band_text(best.by_seed)}"]
        if (beside := second_beside_best(self.description, choice)) is not None:
            lines.append(beside.words(metric))
        if choice.note is not None:
            lines.append(choice.note)
        lines += self._of_others()
        return lines

    def _band_text(self, by_seed: Sequence[float | None]) -> str:
        if len(by_seed) < 2:
            return ", of one seed: how far seeds differ is not known, --seeds 6 tells"
        bounds, lost = spread(by_seed), sum(value is None for value in by_seed)
        if bounds is None or lost:
            return f" (median of {len(by_seed)} seeds, {lost} of which not finite)"
        return f" (median; its {len(by_seed)} seeds alone reach from {metric(bounds[0])} to {metric(bounds[1])})"

    def _of_others(self) -> list[str]:
        seeds_by_reason: dict[str, list[int]] = {}
        ranked = {candidate.trial for candidate in self.choice.candidates}
        for trial, result in self.ended.items():
            if not result.is_whole or (result.left_out and trial not in ranked):
                what = _state_text(result)
                seeds_by_reason.setdefault(f"{what}: {result.message}" if result.message else what, []).append(trial)
        return [f"left out of the choice: {_listed(trials)}, {what}" for what, trials in seeds_by_reason.items()]

    def values_text(self, trial: int) -> str:
        """Return what a trial changes, with the keys' short names."""
        pairs = zip(self.heads, self.rows[trial - 1].values, strict=True)
        return ", ".join(f"{head} {value}" for head, value in pairs)


def short_paths(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the ends of paths, as short as they are told apart by: ``learning_rate``, ``0.units``."""
    parts = [path.split(".") for path in paths]
    lengths = [2 if path[-1].isdecimal() and len(path) > 1 else 1 for path in parts]

    def texts() -> list[str]:
        return [".".join(path[-length:]) for path, length in zip(parts, lengths, strict=True)]

    while len(set(texts())) < len(paths):
        short_texts = texts()
        lengths = [
            min(len(path), length + (short_texts.count(text) > 1))
            for path, length, text in zip(parts, lengths, short_texts, strict=True)
        ]
    return tuple(texts())


def value_text(value: Any) -> str:
    """Return a value of the recipe as the table has it; a list of units as ``16-8``."""
    if isinstance(value, list | tuple):
        if value and all(isinstance(each, int) and not isinstance(each, bool) for each in value):
            return "-".join(map(str, value))
        return " ".join(value_text(each) for each in value) or "none"
    return "–" if value is None else cell_text(value)


def seconds_text(seconds: float) -> str:
    """Return for how long was trained."""
    return f"{seconds:.1f} s" if seconds < 10 else duration(seconds)


def _middle(part: PartMetrics | None, name: str) -> float | None:
    return None if part is None else median(part.loss if name == "loss" else part.score)


def _state_text(result: TrialResult) -> str:
    if result.state == "failed":
        return "failed"
    if result.state == "stopped":
        return "stopped"
    if result.is_whole and result.left_out:
        return f"{result.left_out} of {len(result.epochs)} not finite"
    return REASONS.get(result.reason or "", "") or "finished"


def _listed(trials: Sequence[int]) -> str:
    numbers_text = ", ".join(map(str, sorted(trials)[:8]))
    more = f" and {len(trials) - 8} more" if len(trials) > 8 else ""
    return f"{'trial' if len(trials) == 1 else 'trials'} {numbers_text}{more}"
