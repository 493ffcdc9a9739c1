"""Columns of dates and times, as days since the beginning of 1970 (UTC where no offset is written).

Times of a day and durations, 18:30 or 1:02:59, are days as well, from 0 on.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.errors import InputError, sanitize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.data.text_table import TextTable

TIME = "time"
_NUMBERS = (
    "iso",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m",
    "%d.%m.%y",
)
_MONTHS_BY_NAME = ("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%b %Y")
FORMATS = (*_NUMBERS, *_MONTHS_BY_NAME, TIME)
"""Formats by which moments are read; %b is the name of a month in English, whole or its first three letters."""
_DAY_FIRST = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %I:%M %p", "%d/%m/%Y %I:%M:%S %p")
AMBIGUOUS = tuple(
    (name, name.replace("%d/%m", "%m/%d").replace("%d-%m", "%m-%d")) for name in (*_DAY_FIRST, "%d-%m-%Y", "%d/%m/%y")
)
SECONDS_PER_DAY = 86_400
LONGEST = 40
_TIME = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d(?:\.\d{1,9})?))?(?: ?([AaPp])\.?[Mm]\.?)?")
_MONTH = re.compile(r"([A-Za-z]{3})[a-z]*\.?")


def format_of(texts: Sequence[str], *, day_first: bool | None = None) -> str | None:
    """Return the format in which all ``texts`` are dates.

    Args:
        texts: What is written.
        day_first: Which of two readings holds where day and month can be told apart by nothing else.

    Returns:
        None if they are not dates, or may be read in two ways and nothing says which holds.
    """
    fitting = [name for name in (*FORMATS, *(name for pair in AMBIGUOUS for name in pair)) if _all_fit(texts, name)]
    if tuple(fitting) in AMBIGUOUS and day_first is not None:
        return fitting[0 if day_first else 1]
    return fitting[0] if len(fitting) == 1 else None


def day_comes_first(texts: Sequence[str]) -> bool | None:
    """Return whether dates with a slash or a dash show the day before the month; None if they do not tell."""
    written = format_of(texts)
    return next((written == pair[0] for pair in AMBIGUOUS if written in pair), None)


def two_readings(texts: Sequence[str]) -> tuple[str, str] | None:
    """Return one of the texts as a date with the day first, and with the month first; None if not both can be."""
    pair = next((pair for pair in AMBIGUOUS if all(_all_fit(texts, name) for name in pair)), None)
    if pair is None:
        return None
    shown = [[_moment(text, name) for name in pair] for text in texts]
    first, second = next(((first, second) for first, second in shown if first != second), shown[0])
    return f"{first:%Y-%m-%d}", f"{second:%Y-%m-%d}"


def days(table: TextTable, name: str, *, day_first: bool | None = None) -> Floats:
    """Return the column ``name`` as days (N,), NaN where one is missing.

    Raises:
        InputError: A text that is no date, or dates that may be day and month or month and day.
    """
    cells = table.column(name)
    written = format_of(cells.distinct, day_first=day_first)
    if written is None:
        shown = sanitize(repr(cells.distinct[0]), 40)
        place = table.place(cells.first_row(cells.distinct[0]), name)
        if (readings := two_readings(cells.distinct)) is not None:
            raise InputError(f"{place}: {shown} has two readings; {choice(readings)}")
        raise InputError(f"{place}: expected dates, all written alike, as 2024-01-31 or 31.1.2024, got {shown}")
    return np.array([*(_day(text, written) or 0.0 for text in cells.distinct), np.nan])[cells.codes]


def remark(texts: Sequence[str], *, day_first: bool | None) -> str:
    """Return what is said of a column of dates: their unit, and which of two readings holds where there are two."""
    if format_of(texts) == TIME:
        return "times, in days"
    readings = two_readings(texts)
    if readings is None or day_first is None:
        return "days since 1970"
    return f"days since 1970, the {'day' if day_first else 'month'} first; {choice(readings)}"


def choice(readings: tuple[str, str]) -> str:
    """Return what says which of two readings holds."""
    return f"data.day_first = true makes it {readings[0]}, false {readings[1]}"


def _all_fit(texts: Sequence[str], name: str) -> bool:
    return bool(texts) and all(_day(text, name) is not None for text in texts)


def _day(text: str, name: str) -> float | None:
    """Return the days from 1970 to a date, None if it is not one of this format."""
    if name == TIME:
        return _time(text)
    moment = _moment(text, name)
    return None if moment is None else moment.timestamp() / SECONDS_PER_DAY


def _time(text: str) -> float | None:
    """Return the days that a time of the day, or a duration, is; None if it is neither."""
    parts = _TIME.fullmatch(text)
    if parts is None:
        return None
    hours = int(parts[1])
    if parts[4] is not None:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if parts[4] in "Pp" else 0)
    return (hours * 3600 + int(parts[2]) * 60 + float(parts[3] or 0)) / SECONDS_PER_DAY


def _moment(text: str, name: str) -> datetime | None:
    if len(text) > LONGEST or not any(map(str.isdigit, text)) or text.isdigit():
        return None
    try:
        text = _MONTH.sub(r"\1", text) if "%b" in name else text
        moment = datetime.fromisoformat(text) if name == "iso" else datetime.strptime(text, name)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
