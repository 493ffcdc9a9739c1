"""A row of one's own for the by-hand screen: which values it takes, and what was typed for them."""

from __future__ import annotations

from typing import Final

from engine.errors import InputError
from engine.protocol.commands import ByHandQuery
from tui_trainer.view_models.by_hand import Sample, parse_number
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


def parse_values(text: str, columns: int) -> tuple[float, ...]:
    """Return the values that were typed, with blanks or semicolons between them, or commas and blanks.

    Raises:
        InputError: Not so many, or one that is no number.
    """
    separated = text.replace(";", " ").replace(", ", " ").split()
    if len(separated) == 1 and columns > 1:
        separated = text.split(",")
    if len(separated) != columns:
        raise InputError(
            f"expected {columns} number{'s' * (columns > 1)} with blanks between them (got {len(separated)})"
        )
    return tuple(parse_number(each) for each in separated)


def query_of(values: tuple[float, ...], truth: tuple[float, ...] | None) -> ByHandQuery:
    """Return what asks for such a row."""
    return ByHandQuery(typed=values, truth=truth)
