"""The one table of keys: what each does, where it works, and how it is shown.

Screens and panes take their bindings from here, the footer and the help their lines, the palette its entries. The ids
are stable, so that a keymap of one's own can name them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tui_trainer.panes import TABS

if TYPE_CHECKING:
    from textual.binding import Binding

Owner = Literal[
    "dashboard",
    "architecture",
    "dials",
    "charts",
    "heatmap",
    "neurons",
    "boundary",
    "sample",
    "ranges",
    "parts",
    "field",
    "runs",
    "presets",
    "compare",
    "exam",
    "verdicts",
    "by_hand",
    "setup",
    "lesson",
    "learn",
    "quiz",
    "sweeps",
    "sweep",
    "labs",
    "lab",
    "lab_dials",
    "lab_plots",
    "lab_tables",
    "lab_text",
]
"""The dashboard's keys work everywhere but in a text field over a value; a pane's keys work while it has the focus.

The screens of runs and of their comparison, of presets, of the exam, of verdicts, of a sample by hand, of the
courses and their questions, of sweeps, of labs, and of data without a recipe have keys of their own, and none of the
dashboard's.
"""

SCREENS: Final[dict[Owner, Owner]] = dict.fromkeys(("lab_dials", "lab_plots", "lab_tables", "lab_text"), "lab")
"""The screens whose keys work beside those of a pane, where it is not the dashboard."""

FOREIGN: Final[frozenset[Owner]] = frozenset(
    {
        "field",
        "runs",
        "compare",
        "presets",
        "exam",
        "verdicts",
        "by_hand",
        "setup",
        "learn",
        "quiz",
        "sweeps",
        "sweep",
        "labs",
        "lab",
        *SCREENS,
    }
)
"""Owners beside which the dashboard's keys do not work."""


@dataclass(frozen=True)
class Key:
    """One key.

    Attributes:
        id: Stable name.
        keys: Textual's names of the keys, separated by commas; the first is the one shown.
        glyph: The key as shown.
        action: What it does, in Textual's form.
        hint: One or two words for the footer; neighbours with the same hint share it. Empty: not in the footer.
        help: One line for the help and the palette.
        spare: How readily the footer gives it up when it is too narrow; 0 stays to the last.
        owner: Where it works.
    """

    id: str
    keys: str
    glyph: str
    action: str
    hint: str
    help: str
    spare: int
    owner: Owner = "dashboard"

    def binding(self) -> Binding:
        """Return it as Textual wants it."""
        # Here and not above: the view models read this table, and load no screen.
        from textual.binding import Binding

        return Binding(self.keys, self.action, self.help, show=False, id=self.id)


_RATE = "turn('training.learning_rate', {})"

