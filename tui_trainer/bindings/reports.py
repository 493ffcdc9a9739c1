"""Keys of the screens that tell of runs: their comparison, the exam, one sample by hand."""

from __future__ import annotations

from typing import Final

from tui_trainer.bindings.key import Key

COMPARE_KEYS: Final[tuple[Key, ...]] = (
    Key("compare.axis", "x", "turn('axis')", "axis", "By epoch, by step, by the time that training took", 1, "compare"),
    Key("compare.kind", "m", "turn('kind')", "metric", "The scores, or the losses", 1, "compare"),
    Key("compare.part", "p", "turn('part')", "part", "The other part of the data: training, validation", 2, "compare"),
    Key("compare.left", "left", "cross(-1)", "crosshair", "The values further left", 2, "compare"),
    Key("compare.right", "right", "cross(1)", "crosshair", "The values further right", 2, "compare"),
    Key("compare.clear", "backspace,delete", "uncross", "no crosshair", "Take the crosshair away", 6, "compare"),
    Key("compare.in", "plus,equals_sign", "zoom(1)", "zoom", "Zoom in, on the crosshair or the end", 3, "compare"),
    Key("compare.out", "minus", "zoom(-1)", "zoom", "Zoom out", 3, "compare"),
    Key("compare.before", "less_than_sign", "pan(-1)", "along", "What lies before", 4, "compare"),
    Key("compare.after", "greater_than_sign", "pan(1)", "along", "What lies after", 4, "compare"),
    Key("compare.fit", "0", "fit", "all", "All of the axis again", 4, "compare"),
    Key("compare.smooth", "s", "turn('smooth')", "smooth", "Smooth the curves: more, most, not at all", 5, "compare"),
    Key("compare.log", "y", "turn('log')", "log axis", "Logarithmic or linear axis for the loss", 6, "compare"),
    Key("compare.up", "up", "scroll(-1)", "scroll", "The text a line up", 2, "compare"),
    Key("compare.down", "down", "scroll(1)", "scroll", "The text a line down", 2, "compare"),
    Key("compare.page.up", "pageup", "page(-1)", "page", "The text a screenful up", 5, "compare"),
    Key("compare.page.down", "pagedown", "page(1)", "page", "The text a screenful down", 5, "compare"),
    Key("compare.full", "f", "full", "chart/text", "Chart and text, or one of them alone", 1, "compare"),
    Key("compare.words", "v", "words", "words", "Plain words, a committee's, or the standard ones", 7, "compare"),
    Key("compare.help", "question_mark", "help", "help", "What is compared here, and all keys", 3, "compare"),
    Key("compare.back", "escape,q,c", "back", "back", "Back to the list of runs", 0, "compare"),
)
"""Keys of the comparison."""

EXAM_KEYS: Final[tuple[Key, ...]] = (
    Key("exam.open", "enter", "open", "open", "Open the exam: it asks first, and the run records it", 0, "exam"),
    Key("exam.section.back", "left", "section(-1)", "sections", "The section before", 1, "exam"),
    Key("exam.section.next", "right", "section(1)", "sections", "The next section", 1, "exam"),
    Key("exam.choice", "c", "choice", "class", "Another class, or another of several values", 1, "exam"),
    Key("exam.up", "up", "scroll(-1)", "scroll", "A line up", 2, "exam"),
    Key("exam.down", "down", "scroll(1)", "scroll", "A line down", 2, "exam"),
    Key("exam.page.up", "pageup", "page(-1)", "page", "A screenful up", 4, "exam"),
    Key("exam.page.down", "pagedown", "page(1)", "page", "A screenful down", 4, "exam"),
    Key("exam.help", "question_mark", "help", "help", "What the exam says, and all keys", 3, "exam"),
    Key("exam.back", "escape,q,e", "back", "back", "Back to the dashboard", 0, "exam"),
)
"""Keys of the exam."""

