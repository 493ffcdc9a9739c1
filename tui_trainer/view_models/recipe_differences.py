"""In which values the recipes of several runs differ, by the paths that ``--set`` takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import sanitize
from engine.spec import Spec
from tui_trainer.formatting import plain

Values = dict[str, Any]
"""A recipe's values by dotted path."""
Difference = tuple[str, list[Any]]
"""A path, and the value of each run; None where a run has none."""


def recipe_values(spec: Spec, seeds: Sequence[int]) -> Values:
    """Return the values of a recipe; ``training.seed`` is the run's own, of several a list.

    Of the layers there are ``network.units`` and ``network.dropout`` of the hidden ones, as ``--set`` has them, and the
    activations and the units of the output.
    """
    document = spec.model_dump(mode="json")
    layers = document["network"].pop("layers")
    values = flat_values(document)
    hidden = layers[:-1]
    values["network.units"] = [layer["units"] for layer in hidden]
    values["network.dropout"] = [layer["dropout"] for layer in hidden]
    values["network.activations"] = [layer["activation"] for layer in layers]
    values["network.outputs"] = layers[-1]["units"] if layers else None
    values["training.seed"] = seeds[0] if len(seeds) == 1 else list(seeds)
    return values


def flat_values(document: Mapping[str, Any], prefix: str = "") -> Values:
    """Return what is in the tables of a document, by dotted path."""
    values: Values = {}
    for key, value in document.items():
        values |= flat_values(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return values


def differences(recipes: Sequence[Values]) -> list[Difference]:
    """Return the paths of which not all recipes have the same value, those of data first, those of seeds last."""
    recipes = [_by_layer(recipe) for recipe in recipes] if _are_as_deep(recipes) else recipes
    paths = list(dict.fromkeys(path for recipe in recipes for path in recipe))
    by_path = [(path, [recipe.get(path) for recipe in recipes]) for path in paths]
    different = [(path, values) for path, values in by_path if any(value != values[0] for value in values)]
    return sorted(different, key=lambda difference: _ORDER.get(difference[0].partition(".")[0], len(_ORDER)))


_ORDER = {part: place for place, part in enumerate(("name", "data", "split", "scaler", "network", "training"))}


def _are_as_deep(recipes: Sequence[Values]) -> bool:
    return len({len(recipe.get("network.activations", ())) for recipe in recipes}) == 1


def _by_layer(recipe: Values) -> Values:
    """Return a recipe with the activation of each layer for itself: of networks as deep as one another."""
    values: Values = {}
    for path, value in recipe.items():
        one_by_one = path == "network.activations"
        values |= (
            {f"network.layers.{i}.activation": each for i, each in enumerate(value)} if one_by_one else {path: value}
        )
    return values


def value_text(value: Any, width: int = 40) -> str:
    """Return a value in few characters: a list by commas, consecutive seeds as first–last."""
    if _counts_up(value):
        return f"{value[0]}–{value[-1]}"
    return sanitize(_text(value), width)


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, float):
        return plain(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _counts_up(value: Any) -> bool:
    if not (isinstance(value, list) and len(value) > 2 and type(value[0]) is int):
        return False
    return value == list(range(value[0], value[0] + len(value)))
