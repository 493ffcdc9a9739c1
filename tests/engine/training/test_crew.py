"""A band divided among processes is the band trained alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import engine
import presets
from engine.data.dataset import Dataset
from engine.training.crew import Crew, Rows, join, part
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
    joined = join([part(whole, slice(0, 4)), part(whole, slice(4, 5)), part(whole, slice(5, 9))])
    assert joined.meta == whole.meta
    assert joined.arrays.keys() == whole.arrays.keys()
    for name, array in whole.arrays.items():
        np.testing.assert_array_equal(joined.arrays[name], array)


def test_dividing_a_band_changes_no_bit() -> None:
    alone, crew = band(), Crew(band(), processes=2)
    expected = np.stack([result.row() for result in alone.epochs()])
    rows = [crew.advance(3) for _ in range(4)]
    crew.close()
    assert crew.together is not None, "both ways have been measured"
    np.testing.assert_array_equal(np.concatenate(rows), expected)
    np.testing.assert_array_equal(crew.trainer.network.parameters.flat, alone.network.parameters.flat)
    assert crew.trainer.ended == "epochs"


def test_what_lost_on_a_short_block_is_tried_again_on_a_longer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    crew, clock = Crew(band(), processes=2), [0.0]

    def costing(start: float, epoch: float) -> Callable[[int], Rows]:
        def advance(epochs: int) -> Rows:
            clock[0] += start + epoch * epochs
            return np.zeros((epochs, len(SEEDS), 5))

        return advance

    monkeypatch.setattr("engine.training.crew.time.perf_counter", lambda: clock[0])
    monkeypatch.setattr(crew, "_warm_up", lambda: None)
    monkeypatch.setattr(crew.trainer, "advance", costing(0, 1))
    monkeypatch.setattr(crew, "_advance_together", costing(10, 0.5))
    for epochs, faster_together in [
        (4, None),
        (4, False),
        (7, False),
        (100, True),
        (4, False),
        (199, False),
        (200, True),
    ]:
        crew.advance(epochs)
        assert crew.together is faster_together


def test_a_crew_stops_where_the_run_ends() -> None:
    crew = Crew(band(), processes=1)
    assert len(crew.advance(100)) == 12
    assert len(crew.advance(100)) == 0


@pytest.mark.parametrize(
    ("seeds", "processes", "settings"),
    [([1], 2, {}), (SEEDS, 1, {}), (SEEDS, 2, {"training.stopping.patience": 5})],
)
def test_nothing_is_divided_that_would_not_gain(seeds: list[int], processes: int, settings: dict[str, int]) -> None:
    spec = presets.load("breast-cancer", set=settings)
    assert not Crew(engine.Trainer(spec, seeds=seeds, data=DATA), processes=processes).useful


def test_a_band_in_which_one_seed_fails_ends_as_it_would_alone() -> None:
    spec = presets.load("breast-cancer", set={"training.epochs": 40, "training.optimizer": "sgd"})
    trainer: Trainer = engine.Trainer(spec, seeds=SEEDS, data=DATA)
    crew = Crew(trainer, processes=2)
    crew.advance(1)
    trainer.network.parameters.flat[3] = np.nan
    assert len(crew.advance(5)) == 1
    crew.close()
    assert trainer.non_finite is not None
    assert trainer.non_finite.seeds == (13,)
