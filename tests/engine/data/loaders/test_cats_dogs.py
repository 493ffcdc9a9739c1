"""The drawn pictures, and photographs of one's own in their place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from engine.data.registry import load_table
from engine.data.table import Table
from engine.spec.sources.generators import CatsDogs

FIRST_PICTURES = [500268.0, 688287.0, 621076.0, 399221.0]
"""Sums of the first pictures of the first version, as it drew them before there was a second."""


@pytest.fixture(scope="module")
def drawn() -> Table:
    return load_table(CatsDogs())


def test_as_many_as_the_tutorial_has_and_as_large(drawn: Table) -> None:
    assert drawn.X.shape == (1200, 4096)
    assert drawn.image_shape == (64, 64)
    assert drawn.subsets["test"].tolist() == list(range(1000, 1200))
    assert np.bincount(drawn.y[:1000].astype(int)).tolist() == [500, 500]
    assert np.bincount(drawn.y[1000:].astype(int)).tolist() == [100, 100]
    assert drawn.classes == ("cat", "dog")


def test_pixels_are_whole_numbers_of_eight_bits(drawn: Table) -> None:
    assert drawn.X.min() >= 0
    assert drawn.X.max() <= 255
    assert (np.rint(drawn.X) == drawn.X).all()


def test_no_two_pictures_are_alike_and_the_note_says_what_they_are(drawn: Table) -> None:
    assert len(np.unique(drawn.X, axis=0)) == 1200
    assert any("drawn, not photographed" in note for note in drawn.notes)


def test_a_seed_draws_the_same_pictures_again() -> None:
    first, again = load_table(CatsDogs(train=20, test=10, seed=3)), load_table(CatsDogs(train=20, test=10, seed=3))
    other = load_table(CatsDogs(train=20, test=10, seed=4))
    assert (first.X == again.X).all()
    assert not (first.X == other.X).all()


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_neuron_is_better_than_chance_and_a_network_better_still(drawn: Table) -> None:
    X, y = drawn.X / 255 - 0.5, drawn.y
    study, exam = slice(0, 1000), slice(1000, 1200)
    neuron = LogisticRegression(C=0.01, max_iter=100).fit(X[study], y[study])
    deep = MLPClassifier((64, 32), alpha=0.1, max_iter=25, random_state=0).fit(X[study], y[study])
    alone, network = neuron.score(X[exam], y[exam]), deep.score(X[exam], y[exam])
    assert 0.6 < alone < 0.9
    assert alone < network < 1


def test_the_pictures_held_out_may_be_watched() -> None:
    table = load_table(CatsDogs(train=10, test=4, held_out="validation"))
    assert {part: rows.tolist() for part, rows in table.subsets.items()} == {"validation": [10, 11, 12, 13]}


def test_photographs_from_a_folder_or_a_file(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for number, label in enumerate(("cats", "dogs")):
            (tmp_path / part / label).mkdir(parents=True)
            Image.new("L", (30, 20), 100 * number).save(tmp_path / part / label / "1.png")
    folder = load_table(CatsDogs(path=tmp_path, held_out="validation"))
    assert folder.X.shape == (4, 4096)
    assert folder.classes == ("cats", "dogs")
    assert folder.subsets["validation"].tolist() == [0, 1]
    assert not any("drawn" in note for note in folder.notes)
    study, exam = np.ones((2, 20, 20)), np.ones((1, 20, 20))
    np.savez(tmp_path / "own.npz", X_train=study, y_train=[0, 1], X_test=exam, y_test=[1])
    file = load_table(CatsDogs(path=tmp_path / "own.npz"))
    assert file.X.shape == (3, 4096)
    assert file.classes == ("cat", "dog")


@pytest.fixture(scope="module")
def films() -> Table:
    return load_table(CatsDogs(version=2))


def test_the_first_version_is_what_a_recipe_without_one_means(drawn: Table) -> None:
    assert CatsDogs().version == 1
    assert drawn.X[:4].sum(axis=1).tolist() == FIRST_PICTURES


def test_the_second_version_has_as_many_of_the_same_size(films: Table) -> None:
    assert films.X.shape == (1200, 4096)
    assert np.bincount(films.y[:1000].astype(int)).tolist() == [500, 500]
    assert np.bincount(films.y[1000:].astype(int)).tolist() == [100, 100]
    assert (np.rint(films.X) == films.X).all()
    assert len(np.unique(films.X, axis=0)) == 1200
    assert any("40 animals, 25 pictures of each" in note for note in films.notes)


def test_its_training_pictures_are_films_and_those_held_out_are_of_nobody_known(films: Table) -> None:
    correlations = np.asarray(np.corrcoef(films.X))
    within = np.sort(correlations[:1000, :1000])[:, ::-1]
    assert np.median(within[:, 24]) > 0.8  # the 24 most alike, beside itself: of the same film
    assert np.median(within[:, 25]) < 0.3
    assert np.median(correlations[:1000, 1000:].max(axis=1)) < 0.3


def test_more_training_pictures_leave_those_held_out_and_the_first_films_as_they_are() -> None:
    few, more = (load_table(CatsDogs(version=2, train=train, test=10, seed=3)) for train in (100, 200))
    np.testing.assert_array_equal(few.X[100:], more.X[200:])
    assert {row.tobytes() for row in few.X[:100]} <= {row.tobytes() for row in more.X[:200]}


def test_the_second_version_is_learnt_by_heart_and_helps_with_nobody_else(films: Table) -> None:
    X, y = films.X / 255 - 0.5, films.y
    neuron = LogisticRegression(C=1.0, max_iter=200).fit(X[:1000], y[:1000])
    assert neuron.score(X[:1000], y[:1000]) == 1.0
    assert neuron.score(X[1000:], y[1000:]) < 0.65
