"""Masks of inverted dropout: their values, their frequency, their granularity, their streams."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.numerics.dropout import DropoutMasks

RATES = {0: (40, 0.5), 2: (3, 0.2)}
BATCHES = (8, 8, 5)


def drawn(granularity: str, *, seeds: Sequence[int] = (0,), dtype: type[np.floating] = np.float32) -> DropoutMasks:
    masks = DropoutMasks(RATES, BATCHES, len(seeds), granularity, np.dtype(dtype))
    masks.draw([np.random.default_rng(seed) for seed in seeds], first_of_epoch=True)
    return masks


@pytest.mark.parametrize("granularity", ["example", "step", "epoch"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_mask_is_zero_or_one_over_keep(granularity: str, dtype: type[np.floating]) -> None:
    masks = drawn(granularity, dtype=dtype)
    for layer, (units, rate) in RATES.items():
        for batch, rows in enumerate(BATCHES):
            block = masks.block(layer, batch)
            assert block.shape == (1, units, rows)
            assert block.dtype == dtype
            assert set(np.unique(block)) <= {0, dtype(1 / (1 - rate))}


@pytest.mark.parametrize(("granularity", "draws"), [("example", sum(BATCHES)), ("step", len(BATCHES)), ("epoch", 1)])
def test_how_often_a_neuron_is_drawn(granularity: str, draws: int) -> None:
    """Columns of the epoch's masks that differ: one a row, one a batch, or one in all."""
    masks = drawn(granularity)
    columns = [masks.block(0, batch)[0, :, row].tobytes() for batch, rows in enumerate(BATCHES) for row in range(rows)]
    assert len(set(columns)) == draws  # two columns of 40 neurons are not equal by chance
    if granularity == "step":
        assert all((masks.block(0, batch) == masks.block(0, batch)[..., :1]).all() for batch in range(len(BATCHES)))


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.5, 0.9])
def test_the_share_dropped_is_the_rate(rate: float) -> None:
    masks = DropoutMasks({0: (100, rate)}, [1000], 1, "example", np.dtype(np.float32))
    masks.draw([np.random.default_rng(1)], first_of_epoch=True)
    share = (masks.block(0, 0) == 0).mean()
    assert abs(share - rate) < 4 * np.sqrt(rate * (1 - rate) / 100_000)
    assert masks.block(0, 0).mean(dtype=np.float64) == pytest.approx(1, abs=4 * np.sqrt(rate / (1 - rate) / 100_000))


@pytest.mark.parametrize("rate", [1e-6, 0.001, 0.95, 0.99, 0.999, 0.9999, 0.99999])
@pytest.mark.parametrize("seeds", [1, 2])
def test_the_mean_of_a_mask_is_one_however_few_are_kept(rate: float, seeds: int) -> None:
    masks = DropoutMasks({0: (10, 0.5), 1: (500, rate)}, [1000], seeds, "example", np.dtype(np.float64))
    streams, total, draws = [np.random.default_rng(seed) for seed in range(seeds)], 0.0, 40
    for _ in range(draws):
        masks.draw(streams, first_of_epoch=True)
        total += float(masks.block(1, 0).mean()) * masks.scales[1]
    assert total / draws == pytest.approx(1, abs=4 * np.sqrt(rate / (1 - rate) / (500_000 * seeds * draws)))


