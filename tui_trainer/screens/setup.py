"""Before the first step on a data file: what was found in it, and what may be chosen otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding

from engine.errors import TrainerError
from engine.spec import Spec
from engine.spec.finding import DataFinding
from tui_trainer.runs import presets as preset_service
from tui_trainer.screens.base import TrainerScreen
from tui_trainer.screens.dialog import Sheet
from tui_trainer.screens.save_preset import SavePresetScreen
from tui_trainer.view_models.setup import Selection, SetupModel, setup_lines
from tui_trainer.view_models.styled_text import StyledLine

Look = Callable[[Selection], DataFinding]
"""Looks at the file again, with another selection of its columns; takes a second, and is called in a thread."""


class SetupSheet(Sheet):
    """The lines of the model, over the whole screen."""

    def __init__(self, model: SetupModel, title: str, *, id: str) -> None:
        super().__init__(title, id=id)
        self._model = model

    def lines(self, width: int) -> list[StyledLine]:
        """Return as many lines as there is room for."""
        height = self.size.height - 2 if self.size.width >= 24 and self.size.height >= 6 else self.size.height
        return setup_lines(self._model, width, max(3, height))


class SetupScreen(TrainerScreen[Spec]):
    """Ends with the recipe to train; with nothing where one leaves."""

    DEFAULT_CSS = "SetupSheet { width: 100%; height: 100%; }"
    BINDINGS: ClassVar[list[Any]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("left", "turn(-1)", show=False),
        Binding("right", "turn(1)", show=False),
        Binding("space", "take", show=False),
        Binding("t", "target", show=False),
        Binding("S", "save", show=False),
        Binding("enter", "train", show=False),
        Binding("escape,q", "leave", show=False),
    ]

    def __init__(self, finding: DataFinding, look: Look, title: str) -> None:
        super().__init__()
        self.model = SetupModel(finding, Selection(targets=finding.targets))
        self._look = look
        self._title = title

    def compose(self) -> ComposeResult:
        """Make the sheet."""
        yield SetupSheet(self.model, self._title, id="setup")

    def on_mount(self) -> None:
        """Give the sheet the keys."""
        self.query_one(SetupSheet).focus()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self.model.move(step)
        self._repaint()

    def action_turn(self, step: int) -> None:
        """Choose another value."""
        self.model.turn(step)
        self._repaint()

    def action_take(self) -> None:
        """Take a column in, or leave it out; turn a setting on."""
        if self.model.column is None:
            self.action_turn(1)
        else:
            self._look_again(self.model.toggled())

    def action_target(self) -> None:
        """Predict the column with the cursor."""
        self._look_again(self.model.retargeted())

    def action_train(self) -> None:
        """End with the recipe, or say what is wrong with it."""
        if (spec := self._spec()) is not None:
            self.dismiss(spec)

    def action_leave(self) -> None:
        """Train nothing."""
        self.dismiss(None)

    def action_save(self) -> None:
        """Ask for a name, and keep the recipe under it as a preset of one's own."""
        if (spec := self._spec()) is None:
            return

        async def save(name: str) -> None:
            try:
                self.model.complaint = await preset_service.save_preset(spec, name)
            except TrainerError as error:
                self.model.complaint = str(error)
            self._repaint()

        def named(name: str | None) -> None:
            if name is not None:
                self.run_worker(save(name), name="preset")

        self.app.push_screen(SavePresetScreen(spec.name), named)

    def _spec(self) -> Spec | None:
        if self.model.is_looking:
            return None
        try:
            return self.model.spec()
        except TrainerError as error:
            self.model.complaint = str(error)
            self._repaint()
            return None

    def _look_again(self, selection: Selection | None) -> None:
        if selection is not None and not self.model.is_looking:
            self.model.is_looking = True
            self._repaint()
            self.run_worker(self._adopt(selection), name="finding")

    async def _adopt(self, selection: Selection) -> None:
        try:
            self.model.adopt(await asyncio.to_thread(self._look, selection), selection)
        except TrainerError as error:
            self.model.complaint = str(error)
        self.model.is_looking = False
        self._repaint()

    def _repaint(self) -> None:
        self.query_one(SetupSheet).invalidate(immediate=True)
