from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import presets
from engine.spec import Spec
from engine.sweep.field import SIZE, Field, measure
from engine.sweep.requests import Requests
from engine.sweep.trial import Task, run_task
from engine.sweep.trials import Ended
from engine.training.trainer import Trainer
from tests.engine.sweep.small import recipe


def trained(spec: Spec, seeds: tuple[int, ...], folder: Path, give_up: float | None = None) -> Ended:
    ended = run_task(task(spec, seeds, folder, give_up))
    assert isinstance(ended, Ended)
    return ended


def task(spec: Spec, seeds: tuple[int, ...], folder: Path, give_up: float | None = None) -> Task:
    return Task(3, spec.model_dump(mode="json"), seeds, str(folder / "requests"), str(folder / "progress"), give_up)


def test_a_trial_ends_with_the_numbers_of_a_band_trained_epoch_by_epoch(tmp_path: Path) -> None:
    *_, last = Trainer(recipe(), seeds=(4, 5)).epochs()
    result = trained(recipe(), (4, 5), tmp_path).result
    assert result.train is not None
    assert result.validation is not None
    assert last.validation is not None
    assert (result.state, result.reason, result.epochs) == ("finished", "epochs", (5, 5))
    np.testing.assert_array_equal(result.train.loss, last.train.loss)
    np.testing.assert_array_equal(result.validation.loss, last.validation.loss)
    np.testing.assert_array_equal(result.validation.score, last.validation.accuracy)
    assert len(result.curve) == 5
    assert result.curve[-1] == np.median(np.atleast_1d(last.validation.loss))


def test_with_patience_each_seed_has_the_last_epoch_that_it_learned_and_its_best_one(tmp_path: Path) -> None:
    spec = recipe(training__epochs=60, training__stopping__patience=3, training__learning_rate=0.05)
    result = trained(spec, (1, 2, 3), tmp_path).result
    for index, seed in enumerate((1, 2, 3)):
        epochs = [epoch for epoch in Trainer(spec, seed).epochs() if epoch.validation is not None]
        losses = [float(epoch.validation.loss) for epoch in epochs if epoch.validation is not None]
        assert result.epochs[index] == len(losses)
        assert result.validation is not None
        assert result.best is not None
        assert result.best_epochs is not None
        assert result.validation.loss[index] == pytest.approx(losses[-1], rel=1e-5)
        assert result.best[index] == pytest.approx(min(losses), rel=1e-5)
        assert result.best_epochs[index] == int(np.argmin(losses)) + 1
    assert result.reason == "early_stopping"
    assert len(set(result.epochs)) > 1


def test_a_recipe_that_draws_its_data_with_the_seed_is_trained_seed_by_seed(tmp_path: Path) -> None:
    spec = presets.load("spirals-as-published", set={"training.epochs": 3, "training.streams": "legacy-shared"})
    result = trained(spec, (1, 2), tmp_path).result
    assert result.train is not None
    alone = [list(Trainer(spec, seed).epochs())[-1].train.loss for seed in (1, 2)]
    assert list(result.train.loss) == alone


def test_what_is_not_finite_is_null_and_says_since_when(tmp_path: Path) -> None:
    spec = presets.load(
        "diabetes", set={"training.optimizer": "sgd", "training.learning_rate": 1e6, "training.epochs": 50}
    )
    result = trained(spec, (1, 2), tmp_path).result
    assert result.reason == "non_finite"
    assert not result.is_whole
    assert result.message is not None
    assert result.message.startswith("epoch ")


def test_a_seed_that_is_not_finite_is_left_out_and_the_others_train_on_as_alone(tmp_path: Path) -> None:
    values = {"training.optimizer": "sgd", "training.learning_rate": 0.0035, "training.dtype": "float64"}
    spec, seeds = presets.load("diabetes", set=values | {"training.epochs": 20}), (0, 1, 2, 5)
    result = trained(spec, seeds, tmp_path).result
    alone = [Trainer(spec, seed) for seed in seeds]
    with np.errstate(all="ignore"):
        last = [list(trainer.epochs())[-1] for trainer in alone]
    assert [trainer.ended for trainer in alone] == ["non_finite", "epochs", "epochs", "non_finite"]
    assert result.epochs == tuple(trainer.epoch for trainer in alone)
    assert result.non_finite == (alone[0].epoch, None, None, alone[3].epoch)
    assert result.is_whole
    assert result.reason == "epochs"
    assert result.validation is not None
    assert [loss is None for loss in result.judged_losses] == [True, False, False, True]
    for place in (1, 2):
        validation = last[place].validation
        assert validation is not None
        assert result.validation.loss[place] == pytest.approx(float(validation.loss), rel=1e-9)
        assert result.judged_scores[place] == pytest.approx(validation.r2, rel=1e-9)
    assert result.message is not None
    assert result.message.startswith("seed 5 is left out (and 1 more of 4): ")
    assert f"after epoch {alone[3].epoch}" in result.message


