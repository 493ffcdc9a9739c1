"""The dials: what can be changed while a run goes on, how each is read, written, and turned by sensible steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.declarations.optimizers import DECLARED_OPTIMIZERS, HYPERPARAMETERS
from engine.errors import InputError, sanitize
from engine.protocol import commands
from engine.protocol.commands import Command, MoreEpochs, SetDial
from engine.run.changes import DATA_PREFIX, PACE_PATH, Change, EditNetwork, SetPace
from engine.spec import Spec, override
from engine.spec.expressions import split
from engine.spec.sources.generators import CatsDogs, Generator, Lines
from tui_trainer.formatting import count, percent, plain
from tui_trainer.glossary import Vocabulary, translated
from tui_trainer.view_models.edits import caption
from tui_trainer.view_models.run import RunModel

Value = Any
"""A number, a name, or None: whatever the spec has at the dial's path."""
Turn = Callable[[Any, int], Value]
"""A value and a direction (+1 up, −1 down) to the next value of the dial's scale."""
EPOCHS = "training.epochs"
LEARNING_RATE = "training.learning_rate"
DERIVED = "data.derived"
SCHEDULE = "training.schedule.kind"
SCHEDULES = ("constant", "step", "exponential", "cosine", "inverse")
USUAL_COLUMNS: tuple[tuple[str, ...], ...] = (
    (),
    ("x1^2", "x2^2"),
    ("x1*x2",),
    ("x1^2", "x2^2", "x1*x2"),
    ("sin(x1)", "sin(x2)"),
    ("x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)"),
)
"""Sets of derived columns that the dial turns through; any other is typed."""
MOST_IN_A_CHAIN = 4
"""Values of a dial that one line names: the first, the last, and those between."""
MOST_KEPT = 0.9999
"""The largest decay rate that turning reaches."""
_SHORT_NAMES = {LEARNING_RATE: "lr", "training.batch_size": "batch", "training.optimizer": "optimiser"}
_SHORT_NAMES |= {SCHEDULE: "schedule", "training.label_smoothing": "smoothing", "network.negative_slope": "leak"}
_SHORT_NAMES |= {f"training.{name}": declared.symbol for name, declared in HYPERPARAMETERS.items()}


@dataclass(frozen=True)
class Dial:
    """One dial.

    Attributes:
        path: Where the value lies in the spec, or ``pace``.
        term: Its key in the glossary.
        number: Which one, where there are several of the name (dropout by layer).
        names: The values, where it is one of some names.
        turn: The next value of its scale.
        show: The value as text.
    """

    path: str
    term: str
    turn: Turn
    show: Callable[[Any], str]
    number: int | None = None
    names: tuple[str, ...] = ()

    def value_in(self, run: RunModel) -> Value:
        """Return the value that holds now."""
        if self.path == PACE_PATH:
            return run.frame.pace
        if self.path == EPOCHS:
            return run.epochs
        return value_at(run.spec, self.path)

    def command(self, value: Value) -> Command:
        """Return the command that sets this dial."""
        if self.path == PACE_PATH:
            return commands.SetPace(pace=value)
        if self.path == EPOCHS:
            return MoreEpochs(epochs=value)
        return SetDial(path=self.path, value=value)

    def read(self, text: str, run: RunModel) -> Value:
        """Return the value that ``text`` means.

        Raises:
            InputError: The dial takes no such value; the line says what it takes.
        """
        if self.path == PACE_PATH:
            return _pace(text, steps_of(run.spec, run.welcome.rows[0]))
        value = read_derived(text) if self.path == DERIVED else _literal(text)
        if self.path == EPOCHS:
            return _epochs(value, run)
        if self.show is _yes_or_no:
            value = _YES_OR_NO.get(value, value)
        try:
            return value_at(override(run.spec, {self.path: value}), self.path)
        except InputError as error:
            # The first part repeats path and value, which stand in the field already; the last part is the complaint.
            raise InputError(str(error).split(": ")[-1]) from None


