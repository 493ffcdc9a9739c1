"""Two trainings compared seed by seed: is the difference larger than what the seeds alone would make of it?

A seed's first weights and order of batches are the same in both, so that pairs are compared, and not two heaps. The
test is Wilcoxon's signed-rank test (1945): were there no difference, each seed's could as well have the other sign; p
is the share of all choices of signs that are as lopsided as what was measured. By ranks a training that diverged,
whose loss is infinite, counts as the worst and no more. SciPy's ``wilcoxon`` computes the same, but takes half a second
to import and has no exact distribution for more than 13 pairs with ties, of which accuracies are full.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Direction = Literal["lower", "higher"]
Leader = Literal["first", "second"]

LEVEL = 0.05
"""A difference that chance alone makes as lopsided in less than this share of cases is more than the seeds' spread."""
LEAST_SEEDS = 6
"""With fewer seeds that differ not even all of them on one side are that rare: of five, one in sixteen."""
MOST_EXACT = 400
"""Pairs up to which every choice of signs is counted; with more the sum of ranks is as good as normal."""
RELATIVE_ROUNDING = 1e-12
"""Differences that differ by less, against the largest value, are one: .8 − .7 is no other step than .7 − .6."""


@dataclass(frozen=True)
class Paired:
    """What became of two trainings on the seeds that both have.

    Attributes:
        names: What the first and the second are called.
        better: Which way values are better.
        seeds: The common seeds of which both have a value, rising.
        differences: The second's value minus the first's, one for each of ``seeds``; infinite where one diverged.
        unpaired: Seeds that only one of them has, or of which one has no value.
        leader: The one that is better by the sum of ranks; None where neither is.
        p_value: Of the two-sided signed-rank test; 1 where no seed differs.
    """

    names: tuple[str, str]
    better: Direction
    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    unpaired: tuple[int, ...]
    leader: Leader | None
    p_value: float

    @property
    def wins(self) -> tuple[int, int]:
        """On how many of the common seeds the first is better, and on how many the second."""
        rises = sum(each > 0 for each in self.differences)
        falls = sum(each < 0 for each in self.differences)
        return (rises, falls) if self.better == "lower" else (falls, rises)

    @property
    def median(self) -> float:
        """The middle difference; NaN without common seeds, or halfway between −∞ and ∞."""
        return _median(self.differences)

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest difference; NaN without common seeds."""
        return (min(self.differences), max(self.differences)) if self.differences else (math.nan, math.nan)

    @property
    def can_tell(self) -> bool:
        """Whether so many seeds differ that some outcome would be beyond chance."""
        return sum(self.wins) >= LEAST_SEEDS

    @property
    def winner(self) -> Leader | None:
        """The one that is better by more than the seeds' own spread; None where that cannot be said."""
        return self.leader if self.can_tell and self.p_value < LEVEL else None

    def words(self, write: Callable[[float], str] | None = None) -> str:
        """Return in plain English which one is better, by how much, and whether that is more than chance.

        Args:
            write: Writes a number; by default in three digits.
        """
        if not self.seeds:
            return f"{' and '.join(self.names)} have no seed in common: they cannot be compared seed by seed"
        if not sum(self.wins):
            return f"{' and '.join(self.names)} do not differ on {_seeds(len(self.seeds))}"
        return f"{self._who()}, {self._how_much(write or _three_digits)}: {self._how_sure()}"

    def _who(self) -> str:
        (first, second), total = self.wins, len(self.seeds)
        if self.leader is None:
            return f"{self.names[0]} better than {self.names[1]} on {first} of {_seeds(total)}, worse on {second}"
        (name, wins), (other, losses) = (self.names[0], first), (self.names[1], second)
        if self.leader == "second":
            (name, wins), (other, losses) = (other, losses), (name, wins)
        if wins == total:
            where = "the one seed in common" if total == 1 else f"all {total} seeds"
        else:
            where = f"{wins} of {_seeds(total)}, {f'worse on {losses}' if losses else 'equal on the others'}"
        return f"{name} better than {other} on {where}"

    def _how_much(self, write: Callable[[float], str]) -> str:
        """Return the leader's advantage, positive where it is better; without a leader the differences as they are."""
        is_second_ahead = self.leader != "first"
        sign = 1 if is_second_ahead == (self.better == "higher") or self.leader is None else -1
        ahead = sorted(sign * each + 0.0 for each in self.differences)  # a zero has no sign
        if len(ahead) == 1:
            return f"by {write(ahead[0])}"
        said = "difference" if self.leader is None else "by"
        return f"{said} {write(_median(ahead))} ({write(ahead[0])} to {write(ahead[-1])})"

    def _how_sure(self) -> str:
        if len(self.seeds) == 1:
            return f"one seed says nothing of the next, it takes {LEAST_SEEDS} to tell"
        if not self.can_tell:
            some = "" if sum(self.wins) == len(self.seeds) else " that differ"
            return f"too few{some} to tell it from the seeds' own spread, it takes {LEAST_SEEDS}"
        size = "no more" if self.winner is None else "more"
        return f"{size} than the seeds' own spread (p = {_probability(self.p_value)})"


