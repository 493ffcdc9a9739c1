"""What a preset's file holds: the recipe, and beside it tables that do not touch the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.spec import Spec
from presets.cards import Card

BESIDE_THE_RECIPE = frozenset({"card", "claims"})
"""Tables about the recipe: what it is for, and the figures published of it. Every other key belongs to the spec."""


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
