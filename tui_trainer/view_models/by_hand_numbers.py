"""How the numbers of a sample's way are written, and read when they are typed."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from engine.errors import InputError
from tui_trainer.formatting import MINUS, metric

ALMOST_ONE: Final = 0.9995
"""What would be 1 in four digits is written in seven."""


def number(value: float) -> str:
    """Return a number of the way as people write it: in four digits that count, no zeros at the end."""
    if math.isfinite(value) and 0 < abs(value) < 1:
        digits = 4 if abs(value) < ALMOST_ONE else 7
        mantissa, e, exponent = f"{abs(value):.{digits}g}".partition("e")
        return f"{MINUS if value < 0 else ''}{mantissa}{e}{int(exponent) if e else ''}"
    text = metric(value + 0.0)  # which makes of −0 a 0
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def short_number(value: float) -> str:
    """Return a number in three digits that count, where there is little room."""
    if not math.isfinite(value) or abs(value) >= 1000:
        return number(value)
    mantissa, e, exponent = f"{abs(value):.3g}".partition("e")
    return f"{MINUS if value < 0 else ''}{mantissa}{e}{int(exponent) if e else ''}"


def column_number(value: float) -> str:
    """Return a number as it stands in a column: with four decimals, so that the points are below each other."""
    if 0 < abs(value) < 1e-3:
        digits = sum(abs(value) > smallest for smallest in (1e-99, 1e-9)) + 1  # all in nine cells
        mantissa, _, exponent = f"{abs(value):.{digits}e}".partition("e")
        return f"{MINUS if value < 0 else ''}{mantissa}e{int(exponent)}"
    if not abs(value) < 1000 or value == round(value):
        return number(value)
    return f"{value:.4f}".replace("-", MINUS)


def parse_number(text: str) -> float:
    """Return the number that a text is.

    Raises:
        InputError: Not a number.
    """
    typed = text.strip().replace("−", "-")
    try:
        value = float(typed.replace(",", "."))
    except ValueError:
        raise InputError("expected a number, as in 0.3 or -2e-3") from None
    if not np.isfinite(value):
        raise InputError("expected a number, as in 0.3 or -2e-3")
    return value
