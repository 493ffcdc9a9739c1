"""Comma-separated files of the user's own."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from engine.data import columns, labels, text_table
from engine.data.columns import Columns
from engine.data.labels import Task
from engine.data.table import DataSource, Floats, Indices, Table
from engine.data.text_table import TextTable
from engine.errors import InputError, sanitize


class CsvFile(DataSource):
    """A file of comma-separated values whose first row names the columns.

    Columns of numbers are inputs as they are, columns of texts one input for each category. ``?``, ``NA``, ``N/A``,
    ``NaN``, ``null`` and nothing at all stand for a missing value.
    """

    source: Path
    """The file; with ``test_file``, its training rows."""
    target: str
    """The column to predict."""
    task: Task = "auto"
    """``auto`` takes text and up to 20 different whole numbers for classes, other numbers for values."""
    classes: tuple[str, ...] = ()
    """The labels in the order of their class numbers; those found, in alphabetical order, where this is empty."""
    drop: tuple[str, ...] = ()
    """Columns to leave out, such as a row's number."""
    categorical: tuple[str, ...] = ()
    """Columns of categories that look like numbers."""
    missing: Literal["refuse", "drop", "mean"] = "refuse"
    """What becomes of a row with a missing value: an error, left out, or filled in with the training rows' mean.

    Where the target itself is missing, a row is left out under ``mean`` as well.
    """
    delimiter: Annotated[str, Field(pattern=r'^[^"\r\n]$')] = ","
    validation_file: Path | None = None
    """Rows to validate on, in a file with the same columns."""
    test_file: Path | None = None
    """Rows of the exam, in a file with the same columns."""

    def load(self, _stream: np.random.RandomState | None = None) -> Table:
        """Return the rows of all files, in their order."""
        table = self._read_files()
        for name in (self.target, *self.drop, *self.categorical):
            _require(table, name)
        features = [name for name in table.header if name != self.target and name not in self.drop]
        if not features:
            raise InputError(f"{sanitize(self.source)}: row 1: no column is left to learn from beside the target")
        table, notes = self._without_missing(table, features)
        inputs = [columns.encode(table, name, name in self.categorical) for name in features]
        answers = [cell for cell in table.column(self.target) if cell is not None]
        targets = labels.encode(answers, self.task, self.classes, lambda row: table.place(row, self.target))
        return Table(
            X=np.hstack([column.X for column in inputs]),
            y=targets.y,
            feature_names=tuple(name for column in inputs for name in column.names),
            classes=targets.classes,
            subsets=self._subsets(table),
            notes=(targets.note, *notes, *_categories(inputs)),
        )

    def _read_files(self) -> TextTable:
        files = [path for path in (self.source, self.validation_file, self.test_file) if path is not None]
        twice = next((path for path in files if files.count(path) > 1), None)
        if twice is not None:
            raise InputError(f"{sanitize(twice)}: the same rows in two parts; expected another file for each part")
        return text_table.join([text_table.read(path, self.delimiter) for path in files])

    def _subsets(self, table: TextTable) -> dict[str, Indices]:
        named = {"validation": self.validation_file, "test": self.test_file}
        return {
            subset: np.array([row for row, (path, _) in enumerate(table.origins) if path == file], dtype=np.intp)
            for subset, file in named.items()
            if file is not None
        }

    def _without_missing(self, table: TextTable, features: Sequence[str]) -> tuple[TextTable, list[str]]:
        """Return the table as ``missing`` says, and what was done to it; the target's cells are all there."""
        holes = {name: [cell is None for cell in table.column(name)] for name in (self.target, *features)}
        some = {name: sum(empty) for name, empty in holes.items() if any(empty)}
        if not some:
            return table, []
        if self.missing == "refuse":
            name = next(iter(some))
            raise InputError(
                f"{table.place(holes[name].index(True), name)}: the value is missing ({sum(some.values())} in this "
                "file); set data.missing = 'drop' or 'mean'"
            )
        judged = [holes[self.target]] if self.missing == "mean" else list(holes.values())
        whole = [not any(empty) for empty in zip(*judged, strict=True)]
        if not any(whole):
            raise InputError(f"{sanitize(self.source)}: no row is left without a missing value")
        return table.keep(whole), self._notes(some, whole.count(False), len(whole))

    def _notes(self, some: dict[str, int], dropped: int, rows: int) -> list[str]:
        notes = [f"{dropped} of {rows} rows left out: a value is missing"] if dropped else []
        if self.missing == "mean":
            filled = [f"{sanitize(name, 40)} ({count})" for name, count in some.items() if name != self.target]
            notes += [f"missing values filled in with the training rows' mean: {', '.join(filled)}"] if filled else []
        return notes


def _categories(inputs: Sequence[Columns]) -> list[str]:
    """Return which columns became an input for each category, and how many, in one line or none."""
    several = [f"{sanitize(found.column, 40)} ({len(found.names)})" for found in inputs if found.categorical]
    return [f"an input for each category: {', '.join(several)}"] if several else []


def read_features(path: Path, feature_names: Sequence[str], delimiter: str = ",") -> Floats:
    """Return the rows of a file (N, n) as the inputs ``feature_names`` that a network was trained on.

    Columns are found by name, in any order; others are left alone. ``colour=red`` is 1 where column colour says red.

    Raises:
        InputError: A file that cannot be read, a column that is not there, or a cell that is no number.
    """
    table = text_table.read(path, delimiter)
    return np.column_stack([_feature(table, name) for name in feature_names])


def _feature(table: TextTable, feature: str) -> Floats:
    name, _, category = feature.partition("=")
    if feature in table.header or name not in table.header:
        _require(table, feature)
        return columns.numbers(table, feature)
    return np.array([np.nan if cell is None else float(cell == category) for cell in table.column(name)])


def _require(table: TextTable, name: str) -> None:
    if name in table.header:
        return
    close = difflib.get_close_matches(name, table.header, n=3) or table.header[:12]
    path = table.origins[0][0]
    raise InputError(
        f"{sanitize(path)}: row 1: there is no column {sanitize(repr(name), 60)} "
        f"(there: {sanitize(', '.join(close), 120)})"
    )
