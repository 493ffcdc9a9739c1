"""What a screen with keys of the table shows, whatever else is on it."""

from __future__ import annotations

from typing import Protocol

from tui_trainer.bindings import Key
from tui_trainer.glossary import Vocabulary
from tui_trainer.view_models.dashboard import Notice


class KeyedModel(Protocol):
    """The least that a screen with keys of the table looks at.

    Attributes:
        keys: The table of keys, as its user has remapped it.
        notice: The line above the keys.
        vocabulary: Standard or plain words.
    """

    keys: tuple[Key, ...]
    notice: Notice
    vocabulary: Vocabulary
