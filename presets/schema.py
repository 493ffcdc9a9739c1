"""What a preset's file holds: the recipe, and beside it tables that do not touch the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.spec import Spec
from presets.cards import Card

if TYPE_CHECKING:
    from presets.claims import Claim

BESIDE_THE_RECIPE = frozenset({"card", "claims"})
"""Tables about the recipe: what it is for, and the figures published of it. Every other key belongs to the spec."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A preset as it was read from ``path``; its file's name is its own."""

    path: Path
    spec: Spec
    card: Card
    claim_tables: object = ()
    """The ``[[claims]]`` of its file as they stand there: read when they are asked for, which few do."""

    @property
    def name(self) -> str:
        """What it is listed as."""
        return self.path.stem

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The figures that were published of it.

        Raises:
            InputError: Not a valid table; the line names the file and the key.
        """
        from presets.claims import read_claims

        return read_claims({"claims": self.claim_tables}, where=str(self.path))


def recipe(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a preset's document that the spec is made of."""
    return {key: value for key, value in document.items() if key not in BESIDE_THE_RECIPE}
