"""One sample by hand, without a screen: where the learner is, what was changed, and what is hidden until it is guessed.

The numbers are those of ``engine.numerics.by_hand``; whatever the learner changes, they are worked out anew here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal, NamedTuple

import numpy as np

from engine.array_types import Floats
from engine.errors import InputError
from engine.numerics.by_hand import Backward, Explanation, Forward, Masks, Penalties, explain
from engine.numerics.losses import OutputHead
from engine.numerics.textbook import Layer
from engine.numerics.wiggle import Check, Wiggle, wiggle
from tui_trainer.formatting import MINUS, metric
from tui_trainer.themes.inks import Ink

StepKind = Literal["z", "a", "signal", "loss", "output", "weights", "biases", "error", "delta", "update"]

Write = Callable[[float], str]
HIDDEN: Final = "?"
RIGHT: Final = 0.01
"""How far a guess may be off, relative to the answer, and still be right."""
ALMOST_ONE: Final = 0.9995
"""What would be 1 in four digits is written in seven."""
SMALL: Final = 4
"""Units of a layer up to which a network is small."""
MOST_LISTED: Final = 100
"""Parameters of a network up to which all of them can be chosen to be changed."""
INPUTS: Final = -1
"""The column of units that the inputs are; the layers count from 0."""


class Step(NamedTuple):
    """One step of the way: what is worked out, and in which layer, counted from 0."""

    kind: StepKind
    layer: int


class Quantity(NamedTuple):
    """A value that the learner may change: an input, a parameter, or the error at an output.

    ``at`` is (input,), (neuron, input) of a weight, (neuron,) of a bias, (output,) of δ.
    """

    kind: Literal["x", "weight", "bias", "delta"]
    layer: int
    at: tuple[int, ...]


@dataclass(frozen=True)
class Sample:
    """One sample, and the network that it goes through.

    Attributes:
        layers: The network in float64.
        x: (n,) as the network sees it.
        y: (K,) targets.
        head: The last activation with its loss.
        rate: The learning rate.
        penalties: The recipe's.
        masks: Of dropout in the latest batch, one a layer; None where it was not in that, or nothing was dropped.
        masked: Whether these are on.
        raw: (n,) as the data have it.
        features: Names of the inputs, harmless to print.
        classes: Names of the classes likewise; empty for a regression.
        part: ``train``, ``validation``, or ``typed`` for a row of one's own.
        row: Its number in its part, from 0.
        rows: Rows of the part.
        epoch: Epochs that the network had learned.
        step: Steps of the next one that it had learned.
        picture: (height, width) where the inputs are a picture.
    """

    layers: tuple[Layer, ...]
    x: Floats
    y: Floats
    head: OutputHead
    rate: float
    penalties: Penalties | None = None
    masks: Masks | None = None
    masked: bool = False
    raw: Floats | None = None
    features: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    part: str = "train"
    row: int = 0
    rows: int = 1
    epoch: int = 0
    step: int = 0
    picture: tuple[int, int] | None = None

    def explained(self, delta: Floats | None = None) -> Explanation:
        """Return its way forward and back; from another δ at the outputs, where that is given."""
        return explain(self.layers, self.x, self.y, self.head, self.rate, self.penalties, self.masks_on, delta)

    @property
    def masks_on(self) -> Masks | None:
        """The masks, where they are on."""
        return self.masks if self.masked else None

    @property
    def parameters(self) -> int:
        """How many weights and biases the network has."""
        return sum(layer.weights.size + layer.biases.size for layer in self.layers)


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


class Workings:
    """A sample's way with what the learner has changed; each part of it is worked out when it is first asked for.

    Args:
        sample: The sample as the run has it.
        changes: What the learner has changed.
    """

    def __init__(self, sample: Sample, changes: Mapping[Quantity, float]) -> None:
        self.sample = sample
        self.changes = dict(changes)
        self._wiggles: dict[Quantity, Wiggle] = {}

    @cached_property
    def base(self) -> Explanation:
        """The way in the run's own network."""
        return self.sample.explained()

    @cached_property
    def now(self) -> Sample:
        """The sample with what was changed, but for δ."""
        return changed_sample(self.sample, self.changes)

    @cached_property
    def explanation(self) -> Explanation:
        """The way with everything that was changed."""
        deltas = {quantity.at[0]: value for quantity, value in self.changes.items() if quantity.kind == "delta"}
        if not deltas:
            return self.now.explained() if self.changes else self.base
        delta = self.now.explained().backward[-1].delta.copy()
        delta[list(deltas)] = list(deltas.values())
        return self.now.explained(delta)

    @cached_property
    def steps(self) -> list[Step]:
        """All steps, in order."""
        return steps_of(self.explanation)

    @cached_property
    def loss_after(self) -> float:
        """The loss after one step of gradient descent on this sample."""
        return replace(self.now, layers=self.explanation.updates).explained().loss.value

    def value(self, quantity: Quantity) -> float:
        """Return what a quantity is now.

        Raises:
            IndexError: There is no such quantity.
        """
        if quantity.kind == "delta":
            return float(self.explanation.backward[-1].delta[quantity.at])
        layer = self.now.layers[quantity.layer]
        arrays = {"x": self.now.x, "weight": layer.weights, "bias": layer.biases}
        return float(arrays[quantity.kind][quantity.at])

    def wiggle(self, quantity: Quantity) -> Wiggle:
        """Return the loss beside a parameter."""
        if quantity not in self._wiggles:
            now = self.now
            where = (quantity.layer, quantity.at)
            self._wiggles[quantity] = wiggle(now.layers, now.x, now.y, now.head, *where, masks=now.masks_on)
        return self._wiggles[quantity]

    def is_changed(self, step: Step, index: tuple[int, ...]) -> bool:
        """Return whether a step's number is another than in the run's own network."""
        if not self.changes or step not in steps_of(self.base):
            return False
        return bool(values_of(self.explanation, step)[index] != values_of(self.base, step)[index])


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
        is_same = before is not None and _is_same_question(before, sample)
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
            InputError: It is no number.
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
    widths, known = model.path.widths, model.known
    last, layer = len(widths) - 2, model.step.layer
    deltas = [Quantity("delta", last, (unit,)) for unit in range(widths[-1])] if known.base.backward else []
    inputs = [Quantity("x", 0, (unit,)) for unit in range(widths[0])]
    if known.sample.parameters <= MOST_LISTED:
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


