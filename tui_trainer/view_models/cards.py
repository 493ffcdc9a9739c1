"""A card as lines of text: what it is, what to watch for, what to try. Its questions are asked elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from presets.cards import Card
from tui_trainer.glossary import Vocabulary, translated
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.styled_text import StyledLine, wrapped_line


def card_lines(card: Card, width: int, vocabulary: Vocabulary = "standard") -> list[StyledLine]:
    """Return what a card says in lines of at most ``width`` cells; none where it says nothing."""
    lines = [*paragraph_lines(card.what, width, vocabulary), []] if card.what else []
    lines += listed_lines("Watch", card.watch, width, vocabulary)
    lines += listed_lines("Try", card.try_, width, vocabulary)
    return lines[:-1]


def paragraph_lines(text: str, width: int, vocabulary: Vocabulary, ink: int = Ink.TEXT) -> list[StyledLine]:
    """Return a paragraph, in lines."""
    return wrapped_line([(translated(text, vocabulary), ink)], width)


def listed_lines(head: str, entries: Sequence[str], width: int, vocabulary: Vocabulary) -> list[StyledLine]:
    """Return a list under a head, each entry set in after a dot, and a blank line below it; nothing without entries."""
    if not entries:
        return []
    lines: list[StyledLine] = [[(head, Ink.ACCENT)]]
    for entry in entries:
        lines += wrapped_line([("· ", Ink.MUTED), (translated(entry, vocabulary), Ink.TEXT)], width, 2)
    return [*lines, []]
