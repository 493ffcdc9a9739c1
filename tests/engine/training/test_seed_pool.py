"""A band divided among processes is the band trained alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import engine
import presets
from engine.array_types import Rows
from engine.data.dataset import Dataset
from engine.training.seed_pool import SeedPool, join_seeds, select_seeds
from engine.training.trainer import Trainer

SPEC = presets.load("breast-cancer", set={"training.epochs": 12})
DATA: Dataset = engine.Trainer(SPEC).data
SEEDS = range(10, 19)


def band() -> Trainer:
    trainer: Trainer = engine.Trainer(SPEC, seeds=SEEDS, data=DATA)
    return trainer


def test_parts_and_their_join_are_the_whole() -> None:
    trainer = band()
    for _ in range(30):
        trainer.step()
    whole = trainer.checkpoint()
    joined = join_seeds([select_seeds(whole, range(*bounds)) for bounds in ((0, 4), (4, 5), (5, 9))])
    assert joined.meta == whole.meta
    assert joined.arrays.keys() == whole.arrays.keys()
    for name, array in whole.arrays.items():
        np.testing.assert_array_equal(joined.arrays[name], array)


def test_dividing_a_band_changes_no_bit() -> None:
    alone, pool = band(), SeedPool(band(), processes=2)
    expected = np.stack([result.row() for result in alone.epochs()])
    rows = [pool.advance(3) for _ in range(4)]
    pool.close()
    assert pool.parallel_is_faster is not None, "both ways have been measured"
    np.testing.assert_array_equal(np.concatenate(rows), expected)
    np.testing.assert_array_equal(pool.trainer.network.parameters.flat, alone.network.parameters.flat)
    assert pool.trainer.ended == "epochs"


def test_what_lost_on_a_short_block_is_tried_again_on_a_longer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, clock = SeedPool(band(), processes=2), [0.0]

    def costing(start: float, epoch: float) -> Callable[[int], Rows]:
        def advance(epochs: int) -> Rows:
            clock[0] += start + epoch * epochs
            return np.zeros((epochs, len(SEEDS), 5))

        return advance

    monkeypatch.setattr("engine.training.seed_pool.time.perf_counter", lambda: clock[0])
    monkeypatch.setattr(pool, "_warm_up", lambda: None)
    monkeypatch.setattr(pool.trainer, "advance", costing(0, 1))
    monkeypatch.setattr(pool, "_advance_in_parallel", costing(10, 0.5))
    for epochs, faster in [
        (4, None),
        (4, False),
        (7, False),
        (100, True),
        (4, False),
        (199, False),
        (200, True),
    ]:
        pool.advance(epochs)
        assert pool.parallel_is_faster is faster


def test_a_pool_stops_where_the_run_ends() -> None:
    pool = SeedPool(band(), processes=1)
    assert len(pool.advance(100)) == 12
    assert len(pool.advance(100)) == 0


@pytest.mark.parametrize(
    ("seeds", "processes", "settings"),
    [([1], 2, {}), (SEEDS, 1, {}), (SEEDS, 2, {"training.stopping.patience": 5})],
)
def test_nothing_is_divided_that_would_not_gain(seeds: list[int], processes: int, settings: dict[str, int]) -> None:
    spec = presets.load("breast-cancer", set=settings)
    assert not SeedPool(engine.Trainer(spec, seeds=seeds, data=DATA), processes=processes).useful


def test_a_band_in_which_one_seed_fails_ends_as_it_would_alone() -> None:
    spec = presets.load("breast-cancer", set={"training.epochs": 40, "training.optimizer": "sgd"})
    trainer: Trainer = engine.Trainer(spec, seeds=SEEDS, data=DATA)
    pool = SeedPool(trainer, processes=2)
    pool.advance(1)
    trainer.network.parameters.flat[3] = np.nan
    assert len(pool.advance(5)) == 1
    pool.close()
    assert trainer.non_finite is not None
    assert trainer.non_finite.seeds == (13,)
