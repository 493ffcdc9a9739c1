"""Trainings that have an illness, one or more for every verdict, and healthy ones."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.run.verdicts import VerdictName
from engine.spec import Spec, validate
from presets import load


class Ill(NamedTuple):
    """A training with an illness.

    Attributes:
        verdict: What it earns.
        preset: The preset; empty for rows of two classes, 18 of one and 2 of the other, ten times.
        settings: What is other in it.
    """

    verdict: VerdictName
    preset: str
    settings: dict[str, Any] = {}  # noqa: RUF012 - nobody writes to it

    @property
    def spec(self) -> Spec:
        """The recipe."""
        return load(self.preset, set=self.settings) if self.preset else imbalanced()


def layers(number: int, activation: str, units: int) -> list[dict[str, Any]]:
    """Return the layers of a network with so many hidden ones, for two classes."""
    return [{"units": units, "activation": activation}] * number + [{"units": 1, "activation": "sigmoid"}]


def drawn(scale: float) -> dict[str, Any]:
    """Return the settings of first weights of a deviation."""
    return {"network.initializer": "normal", "network.initializer_scale": scale}


LINEAR = [{"units": 1, "activation": "identity"}]
ILL: tuple[Ill, ...] = (
    Ill("leaky-scaler", "mistake-leaky-scaler"),
    Ill("graded-on-training", "mistake-graded-on-study"),
    Ill("wrong-exit", "mistake-relu-exit"),
    Ill("unscaled-inputs", "mistake-unscaled"),
    Ill("class-imbalance", ""),
    Ill("not-linearly-separable", "lines-perceptron"),
    Ill("non-finite", "diabetes", {"training.optimizer": "sgd", "training.learning_rate": 1e6}),
    Ill(
        "diverging",
        "diabetes",
        {
            "network.layers": LINEAR,
            "training.optimizer": "sgd",
            "training.batch_size": "full",
            "training.learning_rate": 0.3,
        },
    ),
    Ill("oscillating", "wine", {"training.learning_rate": 0.5}),
    Ill("plateau", "iris", {"network.initializer": "zeros", "training.learning_rate": 1e-6}),
    Ill("plateau", "spirals-repaired", {"network.units": [4], "training.epochs": 100}),
    Ill("underfitting", "spirals-repaired", {"network.units": [4], "training.epochs": 1500}),
    Ill("overfitting", "breast-cancer", {"training.epochs": 400, "network.dropout": 0.0}),
    Ill("overfitting", "iris", {"training.learning_rate": 0.1, "training.epochs": 300}),
    Ill("dead-neurons", "mistake-unscaled", {"training.learning_rate": 1.0}),
    Ill("dead-neurons", "breast-cancer", {"training.learning_rate": 0.3}),
    Ill("saturated-neurons", "breast-cancer", {"network.layers": layers(2, "tanh", 16), **drawn(30.0)}),
    Ill("saturated-neurons", "mistake-unscaled", {"network.layers": layers(2, "sigmoid", 16)}),
    Ill("vanishing-gradients", "breast-cancer", {"network.layers": layers(8, "sigmoid", 16)}),
    Ill("vanishing-gradients", "breast-cancer", {"network.layers": layers(10, "sigmoid", 32)}),
    Ill("exploding-gradients", "breast-cancer", {"network.layers": layers(20, "tanh", 32), **drawn(1.5)}),
    Ill("exploding-gradients", "breast-cancer", {"network.layers": layers(10, "relu", 32), **drawn(0.6)}),
)
HEALTHY = (
    "breast-cancer",
    "breast-cancer-more-dropout",
    "diabetes",
    "digits",
    "iris",
    "lines-hidden-layer",
    "plants-blobs",
    "plants-circles",
    "plants-moons",
    "plants-two-layer",
    "spirals-repaired",
    "wine",
    "xor",
)
"""Presets that earn none, on any seed."""
PICTURES = ("cats-dogs-neuron", "cats-dogs-two-layer", "cats-dogs-deep")
"""Presets that learn their pictures by heart."""


def imbalanced() -> Spec:
    """Return a recipe of 200 rows, of which 20 are of the second class."""
    rows = [[float(row % 20), float(row // 20)] for row in range(200)]
    data = {"source": "rows", "X": rows, "y": [int(row % 20 >= 18) for row in range(200)], "classes": ["ham", "spam"]}
    document = load("one-clerk").model_dump(mode="json")
    document |= {"data": data, "network": {"layers": [{"units": 1, "activation": "sigmoid"}]}}
    document |= {"scaler": {"kind": "standard", "fit": "train"}, "training": {"loss": "bce", "epochs": 5}}
    return validate(document, "imbalanced")
