"""Smoothing of curves, and the stretches in which something holds. Nothing looks ahead: a prefix gives a prefix."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.intp]


class Stretch(NamedTuple):
    """Places ``first`` … ``last`` of a series, long enough from ``known`` on; ``open`` where it reaches to the end."""

    first: int
    last: int
    open: bool
    known: int


def trailing_mean(values: Floats, widths: Indices) -> Floats:
    """Return (k,), each the mean of so many values up to it, (k,) widths; fewer at the beginning."""
    places = np.arange(len(values))
    starts = np.maximum(places - widths + 1, 0)
    scale = max(1.0, float(np.abs(values).max(initial=0)))  # so that sums of the largest numbers do not overflow
    sums = np.concatenate([[0.0], np.cumsum(values / scale)])
    return np.asarray((sums[places + 1] - sums[starts]) / (places + 1 - starts) * scale)


def smoothed(values: Floats) -> Floats:
    """Return means over the latest fiftieth, at least five, of values (k,)."""
    return trailing_mean(values, np.maximum(5, np.arange(len(values)) // 50))


def run_lengths(holds: Bools) -> Indices:
    """Return (k,): for how many places in a row, up to each, something holds."""
    places = np.arange(len(holds))
    last_false = np.maximum.accumulate(np.where(holds, -1, places)) if len(holds) else places
    return np.asarray(places - last_false)


def stretches(holds: Bools, least: Indices | int = 1) -> list[Stretch]:
    """Return the stretches in which something holds for at least so many places in a row.

    Args:
        holds: (k,).
        least: How many are asked for at each place, (k,), or everywhere.
    """
    lengths = run_lengths(holds)
    ends = np.flatnonzero(holds & ~np.append(holds[1:], False))
    starts = []
    for end in ends.tolist():
        first = end + 1 - int(lengths[end])
        enough = np.flatnonzero(lengths[first : end + 1] >= np.broadcast_to(least, len(holds))[first : end + 1])
        if len(enough):
            starts.append(Stretch(first, end, end == len(holds) - 1, first + int(enough[0])))
    return starts
