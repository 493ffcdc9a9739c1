"""Comma-separated files of the user's own."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.array_types import Floats, Indices
from engine.data import columns, labels, text_table
from engine.data.columns import Columns
from engine.data.registry import Stream, loads
from engine.data.table import Table
from engine.data.text_table import TextTable
from engine.errors import InputError, sanitize
from engine.spec.data import CsvFile


@loads(CsvFile)
def load_csv_file(source: CsvFile, _stream: Stream = None) -> Table:
    """Return the rows of all files, in their order.

    Raises:
        InputError: A file that cannot be read, a column that is not there, or cells that have no meaning as such.
    """
    table = _read_files(source)
    for name in (source.target, *source.drop, *source.categorical):
        _require(table, name)
    features = [name for name in table.header if name != source.target and name not in source.drop]
    if not features:
        raise InputError(f"{sanitize(source.source)}: row 1: no column is left to learn from beside the target")
    table, notes = _without_missing(source, table, features)
    inputs = [columns.encode(table, name, name in source.categorical) for name in features]
    answers = [cell for cell in table.column(source.target) if cell is not None]
    targets = labels.encode(answers, source.task, source.classes, lambda row: table.place(row, source.target))
    return Table(
        X=np.hstack([column.X for column in inputs]),
        y=targets.y,
        feature_names=tuple(name for column in inputs for name in column.names),
        classes=targets.classes,
        subsets=_subsets(source, table),
        notes=(targets.note, *notes, *_categories(inputs)),
    )


def _read_files(source: CsvFile) -> TextTable:
    files = [path for path in (source.source, source.validation_file, source.test_file) if path is not None]
    twice = next((path for path in files if files.count(path) > 1), None)
    if twice is not None:
        raise InputError(f"{sanitize(twice)}: the same rows in two parts; expected another file for each part")
    return text_table.join([text_table.read(path, source.delimiter) for path in files])


def _subsets(source: CsvFile, table: TextTable) -> dict[str, Indices]:
    named = {"validation": source.validation_file, "test": source.test_file}
    return {
        subset: np.array([row for row, (path, _) in enumerate(table.origins) if path == file], dtype=np.intp)
        for subset, file in named.items()
        if file is not None
    }


def _without_missing(source: CsvFile, table: TextTable, features: Sequence[str]) -> tuple[TextTable, list[str]]:
    """Return the table as ``missing`` says, and what was done to it; the target's cells are all there."""
    holes = {name: [cell is None for cell in table.column(name)] for name in (source.target, *features)}
    some = {name: sum(empty) for name, empty in holes.items() if any(empty)}
    if not some:
        return table, []
    if source.missing == "refuse":
        name = next(iter(some))
        raise InputError(
            f"{table.place(holes[name].index(True), name)}: the value is missing ({sum(some.values())} in this "
            "file); set data.missing = 'drop' or 'mean'"
        )
    judged = [holes[source.target]] if source.missing == "mean" else list(holes.values())
    whole = [not any(empty) for empty in zip(*judged, strict=True)]
    if not any(whole):
        raise InputError(f"{sanitize(source.source)}: no row is left without a missing value")
    return table.keep(whole), _notes(source, some, whole.count(False), len(whole))


def _notes(source: CsvFile, some: dict[str, int], dropped: int, rows: int) -> list[str]:
    notes = [f"{dropped} of {rows} rows left out: a value is missing"] if dropped else []
    if source.missing == "mean":
        filled = [f"{sanitize(name, 40)} ({count})" for name, count in some.items() if name != source.target]
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
