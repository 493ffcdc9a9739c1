"""Sweeps that are over in a moment, for the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import presets
from engine.spec import Spec
from engine.sweep.axes import make_plan, parse_axis
from engine.sweep.results import TrialResult
from engine.sweep.store import Sweep, SweepStore

RATES = "training.learning_rate=.1,.01,.001"
UNITS = "network.units=[2],[4]"


def recipe(**changes: Any) -> Spec:
    """Return iris with few epochs; ``__`` in a name is a dot."""
    values = {"training.epochs": 5} | {path.replace("__", "."): value for path, value in changes.items()}
    return presets.load("iris", set=values)


def small_sweep(
    *axes: str, spec: Spec | None = None, seeds: Sequence[int] = (1, 2), draws: int | None = None, name: str = "small"
) -> Sweep:
    """Make a sweep in the test's store."""
    base = recipe() if spec is None else spec
    plan = make_plan([parse_axis(axis, base) for axis in axes or (RATES, UNITS)], draws, seed=0)
    return SweepStore().create(base, seeds, plan, name=name, stem="small")


def without_seconds(ended: Mapping[int, TrialResult]) -> dict[int, TrialResult]:
    """Return results without the time that they took, which alone may differ."""
    return {trial: result.model_copy(update={"seconds": 0.0}) for trial, result in sorted(ended.items())}