KEYS: Final[tuple[Key, ...]] = (
    Key(
        "link.retry", "enter", "enter", "take_up(True)", "try again", "Start the run again, once the cause is mended", 0
    ),
    Key("link.resume", "enter", "enter", "take_up", "resume", "Take up the run again where it was saved last", 0),
    Key("run.pause", "space", "space", "steer('pause')", "pause", "Pause after the running step", 1),
    Key("run.resume", "space", "space", "steer('resume')", "go on", "Go on training", 1),
    Key("run.step", "n", "n", "steer('next-step')", "step", "Do one mini-batch, then pause", 3),
    Key("run.epoch", "N", "N", "steer('next-epoch')", "epoch", "Train to the end of the epoch, then pause", 4),
    Key("rate.down", "left_square_bracket", "[", _RATE.format(-1), "learning rate", "Lower the learning rate", 2),
    Key("rate.up", "right_square_bracket", "]", _RATE.format(1), "learning rate", "Raise the learning rate", 2),
    Key("pace.down", "minus", "-", "turn('pace', -1)", "pace", "Fewer epochs a second", 5),
    Key("pace.up", "plus,equals_sign", "+", "turn('pace', 1)", "pace", "More epochs a second, up to full speed", 5),
    Key("time.back", "comma", ",", "travel(-1)", "time", "Look at the checkpoint before", 4),
    Key("time.forward", "full_stop", ".", "travel(1)", "time", "Look at the checkpoint after, up to the present", 4),
    Key(
        "run.branch",
        "b",
        "b",
        "new('branch')",
        "branch",
        "A new run from the epoch looked at, or the last checkpoint",
        5,
    ),
    Key("run.again", "r", "r", "new('restart')", "restart", "A new run of the recipe as it stands, same seed", 7),
    Key("run.reseed", "R", "R", "new('reseed')", "new seed", "A new run of the recipe as it stands, new seed", 8),
    Key("run.news", "A", "A", "app.news", "news", "What happened in the run while you were away", 6),
    Key("run.undo", "u", "u", "undo", "undo", "Undo the last edit, turn of a dial or change of a weight", 5),
    Key("network.up", "up", "↑", "choose(-1)", "choose", "The layer above", 2, "architecture"),
    Key("network.down", "down", "↓", "choose(1)", "choose", "The layer below", 2, "architecture"),
    Key("network.narrow", "left", "←", "turn_units(-1)", "width", "Narrow the layer", 1, "architecture"),
    Key("network.widen", "right", "→", "turn_units(1)", "width", "Widen the layer", 1, "architecture"),
    Key("network.units", "enter", "enter", "type_units", "type", "Type the number of neurons", 2, "architecture"),
    Key("network.add", "a", "a", "add_layer", "add", "Add a layer after this one", 1, "architecture"),
    Key("network.remove", "x,delete", "x", "remove_layer", "remove", "Remove the layer", 1, "architecture"),
    Key("network.activation", "c", "c", "choose_activation", "activation", "Choose an activation", 2, "architecture"),
    Key("network.init", "i", "i", "choose_initializer", "init", "Choose how new weights are drawn", 3, "architecture"),
    Key("network.keep", "k", "k", "toggle_keep", "keep", "Keep what was learned, or draw afresh", 2, "architecture"),
    Key("dials.up", "up", "↑", "choose(-1)", "choose", "The dial above", 1, "dials"),
    Key("dials.down", "down", "↓", "choose(1)", "choose", "The dial below", 1, "dials"),
    Key("dials.lower", "left", "←", "turn_chosen(-1)", "turn", "Turn the dial down", 1, "dials"),
    Key("dials.raise", "right", "→", "turn_chosen(1)", "turn", "Turn the dial up", 1, "dials"),
    Key("dials.log.down", "pagedown", "pgdn", "scroll_log(3)", "log", "Earlier changes", 4, "dials"),
    Key("dials.log.up", "pageup", "pgup", "scroll_log(-3)", "log", "Later changes", 4, "dials"),
    Key("dials.edit", "enter", "enter", "edit", "type", "Type a value for the dial", 1, "dials"),
    Key("charts.left", "left", "←", "cross(-1)", "crosshair", "The values of an epoch before", 2, "charts"),
    Key("charts.right", "right", "→", "cross(1)", "crosshair", "The values of an epoch after", 2, "charts"),
    Key("charts.clear", "escape", "esc", "uncross", "no crosshair", "Take the crosshair away", 5, "charts"),
    Key("charts.in", "up", "↑", "zoom(1)", "zoom", "Zoom in, around the crosshair or the latest epoch", 3, "charts"),
    Key("charts.out", "down", "↓", "zoom(-1)", "zoom", "Zoom out", 3, "charts"),
    Key("charts.before", "less_than_sign", "<", "pan(-1)", "along", "The epochs before those shown", 3, "charts"),
    Key("charts.after", "greater_than_sign", ">", "pan(1)", "along", "The epochs after those shown", 3, "charts"),
    Key("charts.fit", "0", "0", "fit", "all", "All epochs again", 3, "charts"),
    Key("charts.smooth", "s", "s", "smooth", "smooth", "Smooth the curves: more, most, not at all", 5, "charts"),
    Key("charts.kind", "w", "w", "next_kind", "norms", "Gradient norm, update ratio, the metric again", 2, "charts"),
    Key("heatmap.left", "left", "←", "move(0, -1)", "look", "The weight to the left", 2, "heatmap"),
    Key("heatmap.right", "right", "→", "move(0, 1)", "look", "The weight to the right", 2, "heatmap"),
    Key("heatmap.up", "up", "↑", "move(-1, 0)", "look", "The neuron above", 2, "heatmap"),
    Key("heatmap.down", "down", "↓", "move(1, 0)", "look", "The neuron below", 2, "heatmap"),
    Key("heatmap.layer", "l", "l", "next_layer", "layer", "The next layer's weights", 2, "heatmap"),
    Key("heatmap.all", "a", "a", "all_layers", "all layers", "All layers on one scale, or one of them", 3, "heatmap"),
    Key("heatmap.kind", "w", "w", "next_kind", "what", "Weights, slopes, updates, moments, activations", 2, "heatmap"),
    Key("heatmap.wiggle", "g", "g", "wiggle", "wiggle", "By hand: wiggle this weight beside its slope", 3, "heatmap"),
    Key("heatmap.edit", "enter", "enter", "edit", "type", "Type a value for the weight", 2, "heatmap"),
    Key("clerks.left", "left", "←", "row(-1)", "row", "The row before, of the same batch", 2, "neurons"),
    Key("clerks.right", "right", "→", "row(1)", "row", "The row after, of the same batch", 2, "neurons"),
    Key("clerks.switch", "o", "o", "switch_dropout", "dropout", "All dropout off, or on again", 3, "neurons"),
    Key("clerks.up", "up", "↑", "scroll_layers(-1)", "scroll", "Scroll up", 3, "neurons"),
    Key("clerks.down", "down", "↓", "scroll_layers(1)", "scroll", "Scroll down", 3, "neurons"),
    Key("boundary.left", "left", "←", "move(-1, 0)", "point", "Your point to the left", 2, "boundary"),
    Key("boundary.right", "right", "→", "move(1, 0)", "point", "Your point to the right", 2, "boundary"),
    Key("boundary.up", "up", "↑", "move(0, -1)", "point", "Your point upwards", 2, "boundary"),
    Key("boundary.down", "down", "↓", "move(0, 1)", "point", "Your point downwards", 2, "boundary"),
    Key("boundary.edit", "enter", "enter", "edit", "type", "Type your point, as two numbers", 2, "boundary"),
    Key("boundary.clear", "backspace,delete", "⌫", "clear", "no point", "Take your point away", 6, "boundary"),
    Key("boundary.across", "x", "x", "choose_column(0)", "columns", "Another column across", 3, "boundary"),
    Key("boundary.upwards", "y", "y", "choose_column(1)", "columns", "Another column upwards", 3, "boundary"),
    Key("boundary.field", "l", "l", "choose_neuron", "field of", "The field of a neuron, or the answer", 3, "boundary"),
    Key("boundary.derive", "d", "d", "derive", "columns", "Derive columns: x1^2, x1*x2, sin(x1)", 3, "boundary"),
    Key("boundary.before", "less_than_sign", "<", "next_neuron(-1)", "neuron", "The neuron before", 3, "boundary"),
    Key("boundary.after", "greater_than_sign", ">", "next_neuron(1)", "neuron", "The neuron after", 3, "boundary"),
    Key("sample.up", "up", "↑", "choose(-1)", "row", "The row above", 2, "sample"),
    Key("sample.down", "down", "↓", "choose(1)", "row", "The row below", 2, "sample"),
    Key("sample.page_up", "pageup", "pgup", "page(-1)", "rows", "A page of rows up", 6, "sample"),
    Key("sample.page_down", "pagedown", "pgdn", "page(1)", "rows", "A page of rows down", 6, "sample"),
    Key("sample.left", "left", "←", "sidle(-1)", "column", "Columns further left", 2, "sample"),
    Key("sample.right", "right", "→", "sidle(1)", "column", "Columns further right", 2, "sample"),
    Key("ranges.up", "up", "↑", "scroll_ranges(-1)", "scroll", "Columns further up", 2, "ranges"),
    Key("ranges.down", "down", "↓", "scroll_ranges(1)", "scroll", "Columns further down", 2, "ranges"),
    Key("parts.up", "up", "↑", "scroll_parts(-1)", "scroll", "Scroll up", 2, "parts"),
    Key("parts.down", "down", "↓", "scroll_parts(1)", "scroll", "Scroll down", 2, "parts"),
    Key("lesson.up", "up", "↑", "scroll(-1)", "scroll", "The card further up", 2, "lesson"),
    Key("lesson.down", "down", "↓", "scroll(1)", "scroll", "The card further down", 2, "lesson"),
    Key("lesson.page.up", "pageup", "pgup", "scroll(-8)", "page", "The card further up, by some lines", 4, "lesson"),
    Key(
        "lesson.page.down", "pagedown", "pgdn", "scroll(8)", "page", "The card further down, by some lines", 4, "lesson"
    ),
    Key("lesson.ask", "a", "a", "app.ask", "questions", "Answer the questions of the lesson", 1, "lesson"),
    Key("lesson.close", "x", "x", "app.close_lesson", "close", "Close the lesson; the run goes on", 3, "lesson"),
    Key("field.take", "enter", "enter", "submit", "take", "Take what was typed", 0, "field"),
    Key("field.leave", "escape", "esc", "leave_field", "give up", "Leave the value as it was", 0, "field"),
    Key("charts.log", "y", "y", "switch('log_axis')", "log axis", "Logarithmic or linear axis for the loss", 6),
    Key("full", "f", "f", "full(True)", "full screen", "The focused pane alone on the screen", 4),
    Key("full.leave", "escape,f", "esc", "full(False)", "back", "All panes again", 1),
    Key("words", "v", "v", "switch('vocabulary')", "words", "Plain words, a committee's, or the standard ones", 7),
    *(Key(f"place.{tab.key}", str(tab.key), str(tab.key), f"place({tab.key})", "panes", tab.help, 6) for tab in TABS),
    Key("screen.runs", "8", "8", "app.runs", "runs", "Every run: open, compare, resume, delete", 7),
    Key("screen.presets", "9", "9", "app.presets", "presets", "Every preset: begin a new run of one", 8),
    Key("screen.exam", "e", "e", "app.exam", "exam", "Exam: the sealed test rows, asked once you say so", 3),
    Key(
        "verdict.cure", "exclamation_mark", "!", "app.cure", "cure", "Do what the verdict above the keys says to try", 3
    ),
    Key("screen.verdicts", "V", "V", "app.verdicts", "verdicts", "All that went wrong in this run, and its cures", 6),
    Key("screen.learn", "L", "L", "app.learn", "learn", "Learn: the tutorials as courses, with tasks and questions", 6),
    Key("screen.labs", "T", "T", "app.labs", "labs", "Every lab: small experiments without a training set", 8),
    Key("screen.sweeps", "W", "W", "app.sweeps", "sweeps", "Every sweep: many values of a recipe's keys, compared", 8),
    Key("screen.by_hand", "h", "h", "app.by_hand", "by hand", "By hand: one sample forward and back, step by step", 3),
    Key("preset.save", "S", "S", "save_preset", "save preset", "Save this network as a preset of your own", 9),
    Key("help", "question_mark", "?", "help", "help", "What the focused pane shows, and all keys", 1),
    Key("leave", "q", "q", "app.leave", "leave", "Leave: detach or stop", 0),
    Key("runs.up", "up", "↑", "choose(-1)", "choose", "The run above", 5, "runs"),
    Key("runs.down", "down", "↓", "choose(1)", "choose", "The run below", 5, "runs"),
    Key("runs.page.up", "pageup", "pgup", "page(-1)", "page", "A screenful up", 6, "runs"),
    Key("runs.page.down", "pagedown", "pgdn", "page(1)", "page", "A screenful down", 6, "runs"),
    Key("runs.open", "enter", "enter", "take", "open", "Show this run in place of the present one", 0, "runs"),
    Key("runs.mark", "x", "x", "mark", "overlay", "Lay its curves over the charts, or take them away", 1, "runs"),
    Key("runs.compare", "c", "c", "compare", "compare", "Put the runs selected, or overlaid, side by side", 1, "runs"),
    Key("runs.select", "space", "space", "select", "select", "Select the run, to compare or delete several", 2, "runs"),
    Key("runs.sort", "o", "o", "sort", "order", "Sort by age, name, state, loss, score, size", 4, "runs"),
    Key("runs.rename", "n", "n", "rename", "rename", "Give the run another name", 5, "runs"),
    Key("runs.stop", "s", "s", "stop", "stop", "Save the run and end its worker", 2, "runs"),
    Key("runs.resume", "r", "r", "resume", "resume", "Train on from its last checkpoint, in the background", 2, "runs"),
    Key(
        "runs.delete",
        "d,delete",
        "d",
        "delete",
        "delete",
        "Delete the run, or those selected, with all checkpoints",
        3,
        "runs",
    ),
    Key("runs.filter", "slash", "/", "filter", "filter", "Show only what has these words in it", 2, "runs"),
    Key("runs.presets", "9", "9", "app.presets", "presets", "Every preset: begin a new run of one", 4, "runs"),
    Key("runs.help", "question_mark", "?", "help", "help", "What is listed here, and all keys", 3, "runs"),
    Key("runs.back", "escape,q,8", "esc", "back", "back", "Back to the dashboard", 0, "runs"),
    Key(
        "compare.axis",
        "x",
        "x",
        "turn('axis')",
        "axis",
        "By epoch, by step, by the time that training took",
        1,
        "compare",
    ),
    Key("compare.kind", "m", "m", "turn('kind')", "metric", "The scores, or the losses", 1, "compare"),
    Key(
        "compare.part",
        "p",
        "p",
        "turn('part')",
        "part",
        "The other part of the data: training, validation",
        2,
        "compare",
    ),
    Key("compare.left", "left", "←", "cross(-1)", "crosshair", "The values further left", 2, "compare"),
    Key("compare.right", "right", "→", "cross(1)", "crosshair", "The values further right", 2, "compare"),
    Key("compare.clear", "backspace,delete", "⌫", "uncross", "no crosshair", "Take the crosshair away", 6, "compare"),
    Key("compare.in", "plus,equals_sign", "+", "zoom(1)", "zoom", "Zoom in, on the crosshair or the end", 3, "compare"),
    Key("compare.out", "minus", "-", "zoom(-1)", "zoom", "Zoom out", 3, "compare"),
    Key("compare.before", "less_than_sign", "<", "pan(-1)", "along", "What lies before", 4, "compare"),
    Key("compare.after", "greater_than_sign", ">", "pan(1)", "along", "What lies after", 4, "compare"),
    Key("compare.fit", "0", "0", "fit", "all", "All of the axis again", 4, "compare"),
    Key(
        "compare.smooth",
        "s",
        "s",
        "turn('smooth')",
        "smooth",
        "Smooth the curves: more, most, not at all",
        5,
        "compare",
    ),
    Key("compare.log", "y", "y", "turn('log')", "log axis", "Logarithmic or linear axis for the loss", 6, "compare"),
    Key("compare.up", "up", "↑", "scroll(-1)", "scroll", "The text a line up", 2, "compare"),
    Key("compare.down", "down", "↓", "scroll(1)", "scroll", "The text a line down", 2, "compare"),
    Key("compare.page.up", "pageup", "pgup", "page(-1)", "page", "The text a screenful up", 5, "compare"),
    Key("compare.page.down", "pagedown", "pgdn", "page(1)", "page", "The text a screenful down", 5, "compare"),
    Key("compare.full", "f", "f", "full", "chart/text", "Chart and text, or one of them alone", 1, "compare"),
    Key("compare.words", "v", "v", "words", "words", "Plain words, a committee's, or the standard ones", 7, "compare"),
    Key("compare.help", "question_mark", "?", "help", "help", "What is compared here, and all keys", 3, "compare"),
    Key("compare.back", "escape,q,c", "esc", "back", "back", "Back to the list of runs", 0, "compare"),
    Key(
        "exam.open", "enter", "enter", "open", "open", "Open the exam: it asks first, and the run records it", 0, "exam"
    ),
    Key("exam.section.back", "left", "←", "section(-1)", "sections", "The section before", 1, "exam"),
    Key("exam.section.next", "right", "→", "section(1)", "sections", "The next section", 1, "exam"),
    Key("exam.choice", "c", "c", "choice", "class", "Another class, or another of several values", 1, "exam"),
    Key("exam.up", "up", "↑", "scroll(-1)", "scroll", "A line up", 2, "exam"),
    Key("exam.down", "down", "↓", "scroll(1)", "scroll", "A line down", 2, "exam"),
    Key("exam.page.up", "pageup", "pgup", "page(-1)", "page", "A screenful up", 4, "exam"),
    Key("exam.page.down", "pagedown", "pgdn", "page(1)", "page", "A screenful down", 4, "exam"),
    Key("exam.help", "question_mark", "?", "help", "help", "What the exam says, and all keys", 3, "exam"),
    Key("exam.back", "escape,q,e", "esc", "back", "back", "Back to the dashboard", 0, "exam"),
    Key("verdicts.up", "up", "↑", "choose(-1)", "choose", "The verdict above", 5, "verdicts"),
    Key("verdicts.down", "down", "↓", "choose(1)", "choose", "The verdict below", 5, "verdicts"),
    Key("verdicts.page.up", "pageup", "pgup", "scroll(-1)", "text", "What is said of it, further up", 6, "verdicts"),
    Key("verdicts.page.down", "pagedown", "pgdn", "scroll(1)", "text", "What is said of it, down", 6, "verdicts"),
    Key("verdicts.cure", "enter,exclamation_mark", "enter", "take", "cure", "Do what it says to try", 0, "verdicts"),
    Key("verdicts.filter", "slash", "/", "filter", "filter", "Show only what has these words in it", 4, "verdicts"),
    Key("verdicts.help", "question_mark", "?", "help", "help", "What is listed here, and all keys", 3, "verdicts"),
    Key("verdicts.back", "escape,q,V", "esc", "back", "back", "Back to the dashboard", 0, "verdicts"),
    Key("by_hand.back_step", "left", "←", "go(-1)", "walk", "The step before", 0, "by_hand"),
    Key("by_hand.next_step", "right", "→", "go(1)", "walk", "The next step", 0, "by_hand"),
    Key("by_hand.up", "up", "↑", "neuron(-1)", "neuron", "The neuron above", 2, "by_hand"),
    Key("by_hand.down", "down", "↓", "neuron(1)", "neuron", "The neuron below", 2, "by_hand"),
    Key("by_hand.before", "less_than_sign", "<", "product(-1)", "product", "The next larger product", 3, "by_hand"),
    Key("by_hand.after", "greater_than_sign", ">", "product(1)", "product", "The next smaller product", 3, "by_hand"),
    Key("by_hand.row_before", "left_square_bracket", "[", "row(-1)", "row", "The row before", 3, "by_hand"),
    Key("by_hand.row_after", "right_square_bracket", "]", "row(1)", "row", "The row after", 3, "by_hand"),
    Key("by_hand.guess", "enter,g", "enter", "guess", "guess", "Guess the number that is hidden", 1, "by_hand"),
    Key("by_hand.see", "s", "s", "see", "see", "Show the hidden number without a guess", 1, "by_hand"),
    Key("by_hand.change", "enter,c", "enter", "change", "change", "Change a weight, a bias, an input, δ", 1, "by_hand"),
    Key("by_hand.undo", "u", "u", "undo", "undo", "Take back what was changed", 2, "by_hand"),
    Key("by_hand.quiz", "t", "t", "quiz", "your turn", "Hide this number and all that follow, or none", 3, "by_hand"),
    Key("by_hand.wiggle", "w", "w", "wiggle", "wiggle", "Measure the slope of the parameter", 1, "by_hand"),
    Key("by_hand.wiggle_all", "W", "W", "wiggle_all", "all", "Measure the slope of every parameter", 4, "by_hand"),
    Key(
        "by_hand.wrong",
        "m",
        "m",
        "pick('wrong')",
        "wrong",
        "The row that is wrong by most, then the next",
        5,
        "by_hand",
    ),
    Key("by_hand.unsure", "a", "a", "pick('ambiguous')", "unsure", "The least sure row, then the next", 5, "by_hand"),
    Key("by_hand.batch", "b", "b", "pick('batch')", "batch", "A row of the latest batch, with its mask", 5, "by_hand"),
    Key("by_hand.row", "r", "r", "type_row", "type row", "Type the number of a row", 6, "by_hand"),
    Key("by_hand.inputs", "i", "i", "type_inputs", "your row", "Type a row of your own: inputs, truth", 4, "by_hand"),
    Key("by_hand.part", "p", "p", "part", "part", "Rows of the other part: train, validation", 6, "by_hand"),
    Key("by_hand.mask", "d", "d", "mask", "mask", "The dropout that the row had in the latest batch", 4, "by_hand"),
    Key("by_hand.follow", "f", "f", "follow", "follow", "Follow the training, or stand", 6, "by_hand"),
    Key("by_hand.pause", "space", "space", "steer('pause')", "pause", "Pause after the running step", 5, "by_hand"),
    Key("by_hand.resume", "space", "space", "steer('resume')", "go on", "Go on training", 5, "by_hand"),
    Key("by_hand.train", "n", "n", "steer('next-step')", "train", "Do one mini-batch, then pause", 7, "by_hand"),
    Key(
        "by_hand.epoch", "N", "N", "steer('next-epoch')", "train", "Train to the end of the epoch, pause", 7, "by_hand"
    ),
    Key("by_hand.past", "comma", ",", "travel(-1)", "time", "Look at the checkpoint before", 7, "by_hand"),
    Key("by_hand.future", "full_stop", ".", "travel(1)", "time", "Look at the checkpoint after", 7, "by_hand"),
    Key("by_hand.page.up", "pageup", "pgup", "scroll(-1)", "scroll", "Scroll the text up", 4, "by_hand"),
    Key("by_hand.page.down", "pagedown", "pgdn", "scroll(1)", "scroll", "Scroll the text down", 4, "by_hand"),
    Key("by_hand.words", "v", "v", "words", "words", "Plain words, a committee's, or the standard ones", 8, "by_hand"),
    Key("by_hand.help", "question_mark", "?", "help", "help", "What is shown here, and all keys", 3, "by_hand"),
    Key("by_hand.leave", "escape,q,h", "esc", "back", "back", "Back to the dashboard", 0, "by_hand"),
    Key("presets.up", "up", "↑", "choose(-1)", "choose", "The preset above", 5, "presets"),
    Key("presets.down", "down", "↓", "choose(1)", "choose", "The preset below", 5, "presets"),
    Key("presets.begin", "enter", "enter", "take", "begin", "Begin a new run of it in place of this one", 0, "presets"),
    Key("presets.filter", "slash", "/", "filter", "filter", "Show only what has these words in it", 2, "presets"),
    Key(
        "presets.turn",
        "c",
        "c",
        "turn_recipe",
        "claims",
        "Recipe, card, or published figures beside ours",
        1,
        "presets",
    ),
    Key("presets.page.down", "pagedown", "pgdn", "scroll_recipe(1)", "recipe", "Scroll the recipe down", 3, "presets"),
    Key("presets.page.up", "pageup", "pgup", "scroll_recipe(-1)", "recipe", "Scroll the recipe up", 3, "presets"),
    Key("presets.runs", "8", "8", "app.runs", "runs", "Every run: open, compare, resume, delete", 4, "presets"),
    Key("presets.help", "question_mark", "?", "help", "help", "What is listed here, and all keys", 3, "presets"),
    Key("presets.back", "escape,q,9", "esc", "back", "back", "Back to the dashboard", 0, "presets"),
    Key("learn.up", "up", "↑", "choose(-1)", "choose", "The lesson above", 5, "learn"),
    Key("learn.down", "down", "↓", "choose(1)", "choose", "The lesson below", 5, "learn"),
    Key("learn.take", "enter", "enter", "take", "open", "Open the lesson: its preset, or its lab", 0, "learn"),
    Key("learn.ask", "a", "a", "ask", "questions", "Answer the questions of the lesson", 1, "learn"),
    Key("learn.page.down", "pagedown", "pgdn", "scroll(1)", "text", "Scroll the lesson down", 3, "learn"),
    Key("learn.page.up", "pageup", "pgup", "scroll(-1)", "text", "Scroll the lesson up", 3, "learn"),
    Key("learn.words", "v", "v", "words", "words", "Plain words, a committee's, or the standard ones", 6, "learn"),
    Key("learn.help", "question_mark", "?", "help", "help", "What is listed here, and all keys", 4, "learn"),
    Key("learn.back", "escape,q,L", "esc", "back", "back", "Back to where you came from", 0, "learn"),
    *(
        Key(f"quiz.{n}", str(n), str(n), f"guess({n})", "answer", f"Take choice {n} for the answer", 1, "quiz")
        for n in range(1, 7)
    ),
    Key("quiz.type", "enter", "enter", "type", "type", "Type the number that is asked for", 0, "quiz"),
    Key(
        "quiz.next",
        "right,enter,n",
        "enter",
        "turn(1)",
        "next",
        "The next question; after the last one the score",
        0,
        "quiz",
    ),
    Key("quiz.before", "left,p", "←", "turn(-1)", "before", "The question before", 3, "quiz"),
    Key(
        "quiz.again", "r", "r", "again", "again", "Ask all questions anew; the answers so far count no more", 1, "quiz"
    ),
    Key("quiz.up", "up", "↑", "scroll(-1)", "scroll", "A line up", 4, "quiz"),
    Key("quiz.down", "down", "↓", "scroll(1)", "scroll", "A line down", 4, "quiz"),
    Key("quiz.words", "v", "v", "words", "words", "Plain words, a committee's, or the standard ones", 6, "quiz"),
    Key("quiz.help", "question_mark", "?", "help", "help", "How it is counted, and all keys", 4, "quiz"),
    Key("quiz.back", "escape,q", "esc", "back", "back", "Back to where you came from", 0, "quiz"),
    Key("setup.up", "up", "↑", "move(-1)", "choose", "The row above", 5, "setup"),
    Key("setup.down", "down", "↓", "move(1)", "choose", "The row below", 5, "setup"),
    Key("setup.page.up", "pageup", "pgup", "move(-10)", "page", "Ten rows up", 7, "setup"),
    Key("setup.page.down", "pagedown", "pgdn", "move(10)", "page", "Ten rows down", 7, "setup"),
    Key("setup.lower", "left", "←", "turn(-1)", "turn", "The value before", 1, "setup"),
    Key("setup.raise", "right,space", "→", "turn(1)", "turn", "The value after", 1, "setup"),
    Key("setup.take", "space", "space", "take", "in/out", "Take the column for an input, or leave it out", 1, "setup"),
    Key("setup.target", "t", "t", "target", "target", "Predict this column", 2, "setup"),
    Key("setup.weigh", "w", "w", "weigh", "weight", "Let rows count in the loss as this column says", 4, "setup"),
    Key("setup.save", "S", "S", "save", "save preset", "Save this recipe as a preset of your own", 4, "setup"),
    Key("setup.train", "enter", "enter", "train", "train", "Begin a run of the recipe as it stands", 0, "setup"),
    Key("setup.words", "v", "v", "words", "words", "Plain words, a committee's, or the standard ones", 6, "setup"),
    Key("setup.help", "question_mark", "?", "help", "help", "What can be chosen here, and all keys", 3, "setup"),
    Key("setup.leave", "escape,q", "esc", "leave", "leave", "Leave, and begin nothing", 0, "setup"),
    Key("sweeps.up", "up", "↑", "choose(-1)", "choose", "The sweep above", 5, "sweeps"),
    Key("sweeps.down", "down", "↓", "choose(1)", "choose", "The sweep below", 5, "sweeps"),
    Key("sweeps.open", "enter", "enter", "take", "open", "Its trials, their boundaries, the best of them", 0, "sweeps"),
    Key("sweeps.new", "n", "n", "new", "new", "A new sweep of the recipe of the run that is shown", 1, "sweeps"),
    Key("sweeps.stop", "s", "s", "stop", "stop", "Stop it; the trials that have ended are kept", 2, "sweeps"),
    Key("sweeps.resume", "r", "r", "resume", "resume", "Go on with it, in the background", 2, "sweeps"),
    Key("sweeps.delete", "d,delete", "d", "delete", "delete", "Delete it with all results; asks first", 3, "sweeps"),
    Key("sweeps.filter", "slash", "/", "filter", "filter", "Show only what has these words in it", 3, "sweeps"),
    Key("sweeps.page.down", "pagedown", "pgdn", "scroll_card(1)", "text", "Scroll what is said down", 4, "sweeps"),
    Key("sweeps.page.up", "pageup", "pgup", "scroll_card(-1)", "text", "Scroll what is said up", 4, "sweeps"),
    Key("sweeps.help", "question_mark", "?", "help", "help", "What is listed here, and all keys", 3, "sweeps"),
    Key("sweeps.back", "escape,q,W", "esc", "back", "back", "Back to where you came from", 0, "sweeps"),
    Key("sweep.up", "up", "↑", "choose(-1)", "choose", "The trial above", 5, "sweep"),
    Key("sweep.down", "down", "↓", "choose(1)", "choose", "The trial below", 5, "sweep"),
    Key("sweep.run", "enter", "enter", "take", "run it", "A run of this trial, in place of the one shown", 0, "sweep"),
    Key("sweep.save", "S", "S", "save", "save preset", "Save this trial's recipe as a preset of your own", 3, "sweep"),
    Key("sweep.stop_trial", "x", "x", "stop_trial", "stop trial", "Stop this trial; the others go on", 1, "sweep"),
    Key("sweep.stop", "s", "s", "stop", "stop all", "Stop the sweep; the trials that have ended are kept", 2, "sweep"),
    Key("sweep.resume", "r", "r", "resume", "resume", "Go on with it, in the background", 2, "sweep"),
    Key("sweep.extend", "n", "n", "extend", "more", "Further trials: other values, or more draws", 2, "sweep"),
    Key("sweep.pictures", "f", "f", "pictures", "boundaries", "The boundaries alone, or all again", 1, "sweep"),
    Key("sweep.order", "o", "o", "order", "order", "Sort by validation, or as they were asked for", 4, "sweep"),
    Key("sweep.filter", "slash", "/", "filter", "filter", "Show only what has these words in it", 5, "sweep"),
    Key("sweep.page.down", "pagedown", "pgdn", "scroll_card(1)", "text", "Scroll what is said down", 4, "sweep"),
    Key("sweep.page.up", "pageup", "pgup", "scroll_card(-1)", "text", "Scroll what is said up", 4, "sweep"),
    Key("sweep.help", "question_mark", "?", "help", "help", "What is shown here, and all keys", 3, "sweep"),
    Key("sweep.back", "escape,q", "esc", "back", "back", "Back to the sweeps", 0, "sweep"),
    Key("labs.up", "up", "↑", "choose(-1)", "choose", "The lab above", 5, "labs"),
    Key("labs.down", "down", "↓", "choose(1)", "choose", "The lab below", 5, "labs"),
    Key("labs.open", "enter", "enter", "take", "open", "Turn this lab's dials, and see what comes out", 0, "labs"),
    Key("labs.filter", "slash", "/", "filter", "filter", "Show only what has these words in it", 2, "labs"),
    Key("labs.page.down", "pagedown", "pgdn", "scroll_card(1)", "card", "Scroll what is said of it down", 3, "labs"),
    Key("labs.page.up", "pageup", "pgup", "scroll_card(-1)", "card", "Scroll what is said of it up", 3, "labs"),
    Key("labs.help", "question_mark", "?", "help", "help", "What is listed here, and all keys", 3, "labs"),
    Key("labs.back", "escape,q,T", "esc", "back", "back", "Back to where you came from", 0, "labs"),
    Key("lab.dials.up", "up", "↑", "choose(-1)", "choose", "The dial above", 1, "lab_dials"),
    Key("lab.dials.down", "down", "↓", "choose(1)", "choose", "The dial below", 1, "lab_dials"),
    Key("lab.dials.lower", "left", "←", "turn(-1)", "turn", "Turn the dial down", 1, "lab_dials"),
    Key("lab.dials.raise", "right", "→", "turn(1)", "turn", "Turn the dial up", 1, "lab_dials"),
    Key("lab.dials.edit", "enter", "enter", "edit", "type", "Type a value for the dial", 1, "lab_dials"),
    Key(
        "lab.dials.default",
        "backspace,delete",
        "⌫",
        "restore",
        "default",
        "This dial back to where it stood at first",
        3,
        "lab_dials",
    ),
    Key("lab.plots.left", "left", "←", "cross(-1)", "crosshair", "The values further left", 1, "lab_plots"),
    Key("lab.plots.right", "right", "→", "cross(1)", "crosshair", "The values further right", 1, "lab_plots"),
    Key("lab.plots.up", "up", "↑", "choose(-1)", "plot", "The plot before", 1, "lab_plots"),
    Key("lab.plots.down", "down", "↓", "choose(1)", "plot", "The plot after", 1, "lab_plots"),
    Key("lab.plots.alone", "enter", "enter", "alone", "enlarge", "This plot alone, or all of them", 1, "lab_plots"),
    Key("lab.plots.clear", "backspace,delete", "⌫", "uncross", "no crosshair", "No crosshair", 4, "lab_plots"),
    Key("lab.tables.up", "up", "↑", "scroll(-1)", "scroll", "A line up", 2, "lab_tables"),
    Key("lab.tables.down", "down", "↓", "scroll(1)", "scroll", "A line down", 2, "lab_tables"),
    Key("lab.tables.left", "left", "←", "sidle(-1)", "columns", "Columns further left", 2, "lab_tables"),
    Key("lab.tables.right", "right", "→", "sidle(1)", "columns", "Columns further right", 2, "lab_tables"),
    Key("lab.tables.page.up", "pageup", "pgup", "page(-1)", "page", "A screenful up", 4, "lab_tables"),
    Key("lab.tables.page.down", "pagedown", "pgdn", "page(1)", "page", "A screenful down", 4, "lab_tables"),
    Key("lab.text.up", "up", "↑", "scroll(-1)", "scroll", "A line up", 2, "lab_text"),
    Key("lab.text.down", "down", "↓", "scroll(1)", "scroll", "A line down", 2, "lab_text"),
    Key("lab.text.page.up", "pageup", "pgup", "page(-1)", "page", "A screenful up", 4, "lab_text"),
    Key("lab.text.page.down", "pagedown", "pgdn", "page(1)", "page", "A screenful down", 4, "lab_text"),
    Key("lab.pane.1", "1", "1", "place('dials')", "pane", "The dials", 3, "lab"),
    Key("lab.pane.2", "2", "2", "place('plots')", "pane", "The plots", 3, "lab"),
    Key("lab.pane.3", "3", "3", "place('tables')", "pane", "The tables", 3, "lab"),
    Key("lab.pane.4", "4", "4", "place('text')", "pane", "What there is to see, formulas, and the card", 3, "lab"),
    Key("lab.full", "f", "f", "full(True)", "full screen", "The focused pane alone on the screen", 4, "lab"),
    Key("lab.full.leave", "escape,f", "esc", "full(False)", "all panes", "All panes again", 1, "lab"),
    Key("lab.reset", "r", "r", "reset", "reset", "All dials back to where they stood at first", 3, "lab"),
    Key("lab.before", "less_than_sign", "<", "next_lab(-1)", "lab", "The lab before", 5, "lab"),
    Key("lab.after", "greater_than_sign", ">", "next_lab(1)", "lab", "The lab after", 5, "lab"),
    Key("lab.words", "v", "v", "words", "words", "Plain words, a committee's, or the standard ones", 6, "lab"),
    Key("lab.help", "question_mark", "?", "help", "help", "What the focused pane shows, and all keys", 3, "lab"),
    Key("lab.back", "escape,q", "esc", "back", "back", "Back to where you came from", 0, "lab"),
)

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
