"""A new run that another machine is asked for: what ``serve --begin`` finds on its stdin."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.errors import InputError, describe_validation
from engine.spec import Spec

MOST_BYTES: Final = 2**26
"""Bytes of a recipe, which may have rows of its own."""
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class NewRun(BaseModel):
    """What is to be trained there.

    Attributes:
        spec: The recipe; files that it names lie there.
        seeds: One run, of all of them.
        pace: Epochs a second; None is full speed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    spec: Spec
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1, max_length=10_000)]
    pace: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


def parse_new_run(text: bytes) -> NewRun:
    """Return the new run that a watcher asks for.

    Raises:
        InputError: It is none, as where the watcher is of another version.
    """
    try:
        return NewRun.model_validate_json(text)
    except ValidationError as error:
        raise InputError(f"a new run: {describe_validation(error)}") from None
