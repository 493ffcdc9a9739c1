"""Targets as they stand in a file, made into class numbers or values.

A label is text from the file to the screen: what is written differently is another class (``1E2`` and ``100``, ``01``
and ``1``, 2⁵³ and 2⁵³ + 1). Only whole numbers with and without ``.0`` are one, as 1 and 1.0 are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isfinite

import numpy as np

from engine.array_types import Floats
from engine.errors import InputError, sanitize
from engine.spec.sources.base import Task

MAX_INTEGER_CLASSES = 20
"""Whole numbers with at most so many different ones are taken for classes where the preset does not say."""
MAX_CLASSES = 1000
_WHOLE = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.0*)?")
_PADDED = re.compile(r"-?0[0-9]+")


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Targets of N rows.

    Attributes:
        y: (N,) class numbers or values, float64; (N, K) for several values.
        classes: Names of the classes by class number; empty for values.
        note: How the file's words became numbers, in one line.
    """

    y: Floats
    classes: tuple[str, ...]
    note: str


def number(text: str) -> float | None:
    """Return the number that ``text`` is, or None; ``inf`` is a number here, ``1_000`` is not."""
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def label_of(cell: str) -> str:
    """Return the label that a cell stands for: itself, but for a whole number without its ``.0``."""
    match = _WHOLE.fullmatch(cell)
    return cell if match is None else match[2] if match[2] == "0" else match[1] + match[2]


def encode(
    cells: Sequence[str],
    task: Task,
    classes: tuple[str, ...],
    place: Callable[[int], str],
    written: Mapping[str, str] | None = None,
    measured: bool = False,
) -> Targets:
    """Return the targets that ``cells`` (N) stand for.

    Args:
        cells: What stands in the file, none of it empty.
        task: ``auto`` takes text and few whole numbers for classes, other numbers for values.
        classes: The class names in the order of their numbers; empty: those in the cells, in alphabetical order.
        place: Says where the cell of a row is: file, row and column.
        written: By cell, the number in Python's notation where the file has it in another one.
        measured: The cells have a currency or the like, which makes them values.

    Raises:
        InputError: A text among values, a label that is not among ``classes``, fewer than two classes, or numbers with
            leading zeros of which nothing says whether they are codes.
    """
    plain = [written.get(cell, cell) for cell in cells] if written else cells
    numbers = [number(text) for text in plain]
    may_be_values = task == "auto" and not classes
    if task == "regression" or (may_be_values and (measured or _look_like_values(plain, numbers, place))):
        return _values(cells, numbers, place)
    return _classes(cells, classes, place)


def _classes(cells: Sequence[str], classes: tuple[str, ...], place: Callable[[int], str]) -> Targets:
    for row, cell in enumerate(cells):
        if not isfinite(number(cell) or 0.0) and not any(map(str.isdigit, cell)):  # inf; 1E400 may be a code
            raise InputError(f"{place(row)}: expected a class, got {sanitize(cell, 40)}")
    labels = [label_of(cell) for cell in cells]
    in_file = _in_order(labels)
    if len(in_file) < 2:
        raise InputError(f"{place(0)}: every row has the same class, {sanitize(in_file[0], 40)}; expected two or more")
    names = classes or in_file
    if len(names) > MAX_CLASSES:
        raise InputError(f"{place(0)}: {len(names)} classes; expected at most {MAX_CLASSES}, or task = 'regression'")
    return _numbered(labels, names, place)


def class_numbers(names: Sequence[str]) -> Mapping[str, int]:
    """Return the class number of each label; the names ``1`` and ``1.0`` both stand for the label 1."""
    return {label_of(name): index for index, name in enumerate(names)}


def _look_like_values(cells: Sequence[str], numbers: Sequence[float | None], place: Callable[[int], str]) -> bool:
    if any(value is None for value in numbers):
        return False
    if any(value and isfinite(value) and not value.is_integer() for value in numbers):  # cheaper than to look exactly
        return True
    values = {_exact(cell) for cell in cells}
    if any(not value.is_finite() or value != value.to_integral_value() for value in values):
        return True
    if len(values) <= MAX_INTEGER_CLASSES:
        return False
    padded = next((row for row, cell in enumerate(cells) if _PADDED.fullmatch(cell)), None)
    if padded is not None:
        raise InputError(
            f"{place(padded)}: {sanitize(cells[padded], 40)} may be a code or a number; "
            "set data.task = 'classification' or 'regression'"
        )
    return True


def _exact(text: str) -> Decimal:
    """Return the number that ``text`` is without rounding it: 2⁵³ + 1 is no 2⁵³."""
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond Decimal's own
        return Decimal(float(text))


def _values(cells: Sequence[str], numbers: Sequence[float | None], place: Callable[[int], str]) -> Targets:
    for row, value in enumerate(numbers):
        if value is None or not isfinite(value):
            raise InputError(f"{place(row)}: expected a finite number to predict, got {sanitize(cells[row], 40)}")
    y = np.array(numbers, dtype=np.float64)
    return Targets(y=y, classes=(), note=f"the target is a value, from {y.min():g} to {y.max():g}")


def several_values(y: Floats, names: Sequence[str]) -> Targets:
    """Return K values a row (N, K) as targets; ``names`` are the K columns'."""
    ranges = zip(names, y.min(axis=0), y.max(axis=0), strict=True)
    ranges_text = ", ".join(f"{sanitize(name, 40)} from {low:g} to {high:g}" for name, low, high in ranges)
    return Targets(y=y, classes=(), note=sanitize(f"the targets are values: {ranges_text}"))


def _numbered(labels: Sequence[str], names: tuple[str, ...], place: Callable[[int], str]) -> Targets:
    numbers = class_numbers(names)
    for row, label in enumerate(labels):
        if label not in numbers:
            expected = sanitize(", ".join(names), 80)
            raise InputError(f"{place(row)}: expected one of the classes {expected}; got {sanitize(label, 40)}")
    y = np.array([numbers[label] for label in labels], dtype=np.float64)
    return Targets(y=y, classes=names, note=describe_classes(names))


def describe_classes(classes: Sequence[str]) -> str:
    """Return the classes with their numbers, in one line."""
    return sanitize(f"classes: {', '.join(f'{index} = {name}' for index, name in enumerate(classes))}")


def _in_order(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the different labels, numbers by size, before texts by alphabet."""

    def key(label: str) -> tuple[bool, Decimal, str]:
        return (True, Decimal(0), label) if number(label) is None else (False, _exact(label), label)

    return tuple(sorted(set(labels), key=key))
