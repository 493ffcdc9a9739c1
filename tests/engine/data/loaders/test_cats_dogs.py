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
from engine.spec.data import CatsDogs


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
