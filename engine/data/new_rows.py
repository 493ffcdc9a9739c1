"""Rows that a network has never seen, read from a file by the names of the columns that it was trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.data.booleans import AFFIRMATIVE, CONTRARY
from engine.data.columns import ColumnReader
from engine.data.file_format import sniff
from engine.errors import InputError, sanitize
from engine.spec.sources.base import DataSource
from engine.spec.sources.files import CsvFile

if TYPE_CHECKING:
    from engine.data.text_table import TextTable


def read_rows(path: Path, feature_names: Sequence[str], trained_on: DataSource) -> Floats:
    """Return the rows of a file (N, n) as the inputs ``feature_names``, NaN where the scaler is to fill in.

    Columns are found by name, in any order; others, the target among them, are left alone. ``colour=red`` is 1 where
    column colour says red. Separator and encoding may be others than those of the rows the network was trained on.

    Args:
        path: The file: CSV, TSV, gzip of these, or Parquet.
        feature_names: n names of raw columns.
        trained_on: Where the training rows came from; what dates, answers and missing values are follows from it.

    Raises:
        InputError: A file that cannot be read, a column that is not there, a cell that is not a number, a category
            that was not learned, a missing value where the recipe says nothing of them; with row and column.
    """
    source = trained_on if isinstance(trained_on, CsvFile) else CsvFile(source=path, target="?")
    source = source.model_copy(update={"source": path, "validation_file": None, "test_file": None})
    table = _table(path, source, feature_names)
    reader = _Reader(table, source, feature_names)
    return np.column_stack([reader.values(name) for name in feature_names])


def _table(path: Path, source: CsvFile, names: Sequence[str]) -> TextTable:
    """Return the file's cells: in the format of the training rows, or where columns then lack, in the one it shows."""
    from engine.data import text_table  # Arrow takes a quarter of a second to import

    problem: InputError | None = None
    for chosen in _formats(path, source):
        try:
            table = text_table.read(path, chosen, single=True)
            _require(table, names)
        except InputError as error:
            problem = error  # of the format that the file shows, where there is another
        else:
            return table
    if problem is None:
        raise InputError(f"{sanitize(path)}: expected a table")
    raise problem


def _formats(path: Path, source: CsvFile) -> Iterator[CsvFile]:
    yield source
    try:
        options = sniff(path)[1]
    except InputError:
        return
    yield source.model_copy(
        update={
            "delimiter": options.get("delimiter"),
            "encoding": options.get("encoding"),
            "skip": options.get("skip", 0),
            "names": options.get("names", ()),
        }
    )


def _require(table: TextTable, names: Sequence[str]) -> None:
    """Refuse a table without a column for each of ``names``.

    Raises:
        InputError: With the columns that are not there, and those that are.
    """
    lacking = list(dict.fromkeys(_named(name) for name in names if _column(name, table.header) is None))
    if lacking:
        absent = ", ".join(repr(sanitize(name, 40)) for name in lacking[:5]) + (", …" if len(lacking) > 5 else "")
        columns, those = ("column", "it is") if len(lacking) == 1 else (f"{len(lacking)} columns", "they are")
        columns_there = sanitize(", ".join(table.header), 160)
        raise InputError(
            f"{sanitize(table.files[0].path)}: row 1: {columns} {absent} missing; {those} what the run was trained on "
            f"(there: {columns_there})"
        )


def _named(name: str) -> str:
    """Return the column that an input is of, going by its name alone."""
    return name.partition("=")[0] or name


def _column(name: str, header: Sequence[str]) -> str | None:
    """Return the column that an input is read from: that of its name, or of the name before a category's."""
    if name in header:
        return name
    parts = name.split("=")
    return next((left for end in range(1, len(parts)) if (left := "=".join(parts[:end])) in header), None)


class _Reader:
    """Reads inputs by their names.

    Args:
        table: The cells; each input has its column.
        source: How they are to be read.
        names: All inputs.
    """

    def __init__(self, table: TextTable, source: CsvFile, names: Sequence[str]) -> None:
        self._table, self._source = table, source
        self._numbers = ColumnReader(table, source)
        self._categories: dict[str, list[str]] = {}
        for name in names:
            column = _column(name, table.header)
            if column is not None and column != name:
                self._categories.setdefault(column, []).append(name[len(column) + 1 :])
        for column, categories in self._categories.items():
            self._check_categories(column, categories)

    def values(self, name: str) -> Floats:
        """Return an input (N,).

        Raises:
            InputError: A cell is not a number; the line names its row and column.
        """
        column = _column(name, self._table.header) or name
        cells = self._table.column(column)
        if self._source.missing != "mean" and cells.missing.any():
            raise InputError(f"{self._place(int(cells.missing.argmax()), column)}: the value is missing")
        if column != name:
            category = name[len(column) + 1 :]
            indicator = [float(sanitize(cell) == category) for cell in cells.distinct]
            return np.array([*indicator, np.nan])[cells.codes]
        if name in self._source.booleans:
            return self._answers(name)
        return self._numbers.numbers(name)

    def _check_categories(self, column: str, categories: Sequence[str]) -> None:
        cells = self._table.column(column)
        for cell in cells.distinct:
            if sanitize(cell) not in categories:
                place, names = self._place(cells.first_row(cell), column), sanitize(", ".join(categories), 120)
                raise InputError(
                    f"{place}: {sanitize(repr(cell), 40)} is no category that the run was trained on (there: {names})"
                )

    def _answers(self, column: str) -> Floats:
        """Return 1 for the affirmative, 0 for its contrary: of new rows all may say the same."""
        cells = self._table.column(column)
        for cell in cells.distinct:
            if cell.lower() not in AFFIRMATIVE | CONTRARY:
                place = self._place(cells.first_row(cell), column)
                raise InputError(f"{place}: expected true or false, yes or no, got {sanitize(repr(cell), 40)}")
        return np.array([*(float(cell.lower() in AFFIRMATIVE) for cell in cells.distinct), np.nan])[cells.codes]

    def _place(self, row: int, column: str) -> str:
        return self._table.place(row, column)
