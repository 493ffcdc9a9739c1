"""Keys of the screens that list something: runs, presets, verdicts, sweeps and the trials of one."""

from __future__ import annotations

from typing import Final

from tui_trainer.bindings.key import Key

RUN_LIST_KEYS: Final[tuple[Key, ...]] = (
    Key("runs.up", "up", "choose(-1)", "choose", "The run above", 5, "runs"),
    Key("runs.down", "down", "choose(1)", "choose", "The run below", 5, "runs"),
    Key("runs.page.up", "pageup", "page(-1)", "page", "A screenful up", 6, "runs"),
    Key("runs.page.down", "pagedown", "page(1)", "page", "A screenful down", 6, "runs"),
    Key("runs.open", "enter", "take", "open", "Show this run in place of the present one", 0, "runs"),
    Key("runs.mark", "x", "mark", "overlay", "Lay its curves over the charts, or take them away", 1, "runs"),
    Key("runs.compare", "c", "compare", "compare", "Put the runs selected, or overlaid, side by side", 1, "runs"),
    Key("runs.select", "space", "select", "select", "Select the run, to compare or delete several", 2, "runs"),
    Key("runs.sort", "o", "sort", "order", "Sort by age, name, state, loss, score, size", 4, "runs"),
    Key("runs.rename", "n", "rename", "rename", "Give the run another name", 5, "runs"),
    Key("runs.stop", "s", "stop", "stop", "Save the run and end its worker", 2, "runs"),
    Key("runs.resume", "r", "resume", "resume", "Train on from its last checkpoint, in the background", 2, "runs"),
    Key(
        "runs.delete",
        "d,delete",
        "delete",
        "delete",
        "Delete the run, or those selected, with all checkpoints",
        3,
        "runs",
    ),
    Key("runs.filter", "slash", "filter", "filter", "Show only what has these words in it", 2, "runs"),
    Key("runs.presets", "9", "app.presets", "presets", "Every preset: begin a new run of one", 4, "runs"),
    Key("runs.sweeps", "W", "app.sweeps", "sweeps", "Every sweep: many values of a recipe's keys, compared", 6, "runs"),
    Key("runs.help", "question_mark", "help", "help", "What is listed here, and all keys", 3, "runs"),
    Key("runs.back", "escape,q,8", "back", "back", "Back to the dashboard", 0, "runs"),
)
"""Keys of the list of runs."""

PRESET_LIST_KEYS: Final[tuple[Key, ...]] = (
    Key("presets.up", "up", "choose(-1)", "choose", "The preset above", 5, "presets"),
    Key("presets.down", "down", "choose(1)", "choose", "The preset below", 5, "presets"),
    Key("presets.begin", "enter", "take", "begin", "Begin a new run of it in place of this one", 0, "presets"),
    Key("presets.filter", "slash", "filter", "filter", "Show only what has these words in it", 2, "presets"),
    Key("presets.turn", "c", "turn_recipe", "claims", "Recipe, card, or published figures beside ours", 1, "presets"),
    Key("presets.page.down", "pagedown", "scroll_card(1)", "recipe", "Scroll the recipe down", 3, "presets"),
    Key("presets.page.up", "pageup", "scroll_card(-1)", "recipe", "Scroll the recipe up", 3, "presets"),
    Key("presets.runs", "8", "app.runs", "runs", "Every run: open, compare, resume, delete", 4, "presets"),
    Key("presets.help", "question_mark", "help", "help", "What is listed here, and all keys", 3, "presets"),
    Key("presets.back", "escape,q,9", "back", "back", "Back to the dashboard", 0, "presets"),
)
"""Keys of the list of presets."""

