"""Comma-separated files, read into cells; what the cells mean is said in ``columns`` and ``labels``."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine import text_files
from engine.data.labels import number
from engine.data.memory import require_memory
from engine.errors import InputError, sanitize
from engine.spec.data import CsvFile

SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n])"?\r?(?:\n|$)', re.IGNORECASE)
BYTES_PER_BYTE = 22
"""Memory that a byte of such a file takes as cells: measured, 13 where numbers have eight digits, 20 where one."""


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """The cells of one or several files with the same header.

    Attributes:
        header: Names of the columns.
        rows: Cells without surrounding blanks, as many in each row as there are names; None where one is missing.
        origins: Where each row stands: the file, and the row as a spreadsheet counts (the header is row 1).
        missing_words: The texts, other than none at all, that stood for a missing value.
        notes: What was left out.
    """

    header: tuple[str, ...]
    rows: Sequence[Sequence[str | None]]
    origins: Sequence[tuple[Path, int]]
    missing_words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> Sequence[str | None]:
        """Return the cells under ``name``."""
        return self._columns[self.header.index(name)]

    @cached_property
    def _columns(self) -> list[tuple[str | None, ...]]:
        return list(zip(*self.rows, strict=True))

    def place(self, row: int, name: str) -> str:
        """Return ``file: row 17, column age`` for an error's line; ``row`` counts from 0."""
        path, number = self.origins[row]
        return f"{sanitize(path)}: row {number}, column {sanitize(name, 40)}"

    def keep(self, chosen: Sequence[bool]) -> TextTable:
        """Return the table with only the ``chosen`` rows."""
        rows = [row for row, keep in zip(self.rows, chosen, strict=True) if keep]
        origins = [origin for origin, keep in zip(self.origins, chosen, strict=True) if keep]
        return dataclasses.replace(self, rows=rows, origins=origins)


def read(path: Path, source: CsvFile) -> TextTable:
    """Return the cells of ``path``, a file in the format that ``source`` says.

    Raises:
        InputError: No such file, one that is too large, empty, or not of this kind; one line with file and row.
    """
    header: tuple[str, ...] = ()
    rows: list[list[str]] = []
    origins: list[tuple[Path, int]] = []
    for row, cells in _numbered_rows(path, source):
        if not header:
            header = _header(path, cells, source)
            if source.header:
                continue
        if len(cells) < len(header) or any(cells[len(header) :]):
            raise InputError(
                f"{sanitize(path)}: row {row}: expected {len(header)} cells as in the header, got {len(cells)}"
            )
        rows.append(cells[: len(header)])
        origins.append((path, row))
    if not rows:
        missing = "rows below the header" if header else "a header and rows, the file is empty"
        raise InputError(f"{sanitize(path)}: expected {missing}")
    return _table(header, rows, origins, {"", *(text.strip().lower() for text in source.missing_texts)})


def join(tables: Sequence[TextTable]) -> TextTable:
    """Return the rows of all ``tables``, one after the other.

    Raises:
        InputError: Their headers differ.
    """
    first = tables[0]
    for table in tables[1:]:
        if table.header != first.header:
            path, other = table.origins[0][0], first.origins[0][0]
            raise InputError(f"{sanitize(path)}: row 1: expected the same columns as in {sanitize(other)}")
    return TextTable(
        header=first.header,
        rows=[row for table in tables for row in table.rows],
        origins=[origin for table in tables for origin in table.origins],
        missing_words=tuple(dict.fromkeys(word for table in tables for word in table.missing_words)),
        notes=tuple(dict.fromkeys(note for table in tables for note in table.notes)),
    )


