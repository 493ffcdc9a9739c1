"""The metrics of every epoch, whole or binned, against a plain re-computation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.run import series as module
from engine.run.metrics import METRICS
from engine.run.series import EpochSeries

Floats = NDArray[np.floating[Any]]

portions = st.lists(st.integers(1, 40), min_size=1, max_size=12)
"""Epochs that come at once."""


@contextmanager
def little_room(block: int, most_bins: int) -> Iterator[None]:
    """Let histories hold few epochs whole, so that short ones are folded too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WHOLE_BYTES", 1)
        patch.setattr(module, "LEAST_WHOLE", block)
        patch.setattr(module, "MOST_BINS", most_bins)
        yield


def filled(rows: Floats, portions: list[int]) -> EpochSeries:
    history = EpochSeries(rows.shape[1], lambda first, last: rows[first - 1 : last])
    history.append(rows[0])
    while len(history) < len(rows):
        for portion in portions:
            history.extend(rows[len(history) : len(history) + portion])
    return history


def random_rows(epochs: int, seeds: int, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(epochs, seeds, len(METRICS)))
    for rubbish in (np.nan, np.inf):
        rows[random.random(rows.shape) < 0.1] = rubbish
    return rows


def median_of_known(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size and np.isfinite(known).all() else np.nan


@given(
    epochs=st.integers(1, 300),
    portions=portions,
    seeds=st.integers(1, 3),
    seed=st.integers(0, 100),
    block=st.sampled_from([2, 8, 1024]),
    data=st.data(),
)
def test_every_epoch_can_be_had(
    epochs: int, portions: list[int], seeds: int, seed: int, block: int, data: st.DataObject
) -> None:
    rows = random_rows(epochs, seeds, seed)
    with little_room(block, 4):
        history = filled(rows, portions)
        assert len(history) == epochs
        np.testing.assert_array_equal(history.rows(1), rows)
        np.testing.assert_array_equal(history.rows(epochs), rows[-1:])
        assert not len(history.rows(epochs + 1))
        first, most = data.draw(st.integers(1, epochs)), data.draw(st.integers(0, epochs))
        np.testing.assert_array_equal(history.rows(first, most), rows[first - 1 : first - 1 + most])


@given(
    epochs=st.integers(1, 300),
    portions=portions,
    seeds=st.integers(1, 3),
    seed=st.integers(0, 100),
    first=st.integers(1, 300),
    most=st.integers(1, 40),
    block=st.sampled_from([2, 8, 64, 1024]),
    most_bins=st.integers(1, 64),
)
def test_bins_hold_the_extremes_and_the_latest(
    epochs: int, portions: list[int], seeds: int, seed: int, first: int, most: int, block: int, most_bins: int
) -> None:
    first = min(first, epochs)
    rows = random_rows(epochs, seeds, seed)
    with little_room(block, most_bins):
        bins = filled(rows, portions).binned(first, most)
    assert bins.width & (bins.width - 1) == 0
    assert (bins.first_epoch - 1) % bins.width == 0
    assert first - bins.width < bins.first_epoch <= first
    assert len(bins.values) <= most
    for number, values in enumerate(bins.values):
        start = bins.first_epoch - 1 + number * bins.width
        epochs_of_bin = rows[start : start + bins.width]
        for metric in range(len(METRICS)):
            numbers = epochs_of_bin[:, :, metric][np.isfinite(epochs_of_bin[:, :, metric])]
            extremes = (numbers.min(), numbers.max()) if numbers.size else (np.nan, np.nan)
            np.testing.assert_array_equal(values[metric, :2], extremes)
            np.testing.assert_array_equal(values[metric, 2], median_of_known(epochs_of_bin[-1, :, metric]))
    last = bins.first_epoch - 1 + len(bins.values) * bins.width
    assert last - bins.width < epochs <= last


@pytest.mark.parametrize("seeds", [1, 64])
def test_what_is_held_stops_growing(seeds: int) -> None:
    rows, held = np.zeros((512, seeds, len(METRICS))), []
    with little_room(block=64, most_bins=32):
        history = EpochSeries(seeds, lambda first, last: rows)
        for _ in range(16):
            history.extend(rows)
            parts = [*vars(history).values(), history._old.values.base]
            held.append(sum(value.nbytes for value in parts if isinstance(value, np.ndarray)))
    whole, bins = 2 * 64 * rows[0].nbytes, 2 * 32 * 3 * rows[0, 0].nbytes
    assert max(held) <= whole + max(bins, 16 * 512 // 64 * 3 * rows[0, 0].nbytes)
