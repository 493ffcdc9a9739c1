"""Columns of dates and times, as days since the beginning of 1970 (UTC where no offset is written)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.errors import InputError, sanitize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.data.text_table import TextTable

FORMATS = ("iso", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S")
AMBIGUOUS = (("%d/%m/%Y", "%m/%d/%Y"), ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"), ("%d-%m-%Y", "%m-%d-%Y"))
SECONDS_PER_DAY = 86_400
LONGEST = 40


def format_of(texts: Sequence[str]) -> str | None:
    """Return the format in which all ``texts`` are dates; None if they are not dates, or may be read in two ways."""
    fitting = [name for name in (*FORMATS, *(name for pair in AMBIGUOUS for name in pair)) if _all_fit(texts, name)]
    return fitting[0] if len(fitting) == 1 else None


def days(table: TextTable, name: str) -> Floats:
    """Return the column ``name`` as days (N,), NaN where one is missing.

    Raises:
        InputError: A text that is no date, or dates that may be day and month or month and day.
    """
    cells = table.column(name)
    written = format_of(cells.distinct)
    if written is None:
        place = table.place(cells.first_row(cells.distinct[0]), name)
        raise InputError(
            f"{place}: expected dates whose day and month can be told apart, as 2024-01-31 or 31.1.2024, got "
            f"{sanitize(repr(cells.distinct[0]), 40)}"
        )
    return np.array([*(_day(text, written) or 0.0 for text in cells.distinct), np.nan])[cells.codes]


def _all_fit(texts: Sequence[str], name: str) -> bool:
    return bool(texts) and all(_day(text, name) is not None for text in texts)


def _day(text: str, name: str) -> float | None:
    if len(text) > LONGEST or not any(map(str.isdigit, text)) or text.isdigit():
        return None
    try:
        moment = datetime.fromisoformat(text) if name == "iso" else datetime.strptime(text, name)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.timestamp() / SECONDS_PER_DAY
