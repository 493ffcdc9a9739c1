"""The dials: what can be changed while a run goes on, and how each is shown, typed and turned."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.declarations.optimizers import DECLARED_OPTIMIZERS, HYPERPARAMETERS
from engine.errors import InputError
from engine.protocol import commands
from engine.protocol.commands import Command, MoreEpochs, SetDial
from engine.run.changes import DATA_PREFIX, PACE_PATH
from engine.spec import Spec, override
from engine.spec.expressions import split
from engine.spec.sources.generators import CatsDogs, Generator, Lines
from tui_trainer.formatting import count, percent, plain
from tui_trainer.view_models.dial_scales import (
    Turn,
    Value,
    turn_batch,
    turn_count,
    turn_decay,
    turn_derived,
    turn_epochs,
    turn_every,
    turn_factor,
    turn_fraction,
    turn_pace,
    turn_penalty,
    turn_rate,
    turn_samples,
    turn_seed,
    turn_shrink,
    turn_slope,
    turn_switch,
    turn_through,
)
from tui_trainer.view_models.run import RunModel

EPOCHS = "training.epochs"
LEARNING_RATE = "training.learning_rate"
DERIVED = "data.derived"
SCHEDULE = "training.schedule.kind"
SCHEDULES = ("constant", "step", "exponential", "cosine", "inverse")


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
        *([Dial("training.stopping.restore_best", "restore best", turn_switch, _yes_or_no)] if stopping else []),
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
    return Dial(path, term, turn_through(names), str, names=names)


def steps_of(spec: Spec, rows: int) -> int:
    """Return the steps of an epoch over ``rows`` training rows."""
    batch = spec.training.batch_size
    return 1 if isinstance(batch, str) else -(-rows // batch)


def _hyperparameter_dial(name: str) -> Dial:
    """Return the dial of what an optimiser is tuned by."""
    turns: dict[str, Turn] = {"decay": turn_decay, "size": turn_rate, "penalty": turn_penalty}
    scale = HYPERPARAMETERS[name].scale
    return Dial(f"training.{name}", name, turns[scale], _off_or(plain) if scale == "penalty" else plain)


def value_at(spec: Spec, path: str) -> Any:
    """Return what lies at a dotted path of the spec, as the spec has it: without writing all of it out as JSON."""
    place: Any = spec
    for key in path.split("."):
        place = place[int(key)] if isinstance(place, Sequence) else getattr(place, key)
    return place


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


def pace_text(value: float | None, steps: int) -> str:
    """Return the pace as the dial shows it; below an epoch a second the steps are what can be followed."""
    if value is None:
        return "full speed"
    if value >= 1 or steps == 1:
        return f"{plain(value)}/s"
    stepwise = plain(float(f"{value * steps:.6g}"))
    return f"{stepwise} {'step' if stepwise == '1' else 'steps'}/s"


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _off_or(show: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: show(value) if value else "off"


def _batch_text(value: int | str) -> str:
    return value if isinstance(value, str) else count(value)


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
