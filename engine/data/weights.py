"""How much each row counts in the loss, as a column of the file says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.errors import InputError, sanitize
from engine.spec.sources.files import CsvFile

if TYPE_CHECKING:
    from engine.data.columns import ColumnReader
    from engine.data.text_table import TextTable


def row_weights(source: CsvFile, table: TextTable, reader: ColumnReader) -> Floats | None:
    """Return the weights (N,) of the rows, as they are written; None where no column says any.

    Raises:
        InputError: A cell is not a number from 0 on.
    """
    name = source.weight
    if name is None:
        return None
    weights = reader.numbers(name)
    if not (ok := np.isfinite(weights) & (weights >= 0)).all():
        row = int(ok.argmin())
        raise InputError(f"{table.place(row, name)}: expected a weight, a number from 0 on (got {weights[row]:g})")
    return weights


def notes(source: CsvFile) -> tuple[str, ...]:
    """Return what is to be known of losses where rows have weights."""
    if source.weight is None:
        return ()
    column = sanitize(source.weight, 40)
    return (f"rows count in the losses as {column} says, divided by its mean; accuracy and the exam count all alike",)
