"""A small recipe that the tests of the worker train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine.spec import override, validate
from engine.store.runs import Run, RunStore

LEARNER: dict[str, Any] = {
    "name": "learner",
    "data": {
        "source": "train.csv",
        "validation_file": "validation.csv",
        "test_file": "test.csv",
        "target": "same_sign",
    },
    "network": {
        "layers": [
            {"units": 8, "activation": "relu", "dropout": 0.2},
            {"units": 4, "activation": "relu", "dropout": 0.1},
            {"units": 1, "activation": "sigmoid"},
        ]
    },
    "training": {"loss": "bce", "learning_rate": 0.01, "batch_size": 8, "epochs": 6, "seed": 7},
}
"""Four steps an epoch. Rows split by file take no scikit-learn, so a worker of it is up in half a second."""

ROWS = {"train": 32, "validation": 16, "test": 16}


def create(store: RunStore, *, seeds: tuple[int, ...] = (7,), pace: float | None = None, **values: Any) -> Run:
    """Return a new run of the recipe; ``training__epochs=9`` sets training.epochs."""
    _write_rows(store.root)
    files = {
        f"data.{key}": str(store.root / LEARNER["data"][key]) for key in ("source", "validation_file", "test_file")
    }
    changed = {path.replace("__", "."): value for path, value in values.items()}
    return store.create(override(validate(LEARNER, "test"), {**files, **changed}), seeds, pace=pace)


def _write_rows(folder: Path) -> None:
    """Write points of a square, and whether their coordinates have the same sign."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    for name, rows in ROWS.items():
        points = random.uniform(-1, 1, (rows, 2)).round(3)
        lines = [f"{x},{y},{int(x * y > 0)}" for x, y in points]
        (folder / f"{name}.csv").write_text("\n".join(["x,y,same_sign", *lines, ""]))
