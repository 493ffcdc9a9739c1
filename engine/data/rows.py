"""Rows written into the preset itself: a handful of cases to follow by hand."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from engine.data.table import DataSource, Table

Number = Annotated[float, Field(allow_inf_nan=False)]


class Rows(DataSource):
    """Rows as they stand in the preset: ``X = [[0.5], [0.8]]``, ``y = [1, 0]``."""

    source: Literal["rows"] = "rows"
    X: Annotated[tuple[Annotated[tuple[Number, ...], Field(min_length=1)], ...], Field(min_length=1)]
    y: tuple[Number, ...]
    """One target a row: a class number where ``classes`` are named, else a value."""
    features: tuple[str, ...] = ()
    """Names of the columns."""
    classes: tuple[str, ...] = ()
    """Names of the classes, by class number; empty for values."""
    note: str = ""
    """What the reader should know of these rows."""

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        columns = len(self.X[0])
        for number, row in enumerate(self.X):
            if len(row) != columns:
                raise ValueError(f"X.{number}: expected {columns} numbers as in the first row, got {len(row)}")
        if len(self.y) != len(self.X):
            raise ValueError(f"y: expected one target for each of the {len(self.X)} rows, got {len(self.y)}")
        if self.features and len(self.features) != columns:
            raise ValueError(f"features: expected {columns} names, got {len(self.features)}")
        numbers = range(len(self.classes))
        if self.classes and any(target not in numbers for target in self.y):
            raise ValueError(f"y: expected class numbers from 0 to {len(self.classes) - 1}")
        return self

    def load(self, _stream: np.random.RandomState | None = None) -> Table:
        """Return the rows in the order they are written."""
        return Table(
            X=np.array(self.X),
            y=np.array(self.y),
            feature_names=self.features or tuple(f"x{number}" for number in range(1, len(self.X[0]) + 1)),
            classes=self.classes,
            notes=(self.note,) if self.note else (),
        )
