"""Columns of a table of text, made into the numbers a network takes: as they are, or one input for each category."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.data import booleans, dates
from engine.data.labels import number
from engine.data.notations import Notation, Reading, grouped_reading, is_number, notations, readings
from engine.errors import InputError, sanitize

if TYPE_CHECKING:
    from engine.data.cells import Cells
    from engine.data.text_table import TextTable
    from engine.spec.sources.files import CsvFile

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
        if cells.all_missing:
            place = self._table.place(0, name)
            raise InputError(f"{place}: the whole column is empty; leave it out with data.drop")
        if name in self._source.dates:
            said = dates.remark(cells.distinct, day_first=self._source.day_first)
            return Columns(column=name, X=self._days(name)[:, None], names=(name,), remarks=(said,))
        if name in self._source.booleans:
            return Columns(column=name, X=self._answers(name)[:, None], names=(name,))
        if not categorical and not self._is_told and (numbers := cells.comma_numbers) is not None:
            return Columns(column=name, X=numbers[:, None], names=(name,), remarks=("decimal comma",))
        reading = None if categorical else self.reading(name)
        if reading is not None:
            return Columns(column=name, X=self._numbers(name, reading)[:, None], names=(name,), remarks=reading.remarks)
        if not categorical:
            self._refuse_texts_among_numbers(name)
        return _one_hot(self._table, name, cells)

    def _days(self, name: str) -> Floats:
        """Return dates as days, NaN where one is missing."""
        return dates.days(self._table, name, day_first=self._source.day_first)

    def _answers(self, name: str) -> Floats:
        """Return 1 for the affirmative, 0 for its contrary, NaN where one is missing."""
        cells = self._table.column(name)
        numbers = booleans.numbers(cells.distinct)
        if numbers is None:
            place = self._table.place(0, name)
            shown = sanitize(", ".join(cells.distinct[:3]), 60)
            raise InputError(f"{place}: expected two answers, as true and false or yes and no, got {shown}")
        return np.array([*numbers, np.nan])[cells.codes]

    def reading(self, name: str) -> Reading | None:
        """Return how the cells of a column are read as numbers, or None if they are not numbers.

        Raises:
            InputError: They can be read in two ways, and no other column says which is meant.
        """
        cells = self._table.column(name)
        if _all_plain(cells):
            return self._plain_reading(cells)
        different = readings(cells.distinct, self._candidates)
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
        if name in self._source.dates:
            return self._days(name)
        return (
            self._answers(name)
            if name in self._source.booleans
            else self._numbers(name, self.reading(name) or Reading())
        )

    def _numbers(self, name: str, reading: Reading) -> Floats:
        cells = self._table.column(name)
        if reading.is_plain and cells.plain_numbers is not None:
            return cells.plain_numbers
        if len(reading.numbers) == len(cells.distinct):
            numbers = np.array([*reading.numbers.values(), "nan"], np.float64)
            if np.isfinite(numbers[:-1]).all():
                return numbers[cells.codes]
        values = np.full(len(cells.distinct) + 1, np.nan)  # the last is what code -1 stands for: missing
        for index, cell in enumerate(cells.distinct):
            value = reading.number(cell)
            if value is None or not isfinite(value):
                place = self._table.place(cells.first_row(cell), name)
                raise InputError(f"{place}: expected a finite number, got {sanitize(repr(cell), 40)}")
            values[index] = value
        return values[cells.codes]

    @cached_property
    def _decimal(self) -> str | None:
        """The one decimal sign that the table's columns show, None if they show none, or both."""
        shown: set[str | None] = set()
        for name in self._table.header:
            cells = self._table.column(name)
            if not cells.all_missing and _all_plain(cells):
                shown |= {"."} if cells.any_with(".") and _grouped(cells) is None else set()
            elif len(different := readings(cells.distinct, self._candidates)) == 1:
                shown.add(different[0].decimal_shown)
        shown.discard(None)
        return shown.pop() if len(shown) == 1 else None

    def _plain_reading(self, cells: Cells) -> Reading:
        """Return how numbers in Python's notation are read: as they are, or with points between the thousands."""
        grouped = _grouped(cells)
        if grouped is None or Notation(",", ".") not in self._candidates:
            return Reading(remarks=_remarks_on(cells), is_plain=True)
        if self._is_told or self._decimal == ",":
            return grouped
        if self._decimal == "." or self._source.separator == ",":
            return Reading(is_plain=True)
        example = next(cell for cell in cells.distinct if "." in cell)
        return Reading(
            remarks=(f"decimal point: {example} would be thousands with data.thousands = '.'",), is_plain=True
        )

    def _refuse_ambiguous(self, name: str, different: Sequence[Reading]) -> None:
        first, second = different[:2]
        cells = self._table.column(name)
        cell = next(cell for cell in cells.distinct if first.number(cell) != second.number(cell))
        place = self._table.place(cells.first_row(cell), name)
        raise InputError(
            f"{place}: {sanitize(cell, 40)} may be {first.number(cell):.10g} or "
            f"{second.number(cell):.10g}; set data.decimal = '{first.notation.decimal}' for the first reading, "
            f"'{second.notation.decimal}' for the second"
        )

    def _refuse_texts_among_numbers(self, name: str) -> None:
        """Refuse a column where some cells are numbers and others not; texts alone are categories."""
        cells = self._table.column(name)
        different = cells.distinct
        texts = [cell for cell in different if number(cell) is None]
        if len(texts) == len(different):
            sample = texts[:SAMPLED_TEXTS]
            texts = [cell for cell in sample if not is_number(cell)]
            if len(texts) * 2 >= len(sample):
                return
            texts = texts or sample[-1:]  # each a number, but not in one notation
        place = self._table.place(cells.first_row(texts[0]), name)
        raise InputError(
            f"{place}: expected a number as in other rows, got {sanitize(repr(texts[0]), 40)} "
            "(if these are categories, name the column in data.categorical; if it means no value, data.missing_texts)"
        )


