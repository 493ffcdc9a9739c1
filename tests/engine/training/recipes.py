"""Small recipes for the tests of training."""

from __future__ import annotations

from typing import Any

from engine.spec import Spec, override, validate

TWO_CLASSES: dict[str, Any] = {
    "name": "two-classes",
    "data": {"source": "moons", "samples": 80, "noise": 0.2, "seed": 1},
    "split": {"validation": 0.2, "test": 0.2, "seed": 3},
    "scaler": {"kind": "standard"},
    "network": {
        "layers": [
            {"units": 7, "activation": "relu", "dropout": 0.25},
            {"units": 4, "activation": "tanh", "dropout": 0.25},
            {"units": 1, "activation": "sigmoid"},
        ]
    },
    "training": {"loss": "bce", "learning_rate": 0.01, "batch_size": 13, "epochs": 3, "seed": 5, "dtype": "float64"},
}
"""48 training rows: three batches of 13 and one of 9."""

THREE_CLASSES: dict[str, Any] = {
    **TWO_CLASSES,
    "name": "three-classes",
    "data": {"source": "blobs", "samples": 80, "centers": 3, "cluster_std": 4.0, "seed": 1},
    "network": {"layers": [{"units": 6, "activation": "leaky_relu"}, {"units": 3, "activation": "softmax"}]},
    "training": {**TWO_CLASSES["training"], "loss": "cce"},
}

VALUES: dict[str, Any] = {
    **TWO_CLASSES,
    "name": "values",
    "data": {
        "source": "rows",
        "X": [[i / 20 - 1, (i * 7 % 11) / 11] for i in range(40)],
        "y": [((i * 3) % 17) / 8 - 1 + i / 40 for i in range(40)],
    },
    "network": {"layers": [{"units": 6, "activation": "sigmoid"}, {"units": 1, "activation": "identity"}]},
    "training": {**TWO_CLASSES["training"], "loss": "mse"},
}


def recipe(document: dict[str, Any] = TWO_CLASSES, **values: Any) -> Spec:
    """Return a spec with values at dotted paths replaced; ``training__epochs=5`` stands for training.epochs."""
    spec = validate(document, "recipe")
    return override(spec, {path.replace("__", "."): value for path, value in values.items()}) if values else spec
