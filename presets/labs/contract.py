"""What a lab is: dials, and a pure function from their values to figures, tables and plots.

A lab trains nothing and shows nothing. The screen turns its dials and draws what it returns, the command line prints
it, a handout sets it on paper, and a claim compares its values with what a tutorial printed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.errors import InputError, nearest, sanitize

Setting = float | int | str | bool | tuple[float, ...]
"""A dial's value: a number, a whole number, one of the choices, on or off, a list of numbers."""
Value = float | int | bool | str | None | list["Value"] | dict[str, "Value"]
"""A figure as JSON has it; infinity and NaN, which JSON lacks, are texts, as ``"inf"``."""
Cell = float | int | str | bool | None

DialKind = Literal["number", "integer", "choice", "switch", "list"]
CurveStyle = Literal["line", "dashed", "dots", "both"]
"""``both`` is a line with a dot at each of its points, as the path of a descent."""


class Settings(Mapping[str, Setting]):
    """Values of all dials of a lab, by key, each as its kind has it."""

    def __init__(self, values: Mapping[str, Setting]) -> None:
        self._values: dict[str, Any] = dict(values)

    def __getitem__(self, key: str) -> Setting:
        setting: Setting = self._values[key]
        return setting

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def number(self, key: str) -> float:
        """Return the value of a dial of numbers."""
        return float(self._values[key])

    def integer(self, key: str) -> int:
        """Return the value of a dial of whole numbers."""
        return int(self._values[key])

    def text(self, key: str) -> str:
        """Return the value of a dial of choices."""
        return str(self._values[key])

    def switch(self, key: str) -> bool:
        """Return whether a switch is on."""
        return bool(self._values[key])

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return the values of a dial of lists."""
        return tuple(self._values[key])

    def integers(self, key: str) -> tuple[int, ...]:
        """Return the values of a dial of lists of whole numbers."""
        return tuple(int(value) for value in self.numbers(key))


@dataclass(frozen=True, kw_only=True)
class LabDial:
    """Something that can be turned.

    Attributes:
        key: As in ``--set key=value``.
        label: As the screen has it, in few words.
        kind: Of its values.
        default: Its value at first; with those of all dials the tutorials' figures come out.
        low: Smallest value, of a list that of its entries.
        high: Largest value.
        scale: On which a turn moves: by ``step``, or to the next of 1, 2, 5, 10, ….
        step: By which a turn moves a linear dial.
        choices: What a dial of choices may be.
        whole: Whether the entries of a list are whole numbers.
        lengths: Fewest and most entries of a list.
        help: One sentence: what it does.
    """

    key: str
    label: str
    kind: DialKind
    default: Setting
    low: float = -math.inf
    high: float = math.inf
    scale: Literal["linear", "log"] = "linear"
    step: float = 1.0
    choices: tuple[str, ...] = ()
    whole: bool = False
    lengths: tuple[int, int] = (1, 20)
    help: str = ""

    def parsed(self, value: object) -> Setting:
        """Return the setting that a text or a value of TOML stands for.

        Raises:
            InputError: One line with the key and what was expected.
        """
        parse: Callable[[object], Setting | None] = {
            "number": self._number,
            "integer": self._integer,
            "choice": self._choice,
            "switch": self._switch,
            "list": self._list,
        }[self.kind]
        setting = parse(value)
        if setting is None:
            near = nearest(str(value), self.choices) if self.choices else ""
            raise InputError(f"{self.key}: expected {self.expected}{near} (got {sanitize(_written(value), 60)})")
        return setting

    @property
    def expected(self) -> str:
        """What its values are, in words."""
        entries = self._bounds("whole numbers" if self.whole else "numbers")
        fewest, most = self.lengths
        return {
            "number": self._bounds("a number"),
            "integer": self._bounds("a whole number"),
            "choice": ", ".join(self.choices),
            "switch": "on or off",
            "list": f"{fewest} to {most} {entries}, as in {','.join(f'{entry:g}' for entry in self._entries)}",
        }[self.kind]

    @property
    def _entries(self) -> tuple[float, ...]:
        return self.default if isinstance(self.default, tuple) else ()

    def _bounds(self, what: str) -> str:
        if math.isinf(self.high):
            return what if math.isinf(self.low) else f"{what} from {_plain(self.low)} on"
        return f"{what} from {_plain(self.low)} to {_plain(self.high)}"

    def _number(self, value: object) -> float | None:
        number = _as_number(value)
        return number if number is not None and self.low <= number <= self.high else None

    def _integer(self, value: object) -> int | None:
        number = self._number(value)
        return int(number) if number is not None and number == int(number) else None

    def _choice(self, value: object) -> str | None:
        return value if isinstance(value, str) and value in self.choices else None

    @staticmethod
    def _switch(value: object) -> bool | None:
        words = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}
        return value if isinstance(value, bool) else words.get(str(value).lower())

    def _list(self, value: object) -> tuple[float, ...] | None:
        texts: Iterable[object]
        if isinstance(value, str):
            texts = value.strip().removeprefix("[").removesuffix("]").replace(",", " ").split()
        else:
            texts = value if isinstance(value, list | tuple) else [value]
        parse = self._integer if self.whole else self._number
        numbers = [parse(text) for text in texts]
        fewest, most = self.lengths
        entries = tuple(number for number in numbers if number is not None)
        return entries if len(entries) == len(numbers) and fewest <= len(entries) <= most else None


@dataclass(frozen=True)
class Table:
    """Rows under a head; numbers are numbers, whoever shows them rounds.

    Attributes:
        title: A few words.
        columns: The head.
        rows: As many cells a row as there are columns.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Curve:
    """Points (x, y) in their order; one that is not finite is a gap, as one of at most 0 is on a logarithmic axis."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    style: CurveStyle = "line"


@dataclass(frozen=True)
class Mark:
    """A point that is named on a plot."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Curves over one pair of axes.

    Attributes:
        title: A few words.
        x_label: Of the axis to the right.
        y_label: Of the axis upwards.
        curves: In the order in which colours are given to them.
        marks: Points with a word beside them.
        log_x: Whether the axis to the right is logarithmic.
        log_y: Whether the axis upwards is.
        equal: Whether a unit is as long on both axes, as on a map.
    """

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...] = ()
    log_x: bool = False
    log_y: bool = False
    equal: bool = False


@dataclass(frozen=True, kw_only=True)
class LabResult:
    """What a lab shows for one setting of its dials.

    Attributes:
        values: Figures by case and key. Cases of the tutorials have the names and keys of their re-computation; what
            no tutorial prints is under the lab's own name.
        tables: Most telling first.
        plots: Most telling first; several of the same axes are small multiples.
        notes: Sentences: what is to be seen, and where a tutorial's figure is another, why.
        formulas: Of what was computed, one a line.
    """

    values: dict[str, dict[str, Value]]
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()
    notes: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Lab:
    """A small experiment without a training set.

    Attributes:
        name: As on the command line.
        title: As it is listed.
        dials: In the order in which they stand.
        compute: From settings to what is shown; pure, and fast enough to be called at every turn of a dial.
    """

    name: str
    title: str
    dials: tuple[LabDial, ...]
    compute: Callable[[Settings], LabResult] = field(repr=False)

    @property
    def defaults(self) -> Settings:
        """The settings by which the tutorials' figures come out."""
        return Settings({dial.key: dial.default for dial in self.dials})

    def dial(self, key: str) -> LabDial:
        """Return the dial of a key.

        Raises:
            InputError: No such dial; the line lists those that the lab has.
        """
        for dial in self.dials:
            if dial.key == key:
                return dial
        keys = [dial.key for dial in self.dials]
        hint = nearest(key, keys) or f" (there: {', '.join(keys)})"
        raise InputError(f"{sanitize(key, 60)}: the lab {self.name} has no such dial{hint}")

    def with_settings(self, values: Mapping[str, object]) -> Settings:
        """Return the defaults with some replaced, each given as a text or as TOML has it.

        Raises:
            InputError: One line that names the dial and what was expected.
        """
        return Settings({**self.defaults, **{key: self.dial(key).parsed(value) for key, value in values.items()}})


def curve(name: str, x: ArrayLike, y: ArrayLike, style: CurveStyle = "line") -> Curve:
    """Return a curve through points of which x and y have the shape (points,)."""
    return Curve(name, _floats(x), _floats(y), style)


def figure(number: float) -> float | str:
    """Return a number as JSON can have it: infinity and NaN as Python writes them."""
    return float(number) if math.isfinite(number) else str(float(number))


def said(number: float, digits: int = 4) -> str:
    """Return a number as a sentence has it: so many significant digits, with a true minus."""
    return f"{number:.{digits}g}".replace("-", "−")


def _floats(values: ArrayLike) -> tuple[float, ...]:
    return tuple(np.asarray(values, np.float64).tolist())


def _plain(bound: float) -> str:
    """Return a bound as people write it: 1,000,000, and 1e-12."""
    return f"{int(bound):,}" if bound == int(bound) else f"{bound:g}"


def _as_number(value: object) -> float | None:
    """Return a finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip().replace("−", "-")
    try:
        number = float(text) if text.isascii() else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _written(value: Any) -> str:
    return ",".join(str(each) for each in value) if isinstance(value, list | tuple) else str(value)
