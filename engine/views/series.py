"""Sparse series of a run, as arrays by name."""

from __future__ import annotations

import numpy as np

from engine.array_types import Arrays, Indices
from engine.errors import InputError, sanitize
from engine.protocol.queries import SeriesQuery
from engine.store.metrics import MetricsLog


def series(log: MetricsLog, query: SeriesQuery) -> Arrays:
    """Return steps, epochs and values of each series that is named, thinned to the points that were asked for.

    Raises:
        InputError: The run has none of a name.
    """
    names_there = set(log.series_names())
    arrays: Arrays = {}
    for place, name in enumerate(query.names):
        if name not in names_there:
            raise InputError(f"series: this run has none named {sanitize(name, 80)}")
        points = log.points(name)
        kept = _thinned(len(points.steps), query.max_points)
        arrays[f"{place}.steps"] = points.steps[kept]
        arrays[f"{place}.epochs"] = points.epochs[kept]
        arrays[f"{place}.values"] = points.values[kept]
    return arrays


def _thinned(count: int, most: int) -> Indices:
    """Return which of ``count`` points to keep: at most ``most``, evenly, the first and the last among them."""
    places = np.linspace(0, max(0, count - 1), min(count, most)).astype(np.intp)
    return places[np.diff(places, prepend=-1) > 0]