def _all_plain(cells: Cells) -> bool:
    """Tell whether all cells are numbers in Python's notation."""
    if cells.plain_numbers is not None:
        return True
    try:
        deque(map(float, cells.distinct), maxlen=0)
    except ValueError:
        return False
    return "_" not in "".join(cells.distinct)


def _grouped(cells: Cells) -> Reading | None:
    """Return plain numbers as read with points for thousands signs, if all of them can be; see ``grouped_reading``."""
    sample = cells.sample()
    if grouped_reading(sample) is None and (any("." in cell for cell in sample) or not cells.any_with(".")):
        return None
    return grouped_reading(cells.distinct)


def _remarks_on(cells: Cells) -> tuple[str, ...]:
    """Return what the reader should know of numbers that may be codes."""
    suspects = cells.whole_with_zero_or_long()
    padded = next((cell for cell in suspects if cell[0] == "0"), None)
    if padded is not None:
        return (f"{padded} is a number here; data.categorical if it is a code",)
    rounded = next((cell for cell in suspects if int(cell) != int(float(cell))), None)
    if rounded is not None:
        return (f"{rounded} is rounded; data.categorical or data.drop if it is an id",)
    return ()


def _one_hot(table: TextTable, name: str, cells: Cells) -> Columns:
    categories = sorted(cells.distinct)
    if len(categories) > MAX_CATEGORIES:
        raise InputError(
            f"{table.place(0, name)}: {len(categories)} different texts in this column; expected at most "
            f"{MAX_CATEGORIES} categories, or leave it out with data.drop"
        )
    index_of = {category: index for index, category in enumerate(categories)}
    rows = np.vstack(
        [np.eye(len(categories))[[index_of[text] for text in cells.distinct]], np.full(len(categories), np.nan)]
    )
    return Columns(column=name, X=rows[cells.codes], names=tuple(f"{name}={category}" for category in categories))
