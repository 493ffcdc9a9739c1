"""What is other in a run's recipe than in the preset that it was taken from."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from engine.errors import InputError
from engine.spec import Spec
from presets.loader import load


def differences(spec: Spec) -> dict[str, Any]:
    """Return the values of a recipe that its preset has not, by dotted path; none where there is no such preset.

    Layers are compared as ``network.units``, ``network.activations`` and ``network.dropout``; the latter two differ
    where there are more layers or fewer only if there are other values in them.
    """
    preset = _preset(spec.name)
    if preset is None:
        return {}
    here, there = _values(spec), _values(preset)
    if len(here["network.units"]) != len(there["network.units"]):  # lists of other lengths, of the same values perhaps
        for path in ("network.activations", "network.dropout"):
            if set(here[path]) == set(there[path]):
                there[path] = here[path]
    return {path: value for path, value in here.items() if there.get(path) != value}


@lru_cache(maxsize=128)
def _preset(name: str) -> Spec | None:
    try:
        return load(name)
    except InputError:
        return None


def _values(spec: Spec) -> dict[str, Any]:
    document = spec.model_dump(mode="json", exclude={"name"})
    layers = document["network"].pop("layers")
    keys = {"units": "units", "activation": "activations", "dropout": "dropout"}
    document["network"] |= {name: [layer[key] for layer in layers] for key, name in keys.items()}
    document["data"] = {key: str(value) for key, value in document["data"].items()}
    return _flat(document)


def _flat(document: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in document.items():
        values |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return values