def paired(
    first: Mapping[int, float],
    second: Mapping[int, float],
    *,
    names: tuple[str, str] = ("the first", "the second"),
    better: Direction = "lower",
) -> Paired:
    """Return what became of two trainings on their common seeds.

    Args:
        first: The first one's value of each of its seeds: a loss or a score. NaN if it has none. A seed that diverged
            has an infinite one, of the worse sign.
        second: The second one's values.
        names: What they are called in words.
        better: Which way values are better.
    """
    missing = {seed for values in (first, second) for seed, value in values.items() if math.isnan(value)}
    common = sorted((first.keys() & second.keys()) - missing)
    values = np.array([[first[seed], second[seed]] for seed in common], np.float64).reshape(-1, 2)
    differences = _differences(values)
    falls, rises, p_value = _signed_rank_test(differences)
    ahead = (rises - falls) * (1 if better == "lower" else -1)
    return Paired(
        names=names,
        better=better,
        seeds=tuple(common),
        differences=tuple(differences.tolist()),
        unpaired=tuple(sorted((first.keys() | second.keys()) - set(common))),
        leader="first" if ahead > 0 else "second" if ahead < 0 else None,
        p_value=p_value,
    )


def _differences(values: Floats) -> Floats:
    """Return (n,) how much the second of each pair (n, 2) is above the first; 0 where only rounding differs."""
    finite = np.abs(values[np.isfinite(values)])
    with np.errstate(invalid="ignore"):
        differences = np.asarray(values[:, 1] - values[:, 0])
    differences[values[:, 0] == values[:, 1]] = 0.0  # also where both are infinite
    differences[np.abs(differences) <= RELATIVE_ROUNDING * finite.max(initial=0.0)] = 0.0
    return differences


def _signed_rank_test(differences: Floats) -> tuple[float, float, float]:
    """Return the sums of the ranks of the negative and of the positive differences (n,), and p of two sides.

    Differences of 0 have no rank, equal ones the mean of theirs.
    """
    kept = differences[differences != 0]
    doubled = _doubled_ranks(np.abs(kept))
    falls, rises = int(doubled[kept < 0].sum()), int(doubled[kept > 0].sum())
    tail = _exact_tail if len(doubled) <= MOST_EXACT else _normal_tail
    return falls / 2, rises / 2, min(1.0, 2 * tail(doubled, max(falls, rises)))


def _doubled_ranks(sizes: Floats) -> NDArray[np.int64]:
    """Return (n,) twice the rank of each size, counted from 1; equal ones have the mean of their ranks."""
    ordered = np.sort(sizes)
    finite = ordered[np.isfinite(ordered)]
    rounding = RELATIVE_ROUNDING * float(finite.max(initial=0.0))
    below, upto = (
        np.searchsorted(ordered, sizes - rounding, side="left"),
        np.searchsorted(ordered, sizes + rounding, side="right"),
    )
    return (below + 1 + upto).astype(np.int64)


def _exact_tail(doubled: NDArray[np.int64], at_least: int) -> float:
    """Return the share of all 2ⁿ choices of signs whose positive ranks (doubled, (n,)) sum up to ``at_least``."""
    shares = np.zeros(int(doubled.sum()) + 1)
    shares[0] = 1.0
    for rank in doubled:
        shifted = np.zeros_like(shares)
        shifted[rank:] = shares[: len(shares) - rank]
        shares = (shares + shifted) / 2
    return float(shares[at_least:].sum())


def _normal_tail(doubled: NDArray[np.int64], at_least: int) -> float:
    """Return the same where the sum is taken as normal: its mean is half the sum of ranks, its variance Σ rank²/4."""
    deviation = math.sqrt(float((doubled.astype(np.float64) ** 2).sum()) / 4)
    return 0.5 * math.erfc((at_least - float(doubled.sum()) / 2) / deviation / math.sqrt(2))


def _median(values: Sequence[float]) -> float:
    ordered, count = sorted(values), len(values)
    if not count:
        return math.nan
    low, high = ordered[(count - 1) // 2], ordered[count // 2]
    return low if low == high else (low + high) / 2


def _seeds(count: int) -> str:
    return "the one seed in common" if count == 1 else f"{count} seeds"


def _three_digits(number: float) -> str:
    return f"{number:.3g}".replace("-", "−").replace("inf", "∞")


def _probability(number: float) -> str:
    return f"{number:.2g}" if number >= 1e-4 else "1e-4 or less"
