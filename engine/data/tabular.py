"""Comma-separated files of the user's own."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from engine.data import columns, labels, sheets
from engine.data.columns import Columns
from engine.data.labels import Task
from engine.data.sheets import Sheet
from engine.data.table import DataSource, Floats, Indices, Table
from engine.errors import InputError, printable


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
        sheet = self._sheet()
        for name in (self.target, *self.drop, *self.categorical):
            _require(sheet, name)
        features = [name for name in sheet.header if name != self.target and name not in self.drop]
        if not features:
            raise InputError(f"{printable(self.source)}: row 1: no column is left to learn from beside the target")
        sheet, notes = self._without_missing(sheet, features)
        inputs = [columns.encode(sheet, name, name in self.categorical) for name in features]
        answers = [cell for cell in sheet.column(self.target) if cell is not None]
        targets = labels.encode(answers, self.task, self.classes, lambda row: sheet.place(row, self.target))
        return Table(
            X=np.hstack([column.X for column in inputs]),
            y=targets.y,
            feature_names=tuple(name for column in inputs for name in column.names),
            classes=targets.classes,
            parts=self._parts(sheet),
            notes=(targets.note, *notes, *_categories(inputs)),
        )

    def _sheet(self) -> Sheet:
        files = [path for path in (self.source, self.validation_file, self.test_file) if path is not None]
        twice = next((path for path in files if files.count(path) > 1), None)
        if twice is not None:
            raise InputError(f"{printable(twice)}: the same rows in two parts; expected another file for each part")
        return sheets.join([sheets.read(path, self.delimiter) for path in files])

    def _parts(self, sheet: Sheet) -> dict[str, Indices]:
        named = {"validation": self.validation_file, "test": self.test_file}
        return {
            part: np.array([row for row, (path, _) in enumerate(sheet.origins) if path == file], dtype=np.intp)
            for part, file in named.items()
            if file is not None
        }

    def _without_missing(self, sheet: Sheet, features: Sequence[str]) -> tuple[Sheet, list[str]]:
        """Return the sheet as ``missing`` says, and what was done to it; the target's cells are all there."""
        holes = {name: [cell is None for cell in sheet.column(name)] for name in (self.target, *features)}
        some = {name: sum(empty) for name, empty in holes.items() if any(empty)}
        if not some:
            return sheet, []
        if self.missing == "refuse":
            name = next(iter(some))
            raise InputError(
                f"{sheet.place(holes[name].index(True), name)}: the value is missing ({sum(some.values())} in this "
                "file); set data.missing = 'drop' or 'mean'"
            )
        judged = [holes[self.target]] if self.missing == "mean" else list(holes.values())
        whole = [not any(empty) for empty in zip(*judged, strict=True)]
        if not any(whole):
            raise InputError(f"{printable(self.source)}: no row is left without a missing value")
        return sheet.keep(whole), self._notes(some, whole.count(False), len(whole))

    def _notes(self, some: dict[str, int], dropped: int, rows: int) -> list[str]:
        notes = [f"{dropped} of {rows} rows left out: a value is missing"] if dropped else []
        if self.missing == "mean":
            filled = [f"{printable(name, 40)} ({count})" for name, count in some.items() if name != self.target]
            notes += [f"missing values filled in with the training rows' mean: {', '.join(filled)}"] if filled else []
        return notes


def _categories(inputs: Sequence[Columns]) -> list[str]:
    """Return which columns became an input for each category, and how many, in one line or none."""
    several = [f"{printable(found.column, 40)} ({len(found.names)})" for found in inputs if found.categorical]
    return [f"an input for each category: {', '.join(several)}"] if several else []


def read_features(path: Path, feature_names: Sequence[str], delimiter: str = ",") -> Floats:
    """Return the rows of a file (N, n) as the inputs ``feature_names`` that a network was trained on.

    Columns are found by name, in any order; others are left alone. ``colour=red`` is 1 where column colour says red.

    Raises:
        InputError: A file that cannot be read, a column that is not there, or a cell that is no number.
    """
    sheet = sheets.read(path, delimiter)
    return np.column_stack([_feature(sheet, name) for name in feature_names])


def _feature(sheet: Sheet, feature: str) -> Floats:
    name, _, category = feature.partition("=")
    if feature in sheet.header or name not in sheet.header:
        _require(sheet, feature)
        return columns.numbers(sheet, feature)
    return np.array([np.nan if cell is None else float(cell == category) for cell in sheet.column(name)])


def _require(sheet: Sheet, name: str) -> None:
    if name in sheet.header:
        return
    close = difflib.get_close_matches(name, sheet.header, n=3) or sheet.header[:12]
    path = sheet.origins[0][0]
    raise InputError(
        f"{printable(path)}: row 1: there is no column {printable(repr(name), 60)} "
        f"(there: {printable(', '.join(close), 120)})"
    )
