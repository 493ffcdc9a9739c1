"""Help for what has the focus, the keys that work now, and the words."""

from __future__ import annotations

from textwrap import wrap
from typing import Any, ClassVar, Protocol

from textual.binding import Binding

from tui_trainer.bindings import FIXED_KEYS, Key
from tui_trainer.glossary import TERMS
from tui_trainer.screens.dialog import Dialog, Sheet, Words
from tui_trainer.themes.palette import Ink
from tui_trainer.view_models.dashboard import DashboardModel

NAMES = 18
"""Columns of the names of keys and terms."""


class Explained(Protocol):
    """What can be explained: a pane, a list."""

    def title(self) -> str:
        """Return its name."""

    def help_text(self) -> str:
        """Return a few sentences on what it shows."""


class HelpSheet(Sheet):
    """The pane's own words, then a line for each key, then the glossary."""

    def __init__(self, pane: Explained | None, keys: list[Key], model: DashboardModel, *, id: str) -> None:  # noqa: A002
        super().__init__(pane.title() if pane else "Help", id=id)
        self._about = pane.help_text() if pane else ""
        self._keys = keys
        self._model = model

    def lines(self, width: int) -> list[Words]:
        """Return the lines."""
        width = max(2 * NAMES, width)
        about: list[Words] = [[(line, Ink.TEXT)] for line in wrap(self._about, width)]
        keys = [line for key in self._keys for line in _entry(key.glyph, key.help, width, Ink.KEY)]
        keys += [line for glyph, help_line in FIXED_KEYS for line in _entry(glyph, help_line, width, Ink.KEY)]
        vocabulary = self._model.vocabulary
        words = [line for term in TERMS.values() for line in _entry(term.in_words(vocabulary), term.meaning, width)]
        close: Words = [("esc ", Ink.KEY), ("closes  ", Ink.MUTED), ("↑ ↓ ", Ink.KEY), ("scroll", Ink.MUTED)]
        return [close, *(line for section in (about, keys, words) if section for line in ([], *section))]


def _entry(name: str, meaning: str, width: int, ink: Ink = Ink.TEXT) -> list[Words]:
    """Return a name and what it means, wrapped beside it."""
    first, *more = wrap(meaning, width - NAMES)
    return [[(f"{name:<{NAMES}}", ink), (first, Ink.MUTED)], *([(" " * NAMES + line, Ink.MUTED)] for line in more)]


class HelpScreen(Dialog[None]):
    """Shows the help; its keys close nothing but itself."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("escape,q,question_mark,enter", "close", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
    ]

    def __init__(self, model: DashboardModel, pane: Explained | None, keys: list[Key]) -> None:
        super().__init__()
        self._model = model
        self._pane = pane
        self._keys = keys

    def make_sheet(self) -> HelpSheet:
        """Return the lines."""
        return HelpSheet(self._pane, self._keys, self._model, id="help")

    def action_close(self) -> None:
        """Close the help."""
        self.dismiss(None)

    def action_scroll(self, rows: int) -> None:
        """Scroll the lines."""
        self.sheet.scroll_by(rows)
