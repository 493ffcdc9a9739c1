"""Numbers as the world writes them: decimal and thousands signs, currencies, per cent.

A column's notation is found from its cells alone where they admit one reading (``28,7``; ``1.234,50``), from the file's
other columns where they admit two (``1,200``), and never guessed: what stays ambiguous is refused, with the option that
decides it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from engine.data.labels import number

MARKS = {",": "comma", ".": "point", " ": "space", "'": "apostrophe"}
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{FIGURE SPACE}", " "),
        **dict.fromkeys("\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}", "'"),
        **dict.fromkeys("\N{MINUS SIGN}\N{EN DASH}\N{FULLWIDTH HYPHEN-MINUS}", "-"),
        **dict.fromkeys("\N{ARABIC THOUSANDS SEPARATOR}\N{FULLWIDTH COMMA}", ","),
        **dict.fromkeys("\N{ARABIC DECIMAL SEPARATOR}\N{FULLWIDTH FULL STOP}", "."),
        **dict.fromkeys("\N{ARABIC PERCENT SIGN}\N{FULLWIDTH PERCENT SIGN}", "%"),
    }
)
"""Signs that look or mean alike."""
_CODES = "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF INR JPY KRW MXN NOK NZD PLN RUB SEK SGD TRY USD ZAR"
_SHORT = "Fr Ft Kč kr zł"
_CURRENCY = rf"(?:(?:US|R|A|C|NZ|HK)?[$€£¥₹₽₩₺₪₫₴฿₱]|{'|'.join([*_CODES.split(), *_SHORT.split()])})\.?"


@dataclass(frozen=True)
class Notation:
    """How numbers are written: the decimal sign, and the thousands sign or "" where there is none."""

    decimal: str = "."
    thousands: str = ""


@dataclass(frozen=True)
class Reading:
    """One way to read the cells of a column.

    Attributes:
        notation: The signs.
        numbers: By cell, the number in Python's notation (``1.234,50`` is "1234.50"), where that is another text.
        remarks: What is unlike Python's notation, for the reader of the data; empty if nothing is.
        is_plain: Whether all cells are in Python's notation.
        measured: Whether the cells cannot be labels: they have a currency, a per cent or a thousands sign.
    """

    notation: Notation = field(default_factory=Notation)
    numbers: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    measured: bool = False
    is_plain: bool = False

    def number(self, cell: str) -> float | None:
        """Return the number that ``cell`` is, or None."""
        return number(self.numbers.get(cell, cell))

    @property
    def decimal_shown(self) -> str | None:
        """The decimal sign that the cells prove where this is their only reading, or None."""
        signs = {sign for cell in self.numbers for sign in _signs_within(cell)}
        return self.notation.decimal if signs & {",", "."} else None


def notations(decimal: str | None, thousands: str | None) -> Iterator[Notation]:
    """Yield every notation that agrees with the options; None leaves a sign open."""
    for point in [decimal] if decimal else [".", ","]:
        for group in [thousands] if thousands is not None else ["", ",", ".", " ", "'"]:
            if group != point:
                yield Notation(point, group)


def readings(cells: Collection[str], candidates: Iterable[Notation]) -> list[Reading]:
    """Return the ways to read all of ``cells`` as numbers, one for each different result."""
    different: dict[tuple[float, ...], Reading] = {}
    every, text = list(candidates), _normalized("".join(cells))
    for notation in every:
        if notation.thousands and notation.thousands not in text and Notation(notation.decimal) in every:
            continue  # the same as without
        reading = _read(cells, notation)
        if reading is not None:
            different.setdefault(tuple(map(float, reading.numbers.values())), reading)
    return list(different.values())


def is_number(cell: str) -> bool:
    """Tell whether ``cell`` is a number in some notation."""
    return number(cell) is not None or any(_canonical(cell, notation) for notation in notations(None, None))


def grouped_reading(cells: Collection[str]) -> Reading | None:
    """Return plain numbers as read with points for thousands signs (``1.200``, ``950``), if all of them can be."""
    return _read(cells, Notation(",", ".")) if any("." in cell for cell in cells) else None


def _read(cells: Collection[str], notation: Notation) -> Reading | None:
    numbers = _digits_alone(cells, notation)
    if numbers is not None:
        return _reading(cells, notation, numbers, set())
    numbers = {}
    units: set[str] = set()
    for cell in cells:
        parsed = _canonical(cell, notation)
        if parsed is None:
            return None
        numbers[cell], unit = parsed
        units.add(unit)
    if len(units - {""}) > 1 or ("%" in units and len(units) > 1):  # two currencies, or 5 beside 5%
        return None
    return _reading(cells, notation, numbers, units)


def _digits_alone(cells: Collection[str], notation: Notation) -> dict[str, str] | None:
    """Return numbers by cell where all have digits and signs alone; a ninth of the time that ``_canonical`` takes.

    None where any is written otherwise, or is not a number.
    """
    text = "\n".join([*cells, ""])
    if not text.isascii() or not _lines_of_digits(notation).fullmatch(text):
        return None
    plain = text.replace(notation.thousands, "") if notation.thousands else text
    return dict(zip(cells, plain.replace(notation.decimal, ".").split("\n"), strict=False))


@cache
def _lines_of_digits(notation: Notation) -> re.Pattern[str]:
    point, group = re.escape(notation.decimal), re.escape(notation.thousands)
    grouped = rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})++(?=[\neE{point}])|" if group else ""
    return re.compile(rf"(?>-?+(?>{grouped}\d++)(?:{point}\d*+)?+(?:[eE][+-]?+\d{{1,4}})?+\n)*+")


def _reading(cells: Collection[str], notation: Notation, numbers: dict[str, str], units: set[str]) -> Reading:
    marks = _signs_within("\n".join(cells))
    decimal = [f"decimal {MARKS[notation.decimal]}"] if notation.decimal == "," and "," in marks else []
    thousands_text = [f"thousands {MARKS[notation.thousands]}"] if notation.thousands in marks else []
    thousands_text += ["per cent, as fractions" if unit == "%" else f"in {unit}" for unit in sorted(units - {""})]
    return Reading(notation, numbers, (*decimal, *thousands_text), measured=bool(thousands_text))


def _canonical(cell: str, notation: Notation) -> tuple[str, str] | None:
    """Return the number in Python's notation and its unit (a currency, "%" or ""), or None if it is not a number."""
    match = _pattern(notation).fullmatch(_normalized(cell))
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    if (match["before"] and match["after"]) or (match["sign"] and match["inner"]):
        return None
    digits = match["digits"].replace(notation.thousands, "") if notation.thousands else match["digits"]
    exponent = int(match["exponent"] or 0) - (2 if match["after"] == "%" else 0)
    negative = "-" in {match["sign"], match["inner"]} or match["open"] is not None
    text = digits.replace(notation.decimal, ".") + (f"e{exponent}" if exponent else "")
    return ("-" if negative else "") + text, (match["before"] or match["after"] or "").rstrip(".")


