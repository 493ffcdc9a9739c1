"""One sweep: its trials as a table, their boundaries as small pictures, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult

from engine.errors import InputError, TrainerError, sanitize
from engine.sweep.description import further_plan
from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.layout import Rect
from tui_trainer.runs.sweeps import SweepService
from tui_trainer.screens.new_sweep import NewSweepScreen
from tui_trainer.screens.save_preset import save_as_preset
from tui_trainer.screens.table_screen import TableScreen, TitleLine
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.sweep import TrialRow
from tui_trainer.view_models.sweeps import Asked, SweepSnapshot, parse_asked
from tui_trainer.view_models.table import NOTHING, Cell, Column
from tui_trainer.widgets.boundary_grid import BoundaryGridPane
from tui_trainer.widgets.table import Row, TextPane

AGAIN = 0.5
"""Seconds between two looks at a sweep that is worked on."""
WIDE = 100
BEST, AT_WORK = Cell("★", Ink.GOOD), Cell("▸", Ink.ACCENT)


class SweepScreen(TableScreen):
    """Ends with the number of a trial to make a run of."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("sweep")
    OWNER: ClassVar[Owner] = "sweep"
    NAME: ClassVar[str] = "Sweep"
    ABOUT: ClassVar[str] = (
        "Each line is a trial: what it changes in the recipe, and the median over its seeds of the validation loss at "
        "its end (at its best epoch, where the recipe has patience), with the range of its seeds alone. The best is "
        "chosen by that median, and held beside the second seed by seed: seeds that both have are compared one by one. "
        "Where the data has two columns each trial's boundary is drawn, of its seed in the middle. Enter makes a run "
        "of a trial, which trains to the same numbers, with everything to be seen and changed."
    )
    COLUMNS: ClassVar[Sequence[Column]] = ()  # the keys that are varied are among them
    EMPTY: ClassVar[str] = "there are no trials"

    def __init__(self, sweeps: SweepService, model: DashboardModel, snapshot: SweepSnapshot) -> None:
        super().__init__(model)
        self.snapshot = snapshot
        self._sweeps = sweeps
        self._by_rank = True
        self._pictures_alone = False

    def compose(self) -> ComposeResult:
        """Make the table, the pictures, and what is said; keep them up to date."""
        yield from super().compose()
        yield BoundaryGridPane(lambda: self.snapshot.grid, self._chosen, id="pictures")
        yield TextPane(id="card")
        self.set_interval(AGAIN, self.load)

    async def reload(self) -> None:
        """Find out how the sweep stands."""
        try:
            before = self.snapshot
            self.snapshot = await self._sweeps.snapshot(before.name, before)
        except TrainerError as error:
            self.say(sanitize(error), Ink.ERROR)
            return
        if self.is_open:
            if (before.grid is None) != (self.snapshot.grid is None):
                await self.lay_out()
            self.refilter()

    def refilter(self) -> None:
        """Show the trials that the filter leaves."""
        report = self.snapshot.report
        rows = report.best_first if self._by_rank else report.rows
        matching = [row for row in rows if self._matches(row)]
        self.listing.empty = f"nothing matches {self.filter_text}"
        filtered = f", {len(matching)} filtered by {self.filter_text}" if self.filter_text else ""
        self.query_one(TitleLine).show(f"{self.snapshot.count()}{filtered}")
        self.listing.head(self.snapshot.columns())
        self.listing.show([Row(str(row.trial), self.snapshot.cells(row), _sign(row)) for row in matching])

    def rects(self, body: Rect) -> dict[str, Rect]:
        """Return the places: what is said below the table, and pictures beside both where there are any, and room."""
        has_pictures = self.snapshot.grid is not None
        if self._pictures_alone and has_pictures:
            return {"pictures": body}
        middle = body.width // 2 + 4
        if body.width >= WIDE and not has_pictures:
            return {"list": body.columns(0, middle), "card": body.columns(middle + 2, body.width)}
        left = body.columns(0, middle) if body.width >= WIDE else body
        rows = max(4, min(left.height * 3 // 5, len(self.snapshot.report.trials) + 1))
        rects = {"list": left.rows(0, rows), "card": left.rows(rows + 1, left.height)}
        return rects | ({"pictures": body.columns(middle + 2, body.width)} if body.width >= WIDE else {})

    def can_do(self, action: str, parameters: tuple[Any, ...]) -> bool:
        """Return whether an action does something now."""
        may, state, trial = not self.model.read_only, self.snapshot.state, self._chosen()
        if action == "pictures":
            return self.snapshot.grid is not None
        if action == "scroll_card":
            return self._card.can_scroll(*parameters)
        if action in {"take", "save"}:
            return trial is not None and (action == "save" or may)
        can = {
            "stop_trial": trial is not None and trial not in self.snapshot.report.ended and state == "running",
            "stop": state == "running",
            "resume": state in {"stopped", "died"},
            "extend": True,
        }
        return can[action] and may if action in can else True

    def on_list_pane_chosen(self) -> None:
        """Say what came of the trial chosen now, and mark its picture."""
        self._card.show(self.snapshot.card(self._chosen()))
        self.query_one(BoundaryGridPane).invalidate(immediate=True)
        super().on_list_pane_chosen()

    def action_take(self) -> None:
        """Make a run of the chosen trial, in place of the one that is shown."""
        if (trial := self._chosen()) is not None:
            self.dismiss(str(trial))

    def action_save(self) -> None:
        """Save the recipe of the chosen trial as a preset of one's own."""
        if (trial := self._chosen()) is not None:
            description = self.snapshot.report.description
            spec = description.spec_of(description.trials()[trial - 1])
            save_as_preset(self, f"my-{spec.name}"[:80], lambda: spec)

    async def action_pictures(self) -> None:
        """Show the pictures alone, or all again."""
        self._pictures_alone = not self._pictures_alone
        await self.lay_out()
        self.invalidate()

    def action_order(self) -> None:
        """Sort the trials by rank, or as they were asked for."""
        self._by_rank = not self._by_rank
        self.refilter()
        self.say("sorted by validation" if self._by_rank else "sorted by number")

    def action_stop_trial(self) -> None:
        """Stop the chosen trial; the others go on."""
        if (trial := self._chosen()) is not None:
            said = f"trial {trial} is being stopped"
            self._request(self._sweeps.stop_trial(self.snapshot.name, trial), said)

    def action_stop(self) -> None:
        """Stop the sweep; what has ended is kept."""
        self._request(self._sweeps.stop(self.snapshot.name), "stopping; what has ended is kept")

    def action_resume(self) -> None:
        """Let the sweep go on."""
        self._request(self._sweeps.resume(self.snapshot.name), "goes on")

    def action_extend(self) -> None:
        """Ask for further trials."""
        description = self.snapshot.report.description

        def check(asked: Asked) -> None:
            if asked.seeds is not None:
                raise InputError("seeds: a sweep keeps those it has")
            further_plan(description, asked.axes, asked.trials)

        def typed(text: str | None) -> None:
            if text is not None:
                self._request(self._sweeps.extend(self.snapshot.name, parse_asked(text)), "more trials are asked for")

        draws = description.plans[-1].draws
        suggested = f"trials={2 * draws}" if draws else f"{description.paths[-1]}="
        self.app.push_screen(NewSweepScreen("More trials", suggested, check), typed)

    def action_scroll_card(self, step: int) -> None:
        """Scroll what is said by a screenful."""
        self._card.scroll_page(step)
        self.invalidate_keys()

    def _request(self, request: Coroutine[Any, Any, object], said: str) -> None:
        """Ask something of the sweep's process, and say what will come of it."""

        async def requested() -> str:
            await request
            return said

        self.carry_out(requested(), said)

    def _chosen(self) -> int | None:
        chosen = self.listing.chosen
        return None if chosen is None else int(chosen)

    def _matches(self, row: TrialRow) -> bool:
        text = f"{row.trial} {' '.join(row.values)} {row.state}".lower()
        return all(word in text for word in self.filter_text.lower().split())

    @property
    def _card(self) -> TextPane:
        return self.query_one(TextPane)


def _sign(row: TrialRow) -> Cell:
    if row.rank == 1:
        return BEST
    return AT_WORK if row.state == "running" else NOTHING
