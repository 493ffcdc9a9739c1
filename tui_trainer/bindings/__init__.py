"""The one table of keys: what each does, where it works, and how it is shown.

Screens and panes take their bindings from here, the footer and the help their lines, the palette its entries. The ids
are stable, so that a keymap of one's own can name them. The rows stand in a module for each kind of screen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from tui_trainer.bindings.dashboard import RUN_KEYS, SCREEN_KEYS
from tui_trainer.bindings.key import FOREIGN, GLYPHS, SCREENS, Key, Owner
from tui_trainer.bindings.labs import LAB_KEYS, LAB_LIST_KEYS
from tui_trainer.bindings.learning import COURSE_KEYS, QUIZ_KEYS
from tui_trainer.bindings.lists import PRESET_LIST_KEYS, RUN_LIST_KEYS, SWEEP_KEYS, VERDICT_LIST_KEYS
from tui_trainer.bindings.panes import PANE_KEYS
from tui_trainer.bindings.reports import BY_HAND_KEYS, COMPARE_KEYS, EXAM_KEYS
from tui_trainer.bindings.setup import SETUP_KEYS

if TYPE_CHECKING:
    from textual.binding import Binding

__all__ = ["FIXED_KEYS", "FOREIGN", "GLYPHS", "KEYS", "SCREENS", "Key", "Owner", "bindings_of", "grouped"]

KEYS: Final[tuple[Key, ...]] = (
    *RUN_KEYS,
    *PANE_KEYS,
    *SCREEN_KEYS,
    *RUN_LIST_KEYS,
    *COMPARE_KEYS,
    *EXAM_KEYS,
    *VERDICT_LIST_KEYS,
    *BY_HAND_KEYS,
    *PRESET_LIST_KEYS,
    *COURSE_KEYS,
    *QUIZ_KEYS,
    *SETUP_KEYS,
    *SWEEP_KEYS,
    *LAB_LIST_KEYS,
    *LAB_KEYS,
)
"""All keys, in the order in which footers, the help and the palette show them."""

FIXED_KEYS: Final = (
    ("tab", "The next pane; shift+tab the one before"),
    ("ctrl+p", "Every action, to be found by typing"),
    ("ctrl+l", "Draw the screen anew, where something else has written on it"),
    ("ctrl+z", "Back to the shell for a while; fg returns here"),
)
"""Keys that work everywhere and are always the same, for the help."""


def bindings_of(owner: Owner) -> list[Binding]:
    """Return the bindings of the dashboard or of a pane."""
    return [key.binding() for key in KEYS if key.owner == owner]


def grouped(keys: Iterable[Key]) -> list[list[Key]]:
    """Return keys with neighbours of one hint together."""
    groups: list[list[Key]] = []
    for key in keys:
        if groups and groups[-1][0].hint == key.hint:
            groups[-1].append(key)
        else:
            groups.append([key])
    return groups
