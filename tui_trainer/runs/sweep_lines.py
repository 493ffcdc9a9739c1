"""Sweeps of the store as lines of a list."""

from __future__ import annotations

import time
from pathlib import Path

from engine.errors import TrainerError
from engine.sweep.store import Sweep, SweepStore
from tui_trainer.view_models.sweep import SweepReport
from tui_trainer.view_models.sweeps import SweepLine


def read_sweep_lines(root: Path | None = None) -> list[SweepLine]:
    """Return a line for each sweep of the store, the last active first."""
    return [read_sweep_line(sweep) for sweep in SweepStore(root).all_sweeps()]


def read_sweep_line(sweep: Sweep) -> SweepLine:
    """Return what a list says of a sweep, which may be damaged."""
    age = max(0.0, time.time() - sweep.last_active() / 1e9)
    try:
        description, (state, _), (ended, _) = sweep.description(), sweep.state(), sweep.trials.ended()
    except TrainerError as error:
        return SweepLine(sweep.name, age, problem=str(error).removeprefix(f"{sweep.path}/"), size=sweep.size())
    report = SweepReport(description, ended)
    best = report.choice.best
    return SweepLine(
        name=sweep.name,
        age=age,
        preset=description.spec.name,
        state=state,
        ended=len(ended),
        trials=len(report.trials),
        seeds=description.seeds,
        size=sweep.size(),
        best=None if best is None else best.median,
        over=report.heads,
        words=tuple(report.words()),
    )
