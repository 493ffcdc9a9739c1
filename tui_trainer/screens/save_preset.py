"""Asks for the name under which a network is saved as a preset."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input

from engine.errors import InputError, TrainerError, sanitize
from presets.writer import preset_path
from tui_trainer.runs import presets as preset_service
from tui_trainer.screens.confirm import ConfirmScreen
from tui_trainer.screens.dialog import Dialog, Sheet
from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.edits import planned
from tui_trainer.view_models.styled_text import StyledLine

OWN: Final = "my-"
"""What the name of a preset of one's own begins with, unless it is given another one."""


class NameSheet(Sheet):
    """What is saved, the field for its name, and what is wrong with that."""

    DEFAULT_CSS = """
    NameSheet Input {
        position: absolute;
        width: 40;
        height: 1;
        offset: 2 3;
        background: $panel;
        color: $foreground;
        &:focus { background: $panel; }
    }
    """

    def __init__(self, suggested: str, *, id: str) -> None:
        super().__init__("Save as a preset", id=id)
        self.complaint = ""
        self._suggested = suggested

    def compose(self) -> ComposeResult:
        """Make the field."""
        field = Input(self._suggested, compact=True, max_length=80)
        field.cursor_blink = False
        yield field

    def on_focus(self) -> None:
        """Give the keys to the field."""
        self.query_one(Input).focus()

    def lines(self, width: int) -> list[StyledLine]:  # noqa: ARG002 (Sheet's)
        """Return the lines around the field."""
        return [
            [("Data, split, network and training as they now stand.", Ink.TEXT)],
            [],
            [],
            [],
            [(self.complaint, Ink.WARNING)],
            [("enter ", Ink.KEY), ("saves  ", Ink.MUTED), ("esc ", Ink.KEY), ("does not", Ink.MUTED)],
        ]


class SavePresetScreen(Dialog[str]):
    """Ends with a name that a preset can have; if there is one already, it may be overwritten."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape", "leave", show=False)]

    def __init__(self, suggested: str) -> None:
        super().__init__()
        self._suggested = suggested

    def make_sheet(self) -> NameSheet:
        """Return the lines."""
        return NameSheet(self._suggested, id="name")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """End with the name, or say what is wrong with it."""
        event.stop()
        if not self.is_on_top:
            return  # a second enter, while the first one is asked about
        name = event.value.strip()
        try:
            taken = preset_path(name).exists()
        except InputError as error:
            self._complain(str(error))
            return
        if not taken:
            self.dismiss(name)
            return

        def answered(sure: bool | None) -> None:
            self.sheet.display = True
            field = self.query_one(Input)
            field.select_on_focus = False  # else the next letter would take the place of all of them
            field.focus()
            field.cursor_position = len(field.value)
            if sure:
                self.dismiss(name)

        question = f"There is a preset {name} of yours. What it says now would be lost."
        self.sheet.display = False  # or its frame would show around that of the question
        self.app.push_screen(ConfirmScreen("Overwrite", question, "overwrite it"), answered)

    def action_leave(self) -> None:
        """Save nothing."""
        self.dismiss(None)

    def _complain(self, text: str) -> None:
        sheet = self.query_one(NameSheet)
        sheet.complaint = text
        self.fit()
        sheet.invalidate(immediate=True)


def save_as_preset(screen: KeyedScreen[None]) -> None:
    """Ask for a name, and save the recipe as it now stands under it, as a preset of one's own."""
    run = screen.model.run

    async def save(name: str) -> None:
        try:
            screen.say(await preset_service.save_preset(planned(run), name), Ink.GOOD)
        except TrainerError as error:
            screen.say(sanitize(error), Ink.ERROR)

    def named(name: str | None) -> None:
        if name is not None:
            screen.run_worker(save(name), name="preset")

    own = run.spec.name if run.spec.name.startswith(OWN) else f"{OWN}{run.spec.name}"
    screen.app.push_screen(SavePresetScreen(own[:80]), named)
