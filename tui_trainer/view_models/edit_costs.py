"""What edits of the architecture have cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.run.changes import Change, EditNetwork
from engine.run.series import median_over_seeds
from tui_trainer.formatting import metric
from tui_trainer.view_models.curves import VALIDATION_LOSS


@dataclass
class EditCosts:
    """What each edit has cost: the validation loss after the epoch before it, and after the first one with it.

    Attributes:
        losses: (before, after) by the epoch from which an edit holds; None where it is not known.
    """

    losses: dict[int, tuple[float | None, float | None]] = field(default_factory=dict)
    _latest: tuple[int, float] = (0, math.nan)

    def apply(self, changes: Sequence[Change], first_epoch: int, rows: NDArray[np.float64]) -> None:
        """Take in a frame's changes and its metrics (k, S, 5) of the epochs from ``first_epoch`` on."""
        losses_by_epoch = dict([self._latest])
        losses_by_epoch |= enumerate(median_over_seeds(rows)[:, VALIDATION_LOSS].tolist(), start=first_epoch)
        for change in changes:
            if isinstance(change, EditNetwork):
                self.losses[change.epoch] = losses_by_epoch.get(change.epoch - 1), None
        for epoch, (before, after) in self.losses.items():
            if after is None:
                self.losses[epoch] = before, losses_by_epoch.get(epoch)
        self._latest = max(losses_by_epoch.items())

    def line(self, epoch: int) -> str:
        """Return what the edit of an epoch cost, empty where that is not known (yet)."""
        before, after = self.losses.get(epoch, (None, None))
        if before is None or after is None or math.isnan(before):
            return ""
        return f"validation loss {metric(before)} → {metric(after)}"
