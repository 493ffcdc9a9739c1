"""Columns of a table, made into the numbers a network takes: as they are, or one input for each category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.data.labels import number
from engine.errors import InputError, sanitize

if TYPE_CHECKING:
    from engine.data.text_table import TextTable

MOST_CATEGORIES = 100


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Inputs (N, n) that the column became, and their n names; NaN where a cell is missing."""

    column: str
    X: Floats
    names: tuple[str, ...]

    @property
    def categorical(self) -> bool:
        """Whether each input stands for a category."""
        return self.names != (self.column,)


def encode(table: TextTable, name: str, categorical: bool) -> Columns:
    """Return the column ``name``: numbers as one input, texts as one input a category, ``colour=red``.

    Args:
        table: The cells.
        name: The column.
        categorical: The preset says that these are categories, even where they look like numbers.

    Raises:
        InputError: Texts among numbers, infinity, no value at all, or too many categories.
    """
    cells = table.column(name)
    present = {cell for cell in cells if cell is not None}
    if not present:
        raise InputError(f"{table.place(0, name)}: the whole column is empty; leave it out with data.drop")
    texts = {cell for cell in present if number(cell) is None}
    if categorical or texts == present:
        return _one_hot(table, name, cells, sorted(present))
    if texts:
        row = next(row for row, cell in enumerate(cells) if cell in texts)
        raise InputError(
            f"{table.place(row, name)}: expected a number as in other rows, got {sanitize(repr(cells[row]), 40)} "
            "(if these are categories, name the column in data.categorical)"
        )
    return Columns(column=name, X=numbers(table, name)[:, None], names=(name,))


def numbers(table: TextTable, name: str) -> Floats:
    """Return the column ``name`` as numbers (N,), NaN where one is missing.

    Raises:
        InputError: A text, or infinity.
    """
    values = np.full(len(table.rows), np.nan)
    for row, cell in enumerate(table.column(name)):
        if cell is None:
            continue
        value = number(cell)
        if value is None or not isfinite(value):
            raise InputError(f"{table.place(row, name)}: expected a finite number, got {sanitize(repr(cell), 40)}")
        values[row] = value
    return values


def _one_hot(table: TextTable, name: str, cells: Sequence[str | None], categories: Sequence[str]) -> Columns:
    if len(categories) > MOST_CATEGORIES:
        raise InputError(
            f"{table.place(0, name)}: {len(categories)} different texts in this column; expected at most "
            f"{MOST_CATEGORIES} categories, or leave it out with data.drop"
        )
    place = {category: index for index, category in enumerate(categories)}
    X = np.zeros((len(cells), len(categories)))
    for row, cell in enumerate(cells):
        if cell is None:
            X[row] = np.nan
        else:
            X[row, place[cell]] = 1
    return Columns(column=name, X=X, names=tuple(f"{name}={category}" for category in categories))
