"""What the columns of a file are, which of them tell nothing, and which is to be predicted."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.array_types import Floats
from engine.data import booleans, dates, text_table
from engine.data.cells import Cells
from engine.data.columns import MAX_CATEGORIES, ColumnReader
from engine.data.loaders.csv_file import require_column
from engine.data.notations import is_number
from engine.data.text_table import TextTable
from engine.errors import InputError, sanitize
from engine.spec.finding import ColumnFinding, Kind
from engine.spec.sources.files import CsvFile

FEWEST_FOR_IDENTIFIERS = 10
"""Rows below which a text in each row, or numbers that count up, may be anything."""
MISSING = frozenset(
    {"\\n", "-", "--", ".", "n.a.", "#n/a", "#null!", "#value!", "none", "nil", "missing", "(null)", "k.a.", "nd"}
    | {"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"}
)
"""Words of programs and people for a missing value, in lower case, that are such among numbers alone."""
MOST_STRAY_TEXTS, FEWEST_NUMBERS, MOST_STRAY_CELLS = 3, 20, 0.05
"""Other texts without a digit, at most so many in so few cells, stand for a missing value among so many numbers."""
FEWEST_FOR_TEXT = 20
"""Different texts from which on a column of categories has enough rows for each, or is left out."""
SHORTEST_WORD = 3
"""Letters from which on a word in capitals is the same word; CO and Co are not the same."""
PREDICTABLE = frozenset({"number", "boolean", "category"})


@dataclasses.dataclass(frozen=True)
class Found:
    """A column, and how a loader is told of it.

    Attributes:
        column: What it is.
        is_coded: Whether its cells look like numbers, at least some of them, and are categories.
    """

    column: ColumnFinding
    is_coded: bool = False


def of_file(
    source: CsvFile, targets: Sequence[str], drop: Sequence[str], keep: Sequence[str], weight: str | None = None
) -> tuple[list[ColumnFinding], tuple[str, ...], dict[str, Any]]:
    """Return the columns that are not predicted, the targets, and the options that follow.

    Args:
        source: The file and how it is written.
        targets: The columns to predict; empty for the last that can be.
        drop: Columns that are to be left out whatever they are.
        keep: Columns that are to be inputs though they tell nothing.
        weight: The column of how much each row counts in the loss.

    Raises:
        InputError: A column that there is not, or none that can be predicted.
    """
    table, source, read_as = _read(source)
    weights = () if weight is None else (weight,)
    for name in (*targets, *drop, *keep, *weights):
        require_column(table, name)
    reader, decimal = _reader(table, source)
    found = {name: _kind(table, reader, name) for name in table.header}
    found, day_first = _with_dates_told(table, found, decimal)
    chosen = tuple(targets) or (_last_predictable(source, found, (*drop, *weights)),)
    columns = [
        _weight(found[name].column) if name == weight else _as_said(table, found[name].column, drop, keep)
        for name in found
        if name not in chosen
    ]
    used = [column for column in columns if column.used]
    missing = any(found[name].column.missing for name in (*chosen, *weights, *(column.name for column in used)))
    coded_target = len(chosen) == 1 and found[chosen[0]].is_coded
    options: dict[str, Any] = {
        "weight": weight,
        "drop": [column.name for column in columns if not column.used and column.name != weight],
        "categorical": [column.name for column in used if found[column.name].is_coded],
        "dates": [column.name for column in used if column.kind == "date"],
        "day_first": day_first if any(column.kind == "date" for column in used) else None,
        "booleans": [column.name for column in used if column.kind == "boolean"],
        "missing": "mean" if missing else None,
        "decimal": decimal,
        **read_as,
        "task": "classification" if coded_target else None,
    }
    return columns, chosen, {key: value for key, value in options.items() if value or value is False}


def _read(source: CsvFile) -> tuple[TextTable, CsvFile, dict[str, Any]]:
    """Return the cells, how they are read, and the options of that which the file alone does not show.

    Words may stand for a missing value in columns of numbers, beside the usual ones, and others differ in case alone.
    """
    table = text_table.read(source.source, source)
    odd = {name: cells for name, cells in table.columns.items() if not _is_quick(cells)}
    words = dict.fromkeys(word for name in odd for word in _stray_texts(table, name))
    options: dict[str, Any] = {"missing_texts": [*source.missing_texts, *words]} if words else {}
    if any(_differ_in_case(cells.distinct) for cells in odd.values()):
        options["ignore_case"] = True
    if not options:
        return table, source, {}
    source = CsvFile.model_validate({**source.model_dump(), **options})
    return text_table.read(source.source, source), source, options


def _stray_texts(table: TextTable, name: str) -> list[str]:
    """Return the texts that stand for a missing value in a column of numbers; none where it is no such column."""
    cells = table.column(name)
    missing = [text for text in cells.distinct if text.lower() in MISSING]
    numbers = [text for text in cells.distinct if text not in missing]
    stray = list(itertools.islice((text for text in numbers if not any(map(str.isdigit, text))), MOST_STRAY_TEXTS + 1))
    if stray:
        numbers = [text for text in numbers if text not in stray]
        if not _are_stray(table, name, stray) or len(numbers) < FEWEST_NUMBERS:
            return []
    return [*missing, *stray] if numbers and all(map(is_number, numbers)) else []


def _are_stray(table: TextTable, name: str, texts: Sequence[str]) -> bool:
    """Tell whether texts are few, in few cells, and in no other column."""
    cells = table.column(name)
    numbers = [cells.distinct.index(text) for text in texts]
    return (
        len(texts) <= MOST_STRAY_TEXTS
        and np.isin(cells.codes, numbers).sum() <= MOST_STRAY_CELLS * len(cells)
        and not any(
            text in other.distinct
            for column, other in table.columns.items()
            if column != name and not _is_quick(other)
            for text in texts
        )
    )


def _differ_in_case(texts: Sequence[str]) -> bool:
    """Tell whether some of a few texts are the same word, in capitals or not."""
    if not 2 <= len(texts) <= MAX_CATEGORIES:
        return False
    alike = Counter(text.lower() for text in texts)
    return any(count > 1 and sum(map(str.isalpha, word)) >= SHORTEST_WORD for word, count in alike.items())


def _is_quick(cells: Cells) -> bool:
    """Tell whether the cells are numbers that can be told at once, as most are."""
    return cells.plain_numbers is not None or cells.comma_numbers is not None


def _reader(table: TextTable, source: CsvFile) -> tuple[ColumnReader, str | None]:
    """Return a reader of the columns, and the decimal sign where the cells alone do not tell it.

    A comma that separates columns is no decimal sign as a rule; where it does not, it is one.
    """
    reader = ColumnReader(table, source)
    try:
        for name in table.header:
            if not _is_quick(table.column(name)):
                reader.reading(name)
    except InputError:
        decimal = "." if source.separator == "," else ","
        return ColumnReader(table, source.model_copy(update={"decimal": decimal})), decimal
    return reader, None


def _last_predictable(source: CsvFile, found: dict[str, Found], drop: Sequence[str]) -> str:
    names = [name for name, of in found.items() if of.column.kind in PREDICTABLE and name not in drop]
    if not names:
        raise InputError(f"{sanitize(source.source)}: no column can be predicted; name one with --target")
    return names[-1]


def _weight(column: ColumnFinding) -> ColumnFinding:
    return column.model_copy(update={"used": False, "why": "how much the row counts in the loss"})


def _as_said(table: TextTable, column: ColumnFinding, drop: Sequence[str], keep: Sequence[str]) -> ColumnFinding:
    """Return a column, left out or taken in as it is said.

    Raises:
        InputError: One to be taken in that is empty, or of too many texts.
    """
    if column.name in drop:
        return column.model_copy(update={"used": False, "why": "as you said"})
    if column.name not in keep or column.used:
        return column
    cells = table.column(column.name)
    if cells.all_missing:
        raise InputError(f"column {sanitize(column.name, 40)} has no value in it")
    if cells.plain_numbers is not None:
        return column.model_copy(update={"used": True, "kind": "number", "why": "as you said"})
    if len(cells.distinct) > MAX_CATEGORIES:
        different = f"{len(cells.distinct)} different texts"
        raise InputError(f"column {sanitize(column.name, 40)} has {different}; an input takes at most {MAX_CATEGORIES}")
    return column.model_copy(update={"used": True, "kind": "category", "why": "as you said"})


def _kind(table: TextTable, reader: ColumnReader, name: str) -> Found:
    cells = table.column(name)
    if cells.all_missing:
        return _found(name, "empty", cells, "no value in it", used=False)
    if cells.comma_numbers is not None:
        return _kind_of_numbers(name, cells, cells.comma_numbers, "decimal comma")
    reading = reader.reading(name)
    if reading is None:
        return _kind_of_texts(name, cells)
    codes = cells.whole_with_zero_or_long()
    if codes:
        what = "codes with leading zeros" if codes[0].startswith("0") else "numbers too long to be exact"
        return _categories(name, cells, what, coded=True)
    return _kind_of_numbers(name, cells, reader.numbers(name), ", ".join(reading.remarks))


def _kind_of_numbers(name: str, cells: Cells, numbers: Floats, remarks: str) -> Found:
    present = numbers[~np.isnan(numbers)]
    if present.min() == present.max():
        return _found(name, "constant", cells, f"always {present[0]:g}", used=False)
    if len(present) == len(numbers) >= FEWEST_FOR_IDENTIFIERS and (np.diff(present) == 1).all():
        return _found(name, "identifier", cells, "whole numbers that count up, an identifier", used=False)
    return _found(name, "number", cells, remarks)


def _kind_of_texts(name: str, cells: Cells) -> Found:
    texts = cells.distinct
    if len(texts) == 1:
        return _found(name, "constant", cells, f"always {sanitize(texts[0], 40)}", used=False)
    if booleans.numbers(texts) is not None:
        return _found(name, "boolean", cells)
    if dates.format_of(texts) is not None or dates.two_readings(texts) is not None:
        return _found(name, "date", cells, dates.remark(texts, day_first=None))
    mixed = any(map(is_number, texts[:1000]))
    return _categories(name, cells, "texts among numbers" if mixed else "texts", coded=mixed)


def _with_dates_told(
    table: TextTable, found: dict[str, Found], decimal: str | None
) -> tuple[dict[str, Found], bool | None]:
    """Return the columns with what is said of dates of two readings, and whether the day comes first in the file.

    Another column may show it; else the day does where commas are decimal signs, and the month does not.
    """
    texts = {name: table.column(name).distinct for name, of in found.items() if of.column.kind == "date"}
    shown = {dates.day_comes_first(distinct) for distinct in texts.values()} - {None}
    both = [name for name, distinct in texts.items() if dates.two_readings(distinct) is not None]
    if not both:
        return found, shown.pop() if len(shown) == 1 else None
    has_commas = decimal == "," or any(cells.comma_numbers is not None for cells in table.columns.values())
    day_first = shown.pop() if len(shown) == 1 else has_commas
    for name in both:
        column = found[name].column.model_copy(update={"why": dates.remark(texts[name], day_first=day_first)})
        found = {**found, name: Found(column, found[name].is_coded)}
    return found, day_first


def _categories(name: str, cells: Cells, what: str, *, coded: bool) -> Found:
    different, present = len(cells.distinct), len(cells) - cells.missing_count
    if different == present and len(cells) >= FEWEST_FOR_IDENTIFIERS:
        return Found(
            _found(name, "identifier", cells, f"{what}, another in each row: an identifier", used=False).column, coded
        )
    if different > MAX_CATEGORIES or (different > FEWEST_FOR_TEXT and 2 * different > present):
        return Found(
            _found(name, "text", cells, f"{different} different {what} in {present} rows", used=False).column, coded
        )
    return Found(_found(name, "category", cells, what if coded else "").column, coded)


def _found(name: str, kind: Kind, cells: Cells, why: str = "", *, used: bool = True) -> Found:
    distinct = len(cells.distinct) if kind in {"category", "text"} else 0
    return Found(
        ColumnFinding(name=name, kind=kind, used=used, why=why, missing=cells.missing_count, distinct=distinct)
    )
