"""Inks: what a cell says, as a number, before any theme has given it a colour.

View models and widgets draw with inks alone, so that a theme can be swapped under them. An ink is one of three kinds:

- below ``HEAT_BASE`` a member of ``Ink``: what a text is (muted, an error, the training curve);
- from ``HEAT_BASE`` on a pair of heat levels, see ``heat``: two values of a matrix, one above the other;
- from ``FIELD_BASE`` on a pair of tints, see ``halves``: two pixels of a field; or a sign in a pen on a tint, see
  ``sign_ink``.

This module knows neither Textual nor Rich; ``palette`` and ``field`` have the colours.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Level = TypeVar("Level", int, NDArray[np.int64])
"""A number, or an array of them."""


class Ink(IntEnum):
    """What the text of a cell says."""

    TEXT = 0
    BRIGHT = 1
    MUTED = 2
    FAINT = 3
    ACCENT = 4
    SELECTED = 5
    KEY = 6
    TRAIN = 7
    VALIDATION = 8
    TRAIN_RANGE = 9
    VALIDATION_RANGE = 10
    GOOD = 11
    WARNING = 12
    ERROR = 13
    MARKER = 14
    OTHER_1 = 15
    OTHER_2 = 16
    OTHER_3 = 17
    OTHER_4 = 18


HEAT_STEPS: Final = 7
"""Heat levels on either side of zero."""

HEAT_MARK: Final = HEAT_STEPS + 1
"""What a sign on a dark level is drawn in."""

HEAT_DARK_MARK: Final = HEAT_STEPS + 2
"""What a sign on a bright level is drawn in."""

HEAT_EMPTY: Final = HEAT_STEPS + 3
"""The level of a half cell outside the matrix."""

HEAT_LEVELS: Final = 2 * HEAT_STEPS + 4
HEAT_BASE: Final = 64
"""The first ink that is a pair of heat levels."""


def heat(top: Level, bottom: Level) -> Level:
    """Return the ink of an upper half block ``▀`` whose halves show these levels, −7 … 7 or one of the special ones."""
    return HEAT_BASE + (top + HEAT_STEPS) * HEAT_LEVELS + bottom + HEAT_STEPS


def heat_sign(level: int) -> int:
    """Return the ink of a sign that stands on a level, whose colour is its ground."""
    return heat(HEAT_DARK_MARK if HEAT_STEPS // 2 < abs(level) <= HEAT_STEPS else HEAT_MARK, level)


PROBABILITY_STEPS: Final = 5
"""Tints of a probability, from surely the first class to surely the second."""

VALUE_STEPS: Final = 7
"""Tints of a value, from low to high."""

HUES: Final = 10
"""Classes that have colours of their own."""

CLASSES: Final = 2 * HUES
"""Classes that look different; of those beyond ``HUES`` the field has a texture. Further ones begin anew."""

GREYS: Final = 24
"""Greys of a picture, from black to white."""

# Tints are numbered in this order: probabilities, values, classes sure and unsure, tiles, greys, and three for
# themselves.
FIRST_VALUE: Final = PROBABILITY_STEPS
FIRST_CLASS: Final = FIRST_VALUE + VALUE_STEPS
_FIRST_TILE: Final = FIRST_CLASS + 2 * CLASSES
_FIRST_GREY: Final = _FIRST_TILE + HUES

EMPTY: Final = _FIRST_GREY + GREYS
"""The tint outside of the field, and of what is not a number."""

LINE: Final = EMPTY + 1
"""The tint of the line between two answers."""

SPOT: Final = EMPTY + 2
"""The tint under a sign that is to be seen at once."""

TINTS: Final = EMPTY + 3
PENS: Final = HUES + 2
BRIGHT_PEN: Final = HUES
DARK_PEN: Final = HUES + 1

FIELD_BASE: Final = 1024
"""The first ink that is a pair of tints."""

SIGN_BASE: Final = FIELD_BASE + TINTS**2
"""The first ink that is a sign on a tint."""


def probability_tint(step: Level) -> Level:
    """Return the tint of a probability's step, from 0 (surely the first class) to ``PROBABILITY_STEPS`` − 1."""
    return step


def value_tint(step: Level) -> Level:
    """Return the tint of a value's step, from 0 (low) to ``VALUE_STEPS`` − 1."""
    return FIRST_VALUE + step


def class_tint(number: Level, sure: Level) -> Level:
    """Return the tint of a class, in the stronger of its two where ``sure`` is 1."""
    return FIRST_CLASS + number % CLASSES + CLASSES * (1 - sure)


def class_of(tint: int) -> tuple[int, bool] | None:
    """Return the class of a tint, and whether it is the stronger of its two; None for any other tint."""
    number = tint - FIRST_CLASS
    return (number % CLASSES, number < CLASSES) if 0 <= number < 2 * CLASSES else None


def tile_tint(number: Level) -> Level:
    """Return the light tint of a class that its filled signs stand on where they are letters."""
    return _FIRST_TILE + number % HUES


def is_tile(tint: int) -> bool:
    """Return whether filled signs stand on a tint."""
    return _FIRST_TILE <= tint < _FIRST_GREY


def grey_tint(step: Level) -> Level:
    """Return a grey, from 0 (black) to ``GREYS`` − 1."""
    return _FIRST_GREY + step


def halves(top: Level, bottom: Level) -> Level:
    """Return the ink of a cell ``▀`` whose halves have these tints."""
    return FIELD_BASE + top * TINTS + bottom


def sign_ink(pen: Level, tint: Level) -> Level:
    """Return the ink of a sign: a pen (that of a class is its number modulo ``HUES``) on a tint."""
    return SIGN_BASE + pen * TINTS + tint
