"""Keys of the list of labs, and of a lab and its panes."""

from __future__ import annotations

from typing import Final

from tui_trainer.bindings.key import Key

LAB_LIST_KEYS: Final[tuple[Key, ...]] = (
    Key("labs.up", "up", "choose(-1)", "choose", "The lab above", 5, "labs"),
    Key("labs.down", "down", "choose(1)", "choose", "The lab below", 5, "labs"),
    Key("labs.open", "enter", "take", "open", "Turn this lab's dials, and see what comes out", 0, "labs"),
    Key("labs.filter", "slash", "filter", "filter", "Show only what has these words in it", 2, "labs"),
    Key("labs.page.down", "pagedown", "scroll_card(1)", "card", "Scroll what is said of it down", 3, "labs"),
    Key("labs.page.up", "pageup", "scroll_card(-1)", "card", "Scroll what is said of it up", 3, "labs"),
    Key("labs.help", "question_mark", "help", "help", "What is listed here, and all keys", 3, "labs"),
    Key("labs.back", "escape,q,T", "back", "back", "Back to where you came from", 0, "labs"),
)
"""Keys of the list of labs."""

LAB_KEYS: Final[tuple[Key, ...]] = (
    Key("lab.dials.up", "up", "choose(-1)", "choose", "The dial above", 1, "lab_dials"),
    Key("lab.dials.down", "down", "choose(1)", "choose", "The dial below", 1, "lab_dials"),
    Key("lab.dials.lower", "left", "turn(-1)", "turn", "Turn the dial down", 1, "lab_dials"),
    Key("lab.dials.raise", "right", "turn(1)", "turn", "Turn the dial up", 1, "lab_dials"),
    Key("lab.dials.edit", "enter", "edit", "type", "Type a value for the dial", 1, "lab_dials"),
    Key(
        "lab.dials.default",
        "backspace,delete",
        "restore",
        "default",
        "This dial back to where it stood at first",
        3,
        "lab_dials",
    ),
    Key("lab.plots.left", "left", "cross(-1)", "crosshair", "The values further left", 1, "lab_plots"),
    Key("lab.plots.right", "right", "cross(1)", "crosshair", "The values further right", 1, "lab_plots"),
    Key("lab.plots.up", "up", "choose(-1)", "plot", "The plot before", 1, "lab_plots"),
    Key("lab.plots.down", "down", "choose(1)", "plot", "The plot after", 1, "lab_plots"),
    Key("lab.plots.alone", "enter", "alone", "enlarge", "This plot alone, or all of them", 1, "lab_plots"),
    Key("lab.plots.clear", "backspace,delete", "uncross", "no crosshair", "No crosshair", 4, "lab_plots"),
    Key("lab.tables.up", "up", "scroll(-1)", "scroll", "A line up", 2, "lab_tables"),
    Key("lab.tables.down", "down", "scroll(1)", "scroll", "A line down", 2, "lab_tables"),
    Key("lab.tables.left", "left", "sidle(-1)", "columns", "Columns further left", 2, "lab_tables"),
    Key("lab.tables.right", "right", "sidle(1)", "columns", "Columns further right", 2, "lab_tables"),
    Key("lab.tables.page.up", "pageup", "page(-1)", "page", "A screenful up", 4, "lab_tables"),
    Key("lab.tables.page.down", "pagedown", "page(1)", "page", "A screenful down", 4, "lab_tables"),
    Key("lab.text.up", "up", "scroll(-1)", "scroll", "A line up", 2, "lab_text"),
    Key("lab.text.down", "down", "scroll(1)", "scroll", "A line down", 2, "lab_text"),
    Key("lab.text.page.up", "pageup", "page(-1)", "page", "A screenful up", 4, "lab_text"),
    Key("lab.text.page.down", "pagedown", "page(1)", "page", "A screenful down", 4, "lab_text"),
    Key("lab.pane.1", "1", "place('dials')", "pane", "The dials", 3, "lab"),
    Key("lab.pane.2", "2", "place('plots')", "pane", "The plots", 3, "lab"),
    Key("lab.pane.3", "3", "place('tables')", "pane", "The tables", 3, "lab"),
    Key("lab.pane.4", "4", "place('text')", "pane", "What there is to see, formulas, and the card", 3, "lab"),
    Key("lab.full", "f", "full(True)", "full screen", "The focused pane alone on the screen", 4, "lab"),
    Key("lab.full.leave", "escape,f", "full(False)", "all panes", "All panes again", 1, "lab"),
    Key("lab.reset", "r", "reset", "reset", "All dials back to where they stood at first", 3, "lab"),
    Key("lab.before", "less_than_sign", "next_lab(-1)", "lab", "The lab before", 5, "lab"),
    Key("lab.after", "greater_than_sign", "next_lab(1)", "lab", "The lab after", 5, "lab"),
    Key("lab.words", "v", "words", "words", "Plain words, a committee's, or the standard ones", 6, "lab"),
    Key("lab.help", "question_mark", "help", "help", "What the focused pane shows, and all keys", 3, "lab"),
    Key("lab.back", "escape,q", "back", "back", "Back to where you came from", 0, "lab"),
)
"""Keys of a lab: of its panes, and of all of it."""