def dials_of(spec: Spec, rows: int) -> list[Dial]:
    """Return the dials of a run of this spec on ``rows`` training rows, in the order in which they are shown."""
    hidden, steps = range(len(spec.network.layers) - 1), steps_of(spec, rows)
    stopping = spec.training.stopping.patience > 0
    return [
        Dial(LEARNING_RATE, "learning rate", turn_rate, plain),
        _choice("training.optimizer", "optimizer", tuple(DECLARED_OPTIMIZERS)),
        Dial("training.batch_size", "batch size", partial(turn_batch, rows=rows), _batch_text),
        *(Dial(f"network.layers.{i}.dropout", "dropout", turn_fraction, percent, number=i + 1) for i in hidden),
        Dial("training.l1", "l1", turn_penalty, _off_or(plain)),
        Dial("training.l2", "l2", turn_penalty, _off_or(plain)),
        Dial("training.clip", "clip", turn_penalty, _off_or(plain)),
        *_dials_of_the_kind(spec),
        *(_hyperparameter_dial(name) for name in DECLARED_OPTIMIZERS[spec.training.optimizer].hyperparameters),
        _choice(SCHEDULE, "schedule", SCHEDULES),
        *_SCHEDULE_DIALS[spec.training.schedule.kind],
        Dial("training.stopping.patience", "patience", turn_count, _off_or(count)),
        *([Dial("training.stopping.restore_best", "restore best", _turn_switch, _yes_or_no)] if stopping else []),
        Dial(EPOCHS, "epochs", turn_epochs, count),
        Dial(PACE_PATH, "pace", partial(turn_pace, steps=steps), partial(pace_text, steps=steps)),
        *_data_dials(spec),
    ]


def derived_dial() -> Dial:
    """Return the dial of derived columns: beside the boundary, and among the others where the data is drawn."""
    return Dial(DERIVED, "derived", turn_derived, derived_text)


def _data_dials(spec: Spec) -> list[Dial]:
    """Return the dials that draw the data anew; data that was not drawn has none."""
    if not isinstance(spec.data, Generator | CatsDogs) or getattr(spec.data, "path", None) is not None:
        return []
    dials = [
        Dial("data.samples", "samples", turn_samples, count),
        Dial("data.train", "samples", turn_samples, count),
        Dial("data.noise", "noise", turn_factor, _off_or(plain)),
        Dial("data.cluster_std", "cluster_std", turn_factor, plain),
        Dial("data.factor", "inner radius", turn_fraction, plain),
        Dial("data.seed", "data seed", turn_seed, count),
        *([] if isinstance(spec.data, Lines | CatsDogs) else [derived_dial()]),
    ]
    return [dial for dial in dials if dial.path.removeprefix("data.") in type(spec.data).model_fields]


def _dials_of_the_kind(spec: Spec) -> list[Dial]:
    """Return the dials that only some recipes have a use for."""
    dials = []
    if spec.training.loss in {"bce", "cce"}:
        dials.append(Dial("training.label_smoothing", "label_smoothing", turn_fraction, _off_or(percent)))
    if any(layer.activation == "leaky_relu" for layer in spec.network.layers):
        dials.append(Dial("network.negative_slope", "negative_slope", turn_slope, plain))
    return dials


def _choice(path: str, term: str, names: tuple[str, ...]) -> Dial:
    """Return the dial of one of some names."""
    return Dial(path, term, _turn_choice(names), str, names=names)


