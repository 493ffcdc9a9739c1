"""Cards: what a recipe or a lab is, what to watch for, what to try, and questions about it.

They stand in the ``[card]`` table of its file. Courses (``presets.courses``) go through them in a tutorial's order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from engine.errors import InputError, describe_validation, sanitize
from engine.strict_model import StrictModel, key_error

Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(sanitize)]
"""A line of text."""
Paragraph = Annotated[str, Field(max_length=1200), AfterValidator(partial(sanitize, limit=1200))]
"""Some sentences."""


class Question(StrictModel):
    """A question about what can be seen; its answer is shown after a guess."""

    ask: Line
    """The question."""
    choices: Annotated[tuple[Line, ...], Field(max_length=6)] = ()
    """What may be the answer, where it is not a number."""
    right: int | None = None
    """Which of the choices it is, the first being 1."""
    answer: float | None = None
    """The answer, where it is a number."""
    within: Annotated[float, Field(ge=0)] = 0.005
    """How far a guess may be from that number."""
    why: Paragraph
    """Why that is the answer."""

    @model_validator(mode="after")
    def _has_an_answer(self) -> Self:
        if bool(self.choices) == (self.answer is not None):
            raise key_error("choices: expected either choices, with right, or a number as answer")
        if self.choices and (len(self.choices) < 2 or self.right not in range(1, len(self.choices) + 1)):
            raise key_error(f"right: expected which of at least two choices it is, from 1 to {len(self.choices)}")
        if self.answer is not None and not math.isfinite(self.answer):
            raise key_error("answer: expected a finite number")
        return self

    def is_right(self, guess: float) -> bool:
        """Return whether a guess is right: the number of a choice, the first being 1, or the number asked for."""
        if self.answer is not None:
            return abs(guess - self.answer) <= self.within * (1 + 1e-9)
        return guess == self.right

    @property
    def solution(self) -> str:
        """The right answer, as it is shown."""
        return f"{self.answer:g}" if self.right is None else self.choices[self.right - 1]


class Card(StrictModel):
    """The ``[card]`` table: what the recipe is for."""

    kind: Literal["tutorial", "mistake", "classic", "own"] = "own"
    """A tutorial's recipe, one of its mistakes (wrong on purpose), a classic of the field, or the user's own."""
    summary: Annotated[str, Field(max_length=60), AfterValidator(sanitize)] = ""
    """One line, as it is listed."""
    what: Paragraph = ""
    """What it is."""
    watch: tuple[Paragraph, ...] = ()
    """What to watch for while it runs."""
    try_: Annotated[tuple[Paragraph, ...], Field(alias="try")] = ()
    """What to try."""
    questions: Annotated[tuple[Question, ...], Field(max_length=20)] = ()
    """Questions about it."""

    @property
    def summary_table(self) -> dict[str, Any]:
        """What lists show of it."""
        return {"kind": self.kind, "summary": self.summary}


class _CardBesideOthers(BaseModel):
    """The tables of a document that have nothing to do with its card are left alone."""

    card: Card = Card()


def card_of(document: Mapping[str, Any], where: str | Path) -> Card:
    """Return the card of a document.

    Args:
        document: What a TOML file of a preset or of a lab says.
        where: The file, for complaints.

    Raises:
        InputError: One line naming ``where``, the key, and what was expected.
    """
    try:
        return _CardBesideOthers.model_validate(document).card
    except ValidationError as error:
        raise InputError(f"{sanitize(where)}: {describe_validation(error)}") from None
