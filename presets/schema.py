"""What a preset's file holds: the recipe, and beside it tables that do not touch the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from engine.errors import InputError, describe_validation, sanitize
from engine.spec import Spec
from engine.strict_model import StrictModel

BESIDE_THE_RECIPE = frozenset({"card", "claims"})
"""Tables about the recipe: what it is for, and the figures published of it. Every other key belongs to the spec."""


class Card(StrictModel):
    """The ``[card]`` table: what the recipe is for."""

    kind: Literal["tutorial", "mistake", "classic", "own"] = "own"
    """A tutorial's recipe, one of its mistakes (wrong on purpose), a classic of the field, or the user's own."""
    summary: Annotated[str, Field(max_length=60), AfterValidator(sanitize)] = ""
    """One line, as it is listed."""


class _TablesBesideSpec(BaseModel):
    """The tables of a document that the spec does not hold."""

    card: Card = Card()


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A preset as it was read from ``path``; its file's name is its own."""

    path: Path
    spec: Spec
    card: Card

    @property
    def name(self) -> str:
        """What it is listed as."""
        return self.path.stem


def recipe(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a preset's document that the spec is made of."""
    return {key: value for key, value in document.items() if key not in BESIDE_THE_RECIPE}


def card(document: Mapping[str, Any], where: str) -> Card:
    """Return the card of a preset's document.

    Raises:
        InputError: One line naming ``where``, the key, and what was expected.
    """
    try:
        return _TablesBesideSpec.model_validate(document).card
    except ValidationError as error:
        raise InputError(f"{sanitize(where)}: {describe_validation(error)}") from None
