"""The sweeps of a store, as the screens deal with them: begun, followed, stopped, extended, renamed, deleted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError, TrainerError
from engine.spec import Spec
from engine.sweep.axes import make_plan, parse_axis
from engine.sweep.description import further_plan
from engine.sweep.field import Field
from engine.sweep.launcher import launch
from engine.sweep.store import Sweep, SweepStore
from tui_trainer.runs.sweep_lines import read_sweep_lines
from tui_trainer.view_models.sweep import SweepReport
from tui_trainer.view_models.sweeps import Asked, SweepLine, SweepSnapshot

SEEDS = 6
"""Of each trial: the fewest with which it can be told whether two of them differ by more than their seeds do."""
STOP_PATIENCE = 30.0


@dataclass(frozen=True)
class Trial:
    """A trial to make a run of.

    Attributes:
        sweep: The sweep's name.
        number: Its number.
        spec: Its recipe.
        seeds: Its seeds.
    """

    sweep: str
    number: int
    spec: Spec
    seeds: Sequence[int]


class SweepService:
    """The sweeps of a store. Every method raises ``TrainerError`` where the store refuses.

    Args:
        root: The store's folder; by default as ``SweepStore`` has it.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._store = SweepStore(root)

    async def list_sweeps(self) -> list[SweepLine]:
        """Return a line for each sweep, damaged ones too, the last active first."""
        return await asyncio.to_thread(read_sweep_lines, self._store.root)

    async def snapshot(self, name: str, before: SweepSnapshot | None = None) -> SweepSnapshot:
        """Return how a sweep stands; where it was looked at before, only what is new is read."""
        return await asyncio.to_thread(_snapshot, self._store.find(name), before)

    async def trial(self, name: str, number: int) -> Trial:
        """Return a trial of a sweep."""

        def read() -> Trial:
            description = self._store.open(name).description()
            return Trial(name, number, description.spec_of(description.trials()[number - 1]), description.seeds)

        return await asyncio.to_thread(read)

    async def begin(self, spec: Spec, asked: Asked) -> str:
        """Make a sweep of a recipe, let a process work on it, and return its name."""

        def make() -> str:
            plan = make_plan([parse_axis(text, spec) for text in asked.axes], asked.trials, spec.training.seed)
            first = spec.training.seed
            seeds = range(first, first + (asked.seeds or SEEDS))
            sweep = self._store.create(spec, seeds, plan, stem=spec.name)
            launch(sweep)
            return sweep.name

        return await asyncio.to_thread(make)

    async def extend(self, name: str, asked: Asked) -> None:
        """Ask for more trials, and let a process work on them unless one does."""

        def ask() -> None:
            sweep = self._store.open(name)
            if asked.seeds is not None:
                raise InputError("seeds: a sweep keeps those it has")
            sweep.requests.ask_more(further_plan(sweep.description(), asked.axes, asked.trials))
            _work(sweep)

        await asyncio.to_thread(ask)

    async def stop(self, name: str) -> int:
        """Ask for the end of all work on a sweep, wait for it, and return how many trials have ended.

        Raises:
            TrainerError: It has not ended in time.
        """
        sweep = self._store.find(name)
        await asyncio.to_thread(sweep.requests.ask_stop)
        deadline = time.monotonic() + STOP_PATIENCE
        while sweep.is_locked():
            if time.monotonic() > deadline:
                raise TrainerError(f"{name}: has been asked to stop, and has not yet")
            await asyncio.sleep(0.05)
        return len((await asyncio.to_thread(sweep.trials.ended))[0])

    async def stop_trial(self, name: str, trial: int) -> None:
        """Ask for the end of one trial; the others go on."""
        await asyncio.to_thread(self._store.find(name).requests.ask_stop, trial)

    async def resume(self, name: str) -> None:
        """Let a process work on a sweep."""
        await asyncio.to_thread(_work, self._store.open(name))

    async def rename(self, name: str, new_name: str) -> None:
        """Give a sweep that nobody works on another name."""
        await asyncio.to_thread(self._store.rename, name, new_name)

    async def delete(self, name: str) -> None:
        """Delete a sweep that nobody works on."""
        await asyncio.to_thread(self._store.delete, name)


def _work(sweep: Sweep) -> None:
    """Start a process that works on a sweep as the last one did, unless there is one."""
    if not sweep.is_locked():
        recorded = sweep.trials.state()
        launch(sweep, jobs=recorded.jobs if recorded.cluster is None else None, dask=recorded.cluster)


def _snapshot(sweep: Sweep, before: SweepSnapshot | None) -> SweepSnapshot:
    state, recorded = sweep.state()
    known, newest = (dict(before.report.ended), before.newest) if before is not None else ({}, 0)
    new, newest = sweep.trials.ended(newest)
    fields = {} if before is None else dict(before.fields)
    if new:
        fields = {trial: Field.decode(data) for trial, data in sweep.trials.fields().items()}
    epochs = sweep.progress() if state == "running" else {}
    running = {trial: epochs.get(trial) for trial in recorded.running} if state == "running" else {}
    report = SweepReport(sweep.description(), known | new, running)
    return SweepSnapshot(sweep.name, state, report, fields, newest, recorded.jobs, recorded.seconds)