def test_early_stopping_goes_on_beside_a_seed_that_was_left_out(tmp_path: Path) -> None:
    values = {"training.optimizer": "sgd", "training.learning_rate": 0.0035, "training.dtype": "float64"}
    values |= {"training.epochs": 300, "training.stopping.patience": 3}
    spec, seeds = presets.load("diabetes", set=values), (5, 1, 2)
    result = trained(spec, seeds, tmp_path).result
    assert result.reason == "early_stopping"
    assert result.best is not None
    assert result.best_epochs is not None
    assert result.best[0] is None
    for place, seed in enumerate(seeds[1:], 1):
        (alone := Trainer(spec, seed)).advance(300)
        assert result.epochs[place] == alone.epoch
        assert result.best_epochs[place] == alone.best_epoch
        assert result.best[place] == pytest.approx(float(alone.state.stopping.best_loss[0]), rel=1e-9)


def test_a_trial_whose_data_is_missing_has_failed_with_that_line(tmp_path: Path) -> None:
    data = tmp_path / "gone.csv"
    data.write_text("a,b\n" + "\n".join(f"{row},{row % 2}" for row in range(20)) + "\n")
    spec = presets.load("iris", data=data, set={"data.target": "b", "training.epochs": 1})
    data.unlink()
    result = trained(spec, (1,), tmp_path).result
    assert result.state == "failed"
    assert "gone.csv" in str(result.message)


def test_a_trial_whose_end_is_asked_for_keeps_what_it_has_and_one_that_is_broken_off_does_not(tmp_path: Path) -> None:
    endless = recipe(training__epochs=10**8)
    assert run_task(task(endless, (1,), tmp_path, give_up=0.0)) == 3
    requests = Requests(tmp_path / "requests")
    requests.ask_stop(3)
    assert trained(endless, (1,), tmp_path).result.state == "stopped"
    requests.take_away_stop(3)
    requests.ask_stop()
    assert run_task(task(endless, (1,), tmp_path)) == 3


def test_the_field_of_two_columns_is_what_the_network_answers_there(tmp_path: Path) -> None:
    spec = presets.load("plants-moons", set={"training.epochs": 30})
    ended = trained(spec, (1, 2), tmp_path)
    assert ended.field is not None
    field = Field.decode(ended.field)
    trainer = Trainer(spec, seeds=(1, 2))
    trainer.advance(30)
    rows = trainer.data.table.X
    low, high = rows.min(axis=0), rows.max(axis=0)
    corner = [low[0] - 0.1 * (high[0] - low[0]), high[1] + 0.1 * (high[1] - low[1])]  # left, top
    p = trainer.predict([corner])
    assert field.answers.shape == (2, SIZE, SIZE)
    np.testing.assert_allclose(field.answers[:, 0, 0] / 255, p[:, 0, 0], atol=0.5 / 255)
    assert field.points.min() == pytest.approx(1 / 12, abs=1e-6)  # a tenth of the rows' range beyond them, of 1.2
    assert sorted(np.unique(field.labels)) == [0, 1]


def test_a_seed_that_was_left_out_keeps_its_place_among_the_fields() -> None:
    spec = presets.load("plants-moons", set={"training.epochs": 30})
    both, second = Trainer(spec, seeds=(1, 2)), Trainer(spec, seeds=(2,))
    for trainer in (both, second):
        trainer.advance(30)
    whole, part = measure(both), measure(second, np.array([1]))
    assert whole is not None
    assert part is not None
    assert not part.answers[0].any()
    np.testing.assert_array_equal(part.answers[1], whole.answers[1])


def test_three_classes_have_a_field_of_the_likeliest_and_other_data_none(tmp_path: Path) -> None:
    assert trained(recipe(), (1,), tmp_path).field is None
    spec = presets.load("spirals-as-published", set={"training.epochs": 1})
    classes = spec.network.layers[-1].units
    field = trained(spec, (1,), tmp_path).field
    assert field is not None
    assert Field.decode(field).answers.max() < max(2, classes) or classes == 1
    with pytest.raises(ValueError, match="damaged"):
        Field.decode(field[:-9])
