"""The base of all tables of a preset's file: unknown keys are refused with a suggestion, and values are frozen."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from engine.errors import sanitize


def key_error(message: str) -> PydanticCustomError:
    """Return an error whose message begins with a key; ``describe_validation`` joins it to the path of its table."""
    return PydanticCustomError("key_error", "{message}", {"message": message})


class StrictModel(BaseModel):
    """A table of a preset's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _check_keys(cls, table: Any) -> Any:
        """Suggest the key that may have been meant, before the required key it stands for is reported as missing."""
        for key, value in table.items() if isinstance(table, dict) else ():
            if key not in cls.model_fields:
                raise key_error(f"{sanitize(key, 60)}: unknown key{_nearest(str(key), list(cls.model_fields))}")
            if isinstance(value, bool) and cls.model_fields[key].annotation is not bool:
                raise key_error(f"{key}: expected another value than {str(value).lower()}")
        return table


def _nearest(key: str, keys: list[str]) -> str:
    close = difflib.get_close_matches(key, keys, n=1)
    return f"; did you mean {close[0]}?" if close else f" (there: {sanitize(', '.join(keys), 160)})"