def steps_of(explanation: Explanation) -> list[Step]:
    """Return the steps of a sample's way: forward, the loss, back from the last layer, and one step of descent."""
    last = len(explanation.forward) - 1
    steps: list[Step] = []
    for layer, forward in enumerate(explanation.forward):
        steps += [Step("z", layer), Step("a", layer)]
        steps += [Step("signal", layer)] if forward.mask is not None else []
    steps.append(Step("loss", last))
    if not explanation.backward:
        return steps
    for layer in range(last, -1, -1):
        steps += [Step("output", layer)] if layer == last else [Step("error", layer), Step("delta", layer)]
        steps += [Step("weights", layer), Step("biases", layer)]
    return [*steps, *(Step("update", layer) for layer in range(last + 1))]


_FORWARD: Final[Mapping[str, Callable[[Forward], Floats]]] = {
    "z": lambda forward: forward.z,
    "a": lambda forward: forward.a,
    "signal": lambda forward: forward.signal,
}
_BACKWARD: Final[Mapping[str, Callable[[Backward], Floats]]] = {
    "output": lambda backward: backward.delta,
    "delta": lambda backward: backward.delta,
    "weights": lambda backward: backward.weights,
    "biases": lambda backward: backward.biases,
    "error": lambda backward: backward.error,
}


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


def values_of(explanation: Explanation, step: Step) -> Floats:
    """Return the numbers of a step: (out,), of slopes and updates of weights (out, in), of the loss (1,)."""
    if step.kind == "loss":
        return np.array([explanation.loss.value])
    if step.kind == "update":
        return explanation.updates[step.layer].weights
    if step.kind in _FORWARD:
        return _FORWARD[step.kind](explanation.forward[step.layer])
    return _BACKWARD[step.kind](explanation.backward[step.layer])


def changed_sample(sample: Sample, changes: Mapping[Quantity, float]) -> Sample:
    """Return a sample with other inputs and parameters; δ is no part of it."""
    touched = [quantity for quantity in changes if quantity.kind != "delta"]
    if not touched:
        return sample
    x = sample.x.copy()
    layers = [replace(layer, weights=layer.weights.copy(), biases=layer.biases.copy()) for layer in sample.layers]
    for quantity in touched:
        layer = layers[quantity.layer]
        array = {"x": x, "weight": layer.weights, "bias": layer.biases}[quantity.kind]
        array[quantity.at] = changes[quantity]
    return replace(sample, x=x, layers=tuple(layers))


def number(value: float) -> str:
    """Return a number of the way as people write it: in four digits that count, no zeros at the end."""
    if math.isfinite(value) and 0 < abs(value) < 1:
        digits = 4 if abs(value) < ALMOST_ONE else 7
        mantissa, e, exponent = f"{abs(value):.{digits}g}".partition("e")
        return f"{MINUS if value < 0 else ''}{mantissa}{e}{int(exponent) if e else ''}"
    text = metric(value + 0.0)  # which makes of −0 a 0
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def short_number(value: float) -> str:
    """Return a number in three digits that count, where there is little room."""
    if not math.isfinite(value) or abs(value) >= 1000:
        return number(value)
    mantissa, e, exponent = f"{abs(value):.3g}".partition("e")
    return f"{MINUS if value < 0 else ''}{mantissa}{e}{int(exponent) if e else ''}"


def column_number(value: float) -> str:
    """Return a number as it stands in a column: with four decimals, so that the points are below each other."""
    if 0 < abs(value) < 1e-3:
        digits = sum(abs(value) > smallest for smallest in (1e-99, 1e-9)) + 1  # all in nine cells
        mantissa, _, exponent = f"{abs(value):.{digits}e}".partition("e")
        return f"{MINUS if value < 0 else ''}{mantissa}e{int(exponent)}"
    if not abs(value) < 1000 or value == round(value):
        return number(value)
    return f"{value:.4f}".replace("-", MINUS)


def parse_number(text: str) -> float:
    """Return the number that a text is.

    Raises:
        InputError: It is none.
    """
    typed = text.strip().replace("−", "-")
    try:
        value = float(typed.replace(",", "."))
    except ValueError:
        raise InputError("expected a number, as in 0.3 or -2e-3") from None
    if not np.isfinite(value):
        raise InputError("expected a number, as in 0.3 or -2e-3")
    return value


def _is_same_question(one: Sample, other: Sample) -> bool:
    """Return whether it is the same row, in a network of the same shape."""
    shapes = [[layer.weights.shape for layer in sample.layers] for sample in (one, other)]
    return shapes[0] == shapes[1] and is_same_row(one, other)


def is_same_row(one: Sample, other: Sample) -> bool:
    """Return whether it is the same row; of two that were typed in, whether they are equal."""
    if one.part == other.part == "typed":
        return np.array_equal(one.x, other.x) and np.array_equal(one.y, other.y)
    return (one.part, one.row) == (other.part, other.row)