VERDICT_LIST_KEYS: Final[tuple[Key, ...]] = (
    Key("verdicts.up", "up", "choose(-1)", "choose", "The verdict above", 5, "verdicts"),
    Key("verdicts.down", "down", "choose(1)", "choose", "The verdict below", 5, "verdicts"),
    Key("verdicts.page.up", "pageup", "scroll_card(-1)", "text", "What is said of it, further up", 6, "verdicts"),
    Key("verdicts.page.down", "pagedown", "scroll_card(1)", "text", "What is said of it, down", 6, "verdicts"),
    Key("verdicts.cure", "enter,exclamation_mark", "take", "cure", "Do what it says to try", 0, "verdicts"),
    Key("verdicts.filter", "slash", "filter", "filter", "Show only what has these words in it", 4, "verdicts"),
    Key("verdicts.help", "question_mark", "help", "help", "What is listed here, and all keys", 3, "verdicts"),
    Key("verdicts.back", "escape,q,V", "back", "back", "Back to the dashboard", 0, "verdicts"),
)
"""Keys of the list of verdicts."""

SWEEP_KEYS: Final[tuple[Key, ...]] = (
    Key("sweeps.up", "up", "choose(-1)", "choose", "The sweep above", 5, "sweeps"),
    Key("sweeps.down", "down", "choose(1)", "choose", "The sweep below", 5, "sweeps"),
    Key("sweeps.open", "enter", "take", "open", "Its trials, their boundaries, the best of them", 0, "sweeps"),
    Key("sweeps.new", "n", "new", "new", "A new sweep of the recipe of the run that is shown", 1, "sweeps"),
    Key("sweeps.stop", "s", "stop", "stop", "Stop it; the trials that have ended are kept", 2, "sweeps"),
    Key("sweeps.resume", "r", "resume", "resume", "Go on with it, in the background", 2, "sweeps"),
    Key("sweeps.rename", "m", "rename", "rename", "Give the sweep another name", 5, "sweeps"),
    Key("sweeps.delete", "d,delete", "delete", "delete", "Delete it with all results; asks first", 3, "sweeps"),
    Key("sweeps.filter", "slash", "filter", "filter", "Show only what has these words in it", 3, "sweeps"),
    Key("sweeps.page.down", "pagedown", "scroll_card(1)", "text", "Scroll what is said down", 4, "sweeps"),
    Key("sweeps.page.up", "pageup", "scroll_card(-1)", "text", "Scroll what is said up", 4, "sweeps"),
    Key("sweeps.help", "question_mark", "help", "help", "What is listed here, and all keys", 3, "sweeps"),
    Key("sweeps.back", "escape,q,W", "back", "back", "Back to where you came from", 0, "sweeps"),
    Key("sweep.up", "up", "choose(-1)", "choose", "The trial above", 5, "sweep"),
    Key("sweep.down", "down", "choose(1)", "choose", "The trial below", 5, "sweep"),
    Key("sweep.run", "enter", "take", "run it", "A run of this trial, in place of the one shown", 0, "sweep"),
    Key("sweep.save", "S", "save", "save preset", "Save this trial's recipe as a preset of your own", 3, "sweep"),
    Key("sweep.stop_trial", "x", "stop_trial", "stop trial", "Stop this trial; the others go on", 1, "sweep"),
    Key("sweep.stop", "s", "stop", "stop all", "Stop the sweep; the trials that have ended are kept", 2, "sweep"),
    Key("sweep.resume", "r", "resume", "resume", "Go on with it, in the background", 2, "sweep"),
    Key("sweep.extend", "n", "extend", "more", "Further trials: other values, or more draws", 2, "sweep"),
    Key("sweep.pictures", "f", "pictures", "boundaries", "The boundaries alone, or all again", 1, "sweep"),
    Key("sweep.order", "o", "order", "order", "Sort by validation, or as they were asked for", 4, "sweep"),
    Key("sweep.filter", "slash", "filter", "filter", "Show only what has these words in it", 5, "sweep"),
    Key("sweep.page.down", "pagedown", "scroll_card(1)", "text", "Scroll what is said down", 4, "sweep"),
    Key("sweep.page.up", "pageup", "scroll_card(-1)", "text", "Scroll what is said up", 4, "sweep"),
    Key("sweep.help", "question_mark", "help", "help", "What is shown here, and all keys", 3, "sweep"),
    Key("sweep.back", "escape,q", "back", "back", "Back to the sweeps", 0, "sweep"),
)
"""Keys of the list of sweeps, and of one of them."""
