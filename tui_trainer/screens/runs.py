"""All runs of the store: how they stand, which one to open, which ones to compare; and the sweeps below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.app import ComposeResult

from engine.errors import TrainerError, sanitize
from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.formatting import count
from tui_trainer.runs.service import RunService
from tui_trainer.screens.rename_run import RenameScreen
from tui_trainer.screens.table_screen import TableScreen
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.run import Overlay
from tui_trainer.view_models.run_order import ORDERS, Order, ordered, ordered_sweeps
from tui_trainer.view_models.runs import COLUMNS, RunLine, deletion_question
from tui_trainer.view_models.table import NOTHING, Cell, Column, filtered
from tui_trainer.widgets.table import Row

if TYPE_CHECKING:
    from tui_trainer.view_models.sweeps import SweepLine  # with the engine's sweeps: not needed where there are none

AGAIN = 2.0
"""Seconds between two looks at the store."""

SHOWN, COMPARED, SELECTED = Cell("▸", Ink.ACCENT), Cell("+", Ink.MARKER), Cell("●", Ink.KEY)


_Named = TypeVar("_Named", "RunLine", "SweepLine")


class RunsScreen(TableScreen):
    """Ends with the name of the run to open.

    Args:
        runs: The store.
        model: The run that is shown.
        open_sweep: Shows a sweep in place of this list.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("runs")
    OWNER: ClassVar[Owner] = "runs"
    NAME: ClassVar[str] = "Runs"
    ABOUT: ClassVar[str] = (
        "Every run of the store, the last active first. Enter shows one in place of the present one, which goes on "
        "without you. Overlaid runs have their curves over the charts of the present one; several that are selected "
        "are put side by side: curves, recipes, who is better by more than chance. A run that was stopped, or "
        "whose worker died, can be resumed from its last checkpoint. A damaged one can only be deleted. Several are "
        "deleted at once when they have been selected; none that is at work. Those of other machines are named with "
        "their host; lists of these are a few seconds old. Sweeps stand below the runs: enter shows their trials."
    )
    COLUMNS: ClassVar[Sequence[Column]] = COLUMNS
    EMPTY: ClassVar[str] = "there are no runs yet"
    NUMBERS: ClassVar[str] = "the latest losses and scores, medians over seeds"

    def __init__(self, runs: RunService, model: DashboardModel, open_sweep: Callable[[str], None]) -> None:
        super().__init__(model)
        self._runs = runs
        self._open_sweep = open_sweep
        self._lines, self._sweeps = model.listed_runs, model.listed_sweeps
        self.is_known = bool(self._lines)
        self._order: Order = ORDERS[0]
        self._selected: set[str] = set()

    def compose(self) -> ComposeResult:
        """Make the list, and keep it up to date."""
        yield from super().compose()
        self.set_interval(AGAIN, self.load)

    async def reload(self) -> None:
        """Find out how the runs stand."""
        try:
            self._lines = await self._runs.list_runs()
            if self.is_open:
                self.refilter()  # sweeps take longer the first time
            self._sweeps = await self._runs.list_sweeps()
            self.model.listed_runs, self.model.listed_sweeps = self._lines, self._sweeps
        except TrainerError as error:
            self.say(sanitize(error), Ink.ERROR)
        if self.is_open:
            self.refilter()
            self.invalidate()  # what was said of the run behind the list may have changed

    def refilter(self) -> None:
        """Show the runs that the filter leaves."""
        self._selected &= {line.name for line in self._lines}
        lines = filtered(ordered(self._lines, self._order), self.filter_text)
        sweeps = filtered(ordered_sweeps(self._sweeps, self._order), self.filter_text)
        noun = "run" if len(self._lines) == 1 else "runs"
        if self._sweeps:
            noun += f" and {len(self._sweeps)} sweep{'' if len(self._sweeps) == 1 else 's'}"
        sorting = f" by {self._order}" if self._order != ORDERS[0] else ""
        selected = f", {len(self._selected)} selected" if self._selected else ""
        self.show_count(len(lines), len(self._lines), f"{noun}{sorting}{selected}")
        rows = [Row(line.name, line.cells(), self._sign(line)) for line in lines]
        self.listing.show(rows + [Row(line.name, line.cells_among_runs()) for line in sweeps])

    def can_do(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        """Return whether an action does something with the run that is chosen."""
        line = self._chosen()
        if action == "take" and (sweep := _named(self._sweeps, self.listing.chosen)) is not None:
            return sweep.problem is None
        if action in {"sort", "compare"}:
            return len(self._to_compare() if action == "compare" else [*self._lines, *self._sweeps]) > 1
        if action == "select":
            return line is not None and not line.is_host
        if action == "delete" and self._selected:
            return line is not None and not self.model.read_only
        if action in {"take", "mark", "rename", "stop", "resume", "delete"}:
            return line is not None and self._suits(action, line)
        return True

    def action_take(self) -> None:
        """End with the chosen run; of a sweep show its trials."""
        if (sweep := _named(self._sweeps, self.listing.chosen)) is not None:
            self._open_sweep(sweep.name)
        else:
            super().action_take()

    def action_select(self) -> None:
        """Take the chosen run along when runs are compared or deleted, or no more."""
        if line := self._chosen():
            self._selected ^= {line.name}
            self.refilter()
            self.listing.move(1)

    def action_sort(self) -> None:
        """Sort the runs by what comes next."""
        self._order = ORDERS[(ORDERS.index(self._order) + 1) % len(ORDERS)]
        self.refilter()
        self.say(f"sorted by {self._order}")

    async def action_mark(self) -> None:
        """Lay the run's curves over the charts, or take them away."""
        line, run = self._chosen(), self.model.run
        if line is None:
            return
        if line.name in self._compared():
            run.overlays = [overlay for overlay in run.overlays if overlay.name != line.name]
            self.refilter()
        else:
            self.carry_out(self._compare(line.name), f"reading {line.name}…")

    def action_compare(self) -> None:
        """Put the runs that are selected side by side, else those whose curves lie over the charts."""
        from tui_trainer.screens.compare import CompareScreen

        self.app.push_screen(CompareScreen(self._runs, self.model, self._to_compare()))

    def action_stop(self) -> None:
        """Save the run and end its worker."""
        if line := self._chosen():
            self.carry_out(self._stop(line.name), f"saving {line.name}…")

    def action_resume(self) -> None:
        """Let the run train on."""
        if line := self._chosen():
            self.carry_out(self._resume(line.name), f"starting {line.name}…")

    def action_rename(self) -> None:
        """Give the run another name."""
        line = self._chosen()
        if line is None:
            return

        def named(name: str | None) -> None:
            if name is not None:
                self.carry_out(self._rename(line.name, name), f"renaming {line.name}…")

        self.app.push_screen(RenameScreen(line.name, {each.name for each in self._lines}), named)

    def action_delete(self) -> None:
        """Delete the runs that are selected, else the chosen one, once that is confirmed."""
        chosen = self._chosen()
        wanted = [line for line in self._lines if line.name in self._selected] or ([chosen] if chosen else [])
        lines = [line for line in wanted if self._suits("delete", line)]
        kept_names = [line.name for line in wanted if line not in lines]
        if not lines:
            self.say(f"{', '.join(kept_names)}: at work, so not to be deleted", Ink.WARNING)
            return

        names = [line.name for line in lines]
        question = deletion_question(lines, kept_names)
        self.ask(
            "Delete", question, "delete", lambda: self.carry_out(self._delete(names), f"deleting {', '.join(names)}…")
        )

    async def _compare(self, name: str) -> str:
        history = await self._runs.history(name)
        self.model.run.overlays.append(Overlay(name, history))
        return f"{name} is laid over the charts"

    async def _stop(self, name: str) -> str:
        return f"{name}: stopped and saved after epoch {count(await self._runs.stop(name))}"

    async def _resume(self, name: str) -> str:
        await self._runs.resume(name)
        return f"{name}: training again"

    async def _rename(self, name: str, new_name: str) -> str:
        await self._runs.rename(name, new_name)
        return f"{name}: renamed {new_name}"

    async def _delete(self, names: Sequence[str]) -> str:
        for name in names:
            await self._runs.delete(name)
            self._selected.discard(name)
        return f"{', '.join(names)}: deleted"

    def _suits(self, action: str, line: RunLine) -> bool:
        shown = line.name == self.model.title
        if action == "delete":
            is_free = not (line.at_work or line.is_host or (shown and self.model.link == "live"))
            return is_free and not self.model.read_only
        if line.problem is not None:
            return False
        if action == "take":
            return True
        if action == "mark":
            return not shown and line.epoch > 0 and self.model.run.is_known
        if self.model.read_only or (shown and action != "stop"):
            return False
        return {"stop": line.at_work, "resume": line.can_resume, "rename": not line.at_work}[action]

    def _chosen(self) -> RunLine | None:
        return _named(self._lines, self.listing.chosen)

    def _to_compare(self) -> list[str]:
        """Return the runs that are selected, in the order of the list; of one or none, the shown and the chosen ones.

        To those belong the runs whose curves are laid over the shown one's.
        """
        names = set(self._selected)
        if len(names) < 2:
            names |= {self.model.title} | self._compared()
        if len(names) < 2 and (chosen := self._chosen()):
            names.add(chosen.name)
        return [line.name for line in self._lines if line.name in names and line.problem is None]

    def _compared(self) -> set[str]:
        return {overlay.name for overlay in self.model.run.overlays}

    def _sign(self, line: RunLine) -> Cell:
        if line.name in self._selected:
            return SELECTED
        if line.name == self.model.title:
            return SHOWN
        return COMPARED if line.name in self._compared() else NOTHING


def _named(lines: Sequence[_Named], name: str | None) -> _Named | None:
    return next((line for line in lines if line.name == name), None)
