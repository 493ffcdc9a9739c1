"""Early stopping, by hand and in whole runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.spec import StoppingSpec
from engine.training.stopping import EarlyStopping
from engine.training.trainer import Trainer
from tests.engine.training.recipes import recipe

OVERFITS: dict[str, Any] = {
    "network__layers": [{"units": 40, "activation": "relu"}, {"units": 1, "activation": "sigmoid"}],
    "training__learning_rate": 0.005,
    "training__epochs": 200,
    "training__stopping": {"patience": 3},
    "data__noise": 0.5,
}


def follow(spec: StoppingSpec, losses: list[list[float]]) -> EarlyStopping:
    """Feed losses, one list an epoch with one entry a seed; parameters are the epoch's number."""
    seeds = len(losses[0])
    stopping = EarlyStopping(np.zeros((seeds, 1)))
    for epoch, row in enumerate(losses, start=1):
        stopping.update(spec, epoch, np.array(row), np.full((seeds, 1), float(epoch)))
    return stopping


def test_patience_counts_epochs_without_a_better_loss() -> None:
    losses = [[1.0], [0.5], [0.6], [0.5], [0.7]]
    for count, stopped in ((3, 0), (4, 4), (5, 4)):
        stopping = follow(StoppingSpec(patience=2), losses[:count])
        assert stopping.stopped[0] == stopped
    assert (stopping.best_epoch[0], stopping.best_loss[0]) == (2, 0.5)


def test_an_improvement_must_exceed_the_minimum_change() -> None:
    losses = [[1.0], [0.95], [0.91], [0.89], [0.85]]
    stopping = follow(StoppingSpec(patience=3, minimum_change=0.1), losses)
    assert (stopping.best_epoch[0], stopping.stopped[0]) == (4, 0)
    stopping = follow(StoppingSpec(patience=2, minimum_change=0.1), losses)
    assert (stopping.best_epoch[0], stopping.stopped[0]) == (1, 3)


def test_without_patience_nothing_stops_but_the_best_is_known() -> None:
    stopping = follow(StoppingSpec(), [[1.0]] + [[2.0]] * 50)
    assert not stopping.all_stopped
    assert (stopping.best_epoch[0], stopping.best_parameters[0, 0]) == (1, 1.0)


def test_a_loss_that_is_no_number_is_no_improvement() -> None:
    stopping = follow(StoppingSpec(patience=2), [[1.0], [float("nan")], [float("nan")]])
    assert (stopping.best_epoch[0], stopping.stopped[0]) == (1, 3)


@pytest.mark.parametrize(("restore", "expected"), [(True, [1.0, 2.0]), (False, [2.0, 3.0])])
def test_seeds_stop_one_by_one_and_end_with_what_is_theirs(restore: bool, expected: list[float]) -> None:
    stopping = follow(StoppingSpec(patience=1, restore_best=restore), [[1.0, 3.0], [2.0, 2.0], [0.0, 4.0], [0.0, 0.0]])
    np.testing.assert_array_equal(stopping.stopped, [2, 3])
    assert stopping.all_stopped
    parameters = np.full((2, 1), 99.0)
    stopping.restore_stopped(parameters)
    np.testing.assert_array_equal(parameters[:, 0], expected)


def test_one_that_goes_on_has_its_patience_anew_and_remembers_its_best() -> None:
    spec = StoppingSpec(patience=2)
    stopping = follow(spec, [[1.0], [2.0], [2.0]])
    assert stopping.all_stopped
    stopping.resume(3)
    assert not stopping.all_stopped
    stopping.update(spec, 4, np.array([3.0]), np.array([[4.0]]))
    assert not stopping.all_stopped
    stopping.update(spec, 5, np.array([3.0]), np.array([[5.0]]))
    assert stopping.all_stopped
    assert (stopping.best_epoch[0], stopping.best_loss[0], stopping.best_parameters[0, 0]) == (1, 1.0, 1.0)


def test_a_state_goes_on_where_it_was() -> None:
    spec, losses = StoppingSpec(patience=2), [[1.0], [2.0]]
    resumed = EarlyStopping(np.zeros((1, 1)))
    resumed.restore({name: array.copy() for name, array in follow(spec, losses).state().items()})
    resumed.update(spec, 3, np.array([2.0]), np.array([[3.0]]))
    assert resumed.all_stopped


@pytest.mark.parametrize("restore", [True, False])
def test_a_run_that_stops_ends_with_its_best_or_its_last_parameters(restore: bool) -> None:
    trainer = Trainer(recipe(**OVERFITS, training__stopping__restore_best=restore))
    results = list(trainer.epochs())
    assert trainer.ended == "early_stopping"
    losses = [float(result.validation.loss) for result in results if result.validation is not None]
    best = int(np.argmin(losses)) + 1
    assert best == len(results) - 3 == trainer.state.best_epoch
    assert trainer.evaluate("validation").loss == (losses[best - 1] if restore else losses[-1])


def test_more_epochs_let_a_stopped_run_go_on() -> None:
    trainer = Trainer(recipe(**OVERFITS))
    stopped_at = len(list(trainer.epochs()))
    best = trainer.state.best_epoch
    trainer.change("training.epochs", 201)
    more = list(trainer.epochs())
    assert [result.epoch for result in more][:3] == [stopped_at + 1, stopped_at + 2, stopped_at + 3]
    assert trainer.ended == "early_stopping"
    if len(more) == 3:  # nothing better was found, so the best is still that of before
        assert trainer.state.best_epoch == best


def test_each_seed_of_a_band_stops_as_it_would_alone() -> None:
    spec = recipe(**OVERFITS)
    band = Trainer(spec, seeds=range(4))
    rows = np.stack([result.row() for result in band.epochs()])
    ends = []
    for place in range(4):
        alone = Trainer(spec, seed=place, data=band.data)
        expected = np.concatenate([result.row() for result in alone.epochs()])
        ends.append(len(expected))
        np.testing.assert_allclose(rows[: len(expected), place], expected, rtol=1e-7)
        assert np.isnan(rows[len(expected) :, place, :4]).all()  # what a stopped seed goes on to do is not reported
        np.testing.assert_allclose(band.network.parameters.flat[place], alone.network.parameters.flat[0], rtol=1e-7)
        assert band.evaluate("validation").loss[place] == pytest.approx(alone.evaluate("validation").loss)  # type: ignore[index]
    assert len(set(ends)) > 1  # else this would show nothing
    assert len(rows) == max(ends)


def test_a_band_whose_epochs_end_first_still_gives_its_stopped_seeds_their_best() -> None:
    spec = recipe(**OVERFITS)
    lengths = [len(list(Trainer(spec, seed=seed).epochs())) for seed in range(4)]
    first, last = min(lengths), max(lengths)
    assert first < last - 1
    spec = recipe(**{**OVERFITS, "training__epochs": last - 1})
    band = Trainer(spec, seeds=range(4))
    list(band.epochs())
    assert band.ended == "epochs"
    place = lengths.index(first)
    alone = Trainer(spec, seed=place, data=band.data)
    list(alone.epochs())
    assert alone.ended == "early_stopping"
    np.testing.assert_allclose(band.network.parameters.flat[place], alone.network.parameters.flat[0], rtol=1e-7)
