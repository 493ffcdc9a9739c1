"""The running metrics of a training epoch: each batch's loss and score before its update, weighted by rows.

They are read off the z of the exit, which the batches leave behind: once a window of batches, as calls cost more than
numbers here; and where all of an epoch is one short window, once for many epochs. To grade a small network's epoch by
itself takes as long as a third of its steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.numerics.grading import Grader
from engine.numerics.kernels import decoded_targets
from engine.numerics.losses import Exit
from engine.numerics.metrics import Sums, true_classes

Floats = NDArray[np.floating[Any]]

FEWEST_POSTPONED, MOST_POSTPONED = 16, 64
"""Epochs that are graded at once; fewer or more save next to nothing."""
MOST_ROWS = 4096
"""Up to so many rows an epoch. Longer sums would be rounded otherwise than when graded alone, and save nothing."""
POSTPONED_BYTES = 2**19
"""What is more does not stay in the cache; a large band's calls are shared by its seeds anyway."""


class RunningMetrics:
    """Grades what lies in a plan's buffers.

    Args:
        exit_: Last activation and loss.
        z: (S, rows · K) of a window, batch after batch, each (K, B).
        targets: (S, rows, K), as ``kernels.encode_targets`` gives them.
        batch_size: Rows of every batch but the last.
        excess: By how much z is larger than the true one.
        spread: For regression, ``metrics.spread`` of the targets.

    Attributes:
        sums: Over the finished windows of the current epoch.
        capacity: How many epochs can be postponed, if each is a single window; 0 for none.
    """

    def __init__(
        self, exit_: Exit, z: Floats, targets: Floats, *, batch_size: int, excess: float, spread: Floats | None
    ) -> None:
        self._exit, self._batch_size, self._excess, self._spread = exit_, batch_size, excess, spread
        self._z, self._targets = z, targets
        self._seeds, self._rows, self._outputs = targets.shape
        self._fast = spread is None and Grader.suits(exit_, self._outputs)
        self.sums = Sums(exit_, self._seeds, spread)
        fitting = POSTPONED_BYTES // (z.nbytes + targets.nbytes)
        worth_it = fitting >= FEWEST_POSTPONED and self._rows <= MOST_ROWS
        self.capacity = min(MOST_POSTPONED, fitting) if worth_it else 0
        self._graders: dict[int, Grader] = {}
        self._postponed = 0
        self._kept_z: Floats | None = None
        self._kept_targets: Floats | None = None

    def add(self, rows: int) -> None:
        """Add the first rows of the window, which are done."""
        z, targets = self._z[:, : rows * self._outputs], self._targets[:, :rows]
        if not self._fast:
            self._add_slowly(z, targets, self.sums)
            return
        if rows not in self._graders:
            seeds = slice(None) if self._seeds > 1 else 0
            self._graders[rows] = Grader(z[seeds], targets[seeds, :, 0], self._excess)
        self._graders[rows].add_to(self.sums)

    def postpone(self) -> None:
        """Keep a whole epoch, which is one window, for ``take``."""
        if self._kept_z is None or self._kept_targets is None:
            self._kept_z = np.empty((self.capacity, *self._z.shape), self._z.dtype)
            self._kept_targets = np.empty((self.capacity, *self._targets.shape), self._targets.dtype)
        self._kept_z[self._postponed] = self._z
        self._kept_targets[self._postponed] = self._targets
        self._postponed += 1

    def take(self) -> tuple[Floats, Floats]:
        """Return loss and score, (E, S), of the epochs that were postponed, and forget these."""
        epochs, self._postponed = self._postponed, 0
        if not epochs or self._kept_z is None or self._kept_targets is None:
            return np.empty((0, self._seeds)), np.empty((0, self._seeds))
        sums = Sums(self._exit, epochs * self._seeds, self._spread)
        z = self._kept_z[:epochs].reshape(epochs * self._seeds, -1)
        targets = self._kept_targets[:epochs].reshape(epochs * self._seeds, self._rows, self._outputs)
        if self._fast:
            Grader(z, targets[..., 0], self._excess).add_to(sums)
        else:
            self._add_slowly(z, targets, sums)
        return sums.loss().reshape(epochs, -1), sums.score().reshape(epochs, -1)

    def _add_slowly(self, z: Floats, targets: Floats, sums: Sums) -> None:
        """Add z (n, rows · K) and targets (n, rows, K)."""
        rows = self._in_rows(z)
        if self._excess != 1:
            rows = rows * (1 / self._excess)
        true = decoded_targets(self._exit, targets).swapaxes(-1, -2)
        sums.add(rows, true, true_classes(true))

    def _in_rows(self, z: Floats) -> Floats:
        """Return (n, K, rows) from (n, rows · K), where the rows lie batch after batch."""
        count = z.shape[-1] // self._outputs
        full = count // self._batch_size * self._batch_size
        blocks = z[:, : self._outputs * full].reshape(len(z), -1, self._outputs, self._batch_size).swapaxes(1, 2)
        in_rows = blocks.reshape(len(z), self._outputs, full)
        if full == count:
            return in_rows
        rest = z[:, self._outputs * full :].reshape(len(z), self._outputs, count - full)
        return np.concatenate([in_rows, rest], axis=-1)
