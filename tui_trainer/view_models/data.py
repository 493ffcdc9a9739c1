"""The data of a run, without a screen: a sample of its rows, the ranges of its columns, how it was divided."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import sanitize
from engine.spec import ScalerSpec, SplitSpec
from tui_trainer.formatting import metric, narrow, percent, plain
from tui_trainer.themes.inks import EMPTY, GREYS, grey_tint
from tui_trainer.view_models.boundary import Tints, resized
from tui_trainer.view_models.run import RunModel

Floats = NDArray[np.float64]
Word = Callable[[str], str]

PARTS = ("train", "validation", "test")
"""Keys of the glossary, in the order in which the engine numbers the parts."""

NARROWEST, WIDEST = 8, 14
FIGURE = NARROWEST - 1
"""Cells of the longest figure: a column is at least one wider."""
"""Columns of cells of one column of the data, and the blank after it."""


@dataclass
class Selection:
    """The row of the sample that is looked at, shared by the panes that show it."""

    row: int = 0


@dataclass(frozen=True)
class Contents:
    """What the worker has told of the data.

    Attributes:
        raw: (n, 4) lowest, highest, mean and standard deviation of each column over the training rows.
        scaled: (n, 4) the same as the network sees them.
        counts: (3, C) rows of each part by class; C is 1 without classes.
        values: (m, n) some rows of the training and the validation part, in the units of the source.
        targets: (m, K) their classes or values.
        rows: (m,) their row numbers in the table.
        parts: (m,) 0 train, 1 validation.
    """

    raw: Floats
    scaled: Floats
    counts: NDArray[np.int64]
    values: Floats
    targets: Floats
    rows: NDArray[np.int64]
    parts: NDArray[np.uint8]


def contents_of(run: RunModel) -> Contents | None:
    """Return what is known of the data, None before the worker has told of it."""
    arrays = run.data
    if not arrays:
        return None
    return Contents(
        raw=arrays["raw"],
        scaled=arrays["scaled"],
        counts=arrays["counts"],
        values=arrays["sample"],
        targets=arrays["sample_y"],
        rows=arrays["sample_rows"],
        parts=arrays["sample_parts"],
    )


def target_text(classes: Sequence[str], target: Sequence[float] | Floats, limit: int = 12) -> str:
    """Return a row's class, or its values, from its targets (K,)."""
    if classes and 0 <= target[0] < len(classes):
        return sanitize(classes[int(target[0])], limit)
    figures = [figure(float(value)) for value in target]
    whole = sum(end < limit for end in itertools.accumulate(len(text) + 1 for text in figures))
    return " ".join(figures if len(" ".join(figures)) <= limit else [*figures[:whole], "…"])


def figure(value: float) -> str:
    """Return a value of the data: whole numbers as such, others in four digits or so."""
    rounded = float(f"{value:.4g}")
    is_whole = math.isfinite(rounded) and rounded == round(rounded) and abs(rounded) < 1e6
    return plain(rounded) if is_whole else narrow(value, FIGURE)


def range_texts(figures: Sequence[float]) -> list[str]:
    """Return a column's lowest and highest value, mean and standard deviation; a mean that is only rounding is 0."""
    low, high, *others = figures
    rounding = 1e-6 * max(abs(low), abs(high))
    return [figure(low), figure(high), *(figure(0 if abs(other) < rounding else other) for other in others)]


def value_texts(column: Floats) -> list[str]:
    """Return the values of a column (m,), all with a fraction where one of them has."""
    whole = np.isfinite(column).all() and (column == np.rint(column)).all()
    return [figure(value) if whole else narrow(value, FIGURE) for value in column.tolist()]


def column_width(name: str) -> int:
    """Return how many cells a column of the table takes, its blank included."""
    return min(max(len(name) + 1, NARROWEST), WIDEST)


def segments(counts: Sequence[int], width: int) -> list[int]:
    """Return how many of ``width`` cells each count has in a bar; they add up to it, and none of a class is left out.

    A class of few rows gets a cell as long as there are enough of them; an empty one gets none.
    """
    total = sum(counts)
    if not total or width < 1:
        return [0] * len(counts)
    edges = np.rint(np.cumsum([0, *counts]) / total * width).astype(int)
    cells = np.diff(edges)
    while True:
        lacking = [i for i, number in enumerate(counts) if number and not cells[i]]
        if not lacking or cells.max() < 2:
            return [int(cell) for cell in cells]
        cells[lacking[0]] += 1
        cells[cells.argmax()] -= 1


def split_text(spec: SplitSpec, rows: tuple[int, int, int], word: Word) -> str:
    """Return how the rows were divided, in a sentence."""
    drawn = [
        f"{percent(fraction)} {word(part)}"
        for part, fraction in (("validation", spec.validation), ("test", spec.test))
        if fraction
    ]
    own = [
        word(part)
        for part, fraction, number in zip(PARTS[1:], (spec.validation, spec.test), rows[1:], strict=True)
        if number and not fraction
    ]
    if not drawn and not own:
        return f"not divided: every row is one of {word('train')}"
    said = [f"of all rows {' and '.join(drawn)}, drawn with seed {spec.seed}"] if drawn else []
    said += [f"{' and '.join(own)} as the data itself says"] if own else []
    said += ["each class in its share"] if spec.stratify else ["without regard to class"] if drawn else []
    return ", ".join(said)


def scaler_text(spec: ScalerSpec, word: Word) -> str:
    """Return how inputs and targets were scaled, in a sentence."""
    targets = "; targets to mean 0 and standard deviation 1" if spec.targets == "standard" else ""
    how = {
        "none": "not scaled: the network sees the columns as they are",
        "standard": "scaled to mean 0 and standard deviation 1",
        "minmax": "scaled to 0 … 1, lowest to highest",
        "divide": f"divided by {spec.divisor if isinstance(spec.divisor, str) else metric(spec.divisor)}",
    }[spec.kind]
    if spec.kind == "none":
        return f"{how}{targets}"
    return f"{how}; measured on {'all rows' if spec.fit == 'all' else word('train')}{targets}"


def share_text(number: int, total: int) -> str:
    """Return a count and its share of a whole, in nine cells up to 99,999: ``  214 63%``, ``  341 all``."""
    if number == total:
        return f"{number:>5} all"
    return f"{number:>5}{min(99, round(100 * number / total)):>3}%"


def grey_pixels(values: Floats, shape: tuple[int, int], ends: tuple[float, float], height: int, width: int) -> Tints:
    """Return a row of the data as a picture in grey tints, as large as fits, its proportions kept.

    Args:
        values: (n,) the row, its pixels from the top left corner, line by line.
        shape: Height and width of the picture; their product is n.
        ends: The values that are black and white.
        height: Pixels down there is room for.
        width: Pixels across.
    """
    low, high = ends
    with np.errstate(invalid="ignore"):
        steps = (values.reshape(shape) - low) / (high - low if high > low else 1) * (GREYS - 1)
    finite = np.nan_to_num(np.rint(steps.clip(0, GREYS - 1))).astype(np.int64)
    tints = np.where(np.isfinite(steps), grey_tint(finite), EMPTY)
    scale = min(height / shape[0], width / shape[1])
    scale = math.floor(scale) if scale >= 1 else scale
    return resized(tints, max(1, int(shape[0] * scale)), max(1, int(shape[1] * scale)))


def grey_ends(raw: NDArray[Any]) -> tuple[float, float]:
    """Return the lowest and the highest value of any pixel, from the figures (n, 4) of the training rows."""
    return float(np.nanmin(raw[:, 0])), float(np.nanmax(raw[:, 1]))
