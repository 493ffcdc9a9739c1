"""The base of the spec's tables, and the numbers that several of them take."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from engine.strict_model import StrictModel

Fraction = Annotated[float, Field(ge=0, lt=1)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class SpecModel(StrictModel):
    """A table of the spec: no unknown keys, no changes after validation, defaults validated too."""

    model_config = ConfigDict(validate_default=True)
