"""How a text file is written: separator, encoding, header; found from its first rows and its bytes."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from pathlib import Path
from typing import Any

from engine import text_files
from engine.data.labels import number
from engine.data.notations import is_number
from engine.data.text_rows import SEPARATOR_LINE, likely_encoding, read_bytes, utf_16
from engine.errors import InputError, sanitize
from engine.spec.sources.files import CsvFile, data_suffix

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
LOOKED_AT = 50
"""Rows that are looked at for the separator and the header."""


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
    header = _has_header(list(itertools.islice(_rows(lines, separator), LOOKED_AT)))
    options: dict[str, Any] = {}
    if encoding != text_files.encoding_of(raw):
        options["encoding"] = encoding
    if not separator_line and separator != CsvFile(source=path, target="?").separator:
        options["delimiter"] = separator
    if not header:
        options["header"] = False
    form = [f"separated by {SEPARATORS.get(separator, repr(separator))}", encoding.removesuffix("-sig")]
    return form + ([] if header else ["no header"]), options


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


def _rows(lines: list[str], separator: str) -> list[list[str]]:
    try:
        return [row for row in itertools.islice(csv.reader(lines, delimiter=separator), LOOKED_AT) if any(row)]
    except csv.Error:
        return []


def _separator(path: Path, lines: list[str]) -> str:
    """Return the separator by which most of the first rows have as many cells, and more than one."""
    scores: dict[tuple[float, int], str] = {}
    for separator in SEPARATORS:
        widths = Counter(len(row) for row in _rows(lines, separator))
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        if width > 1:
            scores.setdefault((count / widths.total(), width), separator)
    if not scores:
        raise InputError(f"{sanitize(path)}: expected a table, of columns separated by comma, semicolon, tab or bar")
    return scores[max(scores)]


def _has_header(rows: list[list[str]]) -> bool:
    """Tell whether the first row names columns: it is no row of numbers above other numbers."""
    if not rows:
        return True
    first, later_rows = rows[0], rows[1:]
    if len(set(first)) < len([cell for cell in first if cell]):
        return False
    numeric = [index for index, cell in enumerate(first) if number(cell.strip()) is not None]
    below = [
        i
        for i in range(len(first))
        if later_rows and all(i < len(r) and (not r[i] or is_number(r[i].strip())) for r in later_rows)
    ]
    return not below or not set(numeric) & set(below) or len(set(numeric) & set(below)) * 2 < len(below)
