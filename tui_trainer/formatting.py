"""Numbers as text: short, of steady width where they stand in columns, with a true minus sign."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Callable, Iterable

MINUS = "−"


def metric(value: float | None) -> str:
    """Return a loss or a score in few characters: ``0.0412``, ``12.34``, ``45210``, ``1.2e+6``, ``NaN``."""
    if value is None:
        return "–"
    size = abs(value)
    if not math.isfinite(size):
        return "NaN" if math.isnan(size) else _true_minus(f"{value}".replace("inf", "∞"))
    if size >= 1e6 or 0 < size < 1e-4:
        return _exponent(value)
    decimals = 4 if size < 1 else max(0, 4 - len(str(int(size))))
    return _true_minus(f"{value:.{decimals}f}")


def cell_text(value: object, digits: int = 6) -> str:
    """Return a table's cell as text: floats with so many significant digits, whole numbers whole, lists by commas."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple | list):
        return ", ".join(cell_text(each, digits) for each in value)
    if isinstance(value, float):
        return _significant(value + 0.0, digits)  # a zero has no sign
    if isinstance(value, int):
        return _true_minus(str(value))
    return "–" if value is None else str(value)


def are_numbers(cells: Iterable[object]) -> bool:
    """Return whether a column has numbers, and beside them at most cells without anything."""
    kinds = [type(cell) for cell in cells if cell is not None]
    return bool(kinds) and all(kind in {int, float} for kind in kinds)


def _significant(value: float, digits: int) -> str:
    """Return a number with so many significant digits, its exponent without zeros before it: ``−1.5e−7``."""
    if not math.isfinite(value):
        return metric(value)
    mantissa, e, exponent = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent):+d}".replace("-", MINUS) if e else _true_minus(mantissa)


def narrow(value: float | None, width: int, write: Callable[[float], str] | None = None) -> str:
    """Return a number in at most ``width`` characters: as ``write`` has it, as ``metric`` has, else in fewer digits.

    A number that is cut would be another one; where no notation fits there is an ellipsis: ``1.2e+11``, ``1.2e11``,
    ``1e11``, ``…``.
    """
    texts = [write(value)] if write and value is not None else []
    text = next((text for text in (*texts, metric(value)) if len(text) <= width), "…")
    if text != "…" or value is None or not math.isfinite(value):
        return text
    for digits in (1, 0):
        mantissa, exponent = f"{value:.{digits}e}".split("e")
        text = _true_minus(f"{mantissa.removesuffix('.0')}e{int(exponent)}")
        if len(text) <= width:
            return text
    return "…"


def cell_width(text: str) -> int:
    """Return how many cells a text takes: letters of East Asia two, marks on other letters none."""
    if text.isascii():
        return len(text)
    marks = sum(unicodedata.category(char) in {"Mn", "Me", "Cf"} for char in text)
    return len(text) - marks + sum(unicodedata.east_asian_width(char) in "WF" for char in text)


def ljust(text: str, width: int) -> str:
    """Return text filled up with blanks to so many cells; letters of East Asia take two."""
    return text + " " * (width - cell_width(text))


def rjust(text: str, width: int) -> str:
    """Return text with blanks before it, up to so many cells."""
    return " " * (width - cell_width(text)) + text


def within(text: str, width: int) -> str:
    """Return text cut to at most so many cells, with an ellipsis where it was cut."""
    if cell_width(text) <= width:
        return text
    kept, cells = "", 1
    for char in text:
        cells += cell_width(char)
        if cells > width:
            break
        kept += char
    return f"{kept}…" if width > 0 else ""


def numbered(name: str, number: int, width: int) -> str:
    """Return a name and its number in at most so many cells, of which the number is never cut."""
    return f"{within(name, width - len(str(number)) - 1)} {number}".strip()


def wrapped_text(text: str, width: int) -> list[str]:
    """Return text in lines of at most so many cells, broken at blanks where there are any; no line of no text."""
    if "\n" in text:
        return [line for part in text.split("\n") for line in wrapped_text(part, width)]
    lines, line = list[str](), ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if cell_width(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, max(2, width))
        lines += full
    return [*lines, line] if line else lines


def fitting_parts(text: str, width: int) -> str:
    """Return as many of a text's parts, which have dots between them, as fit; the first one in any case."""
    while cell_width(text) > width and " · " in text:
        text = text.rpartition(" · ")[0]
    return text


def first_lines(lines: list[str], most: int, width: int) -> list[str]:
    """Return the first lines of a text; where there are more, whole words and an ellipsis end the last one."""
    if len(lines) <= most:
        return lines
    last = lines[max(0, most - 1)]
    while cell_width(last) + 2 > width and " " in last:
        last = last.rpartition(" ")[0]
    return [*lines[: max(0, most - 1)], within(f"{last} …", width)]


def _pieces(word: str, width: int) -> list[str]:
    """Return a word in pieces of at most so many cells."""
    pieces = [""]
    for char in word:
        if cell_width(pieces[-1] + char) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces


def plain(value: float) -> str:
    """Return a hyperparameter as people write it: ``0.001``, ``2e-5``, ``32``."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return metric(value)
    if abs(value) < 1e-4 or abs(value) >= 1e6:
        return _exponent(value)
    return _true_minus(f"{value:.6f}".rstrip("0").rstrip("."))


def signed(value: float) -> str:
    """Return a weight with its sign and a steady width: ``+0.412``, ``−1.930``."""
    if not math.isfinite(value):
        return metric(value)
    if abs(value) >= 1000 or 0 < abs(value) < 5e-4:
        text = _exponent(value)
        return text if value < 0 else f"+{text}"
    return _true_minus(f"{value + 0.0:+.3f}")  # which makes of −0 a 0


def count(number: int) -> str:
    """Return a whole number with separators from five digits on: ``1000``, ``100,000``."""
    return f"{number:,}" if abs(number) >= 10_000 else str(number)


def per_second(rate: float | None) -> str:
    """Return a speed in two or three digits: ``0.4/s``, ``20/s``, ``1.3k/s``."""
    if rate is None or not math.isfinite(rate):
        return "–/s"
    if rate >= 10_000:
        return f"{rate / 1000:.0f}k/s"
    if rate >= 1000:
        return f"{rate / 1000:.1f}k/s"
    return f"{rate:.0f}/s" if rate >= 9.95 else f"{rate:.1f}/s"


def duration(seconds: float) -> str:
    """Return a span of time: ``42 s``, ``3:07``, ``2:05 h``, ``4 days``."""
    if not math.isfinite(seconds):
        return "–"
    whole = max(0, math.ceil(seconds))
    if whole < 100:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    if whole < 48 * 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
    return f"{whole // 86400} days"


def percent(fraction: float) -> str:
    """Return a dropout rate: ``20%``, ``12.5%``."""
    return f"{fraction * 100:.1f}".rstrip("0").rstrip(".") + "%"


def _exponent(value: float) -> str:
    mantissa, exponent = f"{value:.1e}".split("e")
    sign = "+" if int(exponent) > 0 else ""
    return _true_minus(f"{mantissa.removesuffix('.0')}e{sign}{int(exponent)}")


def _true_minus(text: str) -> str:
    return MINUS + text[1:] if text.startswith("-") else text


def json_line(entry: object) -> str:
    """Return ``entry`` as one line of JSON in which nothing is a control to a terminal: such characters are escaped."""
    text = json.dumps(entry, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
