"""Early stopping, by hand and in whole runs."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.run.exam import ExamReport
from engine.spec import StoppingSpec
from engine.training.results import EpochResult
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
    assert best == len(results) - 3 == trainer.best_epoch
    assert trainer.evaluate("validation").loss == (losses[best - 1] if restore else losses[-1])


def test_more_epochs_let_a_stopped_run_go_on() -> None:
    trainer = Trainer(recipe(**OVERFITS))
    stopped_at = len(list(trainer.epochs()))
    best = trainer.best_epoch
    trainer.change("training.epochs", 201)
    more = list(trainer.epochs())
    assert [result.epoch for result in more][:3] == [stopped_at + 1, stopped_at + 2, stopped_at + 3]
    assert trainer.ended == "early_stopping"
    if len(more) == 3:  # nothing better was found, so the best is still that of before
        assert trainer.best_epoch == best


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


# Epochs that run out before the patience does

LAST_WORSE: dict[str, Any] = {**OVERFITS, "training__stopping": {"patience": 100}, "training__epochs": 50}


def best_of(results: list[EpochResult]) -> tuple[int, float]:
    """Return the epoch of the lowest validation loss, the first of them, and the loss."""
    losses = [float(result.validation.loss) for result in results if result.validation is not None]
    return int(np.argmin(losses)) + 1, min(losses)


def stepwise(epochs: int) -> tuple[Trainer, list[EpochResult]]:
    """Return a trainer stopped by hand after so many epochs of a longer run: nothing can have been restored."""
    trainer = Trainer(recipe(**{**LAST_WORSE, "training__epochs": 200}))
    return trainer, list(itertools.islice(trainer.epochs(), epochs))


@pytest.mark.parametrize("at_once", [False, True])
def test_epochs_that_run_out_leave_the_best_parameters(at_once: bool) -> None:
    """By hand: those of a run that was halted at the epoch with the lowest validation loss."""
    trainer = Trainer(recipe(**LAST_WORSE))
    if at_once:
        trainer.advance(50)
        _, results = stepwise(50)
    else:
        results = list(trainer.epochs())
    epoch, loss = best_of(results)
    assert epoch < 45
    assert trainer.ended == "epochs"
    halted, _ = stepwise(epoch)
    np.testing.assert_array_equal(trainer.network.parameters.flat, halted.network.parameters.flat)
    assert trainer.evaluate("validation").loss == loss == halted.evaluate("validation").loss
    rows = np.random.default_rng(0).normal(size=(9, trainer.inputs))
    np.testing.assert_array_equal(trainer.predict(rows), halted.predict(rows))


def test_the_exam_is_sat_with_the_best_parameters() -> None:
    changed = {**LAST_WORSE, "split__test": 0.2}
    trainer, longer = Trainer(recipe(**changed)), Trainer(recipe(**{**changed, "training__epochs": 200}))
    epoch, _ = best_of(list(trainer.epochs()))
    list(itertools.islice(longer.epochs(), epoch))
    report, expected = trainer.exam(), longer.exam()
    assert isinstance(report, ExamReport)
    assert isinstance(expected, ExamReport)
    assert (report.loss, report.accuracy) == (expected.loss, expected.accuracy)


@pytest.mark.parametrize("stopping", [{"patience": 0}, {"patience": 100, "restore_best": False}])
def test_without_patience_or_the_wish_the_last_parameters_stay(stopping: dict[str, Any]) -> None:
    trainer = Trainer(recipe(**{**LAST_WORSE, "training__stopping": stopping}))
    list(trainer.epochs())
    halted, results = stepwise(50)
    np.testing.assert_array_equal(trainer.network.parameters.flat, halted.network.parameters.flat)
    assert trainer.evaluate("validation").loss == results[-1].validation.loss  # type: ignore[union-attr]


@pytest.mark.parametrize("saved", [False, True])
@pytest.mark.parametrize("optimizer", ["adam", "momentum"])
def test_fifty_epochs_and_fifty_more_are_a_hundred(saved: bool, optimizer: str, tmp_path: Path) -> None:
    changed = {**LAST_WORSE, "training__optimizer": optimizer}
    whole = Trainer(recipe(**{**changed, "training__epochs": 100}))
    expected = [result.row() for result in whole.epochs()]
    trainer = Trainer(recipe(**changed))
    rows = [result.row() for result in trainer.epochs()]
    if saved:
        best = trainer.network.parameters.flat.copy()
        trainer.save(tmp_path)
        trainer = Trainer.load(tmp_path)
        np.testing.assert_array_equal(trainer.network.parameters.flat, best)
    trainer.change("training.epochs", 100)
    rows += [result.row() for result in trainer.epochs()]
    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_array_equal(trainer.network.parameters.flat, whole.network.parameters.flat)


def test_a_weight_and_an_edit_between_the_fifties_act_as_on_a_run_that_was_not_halted() -> None:
    changes: list[tuple[str, Any]] = [
        ("weights.0.3.1", 0.25),
        ("network.edit", {"kind": "set-units", "layer": 0, "units": 12}),
        ("training.l2", 0.01),
    ]
    whole, _ = stepwise(50)
    halted = Trainer(recipe(**LAST_WORSE))
    list(halted.epochs())
    for path, value in changes:
        whole.change(path, value)
        halted.change(path, value)
    halted.change("training.epochs", 200)
    rows, expected = ([result.row() for result in itertools.islice(one.epochs(), 9)] for one in (halted, whole))
    np.testing.assert_array_equal(rows, expected)


def test_each_seed_of_a_band_gets_its_own_best_when_the_epochs_run_out() -> None:
    spec = recipe(**LAST_WORSE)
    band = Trainer(spec, seeds=range(3))
    list(band.epochs())
    assert len(set(band.state.stopping.best_epoch.tolist())) > 1  # else this would show nothing
    for place in range(3):
        alone = Trainer(spec, seed=place, data=band.data)
        list(alone.epochs())
        assert band.evaluate("validation").loss[place] == pytest.approx(alone.evaluate("validation").loss)  # type: ignore[index]
        np.testing.assert_allclose(band.network.parameters.flat[place], alone.network.parameters.flat[0], rtol=1e-7)


def test_a_step_beyond_the_end_goes_on_from_the_last_parameters() -> None:
    trainer = Trainer(recipe(**LAST_WORSE))
    list(trainer.epochs())
    longer, _ = stepwise(50)
    trainer.step()
    longer.step()
    np.testing.assert_array_equal(trainer.network.parameters.flat, longer.network.parameters.flat)
