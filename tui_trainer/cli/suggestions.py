"""What the shell offers while a command is typed: presets, runs, the paths of ``--set`` and their values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click
from click.shell_completion import CompletionItem


def presets(_ctx: click.Context, _param: click.Parameter | None, incomplete: str) -> list[CompletionItem]:
    """Return the names of presets."""
    import presets

    return _beginning(presets.names(), incomplete)


def recipes(ctx: click.Context, param: click.Parameter | None, incomplete: str) -> list[CompletionItem]:
    """Return the names of presets, and whatever files the shell finds."""
    return presets(ctx, param, incomplete) or [CompletionItem(incomplete, type="file")]


def runs(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of the store's runs, the last active first."""
    from engine.store.runs import RunStore

    return _beginning((run.name for run in RunStore().all_runs()), incomplete)


def sweeps(_ctx: click.Context, _param: click.Parameter | None, incomplete: str) -> list[CompletionItem]:
    """Return the names of the store's sweeps, the last active first."""
    from engine.sweep.store import SweepStore

    return _beginning((sweep.name for sweep in SweepStore().all_sweeps()), incomplete)


def runs_and_sweeps(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of the store's runs, then of its sweeps."""
    return runs(ctx, param, incomplete) + sweeps(ctx, param, incomplete)


def recipes_and_sweeps(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of the store's sweeps, and what ``recipes`` offers."""
    return sweeps(ctx, param, incomplete) + recipes(ctx, param, incomplete)


def settings(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the paths of ``--set`` in the preset that was named, then the values that an enumeration has."""
    path, equals, value = incomplete.partition("=")
    if equals:
        return _beginning((f"{path}={each}" for each in _values(path)), f"{path}={value}")
    return _beginning((f"{each}=" for each in _paths(str(ctx.params.get("preset") or "breast-cancer"))), incomplete)


def labs(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of labs."""
    from presets import labs

    return _beginning(labs.names(), incomplete)


def subjects(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of what claims are made of: presets and labs."""
    import presets
    from presets import labs

    return _beginning([*presets.names(), *labs.names()], incomplete)


def lab_settings(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the keys of the dials of the lab that was named, then the values that one of choices has."""
    from presets import labs

    dials = labs.LABS[ctx.params["name"]].dials if ctx.params.get("name") in labs.LABS else ()
    key, equals, value = incomplete.partition("=")
    if not equals:
        return _beginning((f"{dial.key}=" for dial in dials), key)
    choices = [choice for dial in dials if dial.key == key for choice in dial.choices]
    return _beginning((f"{key}={choice}" for choice in choices), f"{key}={value}")


def _paths(preset: str) -> list[str]:
    import presets
    from engine.errors import InputError

    try:
        document = presets.load(preset).model_dump(mode="json")
    except InputError:
        document = presets.load("breast-cancer").model_dump(mode="json")
    for key in ("name", "changes"):
        document.pop(key)
    return ["network.units", "network.dropout", *_leaves(document)]


def _leaves(value: Any, path: str = "") -> list[str]:
    """Return the paths of a recipe's values; a list of tables has those of each, any other is one value."""
    if isinstance(value, dict):
        return [leaf for key, entry in value.items() for leaf in _leaves(entry, f"{path}.{key}" if path else key)]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [leaf for number, entry in enumerate(value) for leaf in _leaves(entry, f"{path}.{number}")]
    return [path]


def _values(path: str) -> list[str]:
    """Return the texts that the key at a path of the recipe may be."""
    from engine.spec import Spec

    schema = Spec.model_json_schema()
    entry: dict[str, Any] = schema
    for key in path.split("."):
        entry = entry.get("items", {}) if key.isdecimal() else entry.get("properties", {}).get(key, {})
        entry = schema["$defs"].get(str(entry.get("$ref", "")).rpartition("/")[2], entry)
    options = [entry, *entry.get("anyOf", [])]
    texts = [text for option in options for text in (*option.get("enum", ()), option.get("const"))]
    truths = ["true", "false"] if any(option.get("type") == "boolean" for option in options) else []
    return [str(text) for text in texts if text is not None] + truths


def _beginning(words: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]