@cache
def _pattern(notation: Notation) -> re.Pattern[str]:
    point, group = re.escape(notation.decimal), re.escape(notation.thousands)
    first, whole = r"(?![0٠۰०])\d", r"\d+"
    if group:
        whole = rf"{first}\d{{0,2}}(?:{group}\d{{3}})+|{whole}"  # 0,125 has no thousands
    if notation.thousands == ",":
        whole = rf"{first}\d?(?:,\d\d)+,\d{{3}}|{whole}"  # lakh and crore: 12,34,567
    return re.compile(
        rf"(?P<open>\()?(?P<sign>[+-])?\s?(?P<before>{_CURRENCY})?\s?(?P<inner>[+-])?"
        rf"(?P<digits>(?:{whole})(?:{point}\d*)?|{point}\d+)(?:[eE](?P<exponent>[+-]?\d{{1,4}}))?"
        rf"\s?(?P<after>%|{_CURRENCY})?(?P<close>\))?"
    )


def _normalized(cell: str) -> str:
    return cell if cell.isascii() else cell.translate(_ALIKE)


def _signs_within(cell: str) -> set[str]:
    """Return the decimal and thousands signs that may stand among the digits of ``cell``."""
    text = _normalized(cell)
    return {sign for sign, within in _WITHIN.items() if sign in text and within.search(text)}


_WITHIN = {sign: re.compile(rf"(?<=\d)[{sign}](?=\d)") for sign in " '"}
_WITHIN |= {sign: re.compile(rf"[{sign}](?=\d)") for sign in ",."}
