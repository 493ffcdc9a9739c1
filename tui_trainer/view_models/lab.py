"""A lab as the screen deals with it: its dials turned and typed, and what came out of them last."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from engine.errors import TrainerError, sanitize
from presets.labs.contract import Lab, LabDial, LabResult, Setting, Settings
from tui_trainer.formatting import cell_text
from tui_trainer.glossary import Vocabulary, translated
from tui_trainer.view_models.dial_scales import turn_rate


@dataclass
class LabModel:
    """One lab, its dials, and its result.

    Attributes:
        lab: The lab.
        settings: What the dials stand at.
        cursor: The dial that is chosen.
        result: What came out last, None before anything has.
        result_of: What the dials stood at for it.
        problem: Why nothing comes out of the dials as they stand, empty where something does.
        vocabulary: Standard or plain words.
    """

    lab: Lab
    settings: Settings = field(init=False)
    cursor: int = 0
    result: LabResult | None = None
    result_of: Settings | None = None
    problem: str = ""
    vocabulary: Vocabulary = "standard"

    def __post_init__(self) -> None:
        self.settings = self.lab.defaults

    def open(self, lab: Lab) -> None:
        """Take another lab, its dials as they stand at first, nothing computed yet."""
        self.lab, self.settings, self.cursor = lab, lab.defaults, 0
        self.result, self.result_of, self.problem = None, None, ""

    @property
    def dial(self) -> LabDial | None:
        """The dial that is chosen; some labs have none."""
        return self.lab.dials[self.cursor] if self.lab.dials else None

    @property
    def is_stale(self) -> bool:
        """Whether what is shown is of other settings than those of the dials."""
        return self.settings != self.result_of

    def words(self, text: str) -> str:
        """Return a text of the lab in the words chosen."""
        return translated(text, self.vocabulary)

    def value(self, dial: LabDial) -> Setting:
        """Return what a dial stands at."""
        return self.settings[dial.key]

    def is_default(self, dial: LabDial) -> bool:
        """Return whether a dial stands where it did at first."""
        return self.value(dial) == dial.default

    def can_choose(self, step: int) -> bool:
        """Return whether there is another dial in a direction."""
        return 0 <= self.cursor + step < len(self.lab.dials)

    def choose(self, step: int) -> None:
        """Choose the dial so many lines further down."""
        self.cursor = min(max(0, self.cursor + step), max(0, len(self.lab.dials) - 1))

    def set(self, dial: LabDial, value: Setting) -> None:
        """Turn a dial to a value that it may have."""
        self.settings = Settings({**self.settings, dial.key: value})

    def type(self, dial: LabDial, text: str) -> None:
        """Turn a dial to what was typed.

        Raises:
            InputError: It takes no such value; the line says what it takes.
        """
        self.set(dial, dial.parsed(text))

    def reset(self) -> None:
        """Turn all dials back to where they stood at first."""
        self.settings = self.lab.defaults

    @property
    def is_at_first(self) -> bool:
        """Whether all dials stand where they did at first."""
        return self.settings == self.lab.defaults

    def adopt(self, lab: Lab, settings: Settings, outcome: LabResult | str) -> None:
        """Take over what came out of a lab's settings: a result, or why there is none; not that of a lab left since."""
        if lab is not self.lab:
            return
        self.result_of = settings
        if isinstance(outcome, str):
            self.problem = outcome
        else:
            self.result, self.problem = outcome, ""


def computed(lab: Lab, settings: Settings) -> LabResult | str:
    """Return what a lab makes of its settings, or one line that says why it makes nothing of them."""
    try:
        with np.errstate(all="ignore"):  # a lab may show what overflows
            return lab.compute(settings)
    except TrainerError as error:
        return sanitize(error)
    except Exception as error:  # whatever it is: a lab that fails must not end the screen over a run that trains
        return f"nothing comes out of these values: {sanitize(error, 120)}"


def turned(dial: LabDial, value: Setting, direction: int) -> Setting:
    """Return the next value of a dial's scale, the value itself at its end; a list is typed and not turned."""
    if dial.kind == "switch":
        return not value
    if dial.kind == "choice":
        names = dial.choices
        at = names.index(str(value)) if value in names else 0
        return names[(at + direction) % len(names)]
    if dial.kind == "list":
        return value
    turn = _turned_log if dial.scale == "log" else _turned_linear
    following = min(max(turn(float(value), direction, dial.step), dial.low), dial.high)  # type: ignore[arg-type]
    return round(following) if dial.kind == "integer" else following


def _turned_linear(value: float, direction: int, step: float) -> float:
    """Return the next multiple of a step."""
    steps = value / step
    following = math.floor(steps + 1e-9) + 1 if direction > 0 else math.ceil(steps - 1e-9) - 1
    return float(f"{following * step:.12g}")


def _turned_log(value: float, direction: int, step: float) -> float:
    """Return the next value of … 1, 2, 5, 10 …, mirrored below zero; from zero one goes by a step."""
    if value == 0:
        return direction * step
    return math.copysign(turn_rate(abs(value), direction if value > 0 else -direction), value)


def typed_text(value: Setting) -> str:
    """Return a dial's value as one types it: every digit, and nothing that a field would refuse."""
    if isinstance(value, tuple):
        return ", ".join(typed_text(each) for each in value)
    return cell_text(value) if isinstance(value, bool | str) else f"{value:.12g}"


def can_turn(dial: LabDial, value: Setting, direction: int) -> bool:
    """Return whether a dial's scale has another value in a direction."""
    return turned(dial, value, direction) != value
