"""Loss and score over whole subsets of the data, dropout off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.data.dataset import Dataset
from engine.data.table import Subset
from engine.errors import InputError
from engine.numerics.activations import Activation
from engine.numerics.fused_metrics import FusedMetricKernel
from engine.numerics.kernels import encode_targets
from engine.numerics.losses import OutputHead
from engine.numerics.metrics import MetricAccumulator, true_classes
from engine.training.network import Network
from engine.training.results import Metrics, Number
from engine.training.state import TrainingState
from engine.training.targets import target_sum_of_squares, targets


class CompiledEvaluation:
    """The evaluation of a network on a subset, compiled; it reads the parameters whenever it runs."""

    def __init__(self, network: Network, subset: Subset, data: Dataset, head: OutputHead) -> None:
        self._plan = network.forward_plan(subset.X)
        self._targets = targets(subset).T[None]
        self._classes = true_classes(self._targets)
        self._spread = target_sum_of_squares(subset, data)
        self._head, self._weights = head, subset.weights
        self._seeds = len(network.parameters.flat)
        self._kernel: FusedMetricKernel | None = None

    def sums(self) -> MetricAccumulator:
        """Return the metrics of all rows."""
        sums, z = MetricAccumulator(self._head, self._seeds, self._spread), self._plan.run()
        if self._spread is None and FusedMetricKernel.supports(self._head, z.shape[1]):
            seeds = slice(None) if self._seeds > 1 else 0
            self._kernel = self._kernel or self._compile_kernel(z[seeds, 0], self._targets[seeds, 0])
            self._kernel.add_to(sums)
        else:
            sums.add(z, self._targets, self._classes, self._weights)
        return sums

    def _compile_kernel(self, z: Floats, y: Floats) -> FusedMetricKernel:
        encoded = y.astype(z.dtype)
        encode_targets(self._head, encoded)
        return FusedMetricKernel(z, encoded, 1, self._head, self._weights)

    def last_z(self) -> Floats:
        """Return z of the output, (S, K, N); the array is overwritten by the next run."""
        return self._plan.run()

    def hidden_activations(self) -> list[Floats]:
        """Return (S, units, N) of each hidden layer."""
        return self._plan.activations()


class Evaluator:
    """Loss and score of the networks of a training: over subsets of its data, and from an epoch's running sums.

    Args:
        state: Holds the networks, and the data with its subsets, of which the test part is not for evaluating.
        single: Whether there is but one network, and metrics are plain numbers.
    """

    def __init__(self, state: TrainingState, *, single: bool) -> None:
        self._state, self._single = state, single
        self._compiled_for = self._what_counts()
        self._evaluations: dict[str, CompiledEvaluation] = {}

    def compiled(self, subset: str) -> CompiledEvaluation:
        """Return what evaluates a subset; compiled when first asked for, as it needs room for all of its rows.

        Raises:
            InputError: There is no such subset.
        """
        data = self._state.data
        subsets = {"train": data.train} | ({} if data.validation is None else {"validation": data.validation})
        if subset not in subsets:
            raise InputError(f"{subset}: expected one of {', '.join(subsets)}")
        if self._compiled_for != (needed := self._what_counts()):
            self._compiled_for = needed
            self._evaluations.clear()
        if subset not in self._evaluations:
            self._evaluations[subset] = CompiledEvaluation(self._state.network, subsets[subset], data, self._state.head)
        return self._evaluations[subset]

    def _what_counts(self) -> tuple[Network, OutputHead, tuple[Activation, ...]]:
        """Return what an evaluation is compiled for, beside the parameters."""
        network = self._state.network
        return network, self._state.head, tuple(layer.function for layer in network.architecture.layers)

    def evaluate(self, subset: str, stopped: NDArray[np.bool_] | None = None) -> Metrics:
        """Return loss and score, () or (S,), of all of a subset, dropout off; NaN for the stopped seeds (S,).

        Raises:
            InputError: There is no such subset.
        """
        return self.metrics(self.compiled(subset).sums(), stopped)

    def metrics(self, sums: MetricAccumulator, stopped: NDArray[np.bool_] | None = None) -> Metrics:
        """Return what sums come to; NaN for the stopped seeds (S,)."""
        loss, score = self._number(sums.loss(), stopped), self._number(sums.score(), stopped)
        return Metrics(loss, score) if self._state.data.table.classes else Metrics(loss, None, score)

    def _number(self, values: Floats, stopped: NDArray[np.bool_] | None) -> Number:
        if self._single:
            return float(values.item())
        values = np.atleast_1d(values)
        return values if stopped is None else np.where(stopped, np.nan, values)
