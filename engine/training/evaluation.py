"""Grading networks on one part of the data, dropout off."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.table import Part
from engine.numerics.grading import Grader
from engine.numerics.kernels import encode_targets
from engine.numerics.metrics import Sums, spread, true_classes
from engine.training.network import Network

Floats = NDArray[np.floating[Any]]


def targets(part: Part) -> Floats:
    """Return y as (B, K)."""
    return part.y if part.y.ndim == 2 else part.y[:, None]


def target_spread(part: Part, data: Dataset) -> Floats | None:
    """Return what r² of ``part`` is measured against; None for classification, which has no r²."""
    return None if data.table.classes else spread(targets(part))


class Evaluation:
    """A compiled evaluation of ``part``, to be run whenever the parameters have changed."""

    def __init__(self, network: Network, part: Part, data: Dataset) -> None:
        self._plan = network.forward_plan(part.X)
        self._targets = targets(part).T[None]
        self._classes = true_classes(self._targets)
        self._spread = target_spread(part, data)
        self._exit = network.architecture.exit
        self._seeds = len(network.parameters.flat)
        self._grader: Grader | None = None

    def sums(self) -> Sums:
        """Return the metrics of all rows."""
        sums, z = Sums(self._exit, self._seeds, self._spread), self._plan.run()
        if self._spread is None and Grader.suits(self._exit, z.shape[1]):
            seeds = slice(None) if self._seeds > 1 else 0
            self._grader = self._grader or self._compile_grader(z[seeds, 0], self._targets[seeds, 0])
            self._grader.add_to(sums)
        else:
            sums.add(z, self._targets, self._classes)
        return sums

    def _compile_grader(self, z: Floats, y: Floats) -> Grader:
        encoded = y.astype(z.dtype)
        encode_targets(self._exit, encoded)
        return Grader(z, encoded, excess=1)

    def hidden_activations(self) -> list[Floats]:
        """Return (S, units, N) of each hidden layer."""
        self._plan.run()
        return self._plan.activations()
