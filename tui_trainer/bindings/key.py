"""What a key is: a row of the table of keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from tui_trainer.panes import PaneOwner

if TYPE_CHECKING:
    from textual.binding import Binding

LabOwner = Literal["lab_dials", "lab_plots", "lab_tables", "lab_text"]
"""Panes of a lab."""
ScreenOwner = (
    Literal["field", "runs", "compare", "presets", "exam", "verdicts", "by_hand", "setup"]
    | Literal["learn", "quiz", "sweeps", "sweep", "labs", "lab"]
    | LabOwner
)
"""Screens that have keys of their own and none of the dashboard's, and a text field over a value."""
Owner = Literal["dashboard"] | PaneOwner | ScreenOwner
"""The dashboard's keys work beside those of a pane, which work while it has the focus."""

SCREENS: Final[dict[Owner, Owner]] = dict.fromkeys(get_args(LabOwner), "lab")
"""The screens whose keys work beside those of a pane, where it is not the dashboard."""

FOREIGN: Final[frozenset[Owner]] = frozenset(name for part in get_args(ScreenOwner) for name in get_args(part))
"""Owners beside which the dashboard's keys do not work."""

GLYPHS: Final = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "minus": "-",
    "plus": "+",
    "comma": ",",
    "full_stop": ".",
    "slash": "/",
    "exclamation_mark": "!",
    "question_mark": "?",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "escape": "esc",
    "backspace": "⌫",
}
"""How keys are shown whose name, in Textual's words, is not what stands on them."""


@dataclass(frozen=True)
class Key:
    """One key.

    Attributes:
        id: Stable name.
        keys: Textual's names of the keys, separated by commas; the first is the one shown.
        action: What it does, in Textual's form.
        hint: One or two words for the footer; neighbours with the same hint share it. Empty: not in the footer.
        help: One line for the help and the palette.
        spare: How readily the footer gives it up when it is too narrow; 0 stays to the last.
        owner: Where it works.
        glyph: The key as shown; where nothing is said that of the first of its names.
    """

    id: str
    keys: str
    action: str
    hint: str
    help: str
    spare: int
    owner: Owner = "dashboard"
    glyph: str = ""

    def __post_init__(self) -> None:
        first = self.keys.split(",", maxsplit=1)[0]
        object.__setattr__(self, "glyph", self.glyph or GLYPHS.get(first, first))

    def binding(self) -> Binding:
        """Return it as Textual wants it."""
        # Here and not above: the view models read this table, and load no screen.
        from textual.binding import Binding

        return Binding(self.keys, self.action, self.help, show=False, id=self.id)
