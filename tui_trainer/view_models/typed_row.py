"""A row of one's own for the by-hand screen: which values it takes, and what was typed for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.errors import InputError, nearest, sanitize
from engine.protocol.queries import ByHandQuery
from tui_trainer.view_models.by_hand_numbers import parse_number
from tui_trainer.view_models.by_hand_sample import Sample
from tui_trainer.view_models.run import RunModel

MOST_COLUMNS: Final = 100
"""More numbers than this are not typed into a line."""
OWN_ANSWER: Final = "what the network answers"


def raw_columns(run: RunModel) -> int:
    """Return how many values a row takes: the columns that are not derived from others."""
    return run.welcome.inputs - len(run.spec.data.derived) if run.has_recipe else 0


def can_type(run: RunModel) -> bool:
    """Return whether a row of so many values can be typed."""
    return 0 < raw_columns(run) <= MOST_COLUMNS


def text_of(sample: Sample | None, columns: int) -> str:
    """Return the values of the sample that is shown, to be changed; nothing where there is none."""
    if sample is None or sample.raw is None or len(sample.raw) < columns:
        return ""
    return " ".join(f"{value:.6g}" for value in sample.raw[:columns])


def parse_truth(text: str, classes: Sequence[str], outputs: int, where: str = "") -> tuple[float, ...]:
    """Return the number of a class, by its name or as it is, or the values of a regression.

    Raises:
        InputError: There is no such class, or not so many values.
    """
    if not classes:
        return parse_values(text, outputs, where)
    if text in classes:
        return (float(classes.index(text)),)
    if text.isdecimal() and int(text) < len(classes):
        return (float(text),)
    classes_there = nearest(text, classes) or f" (there: {sanitize(', '.join(classes), 160)})"
    raise InputError(f"{where}there is no class {sanitize(repr(text), 60)}{classes_there}")


def parse_values(text: str, columns: int, where: str = "") -> tuple[float, ...]:
    """Return the values that were typed, with blanks or semicolons between them, or commas and blanks.

    Raises:
        InputError: Another number of values, or one that is not a number.
    """
    separated = text.replace(";", " ").replace(", ", " ").split()
    if len(separated) == 1 and columns > 1:
        separated = text.split(",")
    if len(separated) != columns:
        expected = "a number" if columns == 1 else f"{columns} numbers with blanks between them"
        raise InputError(f"{where}expected {expected} (got {len(separated)})")
    try:
        return tuple(parse_number(each) for each in separated)
    except InputError as error:
        raise InputError(f"{where}{error}") from None


def query_of(values: tuple[float, ...], truth: tuple[float, ...] | None) -> ByHandQuery:
    """Return what asks for such a row."""
    return ByHandQuery(typed=values, truth=truth)