def _numbered_rows(path: Path, source: CsvFile) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, without blanks around their cells, and their numbers from 1 on."""
    text = _text(path, source)
    delimiter = source.separator
    told = SEPARATOR_LINE.match(text)
    if told:  # a first row that says the delimiter, for Excel
        delimiter = source.delimiter or told[1]
    row = 0
    try:
        for row, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            if cells and not (told and row == 1):
                yield row, [cell.strip() for cell in cells]
    except csv.Error as error:
        reason = "a quote is opened and never closed" if "end of data" in str(error) else sanitize(error, 80)
        raise InputError(f"{sanitize(path)}: row {row + 1}: {reason}") from None


def _table(
    header: tuple[str, ...], rows: Sequence[list[str]], origins: Sequence[tuple[Path, int]], missing: Collection[str]
) -> TextTable:
    """Return the table with missing cells as None, and without columns that have neither a name nor a value."""
    names = tuple(name or f"column {number}" for number, name in enumerate(header, start=1))
    words: dict[str, None] = {}
    longest = max(map(len, missing))
    cells: list[list[str | None]] = []
    for row in rows:
        cells.append([None if len(text) <= longest and text.lower() in missing else text for text in row])
        if None in cells[-1]:
            words.update((text, None) for text, cell in zip(row, cells[-1], strict=True) if cell is None and text)
    empty = {index for index, name in enumerate(header) if not name and all(row[index] is None for row in cells)}
    if empty:
        cells = [[cell for index, cell in enumerate(row) if index not in empty] for row in cells]
    return TextTable(
        header=tuple(name for index, name in enumerate(names) if index not in empty),
        rows=cells,
        origins=origins,
        missing_words=tuple(words),
        notes=tuple(f"{names[index]} has neither a name nor a value and was left out" for index in sorted(empty)),
    )


def _text(path: Path, source: CsvFile) -> str:
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{sanitize(path)}: expected a file of comma-separated values")
        require_memory(path, path.stat().st_size * BYTES_PER_BYTE)
        raw = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{sanitize(path)}: cannot be read ({sanitize(reason, 80).lower()})") from None
    encoding = source.encoding or text_files.encoding_of(raw)
    try:
        if not source.encoding and encoding == "utf-8" and raw.count(0) * 4 >= len(raw) > 0:
            raise InputError(f"{sanitize(path)}: expected text in UTF-8; set data.encoding = '{_utf_16(raw)}'")
        return raw.decode(encoding).removeprefix("\N{BOM}")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        cure = f"data.encoding = '{_likely_encoding(raw)}', or what the program that wrote it says"
        expected = encoding.removesuffix("-sig").upper()
        raise InputError(f"{sanitize(path)}: row {row}: expected text in {expected}; set {cure}") from None
    except ValueError as error:  # an encoding that decodes no such bytes at all
        raise InputError(
            f"{sanitize(path)}: cannot be read as {sanitize(encoding, 40)} ({sanitize(error, 80)})"
        ) from None


def _utf_16(raw: bytes) -> str:
    """Return which half of UTF-16 without a mark has its null bytes where those of ``raw`` are."""
    return "utf-16-be" if raw[0::2].count(0) > raw[1::2].count(0) else "utf-16-le"


def _likely_encoding(raw: bytes) -> str:
    """Return the encoding of Windows in Western Europe where it has all bytes of ``raw``, else that which has all."""
    try:
        raw.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _header(path: Path, cells: Sequence[str], source: CsvFile) -> tuple[str, ...]:
    """Return the names of the columns, "" for one that has none."""
    if not source.header:
        cells = [f"column {number}" for number in range(1, len(cells) + 1)] if len(cells) > 1 else cells
    names = tuple(map(sanitize, cells))
    if len(names) == 1:
        other = next((mark for mark in ",;\t|" if mark != source.separator and mark in cells[0]), None)
        hint = f"; is data.delimiter = {other!r}?" if other else ""
        raise InputError(f"{sanitize(path)}: row 1: expected a target and inputs, got one column only{hint}")
    repeated = next((name for name in names if name and names.count(name) > 1), None)
    if repeated is not None:
        raise InputError(
            f"{sanitize(path)}: row 1: there are two columns named {sanitize(repeated, 40)}{header_hint(names)}"
        )
    return names


def header_hint(names: Sequence[str]) -> str:
    """Return the cure where a first row looks like data, else nothing."""
    numbers = sum(number(name) is not None for name in names)
    if numbers * 2 < len(names):
        return ""
    return "; if it names no columns, set data.header = false (they are column 1, column 2, …)"
