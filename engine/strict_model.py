"""The base of all tables of a preset's file: unknown keys are refused with a suggestion, and values are frozen."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from engine.errors import nearest, sanitize


def key_error(message: str) -> PydanticCustomError:
    """Return an error whose message begins with a key; ``describe_validation`` joins it to the path of its table."""
    return PydanticCustomError("key_error", "{message}", {"message": message})


class StrictModel(BaseModel):
    """A table of a preset's file."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _check_keys(cls, table: Any) -> Any:
        """Name a key's cure: of an unknown one the one that may have been meant, of a missing one how it is written."""
        if not isinstance(table, dict):
            return table
        fields = {field.alias or name: field for name, field in cls.model_fields.items()}
        for key, value in table.items():
            if key not in fields:
                near = nearest(str(key), fields) or f" (there: {sanitize(', '.join(fields), 160)})"
                raise key_error(f"{sanitize(key, 60)}: unknown key{near}")
            if isinstance(value, bool) and fields[key].annotation not in (bool, bool | None, Any):
                raise key_error(f"{key}: expected another value than {str(value).lower()}")
        for key, field in fields.items():
            if field.is_required() and key not in table:
                raise key_error(f"{key}: this key is required{_as_in(key, field.examples)}")
        return table


def _as_in(key: str, examples: list[Any] | None) -> str:
    """Return how a key is written, by the first example of its field."""
    return f", as in {key} = {_toml(examples[0])}" if examples else ""


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)  # texts, numbers, true and false are written alike in both
