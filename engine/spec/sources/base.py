"""What every source has, and the kinds of values that their options are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from engine.errors import sanitize
from engine.spec import expressions
from engine.strict_model import StrictModel, key_error

Seed = Annotated[int, Field(ge=0, lt=2**32)]
Samples = Annotated[int, Field(ge=1, le=1_000_000)]
PairedSamples = Annotated[int, Field(ge=2, le=1_000_000)]
Noise = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=2, le=20_000)]
ImageSize = Annotated[int, Field(ge=1, le=1024)] | Literal["original"]
Task = Literal["auto", "classification", "regression"]


def _as_texts(value: Any) -> Any:
    """Take one text, or number, for a list of one, as ``--set data.drop=date`` has it."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return (str(value),)
    return value


def _as_formulas(value: Any) -> Any:
    """Take one text for the formulas between its commas, as ``--set data.derived=x1^2,x2^2`` has it."""
    return expressions.split(value) if isinstance(value, str) else value


def _checked_formula(text: str) -> str:
    expressions.parse(text)
    return text.strip()


def _all_different(texts: tuple[str, ...]) -> tuple[str, ...]:
    for index, text in enumerate(texts):
        if text in texts[:index]:
            raise ValueError(f"expected different formulas, got {sanitize(text, 60)} twice")
    return texts


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_texts)]
Formulas = Annotated[
    tuple[Annotated[str, AfterValidator(_checked_formula)], ...],
    BeforeValidator(_as_formulas),
    AfterValidator(_all_different),
    Field(max_length=64),
]
Targets = str | Annotated[tuple[str, ...], Field(min_length=1)]


class DataSource(StrictModel):
    """Base of all sources: the ``[data]`` table of a preset, its options the fields of the subclass.

    A field of type ``Path`` is a file of the user's; whoever reads the preset makes it absolute.
    """

    derived: Formulas = ()
    """Columns made of the others, raw values before scaling: "x1^2", "x1*x2", "sin(x1)", or by name "area/perimeter".

    Names that are no single word stand in quotes, as in '"mean radius"^2'; x1, x2 … are the columns by their number.
    There are + - * / ^, brackets, sin, cos, tan, tanh, exp, log, sqrt and abs."""

    @model_serializer(mode="wrap")
    def _source_first(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write the source's own options first, and what all sources have after them."""
        table: dict[str, Any] = write(self)
        if "derived" in table:
            table["derived"] = table.pop("derived")
        return table

    @model_validator(mode="after")
    def _has_paths_in_unicode(self) -> Self:
        for name, value in self:
            try:
                str(value if isinstance(value, Path) else "").encode()
            except UnicodeEncodeError:
                raise key_error(f"{name}: expected a path in UTF-8, got {sanitize(value, 80)}; rename it") from None
        return self