BY_HAND_KEYS: Final[tuple[Key, ...]] = (
    Key("by_hand.back_step", "left", "go(-1)", "walk", "The step before", 0, "by_hand"),
    Key("by_hand.next_step", "right", "go(1)", "walk", "The next step", 0, "by_hand"),
    Key("by_hand.up", "up", "neuron(-1)", "neuron", "The neuron above", 2, "by_hand"),
    Key("by_hand.down", "down", "neuron(1)", "neuron", "The neuron below", 2, "by_hand"),
    Key("by_hand.before", "less_than_sign", "product(-1)", "product", "The next larger product", 3, "by_hand"),
    Key("by_hand.after", "greater_than_sign", "product(1)", "product", "The next smaller product", 3, "by_hand"),
    Key("by_hand.row_before", "left_square_bracket", "row(-1)", "row", "The row before", 3, "by_hand"),
    Key("by_hand.row_after", "right_square_bracket", "row(1)", "row", "The row after", 3, "by_hand"),
    Key("by_hand.guess", "enter,g", "guess", "guess", "Guess the number that is hidden", 1, "by_hand"),
    Key("by_hand.see", "s", "see", "see", "Show the hidden number without a guess", 1, "by_hand"),
    Key("by_hand.change", "enter,c", "change", "change", "Change a weight, a bias, an input, δ", 1, "by_hand"),
    Key("by_hand.undo", "u", "undo", "undo", "Take back what was changed", 2, "by_hand"),
    Key("by_hand.quiz", "t", "quiz", "your turn", "Hide this number and all that follow, or none", 3, "by_hand"),
    Key("by_hand.wiggle", "w", "wiggle", "wiggle", "Measure the slope of the parameter", 1, "by_hand"),
    Key("by_hand.wiggle_all", "W", "wiggle_all", "all", "Measure the slope of every parameter", 4, "by_hand"),
    Key("by_hand.wrong", "m", "pick('wrong')", "wrong", "The row that is wrong by most, then the next", 5, "by_hand"),
    Key("by_hand.unsure", "a", "pick('ambiguous')", "unsure", "The least sure row, then the next", 5, "by_hand"),
    Key("by_hand.batch", "b", "pick('batch')", "batch", "A row of the latest batch, with its mask", 5, "by_hand"),
    Key("by_hand.row", "r", "type_row", "type row", "Type the number of a row", 6, "by_hand"),
    Key("by_hand.inputs", "i", "type_inputs", "your row", "Type a row of your own: inputs, truth", 4, "by_hand"),
    Key("by_hand.part", "p", "part", "part", "Rows of the other part: train, validation", 6, "by_hand"),
    Key("by_hand.mask", "d", "mask", "mask", "The dropout that the row had in the latest batch", 4, "by_hand"),
    Key("by_hand.follow", "f", "follow", "follow", "Follow the training, or stand", 6, "by_hand"),
    Key("by_hand.pause", "space", "steer('pause')", "pause", "Pause after the running step", 5, "by_hand"),
    Key("by_hand.resume", "space", "steer('resume')", "go on", "Go on training", 5, "by_hand"),
    Key("by_hand.train", "n", "steer('next-step')", "train", "Do one mini-batch, then pause", 7, "by_hand"),
    Key("by_hand.epoch", "N", "steer('next-epoch')", "train", "Train to the end of the epoch, pause", 7, "by_hand"),
    Key("by_hand.past", "comma", "travel(-1)", "time", "Look at the checkpoint before", 7, "by_hand"),
    Key("by_hand.future", "full_stop", "travel(1)", "time", "Look at the checkpoint after", 7, "by_hand"),
    Key("by_hand.page.up", "pageup", "scroll(-1)", "scroll", "Scroll the text up", 4, "by_hand"),
    Key("by_hand.page.down", "pagedown", "scroll(1)", "scroll", "Scroll the text down", 4, "by_hand"),
    Key("by_hand.words", "v", "words", "words", "Plain words, a committee's, or the standard ones", 8, "by_hand"),
    Key("by_hand.help", "question_mark", "help", "help", "What is shown here, and all keys", 3, "by_hand"),
    Key("by_hand.leave", "escape,q,h", "back", "back", "Back to the dashboard", 0, "by_hand"),
)
"""Keys of one sample by hand."""
