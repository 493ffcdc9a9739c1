"""How a text file is written: separator, encoding, header; found from its first rows and its bytes."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import text_files
from engine.data.labels import number
from engine.data.notations import is_number
from engine.data.text_rows import SEPARATOR_LINE, likely_encoding, read_bytes, single_blanks, utf_16
from engine.errors import InputError, sanitize
from engine.spec.sources.files import CsvFile, data_suffix

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
BLANKS = " "
"""What separates where none of these does, and the cells are numbers for the most part."""
LOOKED_AT = 50
"""Rows that are looked at for the separator and the header."""


@dataclass(frozen=True)
class Row:
    """A row that is not blank, and the number of lines above it."""

    cells: list[str]
    above: int


def sniff(path: Path) -> tuple[list[str], dict[str, Any]]:
    """Return how a file is written, in words and as options of ``CsvFile`` where they are not what it takes by itself.

    Raises:
        InputError: It cannot be read, or no separator makes a table of it.
    """
    if data_suffix(path) == ".parquet":
        return ["Parquet"], {}
    raw = read_bytes(path)
    encoding = _encoding(raw)
    text = raw.decode(encoding, errors="replace").removeprefix("\N{BOM}")
    separator_line = SEPARATOR_LINE.match(text[:20].encode(errors="replace"))
    lines = text[:1_000_000].splitlines(keepends=True)[1 if separator_line else 0 :]
    separator = separator_line[1].decode() if separator_line else _separator(path, lines)
    rows = _rows(lines, separator)
    skip, said = _above_the_table(rows)
    rows = [row for row in rows if row.above >= skip]
    header = _has_header([row.cells for row in rows])
    options: dict[str, Any] = {}
    if not header:
        said = [*said, "no header"]
    elif twice := _named_twice(rows[0].cells):
        options["names"] = _different(rows[0].cells)
        said = [*said, f"two columns named {sanitize(twice, 40)} (the second is {sanitize(twice, 40)} 2)"]
    if encoding != text_files.encoding_of(raw):
        options["encoding"] = encoding
    if not separator_line and separator != CsvFile(source=path, target="?").separator:
        options["delimiter"] = separator
    if not header:
        options["header"] = False
    if skip:
        options["skip"] = skip
    named = SEPARATORS | {BLANKS: "blanks"}
    return [f"separated by {named.get(separator, repr(separator))}", encoding.removesuffix("-sig"), *said], options


def _encoding(raw: bytes) -> str:
    marked = text_files.encoding_of(raw)
    if marked != "utf-8":
        return marked
    if b"\0" in raw and raw.count(0) * 4 >= len(raw):
        return utf_16(raw)
    try:
        raw.decode()
    except UnicodeDecodeError:
        return likely_encoding(raw)
    return marked


def _rows(lines: list[str], separator: str) -> list[Row]:
    """Return the first rows that are not blank."""
    if separator == BLANKS:
        lines = [single_blanks(line.encode()).decode() for line in lines[: 2 * LOOKED_AT]]
    reader = csv.reader(lines, delimiter=separator)
    rows: list[Row] = []
    above = 0
    try:
        for cells in itertools.islice(reader, LOOKED_AT):
            if any(cells):
                rows.append(Row([cell.strip() for cell in cells], above))
            above = reader.line_num
    except csv.Error:
        return []
    return rows


def _separator(path: Path, lines: list[str]) -> str:
    """Return the separator by which most of the first rows have as many cells, and more than one."""
    scores: dict[tuple[float, int], str] = {}
    for separator in SEPARATORS:
        rows = _rows(lines, separator)
        if (width := _usual_width(rows)) > 1:
            scores.setdefault((sum(len(row.cells) == width for row in rows) / len(rows), width), separator)
    if scores:
        return scores[max(scores)]
    if _is_table_of_numbers(_rows(lines, BLANKS)):
        return BLANKS
    raise InputError(f"{sanitize(path)}: expected a table, of columns separated by comma, semicolon, tab or bar")


def _usual_width(rows: list[Row]) -> int:
    """Return how many cells most of the rows have, of numbers that are as frequent the largest."""
    widths = Counter(len(row.cells) for row in rows)
    return max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))[0]


def _is_table_of_numbers(rows: list[Row]) -> bool:
    """Tell whether nearly all rows have as many cells, more than one, and most of those are numbers."""
    width = _usual_width(rows)
    cells = [cell for row in rows for cell in row.cells if len(row.cells) == width]
    numbers = sum(map(is_number, cells))
    return width > 1 and len(cells) >= 0.9 * width * len(rows) and 2 * numbers > len(cells)


def _above_the_table(rows: list[Row]) -> tuple[int, list[str]]:
    """Return how many lines stand above the table, as a title and remarks do, and what is to be said of that.

    Such a row has its first cell alone where most rows have several, or begins with #; what follows it is no row of
    numbers, else it were the header.
    """
    width, skip = _usual_width(rows), 0
    for row, following in itertools.pairwise(rows):
        is_alone = bool(row.cells[0]) and not any(row.cells[1:]) and width > 1
        is_followed = not any(number(cell) is not None for cell in following.cells)
        if not ((is_alone or row.cells[0].startswith("#")) and (is_followed or len(row.cells) != width)):
            break
        skip = following.above
    return skip, [f"{skip} {'line' if skip == 1 else 'lines'} above the table passed over"] if skip else []


def _named_twice(names: list[str]) -> str | None:
    """Return a name that two columns have, None if there is none."""
    return next((name for name in names if name and names.count(name) > 1), None)


def _different(names: list[str]) -> list[str]:
    """Return the names, each different but for "": the second ``x`` is ``x 2``."""
    different: list[str] = []
    for name in names:
        numbered = (f"{name} {number}" for number in itertools.count(2))
        is_taken = bool(name) and name in different
        different.append(next(other for other in numbered if other not in {*different, *names}) if is_taken else name)
    return different


def _has_header(rows: list[list[str]]) -> bool:
    """Tell whether the first row names columns: it is no row of numbers above other numbers."""
    if not rows:
        return True
    first, later_rows = rows[0], rows[1:]
    numeric = [index for index, cell in enumerate(first) if number(cell) is not None]
    below = [
        i
        for i in range(len(first))
        if later_rows and all(i < len(r) and (not r[i] or is_number(r[i])) for r in later_rows)
    ]
    if _named_twice(first) and not (below and not set(numeric) & set(below)):
        return False
    return not below or not set(numeric) & set(below) or len(set(numeric) & set(below)) * 2 < len(below)
