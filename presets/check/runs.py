"""Training runs that claims are measured by; one run serves all the claims that need it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

import presets
from engine.run.exam import ExamReport
from engine.run.metrics import METRICS
from engine.training.results import Metrics
from engine.training.trainer import Trainer
from presets.check.values import from_table
from presets.claims import Figure, RunMeasure

Floats = NDArray[np.float64]
SCORES = {"train.loss": 0, "train.accuracy": 1, "validation.loss": 2, "validation.accuracy": 3}
"""The columns of ``METRICS`` by the names that claims have for them."""


@dataclass(frozen=True)
class RunPlan:
    """A run of a preset.

    Attributes:
        preset: Its name.
        changes: Other values of the recipe, as JSON: a plan is a key.
        seeds: How many, from 0 on; 0 for the recipe's own.
        points: Raw rows to answer after the last epoch.
    """

    preset: str
    changes: str = "{}"
    seeds: int = 0
    points: tuple[tuple[float, ...], ...] = ()

    def cost(self) -> float:
        """Return roughly how much there is to compute: rows × parameters × epochs × seeds, and what a step costs."""
        spec = presets.load(self.preset, set=json.loads(self.changes))
        widths = [64.0, *(layer.units for layer in spec.network.layers)]
        parameters = sum(below * here for below, here in pairwise(widths))
        return (20_000 + parameters * getattr(spec.data, "samples", 500)) * spec.training.epochs * max(1, self.seeds)


@dataclass
class RunValues:
    """What a run has told.

    Attributes:
        rows: (k, S, 5), every epoch's ``METRICS``.
        ends: Other values by name, each with the seeds first.
        is_band: Whether the seeds are several on purpose.
    """

    rows: Floats
    ends: dict[str, Any] = field(default_factory=dict)
    is_band: bool = False

    def of_seeds(self, name: str) -> Any:
        """Return a value of each seed (S, …): ``train.loss@100``, ``exam.accuracy``, ``W1``."""
        metric, at, epoch = name.partition("@")
        if metric in SCORES:
            return self.rows[int(epoch) - 1 if at else -1, :, SCORES[metric]]
        if metric.startswith(("least ", "epoch of least ")):
            losses = self.rows[:, :, SCORES[metric.removeprefix("epoch of ").removeprefix("least ")]]
            return losses.argmin(axis=0) + 1 if metric.startswith("epoch") else losses.min(axis=0)
        return from_table(self.ends)(name)


def plans(preset: str, measure: RunMeasure, figure: Figure) -> list[RunPlan]:
    """Return the run that a figure is measured by, and the one that is taken off."""
    names = [measure.preset or preset, *([measure.minus] if measure.minus else [])]
    changes = json.dumps({**measure.set, **figure.set}, sort_keys=True)
    return [RunPlan(name, changes, measure.seeds or 0, measure.points) for name in names]


def train(plan: RunPlan) -> RunValues:
    """Train as planned, and return what claims may ask for."""
    spec = presets.load(plan.preset, set=json.loads(plan.changes))
    trainer = Trainer(spec, seeds=range(plan.seeds) if plan.seeds else [spec.training.seed])
    ends = _evaluated(trainer, "before")
    rows = trainer.advance(spec.training.epochs) if trainer.steps else np.empty((0, len(trainer.seeds), len(METRICS)))
    ends |= _evaluated(trainer, "after")
    for number, layer in enumerate(trainer.layers, 1):
        ends |= {f"W{number}": layer.weights.copy(), f"b{number}": layer.bias.copy()}
    if plan.points:
        ends["p"] = trainer.predict(plan.points)[..., 0]
    if trainer.data.test is not None:
        ends |= _exam(trainer)
    return RunValues(rows, ends, plan.seeds > 0)


def lookup(run: RunValues, minus: RunValues | None) -> Callable[[str], Any]:
    """Return a lookup of a run's values: of all seeds (S,), or the one seed's own; less the other run's."""

    def of_name(name: str) -> Any:
        if name.startswith("share the same ") and minus is not None:
            name = name.removeprefix("share the same ")
            return (run.of_seeds(name) == minus.of_seeds(name)).mean()
        value = run.of_seeds(name) - minus.of_seeds(name) if minus else run.of_seeds(name)
        return value if run.is_band else value[0]

    return of_name


def _evaluated(trainer: Trainer, when: str) -> dict[str, Any]:
    metrics: Metrics = trainer.evaluate("train")
    return {f"{when}.loss": np.atleast_1d(metrics.loss), f"{when}.accuracy": np.atleast_1d(metrics.score)}


def _exam(trainer: Trainer) -> dict[str, Any]:
    reports = trainer.exam()
    listed: list[ExamReport] = reports if isinstance(reports, list) else [reports]
    return {
        "exam.loss": np.array([report.loss for report in listed], np.float64),
        "exam.accuracy": np.array([report.accuracy for report in listed], np.float64),
    }
