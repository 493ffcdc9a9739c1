"""All runs of the store: how they stand, which one to open, which ones to compare."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult

from engine.errors import TrainerError, sanitize
from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.formatting import count
from tui_trainer.runs.service import RunService
from tui_trainer.screens.confirm import ConfirmScreen
from tui_trainer.screens.table_screen import TableScreen
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.run import Overlay
from tui_trainer.view_models.runs import COLUMNS, RunLine
from tui_trainer.view_models.table import NOTHING, Cell, Column, filtered
from tui_trainer.widgets.table import Row

AGAIN = 2.0
"""Seconds between two looks at the store."""

SHOWN, COMPARED = Cell("▸", Ink.ACCENT), Cell("+", Ink.MARKER)


class RunsScreen(TableScreen):
    """Ends with the name of the run to open."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("runs")
    OWNER: ClassVar[Owner] = "runs"
    NAME: ClassVar[str] = "Runs"
    ABOUT: ClassVar[str] = (
        "Every run of the store, the last active first. Enter shows one in place of the present one, which goes on "
        "without you. Those marked for comparison have their curves laid over the charts. A run that was stopped, or "
        "whose worker died, can be resumed from its last checkpoint. A damaged one can only be deleted."
    )
    COLUMNS: ClassVar[Sequence[Column]] = COLUMNS
    EMPTY: ClassVar[str] = "there are no runs yet"
    NUMBERS: ClassVar[str] = "on the right the latest losses, medians over seeds"

    def __init__(self, runs: RunService, model: DashboardModel) -> None:
        super().__init__(model)
        self._runs = runs
        self._lines: list[RunLine] = []

    def compose(self) -> ComposeResult:
        """Make the list, and keep it up to date."""
        yield from super().compose()
        self.set_interval(AGAIN, self.load)

    async def reload(self) -> None:
        """Find out how the runs stand."""
        try:
            self._lines = await self._runs.list_runs()
        except TrainerError as error:
            self.say(sanitize(error), Ink.ERROR)
        if self.is_open:
            self.refilter()

    def refilter(self) -> None:
        """Show the runs that the filter leaves."""
        lines = filtered(self._lines, self.filter_text)
        self.show_count(len(lines), len(self._lines), "run" if len(self._lines) == 1 else "runs")
        self.listing.show([Row(line.name, line.cells(), self._sign(line)) for line in lines])

    def can_do(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        """Return whether an action does something with the run that is chosen."""
        line = self._chosen()
        if action in {"take", "mark", "stop", "resume", "delete"}:
            return line is not None and self._suits(action, line)
        return True

    async def action_mark(self) -> None:
        """Lay the run's curves over the charts, or take them away."""
        line, run = self._chosen(), self.model.run
        if line is None:
            return
        if line.name in self._compared():
            run.overlays = [overlay for overlay in run.overlays if overlay.name != line.name]
            self.refilter()
        else:
            self._do(self._compare(line.name), f"reading {line.name}…")

    def action_stop(self) -> None:
        """Save the run and end its worker."""
        if line := self._chosen():
            self._do(self._stop(line.name), f"saving {line.name}…")

    def action_resume(self) -> None:
        """Let the run train on."""
        if line := self._chosen():
            self._do(self._resume(line.name), f"starting {line.name}…")

    def action_delete(self) -> None:
        """Delete the run, once that is confirmed."""
        line = self._chosen()
        if line is None:
            return

        def deleted(sure: bool | None) -> None:
            if sure:
                self._do(self._delete(line.name), f"deleting {line.name}…")

        what = "It is damaged" if line.problem else f"{count(line.epoch)} epochs, with all their checkpoints"
        question = f"Delete {line.name}? {what}; there is no way back."
        self.app.push_screen(ConfirmScreen("Delete", question, "delete it"), deleted)

    def _do(self, deed: Coroutine[Any, Any, str], meanwhile: str) -> None:
        self.say(meanwhile)
        self.run_worker(self._report(deed), name="deed")

    async def _report(self, deed: Coroutine[Any, Any, str]) -> None:
        try:
            self.say(await deed)
        except TrainerError as error:
            self.say(sanitize(error), Ink.ERROR)
        await self.reload()

    async def _compare(self, name: str) -> str:
        history = await self._runs.history(name)
        self.model.run.overlays.append(Overlay(name, history))
        return f"{name} is laid over the charts"

    async def _stop(self, name: str) -> str:
        return f"{name}: stopped and saved after epoch {count(await self._runs.stop(name))}"

    async def _resume(self, name: str) -> str:
        await self._runs.resume(name)
        return f"{name}: training again"

    async def _delete(self, name: str) -> str:
        await self._runs.delete(name)
        return f"{name}: deleted"

    def _suits(self, action: str, line: RunLine) -> bool:
        shown = line.name == self.model.title
        if action == "delete":
            return not line.at_work and not self.model.read_only and not (shown and self.model.link == "live")
        if line.problem is not None:
            return False
        if action == "take":
            return True
        if action == "mark":
            return not shown and line.epoch > 0 and self.model.run.is_known
        if self.model.read_only:
            return False
        return line.at_work if action == "stop" else line.can_resume and not shown

    def _chosen(self) -> RunLine | None:
        chosen = self.listing.chosen
        return next((line for line in self._lines if line.name == chosen), None)

    def _compared(self) -> set[str]:
        return {overlay.name for overlay in self.model.run.overlays}

    def _sign(self, line: RunLine) -> Cell:
        if line.name == self.model.title:
            return SHOWN
        return COMPARED if line.name in self._compared() else NOTHING