def test_a_rate_next_to_one_keeps_what_it_says() -> None:
    """Of all numbers of 64 bits the last 2¹¹ are kept at p = 1 − 2⁻⁵³, and none before them."""

    class Stream:
        def __init__(self, values: Sequence[int]) -> None:
            self.bit_generator, self._values = self, np.array(values, np.uint64)

        def random_raw(self, count: int) -> NDArray[np.uint64]:
            return np.resize(self._values, count)

    masks = DropoutMasks({0: (1, 1 - 2**-53)}, [3], 1, "example", np.dtype(np.float64))
    masks.draw([Stream([2**64 - 1, 2**64 - 2**11, 2**64 - 2**11 - 1])], first_of_epoch=True)  # type: ignore[list-item]
    assert masks.block(0, 0).tolist() == [[[2.0**53, 2.0**53, 0]]]


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.3, 0.5, 0.9])
def test_usual_rates_are_drawn_as_they_have_always_been(rate: float) -> None:
    masks = DropoutMasks({0: (4, rate)}, [25], 1, "example", np.dtype(np.float64))
    masks.draw([np.random.default_rng(7)], first_of_epoch=True)
    bits = np.random.default_rng(7).bit_generator.random_raw(25).view(np.uint16)
    np.testing.assert_array_equal(masks.block(0, 0)[0], (bits >= int(rate * 65536)).reshape(4, 25) / (1 - rate))


def test_neurons_rows_and_layers_are_independent() -> None:
    masks = DropoutMasks({0: (4, 0.5), 1: (4, 0.5)}, [20_000], 1, "example", np.dtype(np.float32))
    masks.draw([np.random.default_rng(2)], first_of_epoch=True)
    kept = np.concatenate([masks.block(0, 0)[0], masks.block(1, 0)[0]]) > 0
    off_diagonal = np.corrcoef(np.concatenate([kept[:, :-1], kept[:, 1:]]))[~np.eye(16, dtype=bool)]
    assert np.abs(off_diagonal).max() < 5 / np.sqrt(20_000)


@pytest.mark.parametrize("granularity", ["example", "step", "epoch"])
@given(seeds=st.lists(st.integers(0, 1000), min_size=1, max_size=4))
def test_each_seed_of_a_band_sees_the_masks_it_would_see_alone(granularity: str, seeds: list[int]) -> None:
    band = drawn(granularity, seeds=seeds)
    for place, seed in enumerate(seeds):
        alone = drawn(granularity, seeds=[seed])
        for layer, (units, _) in RATES.items():
            for batch, rows in enumerate(BATCHES):
                mask = np.broadcast_to(band.block(layer, batch)[place] * np.float32(band.scales[layer]), (units, rows))
                np.testing.assert_array_equal(mask, alone.block(layer, batch)[0] * np.float32(alone.scales[layer]))


@pytest.mark.parametrize("granularity", ["example", "step", "epoch"])
@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_what_was_drawn_can_be_put_back(granularity: str, seeds: Sequence[int]) -> None:
    masks, others = drawn(granularity, seeds=seeds), drawn(granularity, seeds=[seed + 5 for seed in seeds])
    assert (masks.block(0, 0) != others.block(0, 0)).any()
    others.restore({layer: kept.copy() for layer, kept in masks.state().items()})
    for layer in RATES:
        for batch in range(len(BATCHES)):
            np.testing.assert_array_equal(masks.block(layer, batch), others.block(layer, batch))


def test_blocks_are_views_that_each_draw_fills_anew() -> None:
    masks = DropoutMasks(RATES, BATCHES, 1, "example", np.dtype(np.float32))
    block, stream = masks.block(0, 1), np.random.default_rng(0)
    seen = []
    for _ in range(2):
        masks.draw([stream], first_of_epoch=True)
        seen.append(block.copy())
    assert seen[0].any()
    assert (seen[0] != seen[1]).any()


def test_only_the_first_window_of_an_epoch_draws_the_masks_of_the_epoch() -> None:
    masks = drawn("epoch")
    before = masks.block(0, 0).copy()
    masks.draw([np.random.default_rng(9)], first_of_epoch=False)
    np.testing.assert_array_equal(masks.block(0, 0), before)
    masks.draw([np.random.default_rng(9)], first_of_epoch=True)
    assert (masks.block(0, 0) != before).any()


def test_nothing_to_drop_draws_nothing() -> None:
    masks = DropoutMasks({}, BATCHES, 1, "example", np.dtype(np.float32))
    stream = np.random.default_rng(0)
    masks.draw([stream], first_of_epoch=True)
    assert stream.random() == np.random.default_rng(0).random()
