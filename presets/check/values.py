"""Reading a value by the name that a claim gives it: an entry, a difference, an epoch's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import nearest

Values = Mapping[str, Any]
"""Measured values by name: numbers, texts, lists, or arrays."""

ENTRY = re.compile(r"(?P<name>.+?)\[(?P<index>-?\d+(?:,-?\d+)*)\]\Z")


def look_up(names: str | tuple[str, ...], lookup: Callable[[str], Any], scale: float = 1.0) -> Any:
    """Return the value of a name, or the list of values of several.

    Args:
        names: As in a figure's ``of``.
        lookup: Returns the value of a plain name.
        scale: What numbers are multiplied by.
    """
    if not isinstance(names, str):
        return [look_up(name, lookup, scale) for name in names]
    minuend, minus, subtrahend = names.partition(" - ")
    value = _entry(minuend, lookup)
    if minus:
        value = value - _entry(subtrahend, lookup)
    return value if scale == 1.0 else scale * np.asarray(value)


def from_table(values: Values) -> Callable[[str], Any]:
    """Return a lookup in a table of values; it raises a ValueError that offers the nearest of its names."""

    def lookup(name: str) -> Any:
        if name not in values:
            raise ValueError(f"there is no value {name!r}{nearest(name, values)}")
        return values[name]

    return lookup


def flat(values: Values) -> dict[str, Any]:
    """Return a table with the entries of its tables beside them, under both names: ``he / mean``."""
    figures: dict[str, Any] = {}
    for name, value in values.items():
        figures[name] = value
        if isinstance(value, Mapping):
            figures |= {f"{name} / {inner}": entry for inner, entry in flat(value).items()}
    return figures


def _entry(name: str, lookup: Callable[[str], Any]) -> Any:
    match = ENTRY.match(name)
    if match is None:
        return lookup(name)
    array: NDArray[Any] = np.asarray(lookup(match["name"]))
    return array[tuple(int(number) for number in match["index"].split(","))]


def band(values: Any) -> dict[str, float]:
    """Return the band of a value over seeds (S,): mean, extremes, median, and the 5 and 95 % points."""
    of_seeds = np.asarray(values, np.float64)
    p5, p50, p95 = np.percentile(of_seeds, [5, 50, 95])
    named = {"mean": of_seeds.mean(), "min": of_seeds.min(), "p5": p5, "p50": p50, "p95": p95, "max": of_seeds.max()}
    return {"n": len(of_seeds), **{name: float(value) for name, value in named.items()}}


def plain(value: Any, like: Any = None) -> Any:
    """Return a measured value as Python's own numbers, texts, lists and tables, in the shape of ``like``.

    Numbers that JSON has not (inf, nan) become their names.
    """
    if isinstance(value, np.ndarray | np.generic):
        value = _in_shape_of(np.asarray(value), like).tolist()
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return str(value) if isinstance(value, float) and not np.isfinite(value) else value


def _in_shape_of(array: NDArray[Any], like: Any) -> NDArray[Any]:
    """Return an array in another shape of as many entries: a single entry as a number, or as ``like``."""
    if array.size == 1:
        return array.reshape(())
    shape = np.shape(like) if like is not None else ()
    return array.reshape(shape) if int(np.prod(shape)) == array.size else array
