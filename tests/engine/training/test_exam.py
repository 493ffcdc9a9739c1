"""The opened exam against scikit-learn's metrics."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as oracle

from engine.training.results import ExamReport
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