def steps_of(spec: Spec, rows: int) -> int:
    """Return the steps of an epoch over ``rows`` training rows."""
    batch = spec.training.batch_size
    return 1 if isinstance(batch, str) else -(-rows // batch)


def _hyperparameter_dial(name: str) -> Dial:
    """Return the dial of what an optimiser is tuned by."""
    turns: dict[str, Turn] = {"decay": turn_decay, "size": turn_rate, "penalty": turn_penalty}
    scale = HYPERPARAMETERS[name].scale
    return Dial(f"training.{name}", name, turns[scale], _off_or(plain) if scale == "penalty" else plain)


def turn_decay(value: float, direction: int) -> float:
    """Return the next value of 0, .5, .8, .9, .95, .98, .99 and so on: what is forgotten turns as rates do."""
    if direction < 0:
        return round(max(0.0, 1 - turn_rate(1 - value, +1)), 9)
    return round(min(MOST_KEPT, 1 - turn_rate(1 - value, -1)), 9)


def turn_factor(value: float, direction: int) -> float:
    """Return the next value of 0, .01, .02, .05, .1 and so on."""
    if direction > 0:
        return turn_rate(value, +1) if value >= 0.01 else 0.01
    return turn_rate(value, -1) if value > 0.01 else 0.0


def turn_slope(value: float, direction: int) -> float:
    """Return the next value of 0, .01, .02, .05, .1, .2, .5: the slope of leaky ReLU, which is below 1."""
    return min(0.5, turn_factor(value, direction)) if direction > 0 else turn_factor(value, direction)


def turn_shrink(value: float, direction: int) -> float:
    """Return the next factor by which a rate falls: as ``turn_decay``, and 1 at the end of the scale."""
    if direction > 0 and value >= 0.99:
        return max(value, 1.0)
    return 0.99 if direction < 0 and value >= 1 else turn_decay(value, direction)


def value_at(spec: Spec, path: str) -> Any:
    """Return what lies at a dotted path of the spec."""
    place: Any = spec
    for key in path.split("."):
        place = place[int(key)] if isinstance(place, Sequence) else getattr(place, key)
    return place


def turn_rate(value: float, direction: int) -> float:
    """Return the next value of the scale … 1, 2, 5, 10 … times a power of ten."""
    exponent = math.floor(math.log10(value))
    scale = [step * 10.0**power for power in range(exponent - 1, exponent + 2) for step in (1, 2, 5)]
    if direction > 0:
        following = next(step for step in scale if step > value * (1 + 1e-9))
    else:
        following = next(step for step in reversed(scale) if step < value * (1 - 1e-9))
    return float(f"{following:.0e}")


def turn_penalty(value: float, direction: int) -> float:
    """Return the next value of 0, 1e-5, 2e-5, 5e-5 and so on."""
    if direction > 0:
        return turn_rate(value, +1) if value >= 1e-5 else 1e-5
    return turn_rate(value, -1) if value > 1e-5 else 0.0


def turn_fraction(value: float, direction: int) -> float:
    """Return the next multiple of .05 within 0 … .95."""
    steps = value * 20
    following = math.floor(steps + 1e-9) + 1 if direction > 0 else math.ceil(steps - 1e-9) - 1
    return min(19, max(0, following)) / 20


def turn_batch(value: int | str, direction: int, rows: int) -> int | str:
    """Return the next value of 1, 2, 4, … below ``rows``, "full"."""
    powers = [2**power for power in range((rows - 1).bit_length())]
    size = rows if isinstance(value, str) else value
    if direction > 0:
        return next((power for power in powers if power > size), "full")
    return next((power for power in reversed(powers) if power < size), value)


def turn_count(value: int, direction: int) -> int:
    """Return the next value of 0, 1, 2, 5, 10, 20 and so on."""
    if direction > 0:
        return int(turn_rate(value, +1)) if value else 1
    return int(turn_rate(value, -1)) if value > 1 else 0


def turn_every(value: int, direction: int) -> int:
    """Return the next value of 1, 2, 5, 10 and so on."""
    return max(1, turn_count(value, direction))


def turn_epochs(value: int, direction: int) -> int:
    """Return the next value of 10, 20, 50, 100 and so on."""
    return max(1, min(10**9, int(turn_rate(max(1, value), direction))))


def turn_samples(value: int, direction: int) -> int:
    """Return the next value of 10, 20, 50, 100 and so on."""
    return max(10, min(10**6, int(turn_rate(max(5, value), direction))))


def turn_seed(value: int, direction: int) -> int:
    """Return the next seed, or the one before, of those that there are."""
    return min(2**32 - 1, max(0, value + direction))


def turn_derived(value: Sequence[str], direction: int) -> tuple[str, ...]:
    """Return the next of some sets of columns that a plane is bent with: none, squares, the product, sines."""
    at = USUAL_COLUMNS.index(tuple(value)) if tuple(value) in USUAL_COLUMNS else 0
    return USUAL_COLUMNS[(at + direction) % len(USUAL_COLUMNS)]


def consequence(path: str) -> str:
    """Return what a turn of a dial means for the run, where that is more than another value; else nothing."""
    if path == DERIVED:
        return " · from the next epoch; new inputs come in with weights of 0, what was best is measured anew"
    if path.startswith(DATA_PREFIX):
        return " · the next epoch draws all rows anew, exam included: losses before it are of other rows"
    return ""


def derived_text(value: Sequence[str]) -> str:
    """Return derived columns as they are typed."""
    return ", ".join(value) if value else "none"


def read_derived(text: str) -> tuple[str, ...]:
    """Return the formulas of a typed text, with commas between them; none for nothing, or the word."""
    return () if text.strip().lower() in {"", "none", "off"} else split(text)


def turn_pace(value: float | None, direction: int, steps: int) -> float | None:
    """Return the next value of 1, 2, 5, 10 … steps a second, 1, 2, 5 … 1000 epochs a second, full speed (None)."""
    if value is None:
        return None if direction > 0 else 1000.0
    if value > 1 or (value == 1 and direction > 0):
        following = turn_rate(value, direction)
        return following if following <= 1000 else None
    stepwise = turn_rate(value * steps, direction)
    if direction > 0:
        return min(1.0, stepwise / steps)
    return min(value, max(1.0, stepwise) / steps)


def pace_text(value: float | None, steps: int) -> str:
    """Return the pace as the dial shows it; below an epoch a second the steps are what can be followed."""
    if value is None:
        return "full speed"
    if value >= 1 or steps == 1:
        return f"{plain(value)}/s"
    stepwise = plain(float(f"{value * steps:.6g}"))
    return f"{stepwise} {'step' if stepwise == '1' else 'steps'}/s"


def describe(change: Change, dials: Sequence[Dial]) -> tuple[str, str]:
    """Return a change as two texts, before and after; a path that is no dial is shown as it came.

    What comes new has nothing before: that text is empty.
    """
    if isinstance(change, EditNetwork):
        return caption(change)[1:]
    show = next((dial.show for dial in dials if dial.path == change.path), _any_text)
    try:
        return show(change.before), show(change.value)
    except (TypeError, ValueError, OverflowError):
        return _any_text(change.before), _any_text(change.value)


def short_name(path: str) -> str:
    """Return a few letters for a dial (``lr``, ``drop 1``) or a weight (``w2[4,1]``), else the path's last part."""
    *parents, last = path.split(".")
    if last == "dropout" and parents and parents[-1].isdecimal():
        return f"drop {int(parents[-1]) + 1}"
    if parents and parents[0] == "weights" and "".join([*parents[1:], last]).isdecimal():
        layer, neuron, column = (int(part) + 1 for part in (*parents[1:], last))
        return f"w{layer}[{neuron},{column}]"
    return _SHORT_NAMES.get(path) or sanitize(last, 16)


def headline(change: Change, dials: Sequence[Dial], vocabulary: Vocabulary = "standard") -> str:
    """Return a change in a few words, as ``lr 0.001 → 0.002``, ``layer 1 16 → 24`` or ``− layer 2 8 relu``."""
    before, after = describe(change, dials)
    name = name_of(change, vocabulary)
    return f"{name} {before} → {after}" if before else f"{name} {after}"


def without_repeats(changes: Iterable[Change]) -> list[Change]:
    """Return changes with those of the pace within an epoch as one, from its first value to its last.

    The pace is turned by many presses on the way to one value, and no number depends on those between; a pace that
    came back to where it was is left out. Other changes are all told, as each of them acted.
    """
    told: list[Change] = []
    for change in changes:
        last = told[-1] if told else None
        if isinstance(change, SetPace) and isinstance(last, SetPace) and _is_same_turn(last, change):
            told.pop()
            change = change.model_copy(update={"before": last.before})  # noqa: PLW2901
            if change.value == change.before:
                continue
        told.append(change)
    return told


def _is_same_turn(first: SetPace, second: SetPace) -> bool:
    return (first.epoch, first.author) == (second.epoch, second.author)


def headlines(changes: Iterable[Change], dials: Sequence[Dial], vocabulary: Vocabulary = "standard") -> list[list[str]]:
    """Return a line for each thing changed, with shorter ones in its place: ``lr 0.1→0.2→0.5``, ``lr→0.5``, ``lr``.

    A dial that was turned several times has one line, of which the values between the first and the last may be left
    out; each edit of the network has one of its own.
    """
    chains = dict[tuple[str, int], list[str]]()
    for change in changes:
        before, after = describe(change, dials)
        chain = chains.setdefault(
            (name_of(change, vocabulary), change.number if isinstance(change, EditNetwork) else 0), []
        )
        if before and chain[-1:] != [before]:
            chain.append(before)
        chain.append(after)
    return [_forms(name, chain) for (name, _), chain in chains.items()]


def _forms(name: str, chain: Sequence[str]) -> list[str]:
    if len(chain) == 1:  # something new, which has nothing before
        return [f"{name} {chain[0]}", name]
    shown = chain if len(chain) <= MOST_IN_A_CHAIN else [chain[0], "…", chain[-1]]
    return [f"{name} {'→'.join(shown)}", f"{name}→{chain[-1]}", name]


def name_of(change: Change, vocabulary: Vocabulary = "standard") -> str:
    """Return a few letters for what was changed."""
    return translated(caption(change)[0], vocabulary) if isinstance(change, EditNetwork) else short_name(change.path)


def _turn_choice(names: Sequence[str]) -> Turn:
    def turn(value: str, direction: int) -> str:
        return names[(names.index(value) + direction) % len(names)]

    return turn


def _turn_switch(value: bool, direction: int) -> bool:  # noqa: ARG001 (there is but one other way to stand)
    return not value


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _off_or(show: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: show(value) if value else "off"


def _batch_text(value: int | str) -> str:
    return value if isinstance(value, str) else count(value)


def _any_text(value: object) -> str:
    return plain(value) if isinstance(value, int | float) and math.isfinite(value) else sanitize(value, 20)


def _literal(text: str) -> Value:
    """Return a typed text as a number where it is one; "off" is 0, and "20/s" and "20%" are what they look like."""
    text = text.strip().lower().replace("−", "-").removesuffix("/s").strip()
    if text == "off":
        return 0
    divisor = 100 if text.endswith("%") else 1
    for kind in (int, float):
        try:
            number = kind(text.removesuffix("%").replace(",", ""))
        except ValueError:
            continue
        return number / 100 if divisor == 100 else number
    return text


def _pace(text: str, steps: int) -> float | None:
    """Return epochs a second from a typed pace, which may be in steps a second ("5 steps/s")."""
    number, by_step, _ = text.lower().partition("step")
    value = _literal(number)
    if not by_step and value in {"max", "full", "full speed", ""}:
        return None
    if not isinstance(value, int | float) or not 0 < value < math.inf:
        raise InputError("expected epochs a second, above 0, or 5 steps/s, or max")
    return value / steps if by_step else float(value)


def _epochs(value: Value, run: RunModel) -> int:
    done = run.frame.epoch
    if not isinstance(value, int) or not max(1, done) <= value <= 10**9:
        raise InputError(f"expected a whole number from {max(1, done)} to 1,000,000,000")
    return value


_YES_OR_NO = {"yes": True, "true": True, "on": True, 1: True, "no": False, "false": False, 0: False}
"""What may be typed for a switch."""
_SHRINK = Dial("training.schedule.factor", "factor", turn_shrink, plain)
_SCHEDULE_DIALS: Mapping[str, tuple[Dial, ...]] = {
    "constant": (),
    "step": (_SHRINK, Dial("training.schedule.every", "every", turn_every, count)),
    "exponential": (_SHRINK,),
    "cosine": (Dial("training.schedule.factor", "factor", turn_factor, plain),),
    "inverse": (Dial("training.schedule.factor", "factor", turn_factor, plain),),
}
"""What each schedule can be tuned by."""
