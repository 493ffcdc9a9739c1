"""Which trial is best, by the validation rows alone: the exam takes no part in a choice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from engine.judgement.paired import Paired, paired
from engine.sweep.description import SweepDescription
from engine.sweep.results import Numbers, TrialResult, median

NO_VALIDATION = (
    "nothing to choose by: the recipe sets no validation rows aside, and the exam stays sealed; "
    "--set split.validation=.2 does"
)
NOTHING_WHOLE = "nothing to choose from: no trial was trained to its end"


@dataclass(frozen=True)
class Candidate:
    """A trial that can be chosen.

    Attributes:
        trial: Its number.
        by_seed: What it is judged by, one number a seed.
        median: Of these.
    """

    trial: int
    by_seed: Numbers
    median: float


@dataclass(frozen=True)
class Choice:
    """The trials in their order.

    Attributes:
        by: What they are judged by: ``validation.loss``; None where there is nothing to judge by.
        higher_is_better: Of that.
        candidates: The best first; of equal ones the first.
        why_not: Why none can be chosen.
        note: How this judgement is another one than usual; None where it is not.
    """

    by: str | None
    higher_is_better: bool
    candidates: tuple[Candidate, ...]
    why_not: str | None = None
    note: str | None = None

    @property
    def best(self) -> Candidate | None:
        """The trial that is chosen."""
        return self.candidates[0] if self.candidates else None


def choose(description: SweepDescription, ended: Mapping[int, TrialResult]) -> Choice:
    """Return the order of the trials that were trained to their end.

    Judged by the median over seeds of the last epoch's validation loss, of the best epoch's where the recipe has
    patience. Where trials differ in what their losses are losses of, by that of the accuracy (r²) instead.
    """
    whole = {trial: ended[trial] for trial in sorted(ended) if ended[trial].is_whole}
    if not whole:
        return Choice(None, higher_is_better=False, candidates=(), why_not=NOTHING_WHOLE)
    if all(result.validation is None for result in whole.values()):
        return Choice(None, higher_is_better=False, candidates=(), why_not=NO_VALIDATION)
    by_loss = description.losses_compare
    score = "r2" if any(result.regression for result in whole.values()) else "accuracy"
    candidates = []
    for trial, result in whole.items():
        values = result.judged_losses if by_loss else result.judged_scores
        if (middle := median(values) if by_loss else _median_score(values)) is not None:
            candidates.append(Candidate(trial, values, middle))
    sign = 1 if by_loss else -1
    return Choice(
        f"validation.{'loss' if by_loss else score}",
        higher_is_better=not by_loss,
        candidates=tuple(sorted(candidates, key=lambda candidate: sign * candidate.median)),
        why_not=None if candidates else "nothing to choose from: no trial has a finite validation loss",
        note=_note(description, by_loss=by_loss),
    )


def second_beside_best(description: SweepDescription, choice: Choice) -> Paired | None:
    """Return the best trial beside the second, seed by seed; None where there are not two."""
    if len(choice.candidates) < 2:
        return None
    best, second = (
        {seed: worst if value is None else value for seed, value in zip(description.seeds, each.by_seed, strict=True)}
        for each in choice.candidates[:2]
        for worst in [-math.inf if choice.higher_is_better else math.inf]
    )
    names = tuple(f"trial {each.trial}" for each in choice.candidates[:2])
    return paired(best, second, names=(names[0], names[1]), better="higher" if choice.higher_is_better else "lower")


def _median_score(values: Numbers) -> float | None:
    negative = median([None if value is None else -value for value in values])
    return None if negative is None else -negative


def _note(description: SweepDescription, *, by_loss: bool) -> str | None:
    if not by_loss:
        return "losses of different kinds cannot be compared, so the score decides"
    if description.rows_differ:
        return "trials may be validated on different rows, which their losses do not tell apart"
    return None
