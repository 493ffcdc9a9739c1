"""The dashboard's keys: those that steer the run, and those that lead to other screens."""

from __future__ import annotations

from typing import Final

from tui_trainer.bindings.key import Key
from tui_trainer.panes import TABS

_RATE = "turn('training.learning_rate', {})"

RUN_KEYS: Final[tuple[Key, ...]] = (
    Key("link.retry", "enter", "take_up(True)", "try again", "Start the run again, once the cause is mended", 0),
    Key("link.resume", "enter", "take_up", "resume", "Take up the run again where it was saved last", 0),
    Key("run.pause", "space", "steer('pause')", "pause", "Pause after the running step", 1),
    Key("run.resume", "space", "steer('resume')", "go on", "Go on training", 1),
    Key("run.step", "n", "steer('next-step')", "step", "Do one mini-batch, then pause", 3),
    Key("run.epoch", "N", "steer('next-epoch')", "epoch", "Train to the end of the epoch, then pause", 4),
    Key("rate.down", "left_square_bracket", _RATE.format(-1), "learning rate", "Lower the learning rate", 2),
    Key("rate.up", "right_square_bracket", _RATE.format(1), "learning rate", "Raise the learning rate", 2),
    Key("pace.down", "minus", "turn('pace', -1)", "pace", "Fewer epochs a second", 5),
    Key("pace.up", "plus,equals_sign", "turn('pace', 1)", "pace", "More epochs a second, up to full speed", 5),
    Key("time.back", "comma", "travel(-1)", "time", "Look at the checkpoint before", 4),
    Key("time.forward", "full_stop", "travel(1)", "time", "Look at the checkpoint after, up to the present", 4),
    Key("run.branch", "b", "new('branch')", "branch", "A new run from the epoch looked at, or the last checkpoint", 5),
    Key("run.again", "r", "new('restart')", "restart", "A new run of the recipe as it stands, same seed", 7),
    Key("run.reseed", "R", "new('reseed')", "new seed", "A new run of the recipe as it stands, new seed", 8),
    Key("run.news", "A", "app.news", "news", "What happened in the run while you were away", 6),
    Key("run.undo", "u", "undo", "undo", "Undo the last edit, turn of a dial or change of a weight", 5),
)
"""Keys that steer the run."""

SCREEN_KEYS: Final[tuple[Key, ...]] = (
    Key("charts.log", "y", "switch('log_axis')", "log axis", "Logarithmic or linear axis for the loss", 6),
    Key("full", "f", "full(True)", "full screen", "The focused pane alone on the screen", 4),
    Key("full.leave", "escape,f", "full(False)", "back", "All panes again", 1),
    Key("words", "v", "switch('vocabulary')", "words", "Plain words, a committee's, or the standard ones", 7),
    *(Key(f"place.{tab.key}", str(tab.key), f"place({tab.key})", "panes", tab.help, 6) for tab in TABS),
    Key("screen.runs", "8", "app.runs", "runs", "Every run: open, compare, resume, delete", 7),
    Key("screen.presets", "9", "app.presets", "presets", "Every preset: begin a new run of one", 8),
    Key("screen.exam", "e", "app.exam", "exam", "Exam: the sealed test rows, asked once you say so", 3),
    Key("verdict.cure", "exclamation_mark", "app.cure", "cure", "Do what the verdict above the keys says to try", 3),
    Key("screen.verdicts", "V", "app.verdicts", "verdicts", "All that went wrong in this run, and its cures", 6),
    Key("screen.learn", "L", "app.learn", "learn", "Learn: the tutorials as courses, with tasks and questions", 6),
    Key("screen.labs", "T", "app.labs", "labs", "Every lab: small experiments without a training set", 8),
    Key("screen.sweeps", "W", "app.sweeps", "sweeps", "Every sweep: many values of a recipe's keys, compared", 8),
    Key("screen.by_hand", "h", "app.by_hand", "by hand", "By hand: one sample forward and back, step by step", 3),
    Key("preset.save", "S", "save_preset", "save preset", "Save this network as a preset of your own", 9),
    Key("help", "question_mark", "help", "help", "What the focused pane shows, and all keys", 1),
    Key("leave", "q", "app.leave", "leave", "Leave: detach or stop", 0),
)
"""Keys of what is shown, and of the other screens."""
