"""Asks for another name of a run or of a sweep."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar, Final, Literal

from textual.widgets import Input

from engine.names import expected_name, is_name
from tui_trainer.screens.name import NameScreen, NameSheet

ABOUT: Final = {
    "run": "Runs that branched from it go on naming it.",
    "sweep": "Runs that were made of its trials keep their names.",
}


class RenameScreen(NameScreen):
    """Ends with a name that a run or a sweep can have and none has.

    Args:
        name: Its name now.
        taken: The names of others.
        kind: What it is.
    """

    VERB: ClassVar[str] = "renames"

    def __init__(self, name: str, taken: Collection[str], kind: Literal["run", "sweep"] = "run") -> None:
        super().__init__(name)
        self._taken = taken
        self._kind = kind

    def make_sheet(self) -> NameSheet:
        """Return the lines."""
        return NameSheet(f"Rename the {self._kind}", ABOUT[self._kind], self._suggested, self.VERB, id="name")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """End with the name, or say what is wrong with it."""
        event.stop()
        name = event.value.strip()
        if not is_name(name):
            self.complain(expected_name(name, "wine-better"))
        elif name in self._taken:
            self.complain(f"there is a {self._kind} of this name already")
        else:
            self.dismiss(name)
