"""A measured figure beside the one to reach."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 10_000


def report(what: str, measured: float, unit: str, *, at_most: float | None = None, note: str = "") -> None:
    """Print a figure, what it is to be at most, and whether it is."""
    goal = "" if at_most is None else f"at most {at_most:g} {unit}: {'met' if measured <= at_most else 'MISSED'}"
    print(f"{what:<64}{measured:>9.4g} {unit:<5} {goal}{f'  ({note})' if note else ''}".rstrip(), flush=True)


def describe_machine() -> None:
    """Print how many cores there are, and how many programs want one already: figures are true where few do."""
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}", flush=True)


def upper_bound(
    values: ArrayLike, statistic: Callable[..., NDArray[np.float64]] = np.median, confidence: float = 0.95
) -> float:
    """Return the one-sided bootstrap bound of a statistic (Efron 1979)."""
    sample = np.asarray(values, np.float64)
    random = np.random.default_rng(0)
    resampled = statistic(random.choice(sample, (RESAMPLES, len(sample))), axis=1)
    return float(np.quantile(resampled, confidence))


def late(seconds: ArrayLike) -> float:
    """Return the 95th percentile."""
    return float(np.quantile(np.asarray(seconds, np.float64), 0.95))
