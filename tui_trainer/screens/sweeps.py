"""All sweeps of the store: how they stand, a new one, and the way into each."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult

from engine.errors import TrainerError, sanitize
from engine.spec import Spec
from engine.sweep.axes import make_plan, parse_axis
from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.formatting import plain
from tui_trainer.layout import Rect
from tui_trainer.runs.navigation import recipe_now
from tui_trainer.runs.sweeps import SweepService
from tui_trainer.screens.new_sweep import NewSweepScreen
from tui_trainer.screens.sweep import SweepScreen
from tui_trainer.screens.table_screen import TableScreen
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.sweeps import COLUMNS, Asked, SweepLine, parse_asked
from tui_trainer.view_models.table import Column, filtered
from tui_trainer.widgets.table import Row, TextPane

AGAIN = 1.0
"""Seconds between two looks at the store."""
WIDE = 100
CARD = 40


class SweepsScreen(TableScreen):
    """Ends with a trial to make a run of, ``NAME@TRIAL``."""

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

    def __init__(self, sweeps: SweepService, model: DashboardModel) -> None:
        super().__init__(model)
        self._sweeps = sweeps
        self._lines: list[SweepLine] = []

    def compose(self) -> ComposeResult:
        """Make the list and what is said of the chosen sweep, and keep them up to date."""
        yield from super().compose()
        yield TextPane(id="card")
        self.set_interval(AGAIN, self.load)

    async def reload(self) -> None:
        """Find out how the sweeps stand."""
        try:
            self._lines = await self._sweeps.list_sweeps()
        except TrainerError as error:
            self.say(sanitize(error), Ink.ERROR)
        if self.is_open:
            self.refilter()

    def refilter(self) -> None:
        """Show the sweeps that the filter leaves."""
        lines = filtered(self._lines, self.filter_text)
        self.show_count(len(lines), len(self._lines), "sweep" if len(self._lines) == 1 else "sweeps")
        self.listing.show([Row(line.name, line.cells()) for line in lines])

    def rects(self, body: Rect) -> dict[str, Rect]:
        """Return the place of what is said: beside the list, or below it where the screen is narrow."""
        if body.width >= WIDE:
            return {
                "list": body.columns(0, body.width - CARD - 2),
                "card": body.columns(body.width - CARD, body.width),
            }
        rows = max(body.height // 2, min(len(self._lines) + 1, body.height - 6))
        return {"list": body.rows(0, rows), "card": body.rows(rows + 1, body.height)}

    def can_do(self, action: str, parameters: tuple[Any, ...]) -> bool:
        """Return whether an action does something with the sweep that is chosen."""
        line, may = self._chosen(), not self.model.read_only
        if action == "new":
            return may and self.model.run.is_known and self.model.run.has_recipe
        if action == "scroll_card":
            return self._card.can_scroll(*parameters)
        if action in {"take", "stop", "resume", "delete"}:
            is_readable = line is not None and line.problem is None
            can = {
                "take": is_readable,
                "stop": may and line is not None and line.is_at_work,
                "resume": may and is_readable and line is not None and line.state in {"stopped", "died"},
                "delete": may and line is not None and not line.is_at_work,
            }
            return can[action]
        return True

    def on_list_pane_chosen(self) -> None:
        """Say what came of the sweep chosen now."""
        line = self._chosen()
        self._card.show(line.card() if line else [])
        super().on_list_pane_chosen()

    def action_take(self) -> None:
        """Open the chosen sweep; one comes back here, or leaves with a trial."""
        if line := self._chosen():
            self._open(line.name)

    def action_new(self) -> None:
        """Ask what to vary of the recipe of the run that is shown, and begin."""
        spec = recipe_now(self.model.run)

        def typed(text: str | None) -> None:
            if text is not None:
                self._do(self._begin(spec, parse_asked(text)), "starting…")

        def check(asked: Asked) -> None:
            plan = make_plan([parse_axis(axis, spec) for axis in asked.axes], asked.trials, 0) if asked.axes else None
            if plan is None:
                raise ValueError("expected PATH=VALUES, as in training.learning_rate=.001,.01")

        self.app.push_screen(NewSweepScreen(f"Sweep of {spec.name}", suggestion(spec), check), typed)

    def action_stop(self) -> None:
        """Stop the sweep; what has ended is kept."""
        if line := self._chosen():
            self._do(self._stop(line.name), f"stopping {line.name}…")

    def action_resume(self) -> None:
        """Let the sweep go on."""
        if line := self._chosen():
            self._do(self._resume(line.name), f"starting {line.name}…")

    def action_delete(self) -> None:
        """Delete the sweep, once that is confirmed."""
        if line := self._chosen():
            question = f"{line.name} with the results of {line.ended} trials? There is no way back."
            name = line.name
            self.ask("Delete", question, "delete", lambda: self._do(self._delete(name), f"deleting {name}…"))

    def action_scroll_card(self, step: int) -> None:
        """Scroll what is said of the sweep by a screenful."""
        self._card.scroll_page(step)
        self.invalidate_keys()

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

    def _do(self, deed: Coroutine[Any, Any, str], meanwhile: str) -> None:
        self.say(meanwhile)

        async def report() -> None:
            try:
                self.say(await deed)
            except TrainerError as error:
                self.say(sanitize(error), Ink.ERROR)
            await self.reload()

        self.run_worker(report(), name="deed")

    async def _begin(self, spec: Spec, asked: Asked) -> str:
        name = await self._sweeps.begin(spec, asked)
        self._lines = await self._sweeps.list_sweeps()
        self.refilter()
        self.listing.choose(name)
        return f"{name}: begun; enter shows it"

    async def _stop(self, name: str) -> str:
        return f"{name}: stopped after {await self._sweeps.stop(name)} trials"

    async def _resume(self, name: str) -> str:
        await self._sweeps.resume(name)
        return f"{name}: goes on"

    async def _delete(self, name: str) -> str:
        await self._sweeps.delete(name)
        return f"{name}: deleted"

    def _chosen(self) -> SweepLine | None:
        chosen = self.listing.chosen
        return next((line for line in self._lines if line.name == chosen), None)

    @property
    def _card(self) -> TextPane:
        return self.query_one(TextPane)


def suggestion(spec: Spec) -> str:
    """Return what could be varied of a recipe: its learning rate, and ten times less and more."""
    rate = spec.training.learning_rate
    return f"training.learning_rate={','.join(plain(rate * factor) for factor in (0.1, 1, 10))}"
