"""From a printed figure and a measured value to a verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from presets.claims import Claim, Figure, Verdict

NOT_AGAINST: Final[set[Verdict]] = {"holds", "inside"}
BAND_KEYS = frozenset({"n", "mean", "p5", "p95"})
"""A value over seeds is a table with these keys, and others."""


class Judgement(NamedTuple):
    """What became of a figure.

    Attributes:
        verdict: How the printed figure compares with the measured one; where none is printed, how ours does.
        is_documented: Whether this verdict and this value are what the claim says.
        why: The claim's reason; or what was expected, where that did not come out.
    """

    verdict: Verdict
    is_documented: bool
    why: str | None


def judge(claim: Claim, figure: Figure, measured: Any) -> Judgement:
    """Return the verdict on a measured value: a number, text, list, matrix, or a band over seeds."""
    agrees = _agrees_with_ours(claim, figure, measured)
    verdict = _verdict(figure, measured, agrees=agrees)
    # Where rounding may move a figure within its band, its digits come out on one machine and not on the next.
    is_expected = verdict == figure.verdict or (figure.band is not None and {verdict, figure.verdict} <= NOT_AGAINST)
    if is_expected and agrees:
        return Judgement(verdict, True, figure.why)
    expected = f"the verdict {figure.verdict}" if agrees else _expectation(figure)
    return Judgement(verdict, False, f"expected {expected}, got {verdict} with {shown(measured)}")


def is_band(value: Any) -> bool:
    """Return whether a value is a band over seeds."""
    return isinstance(value, dict) and value.keys() >= BAND_KEYS


def shown(value: Any) -> str:
    """Return a value in few digits."""
    if is_band(value):
        return f"{shown(value['mean'])} ({shown(value['p5'])} to {shown(value['p95'])})"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def printed(value: Any) -> str:
    """Return a printed figure in one line."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(printed, value)) + "]"
    return str(value)


def number(text: str) -> Decimal | None:
    """Return what a printed figure is as a number, or None where it is words."""
    try:
        decimal = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return decimal if decimal.is_finite() else None


def _verdict(figure: Figure, measured: Any, *, agrees: bool) -> Verdict:
    published = [] if figure.published is None else list(_flat(figure.published))
    if not published:
        plain: Verdict = "inside" if is_band(measured) or figure.band else "holds"
        return plain if agrees else "differs"
    numbers = [number(text) for text in published]
    if any(each is None for each in numbers) or _has_bounds(figure):
        return "holds" if _statement_holds(figure, measured) else "differs"
    printed_numbers = [each for each in numbers if each is not None]
    values = [_center(value) for value in _flat(measured)]
    rounds = len(values) == len(printed_numbers) and all(map(_rounds_to, values, printed_numbers))
    if rounds and not is_band(measured):
        return "holds"
    if figure.band is None and not is_band(measured):
        return "differs"
    low, high = figure.band or (measured["p5"], measured["p95"])
    compared = [*map(float, printed_numbers), *(values if figure.band is not None else ())]
    return "inside" if all(low <= value <= high for value in compared) else "differs"


def _rounds_to(value: float, published: Decimal) -> bool:
    """Return whether a value has the printed digits, rounded up or down where it lies between two."""
    exponent = published.as_tuple().exponent
    if not math.isfinite(value) or not isinstance(exponent, int):
        return False
    half = Decimal(5).scaleb(exponent - 1)
    return abs(Decimal(value) - published) <= half * Decimal("1.000001")


def _has_bounds(figure: Figure) -> bool:
    return figure.at_least is not None or figure.at_most is not None


def _statement_holds(figure: Figure, measured: Any) -> bool:
    """Return whether a sentence is true of what is measured: within its bounds, or the very words."""
    if not _has_bounds(figure):
        return list(_flat(figure.published)) == [str(value) for value in _flat(measured)]
    low = -math.inf if figure.at_least is None else figure.at_least
    high = math.inf if figure.at_most is None else figure.at_most
    return all(low <= _center(value) <= high for value in _flat(measured))


def _agrees_with_ours(claim: Claim, figure: Figure, measured: Any) -> bool:
    """Return whether what is measured is what the claim says comes out here."""
    values = list(_flat(measured))
    if figure.band is not None and not all(figure.band[0] <= _center(value) <= figure.band[1] for value in values):
        return False
    if figure.ours is None:
        return True
    expected = list(_flat(figure.ours))
    return len(values) == len(expected) and all(
        _is_close(value, one, figure.within, claim.tolerance) for value, one in zip(values, expected, strict=True)
    )


def _is_close(value: Any, expected: Any, within: float | None, relative: float) -> bool:
    if isinstance(expected, bool | str) or isinstance(value, bool | str):
        return bool(value == expected)
    distance = abs(_center(value) - float(expected))
    # Ten digits are written down, so what is exactly zero there may be 1e-13 here.
    return distance <= (within if within is not None else relative * abs(float(expected)) + 1e-13)


def _center(value: Any) -> float:
    """Return a number, of a band its mean."""
    try:
        return float(value["mean"] if is_band(value) else value)
    except (TypeError, ValueError):
        return math.nan


def _flat(value: Any) -> Iterator[Any]:
    """Yield the entries of a list or a matrix, or a single value."""
    if isinstance(value, list | tuple):
        for entry in value:
            yield from _flat(entry)
    else:
        yield value


def _expectation(figure: Figure) -> str:
    parts = [] if figure.ours is None else [shown(figure.ours)]
    if figure.band is not None:
        parts.append(f"{figure.band[0]:g} to {figure.band[1]:g}")
    return " within ".join(parts)
