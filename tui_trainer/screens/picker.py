"""Choosing one of many by name: arrows, or a few letters of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding

from tui_trainer.screens.dialog import Dialog, Sheet
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.picker import matching, window
from tui_trainer.view_models.styled_text import StyledLine

ROWS = 12
"""Names shown at a time, where the screen is high enough."""

REST = 6
"""Rows of the sheet that are no names: its frame, what is typed, the keys, and blanks."""


class PickerSheet(Sheet):
    """What was typed, and the names that match it, one of them marked."""

    def __init__(self, title: str, names: Sequence[str], chosen: int, *, id: str) -> None:
        super().__init__(title, id=id)
        self._names = names
        self._typed = ""
        self._matches = list(range(len(names)))
        self._marked = chosen

    @property
    def chosen(self) -> int | None:
        """The name marked, None where none matches."""
        return self._matches[self._marked] if self._matches else None

    def type(self, letters: str) -> None:
        """Look for other letters; the first match is marked."""
        self._typed = letters
        self._matches = matching(self._names, letters)
        self._marked = 0
        self.invalidate(immediate=True)

    @property
    def typed(self) -> str:
        """The letters looked for."""
        return self._typed

    def mark(self, step: int) -> None:
        """Mark a name further down, up to the ends."""
        self._marked = min(max(0, self._marked + step), max(0, len(self._matches) - 1))
        self.invalidate(immediate=True)

    def name_at(self, line: int) -> int | None:
        """Return the name on a line of the sheet, if there is one."""
        names_in_sight = self._in_sight()
        return self._matches[names_in_sight[line - 2]] if 0 <= line - 2 < len(names_in_sight) else None

    def lines(self, width: int) -> list[StyledLine]:
        """Return what was typed, the names around the marked one, and the keys."""
        count = f"{len(self._matches)} of {len(self._names)}"
        typed: StyledLine = [(self._typed, Ink.BRIGHT)] if self._typed else [("type to look for a name", Ink.FAINT)]
        names = [self._line(place, width) for place in self._in_sight()]
        blanks: list[StyledLine] = [[] for _ in range(self._rows() - len(names))]
        return [
            [("/ ", Ink.KEY), *typed, (f"  {count}", Ink.MUTED)],
            [],
            *names,
            *blanks,
            [],
            [("enter ", Ink.KEY), ("takes it  ", Ink.MUTED), ("esc ", Ink.KEY), ("stays", Ink.MUTED)],
        ]

    def _rows(self) -> int:
        return max(1, min(ROWS, len(self._names), self.app.size.height - REST))

    def _in_sight(self) -> range:
        return window(self._marked, len(self._matches), self._rows())

    def _line(self, place: int, width: int) -> StyledLine:
        name = f" {self._names[self._matches[place]]}"
        return [(name.ljust(width), Ink.SELECTED)] if place == self._marked else [(name, Ink.TEXT)]


class PickerScreen(Dialog[int]):
    """Asks for one of some names; returns its number, None where it is left.

    Args:
        title: What is chosen.
        names: The choices, harmless to print.
        chosen: The one that is marked at first.
    """

    BINDINGS: ClassVar[list[Any]] = [
        Binding("up", "mark(-1)", show=False),
        Binding("down", "mark(1)", show=False),
        Binding("pageup", f"mark({-ROWS})", show=False),
        Binding("pagedown", f"mark({ROWS})", show=False),
        Binding("enter", "take", show=False),
        Binding("escape", "close", show=False),
        Binding("backspace", "erase", show=False),
    ]

    def __init__(self, title: str, names: Sequence[str], chosen: int) -> None:
        super().__init__()
        self._title = title
        self._names = names
        self._chosen = chosen

    def make_sheet(self) -> PickerSheet:
        """Return the names."""
        return PickerSheet(self._title, self._names, self._chosen, id="names")

    def action_mark(self, step: int) -> None:
        """Mark another name."""
        self._picker.mark(step)

    def action_take(self) -> None:
        """Take the marked name."""
        if self._picker.chosen is not None:
            self.dismiss(self._picker.chosen)

    def action_close(self) -> None:
        """Stay with what was chosen before."""
        self.dismiss(None)

    def action_erase(self) -> None:
        """Take back the last letter."""
        self._picker.type(self._picker.typed[:-1])

    def on_key(self, event: events.Key) -> None:
        """Look for what is typed."""
        if event.is_printable and event.character is not None:
            event.stop()
            self._picker.type(self._picker.typed + event.character)

    def on_click(self, event: events.Click) -> None:
        """Take the name clicked on."""
        sheet = self._picker
        name = sheet.name_at(sheet.line_at(event)) if event.widget is sheet else None
        if name is not None:
            self.dismiss(name)

    @property
    def _picker(self) -> PickerSheet:
        return self.query_one(PickerSheet)
