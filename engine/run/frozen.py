"""The base of all that is recorded or sent."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A model that cannot be changed and takes no fields that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
