"""Evaluate networks on one part of the data, dropout off."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.table import Subset
from engine.errors import InputError
from engine.numerics.grading import Grader
from engine.numerics.kernels import encode_targets
from engine.numerics.metrics import Sums, spread, true_classes
from engine.training.network import Network
from engine.training.results import Metrics, Number

Floats = NDArray[np.floating[Any]]


def targets(part: Subset) -> Floats:
    """Return y as (B, K)."""
    return part.y if part.y.ndim == 2 else part.y[:, None]


def target_spread(part: Subset, data: Dataset) -> Floats | None:
    """Return what r² of ``part`` is measured against; None for classification, which has no r²."""
    return None if data.table.classes else spread(targets(part))


class CompiledEvaluation:
    """A compiled evaluation of ``part``, to be run whenever the parameters have changed."""

    def __init__(self, network: Network, part: Subset, data: Dataset) -> None:
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
        return self._plan.activations()


class Evaluator:
    """Loss and score of a trainer's networks: of the parts of its data, evaluated, and of an epoch's running sums.

    Args:
        network: What is evaluated.
        data: With its parts; the test part is not for grading.
        single: Whether there is but one network, and metrics are plain numbers.
    """

    def __init__(self, network: Network, data: Dataset, *, single: bool) -> None:
        self._network, self._data, self._single = network, data, single
        self._evaluations: dict[str, CompiledEvaluation] = {}
        self._parts = {"train": data.train}
        if data.validation is not None:
            self._parts["validation"] = data.validation

    def compiled(self, part: str) -> CompiledEvaluation:
        """Return what evaluates a part; compiled when first asked for, as it needs room for all of its rows.

        Raises:
            InputError: There is no such part.
        """
        if part not in self._parts:
            raise InputError(f"{part}: expected one of {', '.join(self._parts)}")
        if part not in self._evaluations:
            self._evaluations[part] = CompiledEvaluation(self._network, self._parts[part], self._data)
        return self._evaluations[part]

    def evaluate(self, part: str, stopped: NDArray[np.bool_] | None = None) -> Metrics:
        """Return the metrics of all of a part, dropout off; NaN for the stopped seeds (S,)."""
        return self.metrics(self.compiled(part).sums(), stopped)

    def metrics(self, sums: Sums, stopped: NDArray[np.bool_] | None = None) -> Metrics:
        """Return what sums come to; NaN for the stopped seeds (S,)."""
        loss, score = self._number(sums.loss(), stopped), self._number(sums.score(), stopped)
        return Metrics(loss, score) if self._data.table.classes else Metrics(loss, None, score)

    def _number(self, values: Floats, stopped: NDArray[np.bool_] | None) -> Number:
        if self._single:
            return float(values.item())
        values = np.atleast_1d(values)
        return values if stopped is None else np.where(stopped, np.nan, values)
