"""What came of a trial."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Literal

from engine.run.frozen import Frozen
from engine.run.status import EndReason

TrialState = Literal["finished", "stopped", "failed"]
Numbers = tuple[float | None, ...]
"""One a seed; None where undefined."""


class PartMetrics(Frozen):
    """Loss and score of one part of the data, by seed."""

    loss: Numbers
    score: Numbers
    """Accuracy; of a regression r²."""


class TrialResult(Frozen):
    """What came of a trial, by seed."""

    state: TrialState
    """Whether it ended by itself, was stopped by its user, or could not be trained."""
    seconds: float
    """For which it was trained, all seeds together."""
    reason: EndReason | None = None
    """Why its training ended."""
    regression: bool = False
    epochs: tuple[int, ...] = ()
    """The last epoch that each seed learned."""
    train: PartMetrics | None = None
    """Of that epoch, running."""
    validation: PartMetrics | None = None
    """Of that epoch; None where the recipe sets no rows aside."""
    best_epochs: tuple[int, ...] | None = None
    """The epoch of each seed's lowest validation loss, where the recipe has patience."""
    best: Numbers | None = None
    """The validation losses of these."""
    curve: Numbers = ()
    """Medians over the seeds of the validation loss, else the training loss, at evenly spread epochs."""
    message: str | None = None
    """What went wrong, in one line."""

    @property
    def is_whole(self) -> bool:
        """Whether it was trained as its recipe says, so that it can be compared."""
        return self.state == "finished" and self.reason in ("epochs", "early_stopping")


def median(values: Sequence[float | None]) -> float | None:
    """Return the median over seeds, an undefined loss counting as infinite; None where that is not finite."""
    if not values:
        return None
    middle = statistics.median([math.inf if value is None else value for value in values])
    return middle if math.isfinite(middle) else None


def spread(values: Sequence[float | None]) -> tuple[float, float] | None:
    """Return the smallest and the largest value; None where one is undefined."""
    defined = [value for value in values if value is not None]
    return (min(defined), max(defined)) if defined and len(defined) == len(values) else None
