"""The opened exam against scikit-learn's metrics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm, sem
from sklearn import metrics as oracle
from sklearn.calibration import calibration_curve

from engine.numerics import intervals
from engine.numerics.textbook import forward
from engine.run.exam import ExamReport
from engine.training.trainer import Trainer
from tests.engine.training.recipes import THREE_CLASSES, VALUES, recipe


def taken(trainer: Trainer) -> ExamReport:
    list(trainer.epochs())
    report = trainer.exam()
    assert isinstance(report, ExamReport)
    return report


def test_two_classes() -> None:
    trainer = Trainer(recipe(data__noise=0.6))
    report = taken(trainer)
    test = trainer.data.test
    assert test is not None
    p = trainer.predict(trainer.data.table.X[test.rows])[:, 0]
    y, guess = test.y.astype(int), (p >= 0.5).astype(int)
    assert report.epoch == 3
    assert report.loss == pytest.approx(oracle.log_loss(y, p))
    assert report.accuracy == pytest.approx(oracle.accuracy_score(y, guess))
    assert report.confusion == oracle.confusion_matrix(y, guess).tolist()
    assert report.precision == pytest.approx(oracle.precision_score(y, guess))
    assert report.recall == pytest.approx(oracle.recall_score(y, guess))
    assert report.f1 == pytest.approx(oracle.f1_score(y, guess))
    assert report.roc_auc == pytest.approx(oracle.roc_auc_score(y, p))
    assert report.r2 is None
    assert report.area_interval("roc", 1) == pytest.approx(intervals.roc_area_interval(p, y == 1), rel=1e-6)
    precision = oracle.average_precision_score(y, p)
    expected = intervals.average_precision_interval(precision, int(y.sum()))
    assert report.area_interval("precision_recall", 1) == pytest.approx(expected)
    assert list(report.misclassified) == test.rows[y != guess].tolist()
    assert report.misclassified


def test_three_classes_have_no_positive_one() -> None:
    trainer = Trainer(recipe(THREE_CLASSES))
    report = taken(trainer)
    test = trainer.data.test
    assert test is not None
    p = trainer.predict(trainer.data.table.X[test.rows])
    y = test.y.argmax(axis=1)
    assert report.loss == pytest.approx(oracle.log_loss(y, p))
    assert report.confusion == oracle.confusion_matrix(y, p.argmax(axis=1)).tolist()
    assert (report.precision, report.recall, report.f1, report.roc_auc) == (None, None, None, None)


def test_two_classes_with_an_output_each_are_graded_as_two_classes() -> None:
    exit_ = [{"units": 5, "activation": "tanh"}, {"units": 2, "activation": "softmax"}]
    trainer = Trainer(recipe(network__layers=exit_, training__loss="cce"))
    report = taken(trainer)
    test = trainer.data.test
    assert test is not None
    p = trainer.predict(trainer.data.table.X[test.rows])[:, 1]
    assert report.roc_auc == pytest.approx(oracle.roc_auc_score(test.y[:, 1], p))
    assert report.recall == pytest.approx(oracle.recall_score(test.y[:, 1], p >= 0.5))


def test_values() -> None:
    trainer = Trainer(recipe(VALUES))
    report = taken(trainer)
    test = trainer.data.test
    assert test is not None
    p = trainer.predict(trainer.data.table.X[test.rows])[:, 0]
    assert report.loss == pytest.approx(oracle.mean_squared_error(test.y, p))
    assert report.r2 == pytest.approx(oracle.r2_score(test.y, p))
    assert (report.accuracy, report.confusion, report.misclassified) == (None, None, ())


def test_what_cannot_be_computed_is_none() -> None:
    trainer = Trainer(recipe())
    trainer.layers[-1].weights[...] = 0
    trainer.layers[-1].bias[...] = -5  # nobody is called positive
    report = trainer.exam()
    assert isinstance(report, ExamReport)
    assert report.precision is None
    assert report.recall == 0
    assert report.roc_auc == 0.5
    assert report.confusion is not None
    assert np.sum(report.confusion) == 16


def test_curves_areas_and_calibration_of_two_classes() -> None:
    trainer = Trainer(recipe(data__noise=0.6))
    report = taken(trainer)
    test = trainer.data.test
    assert test is not None
    p = trainer.predict(trainer.data.table.X[test.rows])[:, 0].astype(float)
    for index, scores in ((1, p), (0, 1 - p)):
        assert report.area("roc", index) == pytest.approx(oracle.roc_auc_score(test.y == index, scores))
        expected = oracle.average_precision_score(test.y == index, scores)
        assert report.area("precision_recall", index) == pytest.approx(expected)
    assert report.calibration is not None
    assert report.calibration.of == "positive"
    assert report.calibration.brier == pytest.approx(oracle.brier_score_loss(test.y, p))
    observed, predicted = calibration_curve(test.y, p, n_bins=10)
    assert [each.observed for each in report.calibration.bins] == pytest.approx(observed)
    assert [each.predicted for each in report.calibration.bins] == pytest.approx(predicted)


def test_areas_of_several_classes_are_means_of_each_against_the_rest() -> None:
    trainer = Trainer(recipe(THREE_CLASSES))
    report = taken(trainer)
    test = trainer.data.test
    assert test is not None
    p = trainer.predict(trainer.data.table.X[test.rows]).astype(float)
    p /= p.sum(axis=1, keepdims=True)
    y = test.y.argmax(axis=1)
    expected = oracle.roc_auc_score(y, p, multi_class="ovr", average="macro")
    assert report.area("roc") == pytest.approx(expected, abs=1e-6)
    expected = oracle.average_precision_score(test.y, p, average="macro")
    assert report.area("precision_recall") == pytest.approx(expected, abs=1e-6)
    assert report.calibration is not None
    expected = oracle.brier_score_loss(y, p, labels=range(3), scale_by_half=False)
    assert report.calibration.brier == pytest.approx(expected, abs=1e-6)
    assert report.calibration.of == "answer"


def test_every_misclassified_case_has_the_inputs_that_pushed_it() -> None:
    trainer = Trainer(recipe(data__noise=0.6))
    report = taken(trainer)
    test = trainer.data.test
    assert test is not None
    assert sorted(case.row for case in report.cases) == sorted(report.misclassified)
    layers = trainer.network.textbook_layers(0)
    mean = trainer.data.train.X.mean(axis=0, dtype=float)
    for case in report.cases:
        (place,) = np.flatnonzero(test.rows == case.row)
        z = forward(layers, np.stack([mean, test.X[place].astype(float)])).z[-1][:, 0]
        sign = 1 if case.answer else -1
        assert (case.true, case.answer) == (test.y[place], 1 - test.y[place])
        assert (case.start, case.score) == pytest.approx(tuple(sign * z), rel=1e-5)
        assert case.score is not None
        assert case.score > 0
        assert case.probability == pytest.approx(1 / (1 + np.exp(-case.score)), rel=1e-5)
        # Both inputs are there, so that their pushes add up.
        assert sum(push.push for push in case.pushes) == pytest.approx(sign * (z[1] - z[0]), rel=0.02, abs=0.01)
        assert {push.input: push.value for push in case.pushes} == dict(enumerate(trainer.data.table.X[case.row]))
    scores = [case.score or 0 for case in report.cases]
    assert scores == sorted(scores, reverse=True)


def test_errors_of_values_and_the_rows_that_are_farthest_off() -> None:
    trainer = Trainer(recipe(VALUES, scaler__targets="standard"))
    report = taken(trainer)
    test = trainer.data.test
    assert test is not None
    true = trainer.data.table.y[test.rows]
    p = trainer.predict(trainer.data.table.X[test.rows])[:, 0]
    (errors,) = report.values
    assert errors.r2 == pytest.approx(oracle.r2_score(true, p), abs=1e-5)
    assert errors.mae == report.mae == pytest.approx(oracle.mean_absolute_error(true, p), rel=1e-5)
    assert errors.rmse == report.rmse == pytest.approx(oracle.root_mean_squared_error(true, p), rel=1e-5)
    assert errors.bias == pytest.approx((p - true).mean(), rel=1e-3, abs=1e-5)
    assert errors.mae_interval is not None
    expected = norm.interval(0.95, np.abs(p - true).mean(), sem(np.abs(p - true)))
    assert errors.mae_interval == pytest.approx(expected, rel=1e-4)
    assert errors.r2_interval == report.r2_interval == pytest.approx(intervals.r2_interval(true, p), rel=1e-3)
    assert errors.true == pytest.approx(true)
    assert errors.predicted == pytest.approx(p, rel=1e-5)
    worst = np.argsort(-np.abs(p - true))[: len(report.cases)]
    assert [case.row for case in report.cases[:3]] == test.rows[worst][:3].tolist()
    start = trainer.predict(trainer.data.scaler.inverse(trainer.data.train.X.mean(axis=0, keepdims=True)))[0, 0]
    for case in report.cases:
        assert case.start == pytest.approx(start, rel=1e-4)
        assert case.score == pytest.approx(case.answer, rel=1e-4)
        moved = sum(push.push for push in case.pushes)
        assert moved == pytest.approx(case.answer - start, rel=0.05, abs=0.05 * abs(true).max())


def test_values_of_several_targets_are_graded_one_by_one(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    X = random.normal(size=(60, 3))
    y = np.stack([X @ [1, 2, 3], 100 * X[:, 0] + 7], axis=1)
    np.savez(tmp_path / "two.npz", X=X, y=y)
    layers = [{"units": 4, "activation": "tanh"}, {"units": 2, "activation": "identity"}]
    changes = {"network__layers": layers, "scaler__targets": "standard"}
    trainer = Trainer(recipe({**VALUES, "data": {"source": str(tmp_path / "two.npz")}}, **changes))
    report = taken(trainer)
    test = trainer.data.test
    assert test is not None
    true, p = trainer.data.table.y[test.rows], trainer.predict(trainer.data.table.X[test.rows])
    assert (report.mae, report.rmse) == (None, None)
    for index, errors in enumerate(report.values):
        assert errors.r2 == pytest.approx(oracle.r2_score(true[:, index], p[:, index]), abs=1e-5)
        assert errors.mae == pytest.approx(oracle.mean_absolute_error(true[:, index], p[:, index]), rel=1e-4)
    assert {case.output for case in report.cases} <= {0, 1}
    for case in report.cases:
        assert case.score == pytest.approx(case.answer, rel=1e-4)


def test_an_exit_that_gives_no_probability_has_no_calibration() -> None:
    layers = [{"units": 4, "activation": "tanh"}, {"units": 1, "activation": "identity"}]
    trainer = Trainer(recipe(network__layers=layers, training__loss="mse", data__noise=0.6))
    trainer.layers[-1].weights[...] *= 30
    report = taken(trainer)
    assert report.calibration is None
    assert report.classes
    assert report.cases
    test = trainer.data.test
    assert test is not None
    p = dict(zip(test.rows.tolist(), trainer.predict(trainer.data.table.X[test.rows])[:, 0], strict=True))
    for case in report.cases:
        assert case.probability is None
        assert case.score == pytest.approx(abs(2 * p[case.row] - 1))  # a half is where the answer changes


def test_a_network_with_steps_has_cases_without_pushes() -> None:
    layers = [{"units": 4, "activation": "step"}, {"units": 1, "activation": "sigmoid"}]
    report = Trainer(recipe(network__layers=layers, training__epochs=0, data__noise=0.6)).exam()
    assert isinstance(report, ExamReport)
    assert report.cases
    assert all(case.pushes == () for case in report.cases)


def test_a_report_of_many_seeds_classes_and_rows_keeps_within_its_bounds() -> None:
    trainer = Trainer(recipe(THREE_CLASSES, data__samples=3000, training__epochs=0), seeds=range(64))
    reports = trainer.exam()
    assert isinstance(reports, list)
    size = sum(len(report.model_dump_json()) for report in reports)
    assert size < 2**22
    assert all(len(report.cases) <= 16 and len(report.classes) == 3 for report in reports)
