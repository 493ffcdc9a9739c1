"""Comma-separated files, read into cells; what the cells mean is said in ``columns`` and ``labels``."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.data.memory import require_memory
from engine.errors import InputError, sanitize

MISSING = frozenset({"", "?", "na", "n/a", "nan", "null"})
"""Cells that stand for no value, in any case."""
BYTES_PER_BYTE = 20
"""Memory that a byte of such a file takes as cells: measured, 12 where numbers have eight digits, 19 where one."""


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """The cells of one or several files with the same header.

    Attributes:
        header: Names of the columns.
        rows: Cells without surrounding blanks, as many in each row as there are names; None where one is missing.
        origins: Where each row stands: the file, and the row as a spreadsheet counts (the header is row 1).
    """

    header: tuple[str, ...]
    rows: Sequence[Sequence[str | None]]
    origins: Sequence[tuple[Path, int]]

    def column(self, name: str) -> list[str | None]:
        """Return the cells under ``name``."""
        index = self.header.index(name)
        return [row[index] for row in self.rows]

    def place(self, row: int, name: str) -> str:
        """Return ``file: row 17, column age`` for an error's line; ``row`` counts from 0."""
        path, number = self.origins[row]
        return f"{sanitize(path)}: row {number}, column {sanitize(name, 40)}"

    def keep(self, chosen: Sequence[bool]) -> TextTable:
        """Return the table with only the ``chosen`` rows."""
        rows = [row for row, wanted in zip(self.rows, chosen, strict=True) if wanted]
        origins = [origin for origin, wanted in zip(self.origins, chosen, strict=True) if wanted]
        return TextTable(header=self.header, rows=rows, origins=origins)


def read(path: Path, delimiter: str = ",") -> TextTable:
    """Return the cells of ``path``, a file in UTF-8 whose first row names the columns.

    Raises:
        InputError: No such file, one that is too large, empty, or not of this kind; one line with file and row.
    """
    lines = csv.reader(io.StringIO(_text(path), newline=""), delimiter=delimiter, strict=True)
    header: tuple[str, ...] = ()
    rows: list[list[str | None]] = []
    origins: list[tuple[Path, int]] = []
    number = 0
    try:
        for number, cells in enumerate(lines, start=1):
            if not cells:
                continue  # a blank line
            if not header:
                header = _header(path, cells, delimiter)
                continue
            if len(cells) != len(header):
                raise InputError(
                    f"{sanitize(path)}: row {number}: expected {len(header)} cells as in the header, got {len(cells)}"
                )
            rows.append([_cell(text) for text in cells])
            origins.append((path, number))
    except csv.Error as error:
        reason = "a quote is opened and never closed" if "end of data" in str(error) else sanitize(error, 80)
        raise InputError(f"{sanitize(path)}: row {number + 1}: {reason}") from None
    if not rows:
        missing = "rows below the header" if header else "a header and rows, the file is empty"
        raise InputError(f"{sanitize(path)}: expected {missing}")
    return TextTable(header=header, rows=rows, origins=origins)


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
    )


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{sanitize(path)}: expected a file of comma-separated values")
        require_memory(path, path.stat().st_size * BYTES_PER_BYTE)
        raw = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{sanitize(path)}: cannot be read ({sanitize(reason, 80).lower()})") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{sanitize(path)}: row {row}: expected text in UTF-8") from None


def _header(path: Path, cells: Sequence[str], delimiter: str) -> tuple[str, ...]:
    names = tuple(sanitize(cell.strip()) or f"column {number}" for number, cell in enumerate(cells, start=1))
    if len(names) == 1:
        other = next((mark for mark in ",;\t|" if mark != delimiter and mark in names[0]), None)
        hint = f"; is data.delimiter = {other!r}?" if other else ""
        raise InputError(f"{sanitize(path)}: row 1: expected a target and inputs, got one column only{hint}")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{sanitize(path)}: row 1: there are two columns named {sanitize(twice, 40)}")
    return names


def _cell(text: str) -> str | None:
    text = text.strip()
    return None if text.lower() in MISSING else text
