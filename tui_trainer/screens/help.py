"""Help for what has the focus, the keys that work now, and the words."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from textwrap import wrap
from typing import Any, ClassVar, Protocol

from textual.binding import Binding

from tui_trainer.bindings import FIXED_KEYS, Key
from tui_trainer.glossary import TERMS, Term, Vocabulary, translated
from tui_trainer.screens.dialog import Dialog, Sheet
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.keyed import KeyedModel
from tui_trainer.view_models.styled_text import StyledLine

GLYPHS = 11
"""Columns of the keys."""

NAMES = 18
"""Columns of the terms in each vocabulary."""

ROOMY = 60
"""Columns from which on every key's id has room beside what the key does."""

IDS = "   on the right their names in keys.toml"

EVERYWHERE = "dashboard"
"""The owner of the keys that are no pane's own."""


class Explained(Protocol):
    """What can be explained: a pane, a list."""

    def title(self) -> str:
        """Return its name."""

    def help_text(self) -> str:
        """Return a few sentences on what it shows."""


class HelpSheet(Sheet):
    """The pane's own words, then a line for each key, the pane's own first, then the glossary."""

    def __init__(self, pane: Explained | None, keys: list[Key], model: KeyedModel, *, id: str) -> None:
        super().__init__(pane.title() if pane else "Help", id=id)
        self._about = translated(pane.help_text(), model.vocabulary) if pane else ""
        self._keys = keys
        self._model = model
        self._by_width: dict[int, list[StyledLine]] = {}

    def lines(self, width: int) -> list[StyledLine]:
        """Return the lines; they stay as they are while the help is open."""
        if width not in self._by_width:
            self._by_width[width] = self._all_lines(width)
        return self._by_width[width]

    def _all_lines(self, width: int) -> list[StyledLine]:
        close: StyledLine = [("esc ", Ink.KEY), ("closes  ", Ink.MUTED), ("↑ ↓ ", Ink.KEY), ("scroll  ", Ink.MUTED)]
        close += [("w ", Ink.KEY), ("words", Ink.MUTED)]
        return [close, *(line for section in self._sections(max(2 * NAMES, width)) for line in ([], *section))]

    def first_word(self, width: int) -> int:
        """Return the line at which the glossary begins."""
        first = len(self.lines(width)) - len(self._sections(max(2 * NAMES, width))[-1])
        return next(row for row, (number, _) in enumerate(self.wrapped_lines(width)) if number == first)

    def _sections(self, width: int) -> list[list[StyledLine]]:
        """Return what there is to say, part by part, the glossary last."""
        about: list[StyledLine] = [[(line, Ink.TEXT)] for line in wrap(self._about, width)]
        own = self._entries(width, [key for key in self._keys if key.owner != EVERYWHERE])
        shared = self._entries(width, [key for key in self._keys if key.owner == EVERYWHERE])
        # A list is the only pane of its screen: there is no next one.
        fixed_keys = FIXED_KEYS if shared else FIXED_KEYS[1:]
        fixed = [line for glyph, meaning in fixed_keys for line in _entry(glyph, self._in_words(meaning), width)]
        vocabulary = self._model.vocabulary
        words = _glossary(vocabulary, width)
        own = [_heading("Keys here", IDS), *own] if own else []
        head = _heading(f"Words, {vocabulary} first")
        parts = (about, own, [_heading("Keys everywhere", IDS), *shared, *fixed], [head, *words])
        return [part for part in parts if part]

    def _entries(self, width: int, keys: list[Key]) -> list[StyledLine]:
        return [line for key in keys for line in _with_id(replace(key, help=self._in_words(key.help)), width)]

    def _in_words(self, text: str) -> str:
        return translated(text, self._model.vocabulary)


def _heading(text: str, note: str = "") -> StyledLine:
    return [(text, Ink.BRIGHT), (note, Ink.FAINT)]


def _entry(glyph: str, meaning: str, width: int) -> list[StyledLine]:
    """Return a key and what it does, wrapped beside it."""
    first, *more = wrap(meaning, width - GLYPHS)
    lines: list[StyledLine] = [[(f"{glyph:<{GLYPHS}}", Ink.KEY), (first, Ink.MUTED)]]
    return lines + [[(" " * GLYPHS + line, Ink.MUTED)] for line in more]


def _with_id(key: Key, width: int) -> list[StyledLine]:
    """Return a key's entry with its id at the right end, where there is room: ``keys.toml`` wants it."""
    entry = _entry(key.glyph, key.help, width - len(key.id) - 1 if width >= ROOMY else width)
    room = width - sum(len(text) for text, _ in entry[0])
    if room > len(key.id):
        entry[0].append((key.id.rjust(room), Ink.FAINT))
    return entry


@lru_cache(maxsize=4)
def _glossary(vocabulary: Vocabulary, width: int) -> list[StyledLine]:
    """Return all terms; to wrap their meanings takes a quarter of the time in which the help opens."""
    return [line for term in TERMS.values() for line in _term(term, vocabulary, width)]


def _term(term: Term, vocabulary: Vocabulary, width: int) -> list[StyledLine]:
    """Return a term in both vocabularies, and its meaning beside them, or below where there is no room."""
    chosen = term.in_words(vocabulary)
    other = term.plain if vocabulary == "standard" else term.standard
    names: StyledLine = [(f"{chosen:<{NAMES}}", Ink.TEXT), (f"{other if other != chosen else '':<{NAMES}}", Ink.MUTED)]
    indent = 2 * NAMES if width >= 3 * NAMES else 2
    first, *more = [(line, Ink.MUTED) for line in wrap(term.meaning, width - indent)]
    lines, below = ([names], [first, *more]) if indent == 2 else ([[*names, first]], more)
    return lines + [[(" " * indent, Ink.MUTED), line] for line in below]


class HelpScreen(Dialog[None]):
    """Shows the help; its keys close nothing but itself."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("escape,q,question_mark,enter", "close", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
        Binding("w", "words", show=False),
    ]

    def __init__(self, model: KeyedModel, pane: Explained | None, keys: list[Key]) -> None:
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

    def action_words(self) -> None:
        """Go to the glossary."""
        sheet = self.query_one(HelpSheet)
        sheet.scroll_to_line(sheet.first_word(sheet.text_width))

    def on_mouse_scroll_down(self) -> None:
        """Scroll down."""
        self.sheet.scroll_by(3)

    def on_mouse_scroll_up(self) -> None:
        """Scroll up."""
        self.sheet.scroll_by(-3)
