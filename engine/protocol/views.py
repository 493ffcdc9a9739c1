"""The arrays of each answer, by name, for both sides of the protocol. Each query declares its own.

In a message an array is named ``ID.name`` after its query, or ``@NUMBER.name`` after the request that asked for it.
``LAYER`` counts from 0. All insides are of the run's first seed. Axes: out and in of a layer, B rows of a batch, n
columns, K outputs, m rows shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from engine.protocol.queries import QUERIES, ArrayLayout, View

Arrays = Mapping[str, NDArray[Any]]
LAYOUTS: Mapping[View, tuple[ArrayLayout, ...]] = {
    query.model_fields["kind"].default: query.ARRAYS for query in QUERIES
}
"""The arrays that an answer of each kind may have; those that it has nothing for are left out."""


def layout_of(view: View, name: str) -> ArrayLayout | None:
    """Return the layout of an array by its name in an answer; None where an answer of this kind has none of it."""
    parts = name.split(".")
    for layout in LAYOUTS[view]:
        pattern = layout.name.split(".")
        if len(parts) == len(pattern) and all(_fits(part, of) for part, of in zip(parts, pattern, strict=True)):
            return layout
    return None


def _fits(part: str, pattern: str) -> bool:
    if pattern in {"LAYER", "INDEX"}:
        return part.isdecimal()
    return part == pattern or (pattern == "NAME" and bool(part))


def named(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Return the arrays of an answer, their shapes in ``ARRAYS``, under the names that they have in a message."""
    return {f"{prefix}.{name}": array for name, array in arrays.items()}


def reply_prefix(number: int) -> str:
    """Return what the names of the arrays begin with that answer request ``number``."""
    return f"@{number}"


def arrays_of(arrays: Arrays, prefix: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of one answer out of those of a message, under their own names."""
    start = f"{prefix}."
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}


def by_layer(arrays: Arrays, name: str = "") -> dict[int, NDArray[Any]]:
    """Return the arrays ``name.LAYER`` (``LAYER`` alone where there is no name) of an answer by their layer."""
    named_arrays = arrays_of(arrays, name) if name else arrays
    return {int(layer): array for layer, array in named_arrays.items() if layer.isdecimal()}
