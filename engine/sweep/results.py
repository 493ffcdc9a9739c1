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
    non_finite: tuple[int | None, ...] | None = None
    """The epoch after which each seed was not finite any more, and was left out; None where all seeds were."""
    message: str | None = None
    """What went wrong, in one line."""

    @property
    def is_whole(self) -> bool:
        """Whether it was trained as its recipe says, so that it can be compared."""
        return self.state == "finished" and self.reason in ("epochs", "early_stopping")

    @property
    def left_out(self) -> int:
        """How many seeds were left out, as they were not finite any more."""
        return sum(epoch is not None for epoch in self.non_finite or ())

    @property
    def judged_losses(self) -> Numbers:
        """What each seed is judged by: its validation loss at its end, of its best epoch where it has patience.

        None where it was left out; empty where there is no validation.
        """
        if self.validation is None:
            return ()
        return self._of_finite(self.validation.loss if self.best is None else self.best)

    @property
    def judged_scores(self) -> Numbers:
        """The validation score of each seed at its end; None where it was left out; empty without validation."""
        return () if self.validation is None else self._of_finite(self.validation.score)

    def _of_finite(self, values: Numbers) -> Numbers:
        if self.non_finite is None:
            return values
        return tuple(value if at is None else None for value, at in zip(values, self.non_finite, strict=True))


def median(values: Sequence[float | None]) -> float | None:
    """Return the median over seeds, an undefined loss counting as infinite; None where that is not finite."""
    if not values:
        return None
    middle = statistics.median([math.inf if value is None else value for value in values])
    return middle if math.isfinite(middle) else None


def spread(values: Sequence[float | None]) -> tuple[float, float] | None:
    """Return the smallest and the largest loss, an undefined one counting as infinite; None where all are undefined."""
    if not any(value is not None for value in values):
        return None
    losses = [math.inf if value is None else value for value in values]
    return min(losses), max(losses)
