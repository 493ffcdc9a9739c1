"""The metrics of every epoch, whole or binned, against a plain re-computation."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.protocol.events import METRICS
from engine.training.history import History

Floats = NDArray[np.floating[Any]]


def filled(rows: Floats) -> History:
    history = History(rows.shape[1])
    history.extend(rows[: len(rows) // 2])
    for row in rows[len(rows) // 2 :]:
        history.append(row)
    return history


def random_rows(epochs: int, seeds: int, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(epochs, seeds, len(METRICS)))
    rows[random.random(rows.shape) < 0.1] = np.nan
    return rows


@given(epochs=st.integers(1, 300), seeds=st.integers(1, 3), seed=st.integers(0, 100))
def test_every_epoch_is_kept(epochs: int, seeds: int, seed: int) -> None:
    rows = random_rows(epochs, seeds, seed)
    history = filled(rows)
    assert len(history) == epochs
    np.testing.assert_array_equal(history.rows(1), rows)
    np.testing.assert_array_equal(history.rows(epochs), rows[-1:])


@given(
    epochs=st.integers(1, 300),
    seeds=st.integers(1, 3),
    seed=st.integers(0, 100),
    first=st.integers(1, 300),
    most=st.integers(1, 40),
)
def test_bins_hold_the_extremes_and_the_latest(epochs: int, seeds: int, seed: int, first: int, most: int) -> None:
    first = min(first, epochs)
    rows = random_rows(epochs, seeds, seed)
    bins = filled(rows).binned(first, most)
    assert bins.width & (bins.width - 1) == 0
    assert (bins.first_epoch - 1) % bins.width == 0
    assert first - bins.width < bins.first_epoch <= first
    assert len(bins.values) <= most
    for number, values in enumerate(bins.values):
        start = bins.first_epoch - 1 + number * bins.width
        block = rows[start : start + bins.width]
        for metric in range(len(METRICS)):
            numbers = block[:, :, metric][np.isfinite(block[:, :, metric])]
            if numbers.size:
                assert values[metric, 0] == numbers.min()
                assert values[metric, 1] == numbers.max()
            else:
                assert np.isnan(values[metric, :2]).all()
            np.testing.assert_array_equal(values[metric, 2], np.median(block[-1, :, metric]))
    last = bins.first_epoch - 1 + len(bins.values) * bins.width
    assert last - bins.width < epochs <= last
