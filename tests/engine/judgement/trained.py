"""Trainings that are judged as a worker judges them, without a worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import presets
from engine.array_types import Rows
from engine.run.series import EpochSeries
from engine.run.verdicts import Verdict
from engine.spec import Spec
from engine.store.metrics import MetricsLog
from engine.training.trainer import Trainer
from engine.worker.judge import Judge

NOWHERE = Path("/nowhere/metrics.sqlite")
"""The log of a run of which nothing is recorded."""


def no_rows(first: int, last: int) -> Any:
    """Refuse to give back rows that were folded: nobody asks for them."""
    raise AssertionError((first, last))


class JudgedTraining:
    """A training and its judge.

    Args:
        spec: The recipe.
        seed: Its seed.
        looks: How often it is judged on its way, beside where that has to be: told is the same.
    """

    def __init__(self, spec: Spec, seed: int, looks: int = 4) -> None:
        self.trainer = Trainer(spec, seed=seed)
        self.trainer.layer_norms.enabled = True
        self.judge = Judge(self.trainer, EpochSeries(1, no_rows), MetricsLog(NOWHERE))
        self.judge.look()
        self.judge.conclude()  # when what is worked out beside the training is known
        self._every = max(1, spec.training.epochs // looks) if looks else 0

    def advance(self, until: Callable[[], bool] = bool) -> None:
        """Train to the end, or until something is so."""
        trainer, judge = self.trainer, self.judge
        while trainer.ended is None and not until():
            rows: Rows = trainer.advance(judge.next_epoch_to_stop_at - trainer.epoch)
            judge.take(rows, trainer.layer_norms.take())
            if self._every and trainer.epoch % self._every < len(rows):
                judge.look()
        judge.conclude()

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts so far."""
        return self.judge.record.verdicts

    @property
    def standing(self) -> set[str]:
        """The names of those that stand."""
        return {verdict.name for verdict in self.verdicts if verdict.until is None}

    def cure(self, name: str) -> None:
        """Apply the cure of a verdict that stands, as the key on the screen does."""
        verdict = next(each for each in self.verdicts if each.name == name and each.until is None)
        assert verdict.cure is not None
        assert not verdict.cure.anew
        self.judge.look()
        for turn in verdict.cure.turns:
            self.trainer.change(turn.path, turn.value)


def verdicts_of(preset: str, seed: int = 42, settings: Mapping[str, Any] | None = None) -> list[Verdict]:
    """Return the verdicts of a preset that is trained here."""
    training = JudgedTraining(presets.load(preset, set=settings), seed)
    training.advance()
    return list(training.verdicts)


def names_of(preset: str, seed: int = 42, settings: Mapping[str, Any] | None = None) -> set[str]:
    """Return the names of those verdicts."""
    return {verdict.name for verdict in verdicts_of(preset, seed, settings)}
