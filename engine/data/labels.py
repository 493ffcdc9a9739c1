"""Targets as they stand in a file, made into class numbers or values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from engine.data.table import Floats
from engine.errors import InputError, sanitize
from engine.spec.data import Task

FEW = 20
"""Whole numbers with at most so many different ones are taken for classes where the preset does not say."""
MOST_CLASSES = 1000


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Targets of N rows.

    Attributes:
        y: (N,) class numbers or values.
        classes: Names of the classes by class number; empty for values.
        note: How the file's words became numbers, in one line.
    """

    y: Floats
    classes: tuple[str, ...]
    note: str


def number(text: str) -> float | None:
    """Return the number that ``text`` is, or None; ``inf`` is one, ``1_000`` is none."""
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def encode(cells: Sequence[str], task: Task, classes: tuple[str, ...], place: Callable[[int], str]) -> Targets:
    """Return the targets that ``cells`` (N) stand for.

    Args:
        cells: What stands in the file, none of it empty.
        task: ``auto`` takes text and few whole numbers for classes, other numbers for values.
        classes: The class names in the order of their numbers; empty: those found, in alphabetical order.
        place: Says where the cell of a row is: file, row and column.

    Raises:
        InputError: A text among values, a label that is none of ``classes``, or fewer than two classes.
    """
    numbers = [number(cell) for cell in cells]
    if task == "regression" or (task == "auto" and not classes and _look_like_values(numbers)):
        return _values(cells, numbers, place)
    for row, value in enumerate(numbers):
        if value is not None and not isfinite(value):
            raise InputError(f"{place(row)}: expected a class, got {sanitize(cells[row], 40)}")
    labels = [cell if value is None else _plain(value) for cell, value in zip(cells, numbers, strict=True)]
    found = _in_order(labels)
    if len(found) < 2:
        raise InputError(f"{place(0)}: every row has the same class, {sanitize(found[0], 40)}; expected two or more")
    names = classes or found
    if len(names) > MOST_CLASSES:
        raise InputError(f"{place(0)}: {len(names)} classes; expected at most {MOST_CLASSES}, or task = 'regression'")
    return _numbered(labels, names, place)


def _look_like_values(numbers: Sequence[float | None]) -> bool:
    if None in numbers:
        return False
    return len(set(numbers)) > FEW or not all(value is not None and value.is_integer() for value in numbers)


def _values(cells: Sequence[str], numbers: Sequence[float | None], place: Callable[[int], str]) -> Targets:
    for row, value in enumerate(numbers):
        if value is None or not isfinite(value):
            raise InputError(f"{place(row)}: expected a finite number to predict, got {sanitize(cells[row], 40)}")
    y = np.array(numbers, dtype=np.float64)
    return Targets(y=y, classes=(), note=f"the target is a value, from {y.min():g} to {y.max():g}")


def _numbered(labels: Sequence[str], names: tuple[str, ...], place: Callable[[int], str]) -> Targets:
    numbers = {name: index for index, name in enumerate(names)}
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

    def key(label: str) -> tuple[bool, float, str]:
        value = number(label)
        return value is None, value or 0.0, label

    return tuple(sorted(set(labels), key=key))


def _plain(value: float) -> str:
    """Write 1 and 1.0 alike."""
    return str(int(value)) if value.is_integer() else repr(value)
