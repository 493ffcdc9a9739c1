"""A sweep whose results are made up: circles in the plane, the better the more units."""

from __future__ import annotations

import numpy as np

from engine.sweep.axes import Choices, Plan
from engine.sweep.description import SweepDescription
from engine.sweep.field import SIZE, Field
from engine.sweep.results import TrialResult
from tests.engine.sweep.test_choice import described, result
from tui_trainer.view_models.sweep import SweepReport
from tui_trainer.view_models.sweeps import SweepSnapshot

SEEDS = (1, 2, 3, 4, 5, 6)


def made_up_description() -> SweepDescription:
    axes = (
        Choices(path="network.units", values=([2], [4], [8])),
        Choices(path="training.learning_rate", values=(0.01, 0.1)),
    )
    return described().model_copy(update={"plans": (Plan(axes=axes),), "seeds": SEEDS})


def made_up_result(trial: int) -> TrialResult:
    losses = tuple((1 + seed / 10) / trial for seed in SEEDS)
    curve = tuple((10 - epoch) / trial for epoch in range(10))
    return result(*losses, epochs=(100,) * 6, train=result(*losses).validation, curve=curve)


def made_up_field(trial: int) -> Field:
    x, y = np.meshgrid(np.linspace(-1, 1, SIZE), np.linspace(1, -1, SIZE))
    p = 1 / (1 + np.exp(-4 * trial * (0.4 - x**2 - y**2)))
    answers = np.repeat(np.rint(p * 255).astype(np.uint8)[None], len(SEEDS), axis=0)
    return Field(answers, np.array([[0.5, 0.5]], np.float32), np.array([1], np.uint8), 2)


def made_up_snapshot(state: str = "running", *, with_fields: bool = True) -> SweepSnapshot:
    """Return a sweep of six trials: four have ended, one of them stopped; one is under way, one waits."""
    ended = {trial: made_up_result(trial) for trial in (1, 2, 3)}
    ended[4] = TrialResult(state="stopped", seconds=1.0, epochs=(17,) * 6)
    fields = {trial: made_up_field(trial) for trial in (1, 2, 3)} if with_fields else {}
    running = {5: 42} if state == "running" else {}
    report = SweepReport(made_up_description(), ended, running)
    return SweepSnapshot("moons-sweep-1", state, report, fields, newest=4, jobs=2, seconds=83.0)
