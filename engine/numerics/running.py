"""The running metrics of a training epoch: each batch's loss and score before its update, weighted by rows.

They are read off z of the output, which the batches leave behind: once a window of batches, as calls cost more than
numbers here; and where all of an epoch is one short window, once for many epochs. Measured alone, a small network's
epoch would take a third longer.
"""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.numerics.fused_metrics import FusedMetricKernel
from engine.numerics.kernels import decode_targets
from engine.numerics.losses import OutputHead
from engine.numerics.metrics import MetricAccumulator, true_classes

MIN_DEFERRED_EPOCHS, MAX_DEFERRED_EPOCHS = 16, 64
"""Epochs measured at once; fewer or more save next to nothing."""
MOST_ROWS = 4096
"""Rows an epoch for deferring. Longer sums would be rounded otherwise than one epoch's alone, and save nothing."""
MAX_DEFERRED_BYTES = 2**19
"""More would not stay in the cache; a large band's calls are shared by its seeds anyway."""


class RunningMetrics:
    """Measures what a plan's batches leave in its buffers.

    Args:
        head: Last activation and loss.
        z: (S, rows · K) of a window, batch after batch, each (K, B).
        targets: (S, rows, K), as ``kernels.encode_targets`` gives them; (S, rows, K + 1) with what their
            losses are multiplied by.
        batch_size: Rows of every batch but the last.
        signal_scale: z over the true z.
        total_sum_of_squares: For regression, ``metrics.total_sum_of_squares`` of the targets.

    Attributes:
        accumulator: Over the finished windows of the current epoch.
        capacity: How many epochs can be deferred, if each is a single window; 0 for none.
    """

    def __init__(
        self,
        head: OutputHead,
        z: Floats,
        targets: Floats,
        *,
        batch_size: int,
        signal_scale: float,
        total_sum_of_squares: Floats | None,
    ) -> None:
        self._head, self._batch_size, self._signal_scale, self._total_sum_of_squares = (
            head,
            batch_size,
            signal_scale,
            total_sum_of_squares,
        )
        self._z, self._targets = z, targets
        self._seeds, self._rows, columns = targets.shape
        self._outputs = z.shape[1] // self._rows
        self._weighted = columns > self._outputs
        self._fast = total_sum_of_squares is None and FusedMetricKernel.supports(head, self._outputs)
        self.accumulator = MetricAccumulator(head, self._seeds, total_sum_of_squares)
        fitting = MAX_DEFERRED_BYTES // (z.nbytes + targets.nbytes)
        worth_it = fitting >= MIN_DEFERRED_EPOCHS and self._rows <= MOST_ROWS
        self.capacity = min(MAX_DEFERRED_EPOCHS, fitting) if worth_it else 0
        self._kernels: dict[int, FusedMetricKernel] = {}
        self._deferred = 0
        self._kept_z: Floats | None = None
        self._kept_targets: Floats | None = None

    def add(self, rows: int) -> None:
        """Add the first ``rows`` rows of the window, those whose batches are done."""
        z, targets = self._z[:, : rows * self._outputs], self._targets[:, :rows]
        if not self._fast:
            self._add_slowly(z, targets, self.accumulator)
            return
        if rows not in self._kernels:
            seeds = slice(None) if self._seeds > 1 else 0
            self._kernels[rows] = self._kernel(z[seeds], targets[seeds])
        self._kernels[rows].add_to(self.accumulator)

    def defer(self) -> None:
        """Copy a whole epoch, which is one window, to be measured by ``flush``."""
        if self._kept_z is None or self._kept_targets is None:
            self._kept_z = np.empty((self.capacity, *self._z.shape), self._z.dtype)
            self._kept_targets = np.empty((self.capacity, *self._targets.shape), self._targets.dtype)
        self._kept_z[self._deferred] = self._z
        self._kept_targets[self._deferred] = self._targets
        self._deferred += 1

    def flush(self) -> tuple[Floats, Floats]:
        """Return loss and score, each (E, S), of the deferred epochs, and forget these."""
        epochs, self._deferred = self._deferred, 0
        if not epochs or self._kept_z is None or self._kept_targets is None:
            return np.empty((0, self._seeds)), np.empty((0, self._seeds))
        accumulator = MetricAccumulator(self._head, epochs * self._seeds, self._total_sum_of_squares)
        z = self._kept_z[:epochs].reshape(epochs * self._seeds, -1)
        targets = self._kept_targets[:epochs].reshape(epochs * self._seeds, self._rows, -1)
        if self._fast:
            self._kernel(z, targets).add_to(accumulator)
        else:
            self._add_slowly(z, targets, accumulator)
        return accumulator.loss().reshape(epochs, -1), accumulator.score().reshape(epochs, -1)

    def _kernel(self, z: Floats, targets: Floats) -> FusedMetricKernel:
        weights = targets[..., 1] if self._weighted else None
        return FusedMetricKernel(z, targets[..., 0], self._signal_scale, self._head, weights)

    def _add_slowly(self, z: Floats, targets: Floats, accumulator: MetricAccumulator) -> None:
        """Add z (S, rows · K) and targets (S, rows, K); of deferred epochs, E · S in place of S."""
        rows = self._in_rows(z)
        if self._signal_scale != 1:
            rows = rows * (1 / self._signal_scale)
        true = decode_targets(self._head, targets[..., : self._outputs]).swapaxes(-1, -2)
        accumulator.add(rows, true, true_classes(true), targets[..., -1] if self._weighted else None)

    def _in_rows(self, z: Floats) -> Floats:
        """Return (S, K, rows) from z (S, rows · K), where the rows lie batch after batch."""
        count = z.shape[-1] // self._outputs
        full = count // self._batch_size * self._batch_size
        blocks = z[:, : self._outputs * full].reshape(len(z), -1, self._outputs, self._batch_size).swapaxes(1, 2)
        in_rows = blocks.reshape(len(z), self._outputs, full)
        if full == count:
            return in_rows
        rest = z[:, self._outputs * full :].reshape(len(z), self._outputs, count - full)
        return np.concatenate([in_rows, rest], axis=-1)
