"""The pair of columns that tells most, against scikit-learn's tests of single columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_selection import f_classif, f_regression

import engine
import presets
from engine.protocol.queries import BoundaryQuery
from engine.training.trainer import Trainer
from engine.views.boundary import Boundary
from engine.views.column_pairs import telling_pair
from tests.properties import examples


@settings(max_examples=examples(40))
@given(st.integers(0, 10**6), st.integers(2, 6))
def test_of_a_single_target_they_have_the_largest_f(seed: int, columns: int) -> None:
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(40, columns))
    target = inputs @ random.normal(size=columns) + random.normal(size=40)
    f, _ = f_regression(inputs, target)
    assert telling_pair(inputs, target[:, None]) == tuple(sorted(np.argsort(-f)[:2].tolist()))


@settings(max_examples=examples(40))
@given(st.integers(0, 10**6), st.integers(2, 5))
def test_of_classes_they_have_the_largest_f_of_an_analysis_of_variance(seed: int, classes: int) -> None:
    random = np.random.default_rng(seed)
    labels = np.arange(60) % classes
    inputs = random.normal(size=(60, 5)) + random.normal(size=(classes, 5))[labels]
    f, _ = f_classif(inputs, labels)
    targets = (labels[:, None] == np.arange(classes)).astype(float)
    assert telling_pair(inputs, targets) == tuple(sorted(np.argsort(-f)[:2].tolist()))


def test_of_columns_that_lie_on_a_line_only_one_is_taken() -> None:
    random = np.random.default_rng(1)
    x, z = random.normal(size=(2, 50))
    inputs = np.column_stack([x, 3 * x + 1, z, np.full(50, 7.0)])
    assert telling_pair(inputs, (x + 0.2 * z)[:, None]) == (0, 2)
    assert telling_pair(inputs[:, :2], x[:, None]) == (0, 1)


@pytest.mark.parametrize("odd", [np.nan, np.inf, 0.0, 1e308])
def test_columns_and_targets_without_anything_to_tell_give_the_first_pair(odd: float) -> None:
    assert telling_pair(np.full((9, 3), odd), np.full((9, 1), odd)) == (0, 1)


def test_iris_opens_on_its_petals_and_every_class_is_on_the_map() -> None:
    trainer: Trainer = engine.Trainer(presets.load("iris"))
    for _ in trainer.epochs():
        pass
    shown = Boundary(trainer, BoundaryQuery(columns=None, width=40, height=30)).arrays()
    assert shown["columns"].tolist() == [2, 3]
    assert set(np.unique(shown["classes"])) == {0, 1, 2}
