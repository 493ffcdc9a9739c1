"""A recipe for whatever rows a case has, and a trainer made of it by the public calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import engine
from engine.data.dataset import Dataset
from engine.spec import validate


def data_of(source: Path, units: int, **options: Any) -> Dataset:
    """Return the data that a trainer has of the file ``source``; the last layer has ``units``, 1 for a value.

    Options of other tables than ``[data]`` have their dots as ``__``: ``training__dtype``.
    """
    document: dict[str, Any] = {
        "name": "case",
        "data": {"source": str(source)},
        "network": {"layers": [{"units": units, "activation": "softmax" if units > 1 else "identity"}]},
        "training": {"loss": "cce" if units > 1 else "mse", "epochs": 1, "dtype": "float64"},
    }
    for key, value in options.items():
        table, _, name = key.rpartition("__")
        document.setdefault(table or "data", {})[name] = value
    return engine.Trainer(validate(document, where="the case")).data
