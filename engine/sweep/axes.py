"""What a sweep varies: values of a key of the recipe, or a range to draw them from; and the trials that follow."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, JsonValue, ValidationError

from engine.errors import InputError, sanitize
from engine.run.frozen import Frozen
from engine.spec import Spec
from engine.spec.recipe import value_at
from engine.toml_text import toml_values

MOST_TRIALS = 10_000
DIGITS = 4
"""Significant digits of a number that is drawn: enough to tell, and few enough to be read and typed again."""
TRIES = 20
"""Draws for each trial that is wanted; ranges of whole numbers repeat themselves."""

Values = dict[str, Any]
"""What a trial changes in the recipe, by path."""


class Choices(Frozen):
    """Values to try of a key."""

    kind: Literal["choices"] = "choices"
    path: str
    values: Annotated[tuple[JsonValue, ...], Field(min_length=1)]

    def draw(self, generator: np.random.Generator) -> Any:
        """Return one of the values."""
        return self.values[int(generator.integers(len(self.values)))]


class Interval(Frozen):
    """A range that values of a key are drawn from: evenly, or evenly by orders of magnitude (log)."""

    kind: Literal["interval"] = "interval"
    path: str
    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"
    whole: bool = False
    """Whether only whole numbers are drawn, both ends among them."""

    def draw(self, generator: np.random.Generator) -> float | int:
        """Return a value from ``low`` to ``high``."""
        half = 0.5 if self.whole else 0.0  # so that a whole number at either end is drawn as often as others
        low, high, share = self.low - half, self.high + half, generator.random()
        if self.scale == "log":
            value = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
        else:
            value = low + share * (high - low)
        value = min(max(value, self.low), self.high)
        if self.whole:
            return round(value)
        return min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high)


Axis = Annotated[Choices | Interval, Field(discriminator="kind")]


class Plan(Frozen):
    """Trials that were asked for at once: a grid, or so many draws.

    Draw k depends on the seed and on k alone, so that a plan of more draws begins with those of fewer.
    """

    axes: Annotated[tuple[Axis, ...], Field(min_length=1)]
    draws: Annotated[int, Field(ge=1, le=MOST_TRIALS)] | None = None
    """How many trials; None for the whole grid."""
    seed: Annotated[int, Field(ge=0)] = 0

    @property
    def grid_size(self) -> int | None:
        """How many trials the grid has; None where values are drawn from a range."""
        if any(isinstance(axis, Interval) for axis in self.axes):
            return None
        return math.prod(len(axis.values) for axis in self.axes if isinstance(axis, Choices))

    def trials(self) -> list[Values]:
        """Return what each trial changes: a grid in the order of its axes, the last one fastest; or draws."""
        size = self.grid_size
        if size is None:
            return list(itertools.islice(self._drawn(), self.draws))
        cells = [dict(zip(self._paths, cell, strict=True)) for cell in itertools.product(*self._choices)]
        if self.draws is None:
            return cells
        return [cells[int(index)] for index in np.random.default_rng(self.seed).permutation(size)[: self.draws]]

    @property
    def _paths(self) -> list[str]:
        return [axis.path for axis in self.axes]

    @property
    def _choices(self) -> list[tuple[Any, ...]]:
        return [axis.values for axis in self.axes if isinstance(axis, Choices)]

    def _drawn(self) -> Iterator[Values]:
        """Yield draws, each once."""
        variants_drawn: set[str] = set()
        for number in range(TRIES * (self.draws or 0)):
            generator = np.random.default_rng([self.seed, number])
            values = {axis.path: axis.draw(generator) for axis in self.axes}
            if (identity := identity_of(values)) not in variants_drawn:
                variants_drawn.add(identity)
                yield values


def identity_of(values: Mapping[str, Any]) -> str:
    """Return a text that two trials share if they change the same."""
    return json.dumps(values, sort_keys=True)


def make_plan(axes: Sequence[Axis], draws: int | None, seed: int) -> Plan:
    """Return the plan of these axes.

    Raises:
        InputError: A key twice, a range without a number of draws, too many trials.
    """
    paths = [axis.path for axis in axes]
    if twice := next((path for path in paths if paths.count(path) > 1), None):
        raise InputError(f"--over {sanitize(twice, 80)}: is given twice; expected all of its values in one list")
    plan = Plan(axes=tuple(axes), draws=draws, seed=seed)
    if plan.grid_size is None and draws is None:
        drawn = next(axis.path for axis in axes if isinstance(axis, Interval))
        raise InputError(f"--over {sanitize(drawn, 80)}: a range is drawn from; expected a number of trials beside it")
    if (plan.grid_size or 0) > MOST_TRIALS:
        raise InputError(f"--over: expected a grid of at most {MOST_TRIALS} trials (got {plan.grid_size})")
    return plan


NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
SCALES: dict[str, Literal["linear", "log"]] = {"linear": "linear", "log": "log"}
_INTERVAL = re.compile(rf"\s*({NUMBER})\s*\.\.\s*({NUMBER})\s*(?::\s*(\w*)\s*)?")


def parse_axis(text: str, base: Spec) -> Axis:
    """Return the axis of ``PATH=VALUES``; whether a range is one of whole numbers is seen from the recipe's own value.

    Raises:
        InputError: No such text, no such path, no values, or a range without room or of no known scale.
    """
    path, equals, values = (part.strip() for part in text.partition("="))
    where = f"--over {sanitize(path or text, 80)}"
    if not (path and equals and values):
        raise InputError(f"{where}: expected PATH=VALUES, as in training.learning_rate=.001,.01 or =1e-4..1e-1:log")
    try:
        own = value_at(base, path)
    except InputError as error:
        raise InputError(f"--over {error}") from None
    if path == "training.seed":
        raise InputError(f"{where}: each trial is trained with several seeds anyway; --seeds says with how many")
    if (match := _INTERVAL.fullmatch(values)) is not None:
        return _interval(path, match, own, where)
    parsed = toml_values(values)
    if not parsed:
        raise InputError(f"{where}: expected at least one value")
    if twice := next((value for number, value in enumerate(parsed) if value in parsed[:number]), None):
        raise InputError(f"{where}: has {sanitize(twice, 40)} twice")
    try:
        return Choices(path=path, values=tuple(parsed))
    except ValidationError:
        raise InputError(f"{where}: expected numbers, texts, lists or tables (got {sanitize(values, 60)})") from None


def _interval(path: str, match: re.Match[str], own: Any, where: str) -> Interval:
    low, high, scale = float(match[1]), float(match[2]), SCALES.get(match[3] or "linear")
    if scale is None:
        raise InputError(f"{where}: expected a range, low..high, or low..high:log (got :{sanitize(match[3], 20)})")
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"{where}: expected a range whose low end is below its high end (got {match[1]}..{match[2]})")
    if scale == "log" and low <= 0:
        raise InputError(f"{where}: expected a range above 0 for log (got {match[1]}..{match[2]})")
    are_whole = low.is_integer() and high.is_integer() and not re.search(r"[.eE]", match[1] + match[2])
    first = own[0] if isinstance(own, list) and own else own
    return Interval(path=path, low=low, high=high, scale=scale, whole=are_whole and not isinstance(first, float))
