"""Asks for another name of a run."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from textual.widgets import Input

from engine.names import expected_name, is_name
from tui_trainer.screens.name import NameScreen


class RenameScreen(NameScreen):
    """Ends with a name that a run can have and none has."""

    TITLE: ClassVar[str] = "Rename the run"
    ABOUT: ClassVar[str] = "Runs that branched from it go on naming it."
    VERB: ClassVar[str] = "renames"

    def __init__(self, name: str, taken: Collection[str]) -> None:
        super().__init__(name)
        self._taken = taken

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """End with the name, or say what is wrong with it."""
        event.stop()
        name = event.value.strip()
        if not is_name(name):
            self.complain(expected_name(name, "wine-better"))
        elif name in self._taken:
            self.complain("there is a run of this name already")
        else:
            self.dismiss(name)
