"""One sample by hand, without a screen: where the learner is, what was changed, and what is hidden until it is guessed.

The numbers are those of ``engine.numerics.by_hand``; whatever the learner changes, they are worked out anew here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from engine.numerics.by_hand import Explanation
from engine.numerics.wiggle import Check, Wiggle
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.by_hand_numbers import number, parse_number
from tui_trainer.view_models.by_hand_sample import Quantity, Sample, is_same_question
from tui_trainer.view_models.by_hand_steps import Step, Workings, values_of

Write = Callable[[float], str]
HIDDEN: Final = "?"
RIGHT: Final = 0.01
"""How far a guess may be off, relative to the answer, and still be right."""
SMALL: Final = 4
"""Units of a layer up to which a network is small."""
MOST_LISTED: Final = 100
"""Parameters of a network up to which all of them can be chosen to be changed."""
INPUTS: Final = -1
"""The column of units that the inputs are; the layers count from 0."""


@dataclass(frozen=True)
class Guess:
    """What was guessed of a step's number, and what it is."""

    step: Step
    text: str
    value: float
    answer: float

    @property
    def is_right(self) -> bool:
        """Whether it is near enough: within a hundredth of the answer, or the answer to the decimals typed."""
        decimals = len(self.text.partition(".")[2])
        to_its_digits = decimals >= 2 and abs(self.value - self.answer) <= 0.5 * 10**-decimals * (1 + 1e-9)
        return to_its_digits or abs(self.value - self.answer) <= RIGHT * abs(self.answer)


@dataclass
class Veil:
    """Hides the numbers that are to be guessed.

    Attributes:
        is_down: Whether anything is hidden.
        seen: Steps whose numbers may be seen: those before this one.
    """

    is_down: bool = False
    seen: int = 0


@dataclass
class Path:
    """A path through the network, one unit of each layer and one input: what the cursor stands on.

    Attributes:
        widths: Units of the layers, the inputs first.
        units: The unit by layer, the inputs being layer −1; the first one where there is none.
        is_chosen: Whether the learner has led it anywhere.
    """

    widths: tuple[int, ...] = (1,)
    units: dict[int, int] = field(default_factory=dict)
    is_chosen: bool = False

    def unit(self, layer: int) -> int:
        """Return the unit of a layer, or of the inputs, that the path goes through."""
        return min(self.units.get(layer, 0), self.widths[layer + 1] - 1)

    def point_at(self, layer: int, unit: int) -> None:
        """Lead the path through the unit of a layer that is the nearest to this number."""
        self.units[layer] = min(max(0, unit), self.widths[layer + 1] - 1)
        self.is_chosen = True


