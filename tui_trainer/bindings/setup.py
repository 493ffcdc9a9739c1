"""Keys of the screen that makes a recipe for data that came without one."""

from __future__ import annotations

from typing import Final

from tui_trainer.bindings.key import Key

SETUP_KEYS: Final[tuple[Key, ...]] = (
    Key("setup.up", "up", "move(-1)", "choose", "The row above", 5, "setup"),
    Key("setup.down", "down", "move(1)", "choose", "The row below", 5, "setup"),
    Key("setup.page.up", "pageup", "move(-10)", "page", "Ten rows up", 7, "setup"),
    Key("setup.page.down", "pagedown", "move(10)", "page", "Ten rows down", 7, "setup"),
    Key("setup.lower", "left", "turn(-1)", "turn", "The value before", 1, "setup"),
    Key("setup.raise", "right,space", "turn(1)", "turn", "The value after", 1, "setup"),
    Key("setup.take", "space", "take", "in/out", "Take the column for an input, or leave it out", 1, "setup"),
    Key("setup.target", "t", "target", "target", "Predict this column", 2, "setup"),
    Key("setup.weigh", "w", "weigh", "weight", "Let rows count in the loss as this column says", 4, "setup"),
    Key("setup.save", "S", "save", "save preset", "Save this recipe as a preset of your own", 4, "setup"),
    Key("setup.train", "enter", "train", "train", "Begin a run of the recipe as it stands", 0, "setup"),
    Key("setup.words", "v", "words", "words", "Plain words, a committee's, or the standard ones", 6, "setup"),
    Key("setup.help", "question_mark", "help", "help", "What can be chosen here, and all keys", 3, "setup"),
    Key("setup.leave", "escape,q", "leave", "leave", "Leave, and begin nothing", 0, "setup"),
)
"""Keys of the setup screen."""
