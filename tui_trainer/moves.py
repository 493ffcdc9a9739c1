"""From one run to another: opened, branched, begun anew, begun from a preset."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.errors import InputError, TrainerError, sanitize
from engine.spec import Spec
from tui_trainer.formatting import count
from tui_trainer.session import Arrival, Opening
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.edits import planned
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.runs import seeds_text

if TYPE_CHECKING:
    from tui_trainer.runs import Runs

SEEDS = 2**32


class Moves:
    """Makes runs out of the one that is shown, and finds others.

    What takes a run's place stops it, so that one who tries things out does not leave a trail of runs at work; what
    only looks at another run leaves it alone. Every method raises ``TrainerError`` where nothing came of it: then the
    run that is shown stays as it was.
    """

    def __init__(self, runs: Runs, model: DashboardModel) -> None:
        self._runs = runs
        self._model = model

    async def open(self, name: str) -> Arrival:
        """Go to a run that is there."""
        left = f" · {self._left_behind()} trains on" if self._is_training() else ""
        return await self._arrive(await self._runs.open(name), f"{sanitize(name)}{left}")

    async def branch(self) -> Arrival:
        """Go to a new run that stands where this one stood at the checkpoint looked at, else at its latest one."""
        run = self._run()
        epoch = self._model.visiting
        if epoch is None:
            if not run.checkpoints:
                raise InputError("there is no checkpoint to branch from yet")
            epoch = run.checkpoints[-1]
        opening = await self._runs.branch(run.welcome.run, epoch, self._pace())
        word = f"{opening.run}: {run.welcome.run} as it was at {self._model.word('epoch')} {count(epoch)}, paused"
        return await self._replace(opening, word)

    async def restart(self, *, new_seed: bool) -> Arrival:
        """Go to a new run of the recipe as it now stands, with the same seeds or with the ones after them."""
        run = self._run()
        seeds = next_seeds(run.welcome.seeds) if new_seed else run.welcome.seeds
        opening = await self._runs.begin(recipe_now(run), seeds, self._pace())
        named = "seed" if len(seeds) == 1 else "seeds"
        kind = "new" if new_seed else "the same"
        return await self._replace(opening, f"{opening.run}: the same recipe, {kind} {named} {seeds_text(seeds)}")

    async def begin(self, preset: str) -> Arrival:
        """Go to a new run of a preset."""
        import presets
        from tui_trainer.runs import screen_pace

        spec = await asyncio.to_thread(presets.load, preset)
        opening = await self._runs.begin(spec, (spec.training.seed,), screen_pace(spec))
        return await self._replace(opening, f"{opening.run}: a new run of {preset}")

    async def _replace(self, opening: Opening, word: str) -> Arrival:
        """Open the new run, and only then stop the one it replaces."""
        busy = self._left_behind() if self._model.in_training else None
        arrival = await self._arrive(opening, word)
        return arrival if busy is None else Arrival(opening, arrival.feed, f"{word} · {await self._stopped(busy)}")

    async def _arrive(self, opening: Opening, word: str) -> Arrival:
        return Arrival(opening, await opening.open_feed(), word)

    async def _stopped(self, name: str) -> str:
        try:
            epoch = await self._runs.stop(name)
        except TrainerError as error:
            return sanitize(error)
        return f"{name} saved at {self._model.word('epoch')} {count(epoch)}"

    def _run(self) -> RunModel:
        if self._model.run is None:
            raise InputError("there is no run yet")
        return self._model.run

    def _left_behind(self) -> str:
        return self._run().welcome.run

    def _is_training(self) -> bool:
        frame = self._model.run.frame if self._model.run else None
        return self._model.in_training and frame is not None and frame.state == "running"

    def _pace(self) -> float | None:
        frame = self._run().frame
        return frame.pace if frame else None


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
