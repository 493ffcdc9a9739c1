"""Before the first step on a data file: what was found in it, and what may be chosen otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult

from engine.errors import TrainerError, sanitize
from engine.spec import Spec
from engine.spec.finding import DataFinding
from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.layout import Rect, last_lines
from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.screens.save_preset import save_as_preset
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.setup import Selection, SetupModel
from tui_trainer.widgets.lines import KeyLine, NoticeLine
from tui_trainer.widgets.setup import SetupPane

Look = Callable[[Selection], DataFinding]
"""Looks at the file again, with another selection of its columns; takes a second, and is called in a thread."""


class SetupScreen(KeyedScreen[Spec]):
    """Ends with the recipe to train; with nothing where one leaves.

    Args:
        model: What was found, and what is chosen.
        look: Looks at the file again.
        title: The file's name, harmless to print.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("setup")
    OWNER: ClassVar[Owner] = "setup"
    model: SetupModel

    def __init__(self, model: SetupModel, look: Look, title: str) -> None:
        super().__init__(model)
        self._look = look
        self._trains_once_looked = False
        self._title = title

    def compose(self) -> ComposeResult:
        """Make the choices and the lines below them."""
        yield SetupPane(self.model, self._title, id="setup")
        yield NoticeLine(lambda: self.model.notice, id="notice")
        yield KeyLine(self.keys_now, id="keys")

    async def on_mount(self) -> None:
        """Place everything."""
        await self.lay_out()

    async def lay_out(self) -> None:
        """Place the lines, and the choices above them."""
        screen = Rect(0, 0, self.size.width, self.size.height)
        self.place(
            {
                "setup": screen.rows(0, screen.height - 2).columns(1, screen.width - 1),
                **last_lines(screen),
            }
        )

    @property
    def explained(self) -> SetupPane:
        """What the help explains."""
        return self.query_one(SetupPane)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        model = self.model
        if action == "move":
            return model.can_move(int(str(parameters[0])))
        if action == "turn":
            return model.column is None
        if action == "save":
            return not model.is_looking
        selections = {"take": model.toggled, "target": model.retargeted, "weigh": model.weighed}
        if action in selections:
            return not model.is_looking and selections[action]() is not None
        return super().check_action(action, parameters)

    async def on_setup_pane_taken(self) -> None:
        """Do with the row that was clicked once more what the space bar does."""
        await self.run_action("turn(1)" if self.model.column is None else "take")

    def on_setup_pane_chosen(self) -> None:
        """Show the keys of the row that has the cursor now."""
        self.invalidate_keys()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self.model.move(step)
        self.invalidate()

    def action_turn(self, step: int) -> None:
        """Choose another value."""
        self.model.turn(step)
        self.invalidate()

    def action_take(self) -> None:
        """Take a column in, or leave it out."""
        self._look_again(self.model.toggled())

    def action_target(self) -> None:
        """Predict the column with the cursor."""
        self._look_again(self.model.retargeted())

    def action_weigh(self) -> None:
        """Let rows count in the loss as the column with the cursor says, or all alike again."""
        self._look_again(self.model.weighed())

    def action_train(self) -> None:
        """End with the recipe, or say what is wrong with it; where the file is being looked at, once that is done."""
        if self.model.is_looking:
            self._trains_once_looked = True
            self.say("looking at the file again, then it trains…")
        elif (spec := self._spec()) is not None:
            self.dismiss(spec)

    def action_leave(self) -> None:
        """Train nothing."""
        self.dismiss(None)

    def action_save(self) -> None:
        """Ask for a name, and keep the recipe under it as a preset of one's own."""
        if (spec := self._spec()) is not None:
            save_as_preset(self, spec.name, lambda: spec)

    def _spec(self) -> Spec | None:
        try:
            return self.model.spec()
        except TrainerError as error:
            self.say(sanitize(error), Ink.ERROR)
            return None

    def _look_again(self, selection: Selection | None) -> None:
        if selection is not None and not self.model.is_looking:
            self.model.is_looking = True
            self.say("looking at the file again…")
            self.invalidate()
            self.run_worker(self._adopt(selection), name="finding")

    async def _adopt(self, selection: Selection) -> None:
        text = ""
        try:
            self.model.adopt(await asyncio.to_thread(self._look, selection), selection)
        except TrainerError as error:
            text = sanitize(error)
        self.model.is_looking = False
        if self.is_open:
            self.say(text, Ink.ERROR)
            self.invalidate()
            trains, self._trains_once_looked = self._trains_once_looked and not text, False
            if trains:
                self.action_train()