class ByHandModel:
    """Where the learner is on a sample's way, and what was tried.

    Attributes:
        workings: The sample's way; None before the first sample.
        step: The step that is looked at.
        path: What the cursor stands on.
        veil: What is hidden.
        guess: The latest guess, until something else is looked at.
        check: How far the check of all parameters has come; None where there was none.
        wiggles: Whether the parameter under the cursor is wiggled.
    """

    def __init__(self) -> None:
        self.workings: Workings | None = None
        self.step = Step("z", 0)
        self.path = Path()
        self.veil = Veil()
        self.guess: Guess | None = None
        self.check: Check | None = None
        self.wiggles = False

    @property
    def known(self) -> Workings:
        """The sample's way.

        Raises:
            ValueError: There is no sample yet.
        """
        if self.workings is None:
            raise ValueError("there is no sample yet")
        return self.workings

    def show(self, sample: Sample) -> None:
        """Show a sample, or the same one in a network that has learned since; what was changed is kept with the sample.

        What was checked is forgotten: it was of other numbers.
        """
        before = self.workings.sample if self.workings else None
        is_same = before is not None and is_same_question(before, sample)
        changes = self.known.changes if is_same else {}
        if not is_same:
            self.veil, self.guess = Veil(), None
        widths = (len(sample.x), *(len(layer.biases) for layer in sample.layers))
        if self.path.widths != widths:
            self.path = Path(widths)
        self._work_out(sample, changes)
        if not is_same and not self.path.is_chosen:
            self.path.units = strongest_path(self.known.explanation)

    def go(self, by: int) -> None:
        """Go to another step."""
        steps = self.known.steps
        self.step = steps[min(max(0, self.number + by), len(steps) - 1)]
        self.guess = None

    @property
    def number(self) -> int:
        """Which step is looked at, from 0."""
        return self.known.steps.index(self.step)

    @property
    def index(self) -> tuple[int, ...]:
        """Which of the step's numbers the cursor stands on."""
        return self.index_of(self.step)

    def index_of(self, step: Step) -> tuple[int, ...]:
        """Return which of a step's numbers lies on the path."""
        if step.kind == "loss":
            return (0,)
        neuron = self.path.unit(step.layer)
        return (neuron, self.path.unit(step.layer - 1)) if step.kind in {"weights", "update"} else (neuron,)

    @property
    def parameter(self) -> Quantity:
        """The parameter that the step at the cursor speaks of: a weight where it has one, else the bias."""
        layer, neuron = self.step.layer, self.path.unit(self.step.layer)
        if self.step.kind in {"z", "weights", "update"}:
            return Quantity("weight", layer, (neuron, self.path.unit(layer - 1)))
        return Quantity("bias", layer, (neuron,))

    def point_at(self, layer: int, unit: int) -> None:
        """Lead the path through a unit of a layer, or through an input."""
        self.path.point_at(layer, unit)
        self.guess = None

    def stand_on(self, layer: int, neuron: int, column: int) -> None:
        """Go to a weight's slope, or to that of the bias, which is the column after the last; and wiggle it."""
        is_bias = column >= self.path.widths[layer]
        step = Step("biases" if is_bias else "weights", layer)
        self.step = step if step in self.known.steps else Step("z", layer)
        self.point_at(layer, neuron)
        if not is_bias:
            self.point_at(layer - 1, column)
        self.wiggles = True

    def change(self, quantity: Quantity, value: float) -> None:
        """Give a quantity another value; what follows from it is hidden until it is guessed or shown."""
        self.veil, self.guess = Veil(is_down=True), None
        self._work_out(self.known.sample, {**self.known.changes, quantity: value})

    def forget_changes(self) -> None:
        """Take everything back that was changed."""
        self.veil, self.guess = Veil(), None
        self._work_out(self.known.sample, {})

    def quiz(self) -> None:
        """Hide the numbers of this step and of all that follow, until each is guessed or shown; or hide nothing."""
        self.veil = Veil() if self.veil.is_down else Veil(is_down=True, seen=self.number)
        self.guess = None

    def reveal(self) -> None:
        """Show the numbers up to this step."""
        self.veil.seen = max(self.veil.seen, self.number + 1)
        if self.veil.seen >= len(self.known.steps):
            self.veil = Veil()

    def take_guess(self, text: str) -> None:
        """Take a guess of the number under the cursor, and show that.

        Raises:
            InputError: Not a number.
        """
        answer = float(values_of(self.known.explanation, self.step)[self.index])
        self.guess = Guess(self.step, text.strip(), parse_number(text), answer)
        self.reveal()

    def is_hidden(self, step: Step, index: tuple[int, ...]) -> bool:
        """Return whether a step's number is to be guessed: where something was changed, what that makes another."""
        steps = self.known.steps
        if not self.veil.is_down or step not in steps or steps.index(step) < self.veil.seen:
            return False
        return not self.known.changes or self.known.is_changed(step, index)

    @property
    def hides(self) -> bool:
        """Whether the number under the cursor is hidden."""
        return self.is_hidden(self.step, self.index)

    def shown(self, step: Step, *index: int, write: Write | None = None) -> tuple[str, int]:
        """Return a step's number as ``write`` has it, ``number`` if None, or what hides it; in its ink."""
        if self.is_hidden(step, index):
            return HIDDEN, Ink.WARNING
        text = (write or number)(float(values_of(self.known.explanation, step)[index]))
        return text, Ink.ACCENT if self.known.is_changed(step, index) else Ink.TEXT

    @property
    def wiggled(self) -> Wiggle | None:
        """The parameter under the cursor moved a little; None where nobody asked, or there are no slopes to compare."""
        can_be = self.wiggles and bool(self.known.explanation.backward) and not self.veil.is_down
        return self.known.wiggle(self.parameter) if can_be else None

    def _work_out(self, sample: Sample, changes: Mapping[Quantity, float]) -> None:
        self.workings = Workings(sample, changes)
        self.check = None
        steps = self.workings.steps
        if self.step not in steps:
            self.step = max((step for step in steps if step.layer <= self.step.layer), key=steps.index)


def changeable(model: ByHandModel) -> list[Quantity]:
    """Return what may be changed: everything in a small network, of a large one what lies on the cursor's path."""
    widths, workings = model.path.widths, model.known
    last, layer = len(widths) - 2, model.step.layer
    deltas = [Quantity("delta", last, (unit,)) for unit in range(widths[-1])] if workings.base.backward else []
    inputs = [Quantity("x", 0, (unit,)) for unit in range(widths[0])]
    if workings.sample.parameters <= MOST_LISTED:
        return [*_all_parameters(widths), *inputs, *deltas]
    neuron, fed = model.path.unit(layer), model.path.unit(layer - 1)
    own = [Quantity("weight", layer, (neuron, fed)), Quantity("bias", layer, (neuron,))]
    outputs = [quantity for quantity in deltas if quantity.at == (model.path.unit(last),)]
    return [*own, inputs[model.path.unit(INPUTS)], *outputs]


def _all_parameters(widths: Sequence[int]) -> Iterator[Quantity]:
    for layer, (fed, out) in enumerate(pairwise(widths)):
        for neuron in range(out):
            yield from (Quantity("weight", layer, (neuron, unit)) for unit in range(fed))
            yield Quantity("bias", layer, (neuron,))


def strongest_path(explanation: Explanation) -> dict[int, int]:
    """Return the path of the largest products down from the output that the loss is told of; of a small network none.

    Where few products are added up all of them are seen at once, and the first is as good as any.
    """
    if max(max(forward.shape) for forward in explanation.forward) <= SMALL:
        return {}
    unit = int(np.argmax(explanation.y))
    path = {len(explanation.forward) - 1: unit}
    for layer in reversed(range(len(explanation.forward))):
        unit = int(np.argmax(np.abs(np.nan_to_num(explanation.forward[layer].contributions[unit]))))
        path[layer - 1] = unit
    return path
