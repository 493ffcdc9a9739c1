"""How rows are made ready for the network: divided into parts, and scaled."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from engine.spec.model import Fraction, Positive, Seed, SpecModel

ROUNDING: Final = 1e-9
""".7 + .2 + .1 is a hair more than 1."""


class SplitSpec(SpecModel):
    """How the rows are divided; fractions are of all rows. The test part is the sealed exam."""

    validation: Fraction = 0.0
    test: Fraction = 0.0
    train: Annotated[float, Field(gt=0, le=1)] | None = None
    """The rows to learn from, where not all that are left are to be: what they make of it as they become more is a
    learning curve. Smaller parts are within larger ones of the same seed, unless they are stratified."""
    seed: Seed = 42
    stratify: bool = False
    graded_on: Literal["test", "train"] = "test"
    """On which rows the exam is sat; "train" is one of the tutorials' mistakes, on purpose."""

    @model_validator(mode="after")
    def _leaves_rows_to_train_on(self) -> Self:
        if self.validation + self.test >= 1:
            raise ValueError("validation + test must leave rows to train on (their sum must be below 1)")
        if self.validation + self.test + (self.train or 0) > 1 + ROUNDING:
            raise ValueError("train + validation + test are more than all rows (their sum must be at most 1)")
        return self


class ScalerSpec(SpecModel):
    """How inputs are scaled, and on which rows the scaler is fitted ("all" is the leak, on purpose); how targets."""

    kind: Literal["none", "standard", "minmax", "divide"] = "none"
    fit: Literal["train", "all"] = "train"
    divisor: Positive | Literal["max"] = 255.0
    """For kind = "divide": a number, or "max" for the largest value of the rows it is fitted on."""
    targets: Literal["none", "standard"] = "none"
    """How values to predict are scaled for training, always by the training rows: losses are then in scaled units."""
