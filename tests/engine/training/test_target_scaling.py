"""Targets of a regression, scaled for training and answered in their own units."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

import engine
from engine.data.dataset import load
from engine.errors import InputError
from engine.protocol.queries import BoundaryQuery
from engine.spec import Spec, validate
from engine.training.trainer import Trainer
from engine.views.boundary import Boundary

RNG = np.random.default_rng(7)
X = RNG.normal(size=(120, 3))
PRICES = 350_000 + X @ [90_000, -40_000, 5_000] + RNG.normal(size=120) * 9_000


def recipe(path: Path, y: Any, targets: str = "standard", **training: Any) -> Spec:
    np.savez(path, X=X, y=y)
    outputs = 1 if np.ndim(y) == 1 else np.shape(y)[1]
    document = {
        "name": "prices",
        "data": {"source": str(path), "task": "regression"},
        "split": {"validation": 0.2, "test": 0.2},
        "scaler": {"kind": "standard", "targets": targets},
        "network": {"layers": [{"units": outputs, "activation": "identity"}]},
        "training": {"loss": "mse", "optimizer": "adam", "learning_rate": 0.05, "epochs": 150, **training},
    }
    return validate(document, "prices")


def trained(spec: Spec) -> Trainer:
    trainer = engine.Trainer(spec)
    for _ in trainer.epochs():
        pass
    return trainer


def test_prices_are_predicted_as_least_squares_does_and_in_their_own_units(tmp_path: Path) -> None:
    trainer = trained(recipe(tmp_path / "a.npz", PRICES, batch_size="full", epochs=600))
    train, test = trainer.data.train.rows, trainer.data.test
    assert test is not None
    best = LinearRegression().fit(X[train], PRICES[train]).predict(X[test.rows])
    answers = trainer.predict(X[test.rows])[:, 0]
    np.testing.assert_allclose(answers, best, atol=2_000)
    report = trainer.exam()
    assert not isinstance(report, list)
    assert report.r2 == pytest.approx(r2_score(PRICES[test.rows], answers), rel=1e-4)
    assert report.mae == pytest.approx(mean_absolute_error(PRICES[test.rows], answers), rel=1e-4)
    assert report.rmse == pytest.approx(root_mean_squared_error(PRICES[test.rows], answers), rel=1e-4)
    assert report.loss == pytest.approx((report.rmse or 0) ** 2 / PRICES[train].var(), rel=1e-4)


def test_the_scale_is_that_of_the_training_rows_alone(tmp_path: Path) -> None:
    data = load(recipe(tmp_path / "a.npz", PRICES))
    expected = (PRICES[data.train.rows] - PRICES[data.train.rows].mean()) / PRICES[data.train.rows].std()
    np.testing.assert_allclose(data.train.y, expected, rtol=1e-5, atol=1e-6)
    assert data.target_scaler is not None
    np.testing.assert_array_equal(data.table.y, PRICES)
    assert any("losses are in those units" in note for note in data.notes)


def test_the_boundary_is_in_the_units_of_the_data(tmp_path: Path) -> None:
    trainer = trained(recipe(tmp_path / "a.npz", PRICES, epochs=5))
    shown = Boundary(trainer, BoundaryQuery(columns=(0, 1), width=4, height=3, point=(0.5, -0.5))).arrays()
    corner = X[trainer.data.train.rows].mean(axis=0)
    corner[:2] = shown["box"][[0, 3]]
    assert shown["field"][0, 0] == pytest.approx(trainer.predict(corner[None])[0, 0], rel=1e-5)
    np.testing.assert_allclose(shown["p"], trainer.predict(X[shown["rows"]])[:, 0], rtol=1e-5)
    assert shown["own"][0] > 100_000


def test_each_of_several_targets_has_a_scale_of_its_own(tmp_path: Path) -> None:
    y = np.column_stack([PRICES, X[:, 0] * 1e-6])
    trainer = trained(recipe(tmp_path / "k.npz", y, epochs=300))
    assert trainer.predict(X).shape == (120, 2)
    assert r2_score(y, trainer.predict(X), multioutput="raw_values").min() > 0.9
    report = trainer.exam()
    assert not isinstance(report, list)
    assert (report.mae, report.rmse) == (None, None)


def test_a_saved_and_a_copied_trainer_answer_in_the_same_units(tmp_path: Path) -> None:
    trainer = trained(recipe(tmp_path / "a.npz", PRICES, epochs=3))
    trainer.save(tmp_path / "saved")
    expected = trainer.predict(X[:9])
    for other in (engine.Trainer.load(tmp_path / "saved"), copy.deepcopy(trainer)):
        np.testing.assert_array_equal(other.predict(X[:9]), expected)


@pytest.mark.parametrize("y", [1.7e9 + np.arange(120), PRICES * 1e35], ids=["seconds", "huge"])
def test_what_float32_cannot_hold_can_be_learned_scaled(tmp_path: Path, y: Any) -> None:
    with pytest.raises(InputError, match=r"scaler\.targets = 'standard'"):
        load(recipe(tmp_path / "a.npz", y, targets="none"))
    assert len(np.unique(load(recipe(tmp_path / "a.npz", y)).train.y)) == 72


def test_unscaled_prices_have_a_hint_and_unit_values_none(tmp_path: Path) -> None:
    notes = load(recipe(tmp_path / "a.npz", PRICES, targets="none")).notes
    assert sum("far from unit scale: scaler.targets = 'standard' may help" in note for note in notes) == 1
    for calm in (PRICES / 1e5, X[:, 0], np.full(120, 3.0)):
        assert len(load(recipe(tmp_path / "a.npz", calm, targets="none")).notes) == 1


def test_classes_and_exits_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    spec = recipe(tmp_path / "a.npz", PRICES)
    for values, message in (
        ({"network": {"layers": [{"units": 1, "activation": "sigmoid"}]}}, "layers.0.activation: expected identity"),
        ({"data": {"source": "iris"}}, "scaler.targets: classes are not scaled"),
    ):
        document = {**spec.model_dump(mode="json"), **values}
        if "data" in values:
            document["network"] = {"layers": [{"units": 3, "activation": "identity"}]}
        with pytest.raises(InputError, match=message):
            load(validate(document, "spec"))
