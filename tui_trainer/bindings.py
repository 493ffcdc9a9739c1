"""The one table of keys: what each does, where it works, and how it is shown.

Screens and panes take their bindings from here, the footer and the help their lines, the palette its entries. The ids
are stable, so that a keymap of one's own can name them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from textual.binding import Binding

Owner = Literal["dashboard", "dials", "heatmap", "clerks"]
"""The dashboard's keys work everywhere but in a text field; a pane's keys work while it has the focus."""


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
        return Binding(self.keys, self.action, self.help, show=False, id=self.id)


_RATE = "turn('training.learning_rate', {})"

KEYS: Final[tuple[Key, ...]] = (
    Key("link.resume", "enter", "enter", "take_up", "resume", "Take up the run again where it was saved last", 0),
    Key("run.pause", "space", "space", "steer('pause')", "pause", "Pause after the running step", 1),
    Key("run.resume", "space", "space", "steer('resume')", "go on", "Go on training", 1),
    Key("run.step", "n", "n", "steer('next-step')", "step", "Do one mini-batch, then pause", 3),
    Key("run.epoch", "N", "N", "steer('next-epoch')", "epoch", "Train to the end of the epoch, then pause", 4),
    Key("rate.down", "left_square_bracket", "[", _RATE.format(-1), "learning rate", "Lower the learning rate", 2),
    Key("rate.up", "right_square_bracket", "]", _RATE.format(1), "learning rate", "Raise the learning rate", 2),
    Key("pace.down", "minus", "-", "turn('pace', -1)", "pace", "Fewer epochs a second", 5),
    Key("pace.up", "plus,equals_sign", "+", "turn('pace', 1)", "pace", "More epochs a second, up to full speed", 5),
    Key("dials.up", "up", "↑", "choose(-1)", "choose", "The dial above", 1, "dials"),
    Key("dials.down", "down", "↓", "choose(1)", "choose", "The dial below", 1, "dials"),
    Key("dials.lower", "left", "←", "turn_chosen(-1)", "turn", "Turn the dial down", 1, "dials"),
    Key("dials.raise", "right", "→", "turn_chosen(1)", "turn", "Turn the dial up", 1, "dials"),
    Key("dials.edit", "enter", "enter", "edit", "type", "Type a value for the dial", 1, "dials"),
    Key("heatmap.left", "left", "←", "move(0, -1)", "look", "The weight to the left", 2, "heatmap"),
    Key("heatmap.right", "right", "→", "move(0, 1)", "look", "The weight to the right", 2, "heatmap"),
    Key("heatmap.up", "up", "↑", "move(-1, 0)", "look", "The neuron above", 2, "heatmap"),
    Key("heatmap.down", "down", "↓", "move(1, 0)", "look", "The neuron below", 2, "heatmap"),
    Key("heatmap.layer", "l", "l", "next_layer", "layer", "The next layer's weights", 2, "heatmap"),
    Key("clerks.left", "left", "←", "row(-1)", "row", "The row before, of the same batch", 2, "clerks"),
    Key("clerks.right", "right", "→", "row(1)", "row", "The row after, of the same batch", 2, "clerks"),
    Key("clerks.up", "up", "↑", "scroll_rooms(-1)", "scroll", "Scroll up", 3, "clerks"),
    Key("clerks.down", "down", "↓", "scroll_rooms(1)", "scroll", "Scroll down", 3, "clerks"),
    Key("charts.log", "y", "y", "log_axis", "log axis", "Logarithmic or linear axis for the loss", 6),
    Key("words", "v", "v", "vocabulary", "words", "Plain words or the standard ones", 7),
    Key("place.1", "1", "1", "place(1)", "panes", "Architecture, then dials", 6),
    Key("place.2", "2", "2", "place(2)", "panes", "Loss, then accuracy", 6),
    Key("place.3", "3", "3", "place(3)", "panes", "Weights", 6),
    Key("place.4", "4", "4", "place(4)", "panes", "Neurons at work", 6),
    Key("help", "question_mark", "?", "help", "help", "What the focused pane shows, and all keys", 1),
    Key("leave", "q", "q", "app.leave", "leave", "Leave: detach or stop", 0),
)

FIXED_KEYS: Final = (
    ("tab", "The next pane; shift+tab the one before"),
    ("ctrl+p", "Every action, to be found by typing"),
)
"""Keys that Textual binds, for the help."""


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
