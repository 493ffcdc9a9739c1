"""The networks that the engine is measured on, and what every contestant must know of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import presets
from engine.data import dataset
from engine.spec import Spec

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Workload:
    """A recipe to train, and the figures to reach against others on it.

    Attributes:
        name: As the table shows it.
        preset: The recipe.
        change: Dotted paths of the recipe that are set otherwise.
        targets: By contestant, how many times as long its step should take as ours, at least.
    """

    name: str
    preset: str
    change: dict[str, Any]
    targets: dict[str, float]

    @cached_property
    def spec(self) -> Spec:
        endless = {"training.epochs": 10**9, "training.dtype": "float32", "training.streams": "modern"}
        return presets.load(self.preset, set={**endless, **self.change})

    @cached_property
    def data(self) -> dataset.Dataset:
        return dataset.load(self.spec)

    @property
    def X(self) -> Floats:
        return self.data.train.X

    @property
    def Y(self) -> Floats:
        """(N, K)."""
        y = self.data.train.y
        return y if y.ndim == 2 else y[:, None]

    @property
    def batch_size(self) -> int:
        size = self.spec.training.batch_size
        return len(self.X) if size == "full" else size

    @property
    def steps(self) -> int:
        """Batches an epoch."""
        return -(-len(self.X) // self.batch_size)

    @property
    def sizes(self) -> list[int]:
        return [self.X.shape[1], *(layer.units for layer in self.spec.network.layers)]

    @property
    def activations(self) -> list[str]:
        return [layer.activation for layer in self.spec.network.layers]

    @property
    def dropout(self) -> list[float]:
        return [layer.dropout for layer in self.spec.network.layers]


SAME_ROWS_NO_VALIDATION = {"split.validation": 0.0, "split.test": 0.4}
"""scikit-learn grades nothing on the way, so nobody does."""
WORKLOADS = [
    Workload(
        "30-16-8-1, batch 32, dropout, Adam",
        "breast-cancer",
        SAME_ROWS_NO_VALIDATION,
        {"sklearn": 8, "torch": 18, "textbook": 5},
    ),
    Workload("2-64-1 spirals, full batch, Adam", "spirals-repaired", {}, {"sklearn": 4, "torch": 7}),
    Workload("2-64-64-1 moons, sigmoid, SGD", "plants-moons", {}, {"sklearn": 3.5, "torch": 5}),
    Workload("2-128×4-1 spirals, sigmoid, SGD", "plants-spirals-deep", {}, {"torch": 1.1}),
    Workload("4096-32-1 pictures, sigmoid, SGD", "cats-dogs-two-layer", {"data.held_out": "test"}, {"torch": 1.1}),
    Workload("64-128-10 digits, softmax, Adam", "digits", SAME_ROWS_NO_VALIDATION, {"sklearn": 3.2, "torch": 4.5}),
]
BAND_SEEDS = 64
BAND = Workload("30-16-8-1, a band", "breast-cancer", SAME_ROWS_NO_VALIDATION, {})
BAND_TARGETS = {"band, one process": 0.4, "band, two processes": 0.25}
"""A seed's share of a band's step, against the step of one network alone."""
