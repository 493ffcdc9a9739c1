"""Data sets that come with the program, and rows that stand in the recipe itself."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, Tag, model_validator

from engine.spec.sources.base import DataSource, Number


class BreastCancer(DataSource):
    """Breast Cancer Wisconsin (Diagnostic): 569 cases, 30 measurements of cell nuclei, 1 = malignant.

    scikit-learn has 1 = benign; the tutorials have 1 = malignant, the class to be found.
    """

    source: Literal["breast-cancer"] = "breast-cancer"


class Iris(DataSource):
    """Fisher's iris: 150 flowers, 4 measurements in cm, 3 species of 50 each."""

    source: Literal["iris"] = "iris"


class Wine(DataSource):
    """Wine recognition: 178 wines, 13 chemical measurements, 3 cultivars."""

    source: Literal["wine"] = "wine"


class Digits(DataSource):
    """Handwritten digits: 1797 pictures of 8×8 pixels from 0 to 16, 10 classes."""

    source: Literal["digits"] = "digits"


class Diabetes(DataSource):
    """Diabetes: 442 patients, 10 measurements, and the progression of the disease a year on (25 to 346).

    In the units they were measured in: scikit-learn's own default has them scaled on all rows, exam included.
    """

    source: Literal["diabetes"] = "diabetes"


class Rows(DataSource):
    """Rows as they stand in the preset, a handful to follow by hand: ``X = [[0.5], [0.8]]``, ``y = [1, 0]``."""

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


BundledSource = (
    Annotated[BreastCancer, Tag("tag:breast-cancer")]
    | Annotated[Iris, Tag("tag:iris")]
    | Annotated[Wine, Tag("tag:wine")]
    | Annotated[Digits, Tag("tag:digits")]
    | Annotated[Diabetes, Tag("tag:diabetes")]
    | Annotated[Rows, Tag("tag:rows")]
)
"""Each with the tag by which the union of all sources is told apart."""
