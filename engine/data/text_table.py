"""Comma-separated files, read into cells; what the cells mean is said in ``columns`` and ``labels``.

Arrow's reader takes most files; the standard library's, ten times as slow, the others, and it says what is wrong where.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv_reader
from numpy.typing import NDArray

from engine.data.cells import Cells
from engine.data.memory import require_memory
from engine.data.progress import CountedBytes
from engine.data.text_rows import TextRows, header_hint
from engine.errors import InputError, sanitize
from engine.spec.sources.files import CsvFile, data_suffix

BYTES_PER_CELL = 40
"""Memory that a cell of a Parquet file takes as a text and as a number."""
TOLD_OF = 2**26
"""Bytes from which on it is told how far the reading has come."""
BLOCK = 2**23
"""Bytes that are read at once; a row must fit."""


@dataclass(frozen=True)
class Origin:
    """A file and its format."""

    path: Path
    source: CsvFile


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """The cells of one or several files with the same header.

    Attributes:
        columns: N cells by the name of their column, in the file's order.
        files: Where rows stand.
        file_of: (N,) the number of each row's file.
        record_of: (N,) each row's number among the rows of its file that are not blank, from 0 below the header.
        missing_words: The texts, other than none at all, that stood for a missing value.
        notes: What was left out.
    """

    columns: dict[str, Cells]
    files: tuple[Origin, ...]
    file_of: NDArray[np.int32]
    record_of: NDArray[np.int32]
    missing_words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.columns)

    def column(self, name: str) -> Cells:
        """Return the cells under ``name``."""
        return self.columns[name]

    def place(self, row: int, name: str) -> str:
        """Return ``file: row 17, column age`` for an error's line, as a spreadsheet counts; ``row`` counts from 0.

        The file is read once more to count its lines: blank ones, and those within quotes.
        """
        file = self.files[self.file_of[row]]
        if data_suffix(file.path) == ".parquet":
            return f"{sanitize(file.path)}: row {self.record_of[row]}, column {sanitize(name, 40)}"
        below = int(self.record_of[row]) + file.source.header
        number, _ = next(itertools.islice(TextRows(file.path, file.source).numbered(), below, None))
        return f"{sanitize(file.path)}: row {number}, column {sanitize(name, 40)}"

    def keep(self, chosen: NDArray[np.bool_]) -> TextTable:
        """Return the table with only the ``chosen`` rows (N,)."""
        columns = {name: cells.keep(chosen) for name, cells in self.columns.items()}
        file_of, record_of = self.file_of[chosen], self.record_of[chosen]
        return dataclasses.replace(self, columns=columns, file_of=file_of, record_of=record_of)


def read(path: Path, source: CsvFile, *, single: bool = False) -> TextTable:
    """Return the cells of ``path``, a file in the format that ``source`` says.

    Args:
        path: The file.
        source: How it is written.
        single: Whether one column is enough: rows without a target.

    Raises:
        InputError: No such file, one that is too large, empty, or not of this kind; one line with file and row.
    """
    if data_suffix(path) == ".parquet":
        return _read_parquet(path, source)
    rows = TextRows(path, source)
    first = next(rows.numbered(), None)
    names = () if first is None else _header(path, first[1], source, single=single)
    columns = _read_at_once(rows, len(names), source) if names else None
    if columns is None:
        columns = _read_row_by_row(rows, names, source)
    if not columns or not len(columns[0]):
        missing = "rows below the header" if names else "a header and rows, the file is empty"
        raise InputError(f"{sanitize(path)}: expected {missing}")
    return _table(Origin(path, source), names, columns)


def _read_parquet(path: Path, source: CsvFile) -> TextTable:
    """Return the columns of a Parquet file as texts, numbers in digits that read back to the last bit.

    Raises:
        InputError: It cannot be read, or has columns that are not of texts, numbers, dates or truth values.
    """
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
        require_memory(path, file.metadata.num_rows * file.metadata.num_columns * BYTES_PER_CELL)
        table = file.read()
        columns = [Cells(pc.cast(column, pa.large_string())) for column in table.columns]
    except (OSError, pa.ArrowException) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{sanitize(path)}: cannot be read ({sanitize(reason, 80).lower()})") from None
    if not table.num_rows:
        raise InputError(f"{sanitize(path)}: expected rows")
    return _table(Origin(path, source), tuple(map(sanitize, table.column_names)), columns)


def join(tables: Sequence[TextTable]) -> TextTable:
    """Return the rows of all ``tables``, one after the other.

    Raises:
        InputError: Their headers differ.
    """
    first = tables[0]
    for table in tables[1:]:
        if table.header != first.header:
            path, other = table.files[0].path, first.files[0].path
            raise InputError(f"{sanitize(path)}: row 1: expected the same columns as in {sanitize(other)}")
    if len(tables) == 1:
        return first
    return TextTable(
        columns={name: Cells.join([table.columns[name] for table in tables]) for name in first.header},
        files=tuple(table.files[0] for table in tables),
        file_of=np.repeat(np.arange(len(tables), dtype=np.int32), [len(table.record_of) for table in tables]),
        record_of=np.concatenate([table.record_of for table in tables]),
        missing_words=tuple(dict.fromkeys(word for table in tables for word in table.missing_words)),
        notes=tuple(dict.fromkeys(note for table in tables for note in table.notes)),
    )


def _read_at_once(rows: TextRows, width: int, source: CsvFile) -> list[Cells] | None:
    """Return the columns as Arrow's reader has them; None where it does not take the file, or takes it too lightly."""
    if len(rows.delimiter.encode()) > 1 or rows.has_loose_quotes:
        return None
    names = [str(index) for index in range(width)]
    try:
        table = csv_reader.read_csv(
            _told_of(rows),
            csv_reader.ReadOptions(column_names=names, block_size=BLOCK),
            csv_reader.ParseOptions(delimiter=rows.delimiter, newlines_in_values=rows.has_quotes),
            csv_reader.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:  # rows of another length, or no UTF-8
        return None
    below = table.slice(1) if source.header else table
    return [Cells(column) for column in below.columns]


def _told_of(rows: TextRows) -> Any:
    """Return what Arrow reads from: of what takes seconds, one that tells how far it is, at a seventh more time."""
    if len(rows.body) < TOLD_OF:
        return pa.BufferReader(rows.body)
    return pa.PythonFile(CountedBytes(rows.body, rows.path), mode="r")


def _read_row_by_row(rows: TextRows, names: Sequence[str], source: CsvFile) -> list[Cells]:
    """Return the columns as the standard library's reader has them, each row with as many cells as there are names.

    Raises:
        InputError: A row with more or fewer; further ones that are empty are left out.
    """
    rows.require_text()
    lists: list[list[str]] = []
    for row, cells in itertools.islice(rows.numbered(), int(source.header), None):
        if len(cells) < len(names) or any(cells[len(names) :]):
            raise InputError(
                f"{sanitize(rows.path)}: row {row}: expected {len(names)} cells as in the header, got {len(cells)}"
            )
        lists.append(cells[: len(names)])
    return [Cells.of(column) for column in zip(*lists, strict=True)]


def _table(origin: Origin, header: Sequence[str], columns: Sequence[Cells]) -> TextTable:
    """Return the table with missing cells, and without columns that have neither a name nor a value."""
    missing = frozenset({"", *(text.strip().lower() for text in origin.source.missing_texts)})
    words: dict[str, None] = {}
    named: dict[str, Cells] = {}
    notes: list[str] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # Arrow lets go of the interpreter's lock
        present = list(pool.map(lambda cells: cells.without(missing), columns))
        if origin.source.ignore_case:
            present = [(cells.lowered(), texts) for cells, texts in present]
    for place, (name, (cells, is_present)) in enumerate(zip(header, present, strict=True), start=1):
        words.update(dict.fromkeys(is_present))
        if name or not cells.all_missing:
            named[name or _free_name(f"column {place}", header)] = cells
        else:
            notes.append(f"column {place} has neither a name nor a value and was left out")
    rows = np.arange(len(columns[0]), dtype=np.int32)
    return TextTable(
        columns=named,
        files=(origin,),
        file_of=np.zeros_like(rows),
        record_of=rows,
        missing_words=tuple(words),
        notes=tuple(notes),
    )


def _free_name(name: str, taken: Sequence[str]) -> str:
    return _free_name(f"{name}, unnamed", taken) if name in taken else name


def _header(path: Path, cells: Sequence[str], source: CsvFile, *, single: bool) -> tuple[str, ...]:
    """Return the names of the columns, "" for one that has none."""
    if not source.header:
        cells = [f"column {number}" for number in range(1, len(cells) + 1)] if len(cells) > 1 or single else cells
    if source.names and len(source.names) != len(cells):
        columns = f"{len(cells)} names, one for each column of {sanitize(path)}"
        raise InputError(f"data.names: expected {columns}, got {len(source.names)}")
    names = source.names or tuple(map(sanitize, cells))
    if len(names) == 1 and not single:
        other = next((mark for mark in ",;\t|" if mark != source.separator and mark in cells[0]), None)
        hint = f"; is data.delimiter = {other!r}?" if other else ""
        raise InputError(f"{sanitize(path)}: row 1: expected a target and inputs, got one column only{hint}")
    repeated = next((name for name in names if name and names.count(name) > 1), None)
    if repeated is not None:
        raise InputError(
            f"{sanitize(path)}: row 1: there are two columns named {sanitize(repeated, 40)}{header_hint(names)}"
        )
    return names
