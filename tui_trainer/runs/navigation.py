"""From one run to another: opened, branched, begun anew, begun from a preset."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from engine.errors import InputError, TrainerError, sanitize
from engine.run.verdicts import Cure
from engine.spec import Spec
from tui_trainer.formatting import count
from tui_trainer.runs.connection import ConnectedRun, RunTarget
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.edits import planned
from tui_trainer.view_models.link_state import LinkState
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.runs import seeds_text
from tui_trainer.view_models.verdicts import cure_text, cured

if TYPE_CHECKING:
    from tui_trainer.runs.service import RunService
    from tui_trainer.runs.sweeps import Trial

SEEDS = 2**32

NewRun = Literal["branch", "restart", "reseed"]
"""From a checkpoint of the run that is shown; its recipe anew, with the same seeds, or with the ones after them."""


class RunNavigator:
    """Makes runs out of the one that is shown, and finds others.

    Starting a replacement run stops the current one, so that trying things out does not leave a trail of runs at work;
    opening another run does not. Every method raises ``TrainerError`` where it fails: then the run that is shown stays
    as it was.

    Args:
        runs: The store; None without a store, and so without other runs.
        model: What is shown.
    """

    def __init__(self, runs: RunService | None, model: DashboardModel) -> None:
        self._service = runs
        self._model = model
        self.is_busy = False

    @property
    def can_replace(self) -> bool:
        """Whether the run that is shown can be replaced by another one now."""
        model = self._model
        if self._service is None or self.is_busy or not model.run.is_known or model.read_only:
            return False
        return self._service.can_make(self._run_name())

    def can_make(self, kind: NewRun) -> bool:
        """Return whether a new run can be made of the one that is shown."""
        has_origin = self._model.visiting is not None or (self.can_replace and bool(self._run().checkpoints))
        return self.can_replace and self._model.run.has_recipe and (kind != "branch" or has_origin)

    def question(self, kind: NewRun) -> str:
        """Return what to ask before a new run is made, empty where there is nothing to lose."""
        if kind != "branch" or not self._model.in_training:
            return ""
        run, word = self._run(), self._model.word("epoch")
        epoch = self._origin()
        return (
            f"The branch from {word} {count(epoch)} is a new run in place of this one: {sanitize(run.welcome.run)} is "
            f"saved and stopped at {word} {count(run.frame.epoch)}, and can be resumed."
        )

    async def make(self, kind: NewRun) -> ConnectedRun:
        """Go to a new run that is made of the one that is shown."""
        return await (self.branch() if kind == "branch" else self.restart(new_seed=kind == "reseed"))

    async def open(self, name: str) -> ConnectedRun:
        """Go to a run that is there."""
        remark = f" · {self._run_name()} trains on" if self._is_training() else ""
        return await self._connect(await self._runs.open(name), f"{sanitize(name)}{remark}")

    async def branch(self) -> ConnectedRun:
        """Go to a new run that stands where this one stood at the checkpoint looked at, else at its latest one."""
        run, epoch = self._run(), self._origin()
        target = await self._runs.branch(self._run_name(), epoch, self._pace())
        message = f"{_named(target)}: {run.welcome.run} as it was at {self._model.word('epoch')} {count(epoch)}, paused"
        return await self._replace(target, message)

    async def restart(self, *, new_seed: bool) -> ConnectedRun:
        """Go to a new run of the recipe as it now stands, with the same seeds or with the ones after them."""
        run = self._run()
        seeds = next_seeds(run.welcome.seeds) if new_seed else run.welcome.seeds
        target = await self._runs.begin(recipe_now(run), seeds, self._pace(), self._run_name())
        named = "seed" if len(seeds) == 1 else "seeds"
        kind = "new" if new_seed else "the same"
        return await self._replace(target, f"{_named(target)}: the same recipe, {kind} {named} {seeds_text(seeds)}")

    async def cure(self, cure: Cure) -> ConnectedRun:
        """Go to a new run of the recipe as it now stands with a cure in it, and with the same seeds."""
        run = self._run()
        spec = cured(recipe_now(run), run.welcome.inputs, cure)
        target = await self._runs.begin(spec, run.welcome.seeds, self._pace(), self._run_name())
        return await self._replace(target, f"{_named(target)}: {cure_text(cure, self._model)}")

    async def begin(self, preset: str) -> ConnectedRun:
        """Go to a new run of a preset, on the machine of the run that is shown."""
        import presets
        from tui_trainer.runs.pace import screen_pace

        spec = await asyncio.to_thread(presets.load, preset)
        target = await self._runs.begin(spec, (spec.training.seed,), screen_pace(spec), self._run_name())
        return await self._replace(target, f"{_named(target)}: a new run of {preset}")

    async def begin_trial(self, trial: Awaitable[Trial]) -> ConnectedRun:
        """Go to a new run of the recipe of a sweep's trial, with its seeds: it trains to the same numbers.

        It is of this machine, as the sweep is.
        """
        from tui_trainer.runs.pace import screen_pace

        trial_run = await trial
        target = await self._runs.begin(trial_run.spec, trial_run.seeds, screen_pace(trial_run.spec))
        return await self._replace(target, f"{target.run}: a new run of trial {trial_run.number} of {trial_run.sweep}")

    async def _replace(self, target: RunTarget, message: str) -> ConnectedRun:
        """Open the new run; the one that it replaces is stopped once the new one is shown."""
        is_beside = target.host == self._model.link_state.host  # what trains elsewhere is not in its way
        busy = self._run_name() if self._model.in_training and is_beside else None
        return replace(await self._connect(target, message), replaced=busy)

    async def make_ready(self) -> None:
        """Make ready for the next run what takes long and needs no run."""
        if self._service is not None:
            await self._service.make_ready()

    async def _connect(self, target: RunTarget, message: str) -> ConnectedRun:
        return ConnectedRun(target, await target.connect(), message)

    async def stop(self, name: str) -> str:
        """Stop a run, and return what is to be said of that."""
        try:
            epoch = await self._runs.stop(name)
        except TrainerError as error:
            return sanitize(error)
        return f"{name} saved at {self._model.word('epoch')} {count(epoch)}"

    @property
    def _runs(self) -> RunService:
        if self._service is None:
            raise InputError("there is no store of runs at hand")
        return self._service

    def _origin(self) -> int:
        """Return the epoch to branch from: of the checkpoint looked at, else of the latest one."""
        if self._model.visiting is not None:
            return self._model.visiting
        if not self._run().checkpoints:
            raise InputError("there is no checkpoint to branch from yet")
        return self._run().checkpoints[-1]

    def _run(self) -> RunModel:
        if not self._model.run.is_known:
            raise InputError("there is no run yet")
        return self._model.run

    def _run_name(self) -> str:
        return self._model.link_state.named(self._run().welcome.run)

    def _is_training(self) -> bool:
        return self._model.in_training and self._model.is_running

    def _pace(self) -> float | None:
        frame = self._run().frame
        return frame.pace


def _named(target: RunTarget) -> str:
    return LinkState(target.host).named(target.run)


def recipe_now(run: RunModel) -> Spec:
    """Return the recipe as one at the dials sees it: what waits for its epoch has been turned, too.

    The recipe's own ``[[changes]]`` wait for their epochs in the new run as they did in this one.
    """
    return planned(run)


def next_seeds(seeds: Sequence[int]) -> tuple[int, ...]:
    """Return as many seeds as there are, from the one after the last on; after the very last one comes 0."""
    first = max(seeds) + 1
    if first + len(seeds) > SEEDS:
        first = 0
    return tuple(range(first, first + len(seeds)))
