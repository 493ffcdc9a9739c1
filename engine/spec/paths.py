"""Dotted paths into the tables and lists of a recipe: ``network.layers.0.units``.

``network.units`` (a list) and ``network.dropout`` (a number or a list) speak of all hidden layers at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from engine.errors import InputError, sanitize


def value_at_path(document: dict[str, Any], path: str) -> Any:
    """Return the value at ``path`` in a recipe as JSON has it.

    Raises:
        InputError: A path that leads nowhere.
    """
    if path in ("network.units", "network.dropout"):
        return [layer[path.removeprefix("network.")] for layer in document["network"]["layers"][:-1]]
    value: Any = document
    for key in path.split("."):
        value = _child(value, key, path)
    return value


def set_at_path(document: dict[str, Any], path: str, value: Any) -> None:
    """Replace the value at ``path``, in place.

    Raises:
        InputError: A path that leads nowhere, or a value that does not fit the hidden layers.
    """
    if path == "network.units":
        _put_units(document["network"], path, value)
        return
    if path == "network.dropout":
        _put_dropout(document["network"], path, value)
        return
    *parents, last = path.split(".")
    parent: Any = document
    for key in parents:
        parent = _child(parent, key, path)
    if isinstance(parent, dict):
        parent[last] = value
    else:
        _child(parent, last, path)
        parent[int(last)] = value


def _child(parent: Any, key: str, path: str) -> Any:
    if isinstance(parent, dict) and key in parent:
        return parent[key]
    if isinstance(parent, list) and re.fullmatch(r"\d+", key) and int(key) < len(parent):
        return parent[int(key)]
    keys = ", ".join(parent) if isinstance(parent, dict) else ""
    keys = f"0 to {len(parent) - 1}" if isinstance(parent, list) else keys
    hint = f" (there: {keys})" if keys else ""
    raise InputError(f"{sanitize(path)}: there is no {sanitize(key)!r}{hint}")


def _put_units(network: dict[str, Any], path: str, value: Any) -> None:
    hidden, last = network["layers"][:-1], network["layers"][-1]
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(n, int) for n in value):
        raise InputError(f"{path}: expected the units of the hidden layers, as in [16, 8] (got {sanitize(value, 40)})")
    pattern = hidden or [{"activation": "relu", "dropout": 0.0}]
    layers = [{**pattern[min(index, len(pattern) - 1)], "units": units} for index, units in enumerate(value)]
    network["layers"] = [*layers, last]


def _put_dropout(network: dict[str, Any], path: str, value: Any) -> None:
    hidden = network["layers"][:-1]
    rates = value if isinstance(value, list) else [value] * len(hidden)
    if len(rates) != len(hidden):
        raise InputError(f"{path}: expected one rate, or one per hidden layer ({len(hidden)})")
    for layer, rate in zip(hidden, rates, strict=True):
        layer["dropout"] = rate
