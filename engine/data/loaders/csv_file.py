"""Comma-separated files of the user's own."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats, Indices
from engine.data import labels, weights
from engine.data.columns import ColumnReader, Columns
from engine.data.registry import Stream, loads
from engine.data.table import Table
from engine.data.text_rows import header_hint
from engine.errors import InputError, sanitize
from engine.spec.sources.base import Task
from engine.spec.sources.files import CsvFile

if TYPE_CHECKING:
    from engine.data.text_table import TextTable

ROWS_AT_ONCE = 4096


@loads(CsvFile)
def load_csv_file(source: CsvFile, _stream: Stream = None) -> Table:
    """Return the rows of all files, in their order.

    Raises:
        InputError: A file that cannot be read, a column that is not there or predicted twice, or cells that have no
            meaning as such.
    """
    table = _read_files(source)
    for name in (*source.required, *source.drop, *source.categorical, *source.dates, *source.booleans):
        require_column(table, name)
    twice = next((name for name in source.targets if source.targets.count(name) > 1), None)
    if twice is not None:
        where = sanitize(source.source)
        raise InputError(f"{where}: data.target: expected different columns (got {sanitize(twice, 60)} twice)")
    features = [name for name in table.header if name not in {*source.required, *source.drop}]
    if not features:
        raise InputError(f"{sanitize(source.source)}: row 1: no column is left to learn from beside the target")
    _refuse_empty(source, table, features)
    table, notes = _without_missing(source, table, features)
    reader = ColumnReader(table, source)
    inputs = [reader.encode(name, name in source.categorical) for name in features]
    targets, target_remarks = _targets(source, table, reader)
    remarks = [*((column.column, column.remarks) for column in inputs), *target_remarks]
    return Table(
        X=_side_by_side([column.X for column in inputs]),
        y=targets.y,
        feature_names=tuple(name for column in inputs for name in column.names),
        classes=targets.classes,
        subsets=_subsets(source, table),
        notes=(
            targets.note,
            *notes,
            *_categories(inputs),
            *_notations(remarks),
            *table.notes,
            *weights.notes(source),
        ),
        weights=weights.row_weights(source, table, reader),
    )


def _side_by_side(columns: Sequence[Floats]) -> Floats:
    """Return columns (N, k) as one array, C-contiguous; some rows at a time, which stay in the processor's cache."""
    edges = np.cumsum([0, *(column.shape[1] for column in columns)])
    X = np.empty((len(columns[0]), edges[-1]))
    for start in range(0, len(X), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        for column, left, right in zip(columns, edges, edges[1:], strict=False):
            X[rows, left:right] = column[rows]
    return X


Remarks = tuple[str, tuple[str, ...]]
"""A column, and how its numbers are written where that is not as Python has them."""


def _targets(source: CsvFile, table: TextTable, reader: ColumnReader) -> tuple[labels.Targets, list[Remarks]]:
    if isinstance(source.target, str):
        targets, remarks = _target(source, source.target, source.task, table, reader)
        return targets, [(source.target, remarks)]
    if source.task == "classification" or source.classes:
        key = "data.task" if source.task == "classification" else "data.classes"
        raise InputError(f"{key}: expected one target for classes, got {len(source.target)}")
    every = [_target(source, name, "regression", table, reader) for name in source.target]
    y = np.column_stack([targets.y for targets, _ in every])
    return labels.several_values(y, source.target), [
        (name, remarks) for name, (_, remarks) in zip(source.target, every, strict=True)
    ]


def _target(
    source: CsvFile, name: str, task: Task, table: TextTable, reader: ColumnReader
) -> tuple[labels.Targets, tuple[str, ...]]:
    """Return the targets of one column, and the remarks on its numbers."""
    cells = table.column(name)
    named = task == "classification" or (task == "auto" and source.classes)
    reading = None if named else reader.reading(name)

    def place(number: int) -> str:
        return table.place(cells.first_row(cells.distinct[number]), name)

    written, measured = (None, False) if reading is None else (reading.numbers, reading.measured)
    of_distinct = labels.encode(cells.distinct, task, source.classes, place, written, measured)
    targets = replace(of_distinct, y=of_distinct.y[cells.codes])
    return targets, () if reading is None or targets.classes else reading.remarks


def _refuse_empty(source: CsvFile, table: TextTable, features: Sequence[str]) -> None:
    """Refuse a column without a value at once: neither cure for missing values helps there."""
    outcome = "no row is left without a missing value: " if source.missing == "drop" else ""
    for name in features:
        if table.column(name).all_missing:
            place = table.place(0, name)
            raise InputError(f"{place}: {outcome}the whole column is empty; leave it out with data.drop")


def _read_files(source: CsvFile) -> TextTable:
    from engine.data import text_table  # Arrow takes a quarter of a second to import

    files = [path for path in (source.source, source.validation_file, source.test_file) if path is not None]
    repeated = next((path for path in files if files.count(path) > 1), None)
    if repeated is not None:
        raise InputError(f"{sanitize(repeated)}: the same rows in two parts; expected another file for each part")
    return text_table.join([text_table.read(path, source) for path in files])


def _subsets(source: CsvFile, table: TextTable) -> dict[str, Indices]:
    named = {"validation": source.validation_file, "test": source.test_file}
    return {
        subset: np.flatnonzero(table.file_of == [origin.path for origin in table.files].index(file))
        for subset, file in named.items()
        if file is not None
    }


def _without_missing(source: CsvFile, table: TextTable, features: Sequence[str]) -> tuple[TextTable, list[str]]:
    """Return the table as ``missing`` says, and what was done to it; the target's cells are all there."""
    counts = {name: count for name in (*source.required, *features) if (count := table.column(name).missing_count)}
    if not counts:
        return table, []
    if source.missing == "refuse":
        name = next(iter(counts))
        row = int(table.column(name).missing.argmax())
        words = " or ".join(repr(word) for word in table.missing_words[:3])
        hint = f"; if {sanitize(words, 60)} is a value here, set data.missing_texts = []" if words else ""
        raise InputError(
            f"{table.place(row, name)}: the value is missing ({sum(counts.values())} in this "
            f"file); set data.missing = 'drop' or 'mean'{hint}"
        )
    complete = np.ones(len(table.record_of), np.bool_)
    for name in source.required if source.missing == "mean" else counts:
        complete &= ~table.column(name).missing
    if not complete.any():
        raise InputError(f"{sanitize(source.source)}: no row is left without a missing value")
    return table.keep(complete), _notes(source, counts, int((~complete).sum()), len(complete))


def _notes(source: CsvFile, counts: dict[str, int], dropped: int, rows: int) -> list[str]:
    notes = [f"{dropped} of {rows} rows left out: a value is missing"] if dropped else []
    if source.missing == "mean":
        filled = [f"{sanitize(name, 40)} ({count})" for name, count in counts.items() if name not in source.required]
        notes += [f"missing values filled in with the training rows' mean: {', '.join(filled)}"] if filled else []
    return notes


def _notations(remarks: Sequence[tuple[str, tuple[str, ...]]]) -> list[str]:
    """Return which numbers were written otherwise than Python has them, in one line or none."""
    columns_text = [f"{sanitize(name, 40)} ({', '.join(said)})" for name, said in remarks if said]
    return [f"numbers as they are written here: {', '.join(columns_text)}"] if columns_text else []


def _categories(inputs: Sequence[Columns]) -> list[str]:
    """Return which columns became an input for each category, and how many, in one line or none."""
    columns_text = [f"{sanitize(column.column, 40)} ({len(column.names)})" for column in inputs if column.categorical]
    return [f"an input for each category: {', '.join(columns_text)}"] if columns_text else []


def require_column(table: TextTable, name: str) -> None:
    """Refuse a name that no column has.

    Raises:
        InputError: With the names that are nearest.
    """
    if name in table.header:
        return
    close = difflib.get_close_matches(name, table.header, n=3) or table.header[:12]
    path = table.files[0].path
    raise InputError(
        f"{sanitize(path)}: row 1: there is no column {sanitize(repr(name), 60)} "
        f"(there: {sanitize(', '.join(close), 120)}){header_hint(table.header)}"
    )
