"""The signs of rows on the boundary: classes by shape or letter, parts of the data filled or hollow."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from tui_trainer.formatting import cell_width
from tui_trainer.themes.inks import BRIGHT_PEN, DARK_PEN, HUES, sign_ink, tile_tint
from tui_trainer.view_models.boundary import BoundarySnapshot, finite_range

TRAIN_SHAPES: Final = "●▲■◆★▼▶◀"
VALIDATION_SHAPES: Final = "○△□◇☆▽▷◁"
LETTERS: Final = string.ascii_uppercase + string.digits

NO_TILE: Final = -1
"""In place of a sign's tint: it stands on that of the pixel below it."""


@dataclass(frozen=True)
class ClassSigns:
    """The signs of a run's classes.

    Attributes:
        filled: Those of training rows.
        hollow: Those of validation rows.
        are_letters: Whether they are letters; then a filled one is dark on a tile of its class's colour.
    """

    filled: str
    hollow: str
    are_letters: bool

    def ink(self, number: int, ground: int, *, is_filled: bool) -> int:
        """Return the ink of a class's sign on a ground."""
        if self.are_letters and is_filled:
            return sign_ink(DARK_PEN, tile_tint(number))
        return sign_ink(number % HUES, ground)


@dataclass(frozen=True)
class PointSigns:
    """The signs of points.

    Attributes:
        codes: (m,) code points.
        pens: (m,) pens.
        tiles: (m,) tints they stand on, ``NO_TILE`` for that of the field.
    """

    codes: NDArray[np.uint32]
    pens: NDArray[np.int64]
    tiles: NDArray[np.int64]

    def at(self, points: NDArray[np.int64]) -> PointSigns:
        """Return the signs of some of the points (m,), in their order."""
        return PointSigns(self.codes[points], self.pens[points], self.tiles[points])


def class_signs(names: Sequence[str]) -> ClassSigns:
    """Return the signs of classes of these names; values have those of a single class.

    Up to eight have a shape each. More have a letter each: one of its name, the first that no other class has, so that
    the digit 8 is an 8.
    """
    if len(names) <= len(TRAIN_SHAPES):
        return ClassSigns(TRAIN_SHAPES, VALIDATION_SHAPES, are_letters=False)
    letters = _letters(names)
    return ClassSigns(letters, letters, are_letters=True)


def point_signs(snapshot: BoundarySnapshot, names: Sequence[str]) -> PointSigns:
    """Return the signs of a snapshot's points: by their true class and part, of values blue, white or orange."""
    signs, parts = class_signs(names), np.minimum(snapshot.parts, 1)
    is_value = snapshot.answer == "value"
    numbers = np.zeros(len(snapshot.labels), np.int64) if is_value else class_numbers(snapshot.labels)
    codes = np.array([[ord(sign) for sign in row] for row in (signs.filled, signs.hollow)], np.uint32)
    is_tile = np.asarray(signs.are_letters & (parts == 0))
    pens = _value_pens(snapshot) if is_value else np.where(is_tile, DARK_PEN, numbers % HUES)
    return PointSigns(codes[parts, numbers % codes.shape[1]], pens, np.where(is_tile, tile_tint(numbers), NO_TILE))


def class_numbers(labels: Floats) -> NDArray[np.int64]:
    """Return labels (m,) as class numbers; a label that belongs to no class counts as the first."""
    return np.where((labels >= 0) & (labels < 2**31), labels, 0).astype(np.int64)


def drawing_order(snapshot: BoundarySnapshot) -> NDArray[np.int64]:
    """Return (m,), the points in the order in which they are drawn: mistakes last, so that they are seen."""
    return np.lexsort((snapshot.parts, snapshot.wrong))


def _value_pens(snapshot: BoundarySnapshot) -> NDArray[np.int64]:
    """Return each point's pen, (m,): blue, white, orange for low, middling, high."""
    low, high = finite_range(snapshot.labels)
    shares = (snapshot.labels - low) / (high - low) if high > low else np.full(len(snapshot.labels), 1 / 3)
    thirds = np.nan_to_num(np.clip(shares, 0, 1) * 3, nan=1).astype(np.int64)
    return np.asarray(np.array([0, BRIGHT_PEN, 1])[np.minimum(2, thirds)])


def _letters(names: Sequence[str]) -> str:
    """Return a letter for each class, first for those whose name is a single one; beyond all letters they repeat."""
    letters: dict[int, str] = {}
    for number in sorted(range(len(names)), key=lambda number: len(names[number]) != 1):
        free = (letter for letter in chain(_candidates(names[number]), LETTERS) if letter not in letters.values())
        letters[number] = next(free, LETTERS[number % len(LETTERS)])
    return "".join(letters[number] for number in range(len(names)))


def _candidates(name: str) -> list[str]:
    return [char for char in name.upper() if char.isalnum() and cell_width(char) == 1]
