"""A row that is in no part of the data: its values are typed in, in the units of the data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.data.derived import completed_rows
from engine.errors import InputError
from engine.numerics.textbook import Layer, forward
from engine.training.samples import Sample
from engine.training.stored_network import Preparation


def typed_sample(
    preparation: Preparation,
    layers: Sequence[Layer],
    values: Sequence[float],
    truth: Sequence[float] | None,
    *,
    dtype: str = "float64",
) -> Sample:
    """Return a row of raw values with its truth.

    Args:
        preparation: What the network sees of raw rows.
        layers: The network.
        values: One for each raw column that is not derived.
        truth: The number of the class, or the values, raw; None for what the network answers.
        dtype: The run's: its network sees its inputs rounded to that.

    Raises:
        InputError: Not so many values, no such class, or a derived column that is not finite.
    """
    columns = len(preparation.feature_names)
    if len(values) != columns:
        raise InputError(f"expected {columns} value{'s' * (columns > 1)}, one a column (got {len(values)})")
    rows = np.array([values], np.float64)
    x = preparation.scaled(rows)[0].astype(dtype).astype(np.float64)
    raw = completed_rows(rows, preparation.feature_names, preparation.derived)[0].astype(np.float64)
    outputs = forward(layers, x[None]).outputs[0]
    y = _answered(preparation, outputs) if truth is None else _encoded(preparation, truth, len(outputs))
    return Sample(part="typed", row=-1, rows=0, table_row=-1, x=x, raw=raw, y=y)


def _answered(preparation: Preparation, outputs: Floats) -> NDArray[np.float64]:
    """Return the targets (K,) of a row whose truth is what the network answers with its outputs (K,)."""
    if not preparation.classes:
        return np.asarray(outputs, np.float64)
    answer = int(outputs[0] >= 0.5) if len(outputs) == 1 else int(outputs.argmax())
    return _encoded(preparation, [answer], len(outputs))


def _encoded(preparation: Preparation, truth: Sequence[float], outputs: int) -> NDArray[np.float64]:
    """Return the targets (K,) of a class or of raw values."""
    classes = len(preparation.classes)
    if classes:
        number = int(truth[0])
        if len(truth) != 1 or number != truth[0] or not 0 <= number < classes:
            raise InputError(f"truth: expected the number of a class from 0 to {classes - 1}")
        return np.array([float(number)]) if outputs == 1 else np.eye(outputs)[number]
    if len(truth) != outputs:
        raise InputError(f"truth: expected {outputs} value{'s' * (outputs > 1)} (got {len(truth)})")
    values = np.array([truth], np.float64)
    scaler = preparation.target_scaler
    return np.asarray((values if scaler is None else scaler.transform(values))[0], np.float64)
