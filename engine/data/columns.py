"""Columns of a table of text, made into the numbers a network takes: as they are, or one input for each category."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.data.labels import number
from engine.data.notations import Notation, Reading, grouped_reading, is_number, notations, readings
from engine.errors import InputError, sanitize

if TYPE_CHECKING:
    from engine.data.text_table import TextTable
    from engine.spec.data import CsvFile

MAX_CATEGORIES = 100
SAMPLED_TEXTS = 1000
"""Texts that are looked at to tell numbers in an unknown notation from categories."""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Inputs that a column became.

    Attributes:
        column: Its name in the file.
        X: (N, k) values, NaN where a cell is missing.
        names: k names of the inputs.
        remarks: How its numbers are written, where that is not as Python has them.
    """

    column: str
    X: Floats
    names: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def categorical(self) -> bool:
        """Whether each input stands for a category."""
        return self.names != (self.column,)


class ColumnReader:
    """Reads the columns of one table, in the notation that the options say or the cells show."""

    def __init__(self, table: TextTable, source: CsvFile) -> None:
        self._table, self._source = table, source
        self._candidates = list(notations(source.decimal, source.thousands))
        self._is_told = source.decimal is not None or source.thousands is not None

    def encode(self, name: str, categorical: bool) -> Columns:
        """Return the column ``name``: numbers as one input, texts as one input a category, ``colour=red``.

        Args:
            name: The column.
            categorical: The preset says that these are categories, even where they look like numbers.

        Raises:
            InputError: Texts among numbers, an ambiguous notation, infinity, no value at all, or too many categories.
        """
        cells = self._table.column(name)
        present = self._present(name)
        if not present:
            place = self._table.place(0, name)
            raise InputError(f"{place}: the whole column is empty; leave it out with data.drop")
        reading = None if categorical else self.reading(name)
        if reading is not None:
            return Columns(column=name, X=self._numbers(name, reading)[:, None], names=(name,), remarks=reading.remarks)
        if not categorical:
            self._refuse_texts_among_numbers(name, present)
        return _one_hot(self._table, name, cells, sorted(set(present)))

    def reading(self, name: str) -> Reading | None:
        """Return how the cells of a column are read as numbers, None if they are none.

        Raises:
            InputError: They can be read in two ways, and no other column says which is meant.
        """
        cells = self._present(name)
        if _all_plain(cells):
            return self._plain_reading(cells)
        different = readings(dict.fromkeys(cells), self._candidates)
        if len(different) > 1 and self._decimal is not None:
            different = [reading for reading in different if reading.notation.decimal == self._decimal] or different
        if len(different) > 1:
            self._refuse_ambiguous(name, different)
        return different[0] if different else None

    def numbers(self, name: str) -> Floats:
        """Return the column ``name`` as numbers (N,), NaN where one is missing.

        Raises:
            InputError: A text, or infinity.
        """
        return self._numbers(name, self.reading(name) or Reading())

    def _numbers(self, name: str, reading: Reading) -> Floats:
        cells = self._table.column(name)
        if reading.is_plain:
            values = np.array([np.nan if cell is None else float(cell) for cell in cells])
            if not np.isinf(values).any():
                return values
        values = np.full(len(cells), np.nan)
        for row, cell in enumerate(cells):
            if cell is None:
                continue
            value = reading.number(cell)
            if value is None or not isfinite(value):
                place = self._table.place(row, name)
                raise InputError(f"{place}: expected a finite number, got {sanitize(repr(cell), 40)}")
            values[row] = value
        return values

    @cached_property
    def _decimal(self) -> str | None:
        """The one decimal sign that the table's columns show, None if they show none, or both."""
        shown: set[str | None] = set()
        for name in self._table.header:
            cells = self._present(name)
            if cells and _all_plain(cells):
                shown |= {"."} if any("." in cell for cell in cells) and grouped_reading(cells) is None else set()
            elif len(different := readings(dict.fromkeys(cells), self._candidates)) == 1:
                shown.add(different[0].decimal_shown)
        shown.discard(None)
        return shown.pop() if len(shown) == 1 else None

    def _present(self, name: str) -> list[str]:
        """Return the cells of a column that are not missing."""
        return [cell for cell in self._table.column(name) if cell is not None]

    def _plain_reading(self, cells: list[str]) -> Reading:
        """Return how numbers in Python's notation are read: as they are, or with points between the thousands."""
        grouped = grouped_reading(cells)
        if grouped is None or Notation(",", ".") not in self._candidates:
            return Reading(remarks=_remarks_on(cells), is_plain=True)
        if self._is_told or self._decimal == ",":
            return grouped
        if self._decimal == "." or self._source.separator == ",":
            return Reading(is_plain=True)
        example = next(cell for cell in cells if "." in cell)
        return Reading(
            remarks=(f"decimal point: {example} would be thousands with data.thousands = '.'",), is_plain=True
        )

    def _refuse_ambiguous(self, name: str, different: Sequence[Reading]) -> None:
        first, second = different[:2]
        cells = self._table.column(name)
        row = next(row for row, cell in enumerate(cells) if cell and first.number(cell) != second.number(cell))
        cell = cells[row] or ""
        raise InputError(
            f"{self._table.place(row, name)}: {sanitize(cell, 40)} may be {first.number(cell):.10g} or "
            f"{second.number(cell):.10g}; set data.decimal = '{first.notation.decimal}' for the first reading, "
            f"'{second.notation.decimal}' for the second"
        )

    def _refuse_texts_among_numbers(self, name: str, present: list[str]) -> None:
        """Refuse a column where some cells are numbers and others not; texts alone are categories."""
        different = list(dict.fromkeys(present))
        texts = [cell for cell in different if number(cell) is None]
        if len(texts) == len(different):
            sample = texts[:SAMPLED_TEXTS]
            texts = [cell for cell in sample if not is_number(cell)]
            if len(texts) * 2 >= len(sample):
                return
            texts = texts or sample[-1:]  # each a number, but not in one notation
        cells = self._table.column(name)
        row = cells.index(texts[0])
        raise InputError(
            f"{self._table.place(row, name)}: expected a number as in other rows, got {sanitize(repr(cells[row]), 40)} "
            "(if these are categories, name the column in data.categorical)"
        )


