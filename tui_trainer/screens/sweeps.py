"""All sweeps of the store: how they stand, a new one, and the way into each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult

from engine.errors import TrainerError, sanitize
from engine.spec import Spec
from engine.sweep.axes import make_plan, parse_axis
from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.formatting import plain
from tui_trainer.runs.navigation import recipe_now
from tui_trainer.runs.sweeps import SweepService
from tui_trainer.screens.card_list import CardListScreen
from tui_trainer.screens.new_sweep import NewSweepScreen
from tui_trainer.screens.rename_run import RenameScreen
from tui_trainer.screens.sweep import SweepScreen
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.sweeps import COLUMNS, Asked, SweepLine, parse_asked
from tui_trainer.view_models.table import Cell, Column
from tui_trainer.widgets.table import Row

AGAIN = 1.0
"""Seconds between two looks at the store."""


class SweepsScreen(CardListScreen[SweepLine]):
    """Ends with a trial to make a run of, ``NAME@TRIAL``.

    Args:
        sweeps: The sweeps of the store.
        model: The run that is shown.
        first: The sweep that is opened at once; None where the list is shown.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("sweeps")
    OWNER: ClassVar[Owner] = "sweeps"
    NAME: ClassVar[str] = "Sweeps"
    ABOUT: ClassVar[str] = (
        "A sweep trains a recipe with many values of its keys, each with several seeds, in a process of its own, which "
        "goes on when you leave. The best is chosen by validation, never by the exam. A new one is of the recipe of "
        "the run that is shown. One that was stopped, or whose process died, can be resumed; nothing that has ended is "
        "trained again. On the command line each is `tui-trainer sweep NAME`."
    )
    COLUMNS: ClassVar[Sequence[Column]] = COLUMNS
    EMPTY: ClassVar[str] = "there are no sweeps yet; n begins one"
    NOUNS: ClassVar[tuple[str, str]] = ("sweep", "sweeps")

    def __init__(self, sweeps: SweepService, model: DashboardModel, first: str | None = None) -> None:
        super().__init__(model)
        self._sweeps = sweeps
        self._first = first

    def compose(self) -> ComposeResult:
        """Make the list and what is said of the chosen sweep, and keep them up to date."""
        yield from super().compose()
        self.set_interval(AGAIN, self.load)

    async def reload(self) -> None:
        """Find out how the sweeps stand; the first time, open the one that was asked for."""
        try:
            self.entries = await self._sweeps.list_sweeps()
        except TrainerError as error:
            self.say(sanitize(error), Ink.ERROR)
        if not self.is_open:
            return
        self.refilter()
        if (first := self._first) is not None:
            self._first = None
            self.listing.choose(first)
            self._open(first)

    def row(self, line: SweepLine) -> Row:
        """Return a sweep as a row of the list."""
        return Row(line.name, line.cells())

    def said_of(self, line: SweepLine | None) -> list[list[Cell]]:
        """Return what came of the chosen sweep."""
        return line.card() if line else []

    def can_do(self, action: str, parameters: tuple[Any, ...]) -> bool:
        """Return whether an action does something with the sweep that is chosen."""
        line, may = self.chosen, not self.model.read_only
        if action == "new":
            return may and self.model.run.is_known and self.model.run.has_recipe
        if action in {"take", "stop", "resume", "rename", "delete"}:
            is_readable = line is not None and line.problem is None
            is_at_work = line is not None and line.is_at_work
            can = {
                "take": is_readable,
                "stop": may and is_at_work,
                "resume": may and is_readable and line is not None and line.state in {"stopped", "died"},
                "rename": may and is_readable and not is_at_work,
                "delete": may and line is not None and not is_at_work,
            }
            return can[action]
        return super().can_do(action, parameters)

    def action_take(self) -> None:
        """Open the chosen sweep; one comes back here, or leaves with a trial."""
        if line := self.chosen:
            self._open(line.name)

    def action_new(self) -> None:
        """Ask what to vary of the recipe of the run that is shown, and begin."""
        spec = recipe_now(self.model.run)

        def typed(text: str | None) -> None:
            if text is not None:
                self.carry_out(self._begin(spec, parse_asked(text)), "starting…")

        def check(asked: Asked) -> None:
            plan = make_plan([parse_axis(axis, spec) for axis in asked.axes], asked.trials, 0) if asked.axes else None
            if plan is None:
                raise ValueError("expected PATH=VALUES, as in training.learning_rate=.001,.01")

        self.app.push_screen(NewSweepScreen(f"Sweep of {spec.name}", suggestion(spec), check), typed)

    def action_stop(self) -> None:
        """Stop the sweep; what has ended is kept."""
        if line := self.chosen:
            self.carry_out(self._stop(line.name), f"stopping {line.name}…")

    def action_resume(self) -> None:
        """Let the sweep go on."""
        if line := self.chosen:
            self.carry_out(self._resume(line.name), f"starting {line.name}…")

    def action_rename(self) -> None:
        """Give the sweep another name."""
        if (line := self.chosen) is None:
            return
        old = line.name

        def named(name: str | None) -> None:
            if name is not None:
                self.carry_out(self._rename(old, name), f"renaming {old}…")

        self.app.push_screen(RenameScreen(old, {each.name for each in self.entries}, "sweep"), named)

    def action_delete(self) -> None:
        """Delete the sweep, once that is confirmed."""
        if line := self.chosen:
            question = f"{line.name} with the results of {line.ended} trials? There is no way back."
            name = line.name
            self.ask("Delete", question, "delete", lambda: self.carry_out(self._delete(name), f"deleting {name}…"))

    def _open(self, name: str) -> None:
        def left(trial: str | None) -> None:
            if trial is not None:
                self.dismiss(f"{name}@{trial}")

        async def show() -> None:
            try:
                snapshot = await self._sweeps.snapshot(name)
            except TrainerError as error:
                self.say(sanitize(error), Ink.ERROR)
                return
            if self.is_open:
                self.app.push_screen(SweepScreen(self._sweeps, self.model, snapshot), left)

        self.run_worker(show(), name="open")

    async def _begin(self, spec: Spec, asked: Asked) -> str:
        name = await self._sweeps.begin(spec, asked)
        self.entries = await self._sweeps.list_sweeps()
        self.refilter()
        self.listing.choose(name)
        return f"{name}: begun; enter shows it"

    async def _stop(self, name: str) -> str:
        return f"{name}: stopped after {await self._sweeps.stop(name)} trials"

    async def _resume(self, name: str) -> str:
        await self._sweeps.resume(name)
        return f"{name}: goes on"

    async def _rename(self, name: str, new_name: str) -> str:
        await self._sweeps.rename(name, new_name)
        self.entries = await self._sweeps.list_sweeps()
        self.refilter()
        self.listing.choose(new_name)
        return f"{name}: renamed {new_name}"

    async def _delete(self, name: str) -> str:
        await self._sweeps.delete(name)
        return f"{name}: deleted"


def suggestion(spec: Spec) -> str:
    """Return what could be varied of a recipe: its learning rate, and ten times less and more."""
    rate = spec.training.learning_rate
    return f"training.learning_rate={','.join(plain(rate * factor) for factor in (0.1, 1, 10))}"
