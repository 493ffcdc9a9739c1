"""Asks for the name under which a network is saved as a preset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from textual.widgets import Input

from engine.errors import InputError, TrainerError, sanitize
from engine.spec import Spec
from presets.writer import preset_path
from tui_trainer.runs import presets as preset_service
from tui_trainer.screens.confirm import ConfirmScreen
from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.screens.name import NameScreen
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.edits import planned
from tui_trainer.view_models.run import RunModel

OWN: Final = "my-"
"""What the name of a preset of one's own begins with, unless it is given another one."""


class SavePresetScreen(NameScreen):
    """Ends with a name that a preset can have; if there is one already, it may be overwritten."""

    TITLE: ClassVar[str] = "Save as a preset"
    ABOUT: ClassVar[str] = "Data, split, network and training as they now stand."
    VERB: ClassVar[str] = "saves"

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """End with the name, or say what is wrong with it."""
        event.stop()
        if not self.is_on_top:
            return  # a second enter, while the first one is asked about
        name = event.value.strip()
        try:
            taken = preset_path(name).exists()
        except InputError as error:
            self.complain(str(error))
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
        self.refresh(layout=True)
        self.app.push_screen(ConfirmScreen("Overwrite", question, "overwrite it"), answered)


def save_as_preset(screen: KeyedScreen[Any], suggested: str, recipe: Callable[[], Spec]) -> None:
    """Ask for a name, and save a recipe, as it stands by then, under it as a preset of one's own."""

    async def save(name: str) -> None:
        try:
            screen.say(await preset_service.save_preset(recipe(), name), Ink.GOOD)
        except TrainerError as error:
            screen.say(sanitize(error), Ink.ERROR)

    def named(name: str | None) -> None:
        if name is not None:
            screen.run_worker(save(name), name="preset")

    screen.app.push_screen(SavePresetScreen(suggested), named)


def save_network(screen: KeyedScreen[Any], run: RunModel) -> None:
    """Ask for a name, and save the recipe of a run as it stands by then, as a preset of one's own."""
    name = run.spec.name
    save_as_preset(screen, (name if name.startswith(OWN) else f"{OWN}{name}")[:80], lambda: planned(run))
