"""The arrays of each answer: names, shapes, meanings. They stand here once, for who builds them and who reads them.

In a message an array is named ``ID.name`` after its query, or ``@NUMBER.name`` after the request that asked for it.
``LAYER`` counts from 0. All insides are of the run's first seed. Axes: out and in of a layer, B rows of a batch, n
columns, K outputs, m rows shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from numpy.typing import NDArray

from engine.protocol.commands import View

Arrays = Mapping[str, NDArray[Any]]
DType = Literal["float32", "float64", "int64", "uint8", "float"]
"""``float`` is that of the run's parameters."""


class ArrayLayout(NamedTuple):
    """One array of an answer; ``shape`` names its axes."""

    name: str
    dtype: DType
    shape: tuple[str | int, ...]
    meaning: str


_LAYER = ("out", "in + 1")
LAYOUTS: Mapping[View, tuple[ArrayLayout, ...]] = {
    "weights": (ArrayLayout("LAYER", "float", _LAYER, "parameters, the bias last"),),
    "gradients": (ArrayLayout("LAYER", "float32", _LAYER, "slopes of the latest batch's loss"),),
    "updates": (ArrayLayout("LAYER", "float32", _LAYER, "what the latest step added"),),
    "moments": (ArrayLayout("NAME.LAYER", "float32", _LAYER, "the optimiser's running averages"),),
    "neurons": (
        ArrayLayout("rows", "int64", ("B",), "the table's row numbers of the batch"),
        ArrayLayout("masks.LAYER", "uint8", ("units", "B"), "1 = left in by dropout, of a hidden layer"),
        ArrayLayout("activations.LAYER", "float32", ("units", "B"), "after dropout"),
        ArrayLayout("dead.LAYER", "uint8", ("units",), "1 = fires for none of the training rows, dropout off"),
        ArrayLayout("saturated.LAYER", "uint8", ("units",), "1 = at its limits for nearly all of them"),
    ),
    "coadaptation": (
        ArrayLayout("matrices.LAYER", "float32", ("u", "u"), "correlations among the first 64 neurons"),
        ArrayLayout("means", "float64", ("layers",), "mean size of those of different neurons"),
    ),
    "data": (
        ArrayLayout("raw", "float64", ("n", 4), "lowest, highest, mean, standard deviation over the training rows"),
        ArrayLayout("scaled", "float64", ("n", 4), "likewise, as the network sees them"),
        ArrayLayout("counts", "int64", (3, "classes"), "rows of the training, validation and test part"),
        ArrayLayout("sample", "float64", ("m", "n"), "rows, raw"),
        ArrayLayout("sample_y", "float64", ("m", "K"), "their targets"),
        ArrayLayout("sample_rows", "int64", ("m",), "their row numbers"),
        ArrayLayout("sample_parts", "uint8", ("m",), "0 train, 1 validation"),
    ),
    "boundary": (
        ArrayLayout("field", "float32", ("height", "width"), "top row first: p of class 1, or of the likeliest"),
        ArrayLayout("classes", "uint8", ("height", "width"), "the likeliest class"),
        ArrayLayout("box", "float64", (4,), "left, right, bottom, top, raw"),
        ArrayLayout("points", "float64", ("m", 2), "rows of the training and validation part, raw"),
        ArrayLayout("labels", "float64", ("m",), "their targets"),
        ArrayLayout("parts", "uint8", ("m",), "0 train, 1 validation"),
        ArrayLayout("p", "float32", ("m",), "the network's answer to them"),
        ArrayLayout("rows", "int64", ("m",), "their row numbers"),
        ArrayLayout("own", "float32", ("K",), "outputs at the watcher's point"),
    ),
    "series": (
        ArrayLayout("INDEX.steps", "int64", ("k",), "steps of the points of the series of this place in the query"),
        ArrayLayout("INDEX.epochs", "int64", ("k",), "their epochs"),
        ArrayLayout("INDEX.values", "float64", ("k", "S"), "their values"),
    ),
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
    """Return the arrays of an answer under the names that they have in a message."""
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
    found = arrays_of(arrays, name) if name else arrays
    return {int(layer): array for layer, array in found.items() if layer.isdecimal()}