def _all_plain(cells: Iterable[str]) -> bool:
    """Tell whether all cells are numbers in Python's notation; as ``number`` does, but at once."""
    try:
        deque(map(float, cells), maxlen=0)
    except ValueError:
        return False
    return "_" not in "".join(cells)


def _remarks_on(cells: list[str]) -> tuple[str, ...]:
    """Return what the reader should know of numbers that may be codes."""
    whole = [cell for cell in filter(str.isdigit, cells) if cell[0] == "0" or len(cell) > 15]
    padded = next((cell for cell in whole if cell[0] == "0" and len(cell) > 1), None)
    if padded is not None:
        return (f"{padded} is a number here; data.categorical if it is a code",)
    rounded = next((cell for cell in whole if int(cell) != int(float(cell))), None)
    if rounded is not None:
        return (f"{rounded} is rounded; data.categorical or data.drop if it is an id",)
    return ()


def _one_hot(table: TextTable, name: str, cells: Sequence[str | None], categories: Sequence[str]) -> Columns:
    if len(categories) > MAX_CATEGORIES:
        raise InputError(
            f"{table.place(0, name)}: {len(categories)} different texts in this column; expected at most "
            f"{MAX_CATEGORIES} categories, or leave it out with data.drop"
        )
    index_of = {category: index for index, category in enumerate(categories)}
    X = np.zeros((len(cells), len(categories)))
    for row, cell in enumerate(cells):
        if cell is None:
            X[row] = np.nan
        else:
            X[row, index_of[cell]] = 1
    return Columns(column=name, X=X, names=tuple(f"{name}={category}" for category in categories))
