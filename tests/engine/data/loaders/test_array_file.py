"""Arrays in ``.npz`` and ``.h5``: the names they go by, and one line for each way they do not fit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays

from engine.data import memory
from engine.data.registry import load_table
from engine.data.table import Table
from engine.errors import InputError
from engine.spec.sources.files import ArrayFile

X = np.arange(24.0).reshape(6, 4)
Y = np.array([0, 1, 0, 1, 1, 0])


def save(path: Path, **named: Any) -> Path:
    if path.suffix == ".npz":
        np.savez(path, **named)
        return path
    with h5py.File(path, "w") as file:
        for key, array in named.items():
            file.create_dataset(key, data=array)
    return path


def read(path: Path, **options: Any) -> Table:
    return load_table(ArrayFile(source=path, **options))


@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_rows_and_labels(tmp_path: Path, ending: str) -> None:
    table = read(save(tmp_path / f"data.{ending}", X=X, y=Y))
    assert (table.X == X).all()
    assert (table.y == Y).all()
    assert table.classes == ("0", "1")
    assert table.feature_names == ("x1", "x2", "x3", "x4")


@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_parts_and_pictures_as_the_tutorial_has_them(tmp_path: Path, ending: str) -> None:
    train = np.arange(6 * 64, dtype=np.uint8).reshape(6, 8, 8)
    path = save(tmp_path / f"data.{ending}", X_train=train, Y_train=Y[:, None], X_test=train[:2], Y_test=Y[:2, None])
    table = read(path, classes=("cat", "dog"))
    assert table.X.shape == (8, 64)
    assert table.image_shape == (8, 8)
    assert table.classes == ("cat", "dog")
    assert table.subsets["test"].tolist() == [6, 7]
    assert (table.X[6:] == table.X[:2]).all()


def test_the_exam_in_a_file_of_its_own(tmp_path: Path) -> None:
    train, test = save(tmp_path / "a.npz", X_train=X, y_train=Y), save(tmp_path / "b.npz", X_test=X[:2], y_test=Y[:2])
    assert read(train, test_file=test).subsets["test"].tolist() == [6, 7]
    plain = save(tmp_path / "c.npz", X=X[:3], y=Y[:3])
    assert read(train, test_file=plain).subsets["test"].tolist() == [6, 7, 8]


def test_labels_of_text(tmp_path: Path) -> None:
    animals = np.array(["dog", "cat"])[Y]
    assert read(save(tmp_path / "t.npz", X=X, labels=animals)).classes == ("cat", "dog")
    assert read(save(tmp_path / "t.h5", X=X, labels=animals.astype("S"))).y.tolist() == [1, 0, 1, 0, 0, 1]


def test_the_preset_may_name_the_classes(tmp_path: Path) -> None:
    table = read(save(tmp_path / "rows.npz", X=X, y=Y), classes=("cat", "dog"))
    assert table.classes == ("cat", "dog")
    assert table.notes == ("classes: 0 = cat, 1 = dog",)


def test_values_to_predict(tmp_path: Path) -> None:
    values = np.array([0.1, 0.2, 0.30000000000000004, -4, 5, 6])
    table = read(save(tmp_path / "v.npz", X=X, y=values))
    assert table.classes == ()
    assert (table.y == values).all()


def test_several_values_to_predict(tmp_path: Path) -> None:
    values = np.column_stack([np.arange(6) / 4, np.arange(6) * -1e6])
    table = read(save(tmp_path / "v.npz", X=X, y=values))
    assert table.y.tolist() == values.tolist()
    assert table.classes == ()
    assert table.notes == ("the targets are values: y[0] from 0 to 1.25, y[1] from -5e+06 to -0",)
    hot = np.eye(3, dtype=np.uint8)[[2, 0, 1, 1, 0, 2]]
    assert read(save(tmp_path / "h.h5", X=X, y=hot)).classes == ("0", "1", "2")
    assert read(save(tmp_path / "h.h5", X=X, y=hot)).y.tolist() == [2, 0, 1, 1, 0, 2]
    assert read(save(tmp_path / "h.h5", X=X, y=hot), task="regression").y.tolist() == hot.tolist()
    with pytest.raises(InputError, match=r"y: expected shape \(6, 2\), got \(4, 2\)$"):
        read(save(tmp_path / "s.npz", X=X, y=values[:4]))


def test_colours_become_grey_and_sizes_alike(tmp_path: Path) -> None:
    colours = np.zeros((6, 4, 4, 3))
    colours[..., 1] = 100.0
    table = read(save(tmp_path / "c.npz", images=colours, labels=Y), size=2)
    assert table.image_shape == (2, 2)
    np.testing.assert_allclose(table.X, 58.7, rtol=1e-6)


def with_hole(value: float) -> Any:
    broken = X.copy()
    broken[4, 2] = value
    return broken


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("a short label file", {"X": X, "y": Y[:4]}, r"y: row 4: expected 6 labels, one for each row of X, got 4$"),
    (
        "mixed sizes",
        {"X_train": X, "y_train": Y, "X_test": X[:, :3], "y_test": Y},
        r"X_test: expected rows of 4 columns as in X_train, got 3 columns$",
    ),
    (
        "mixed sizes of pictures",
        {"X_train": np.zeros((6, 8, 8)), "y_train": Y, "X_val": np.zeros((6, 9, 7)), "y_val": Y},
        r"X_val: expected rows of 8×8 pixels as in X_train, got 9×7 pixels$",
    ),
    ("not a number", {"X": with_hole(np.nan), "y": Y}, r"X: row 4, column 2: expected a finite number"),
    ("infinity", {"X": with_hole(np.inf), "y": Y}, r"X: row 4, column 2: expected a finite number"),
    ("a single class", {"X": X, "y": Y * 0}, r"y: row 0: every row has the same class, 0"),
    ("a label that is none", {"X": X, "y": np.where(Y, np.nan, 1)}, r"y: row 1: expected a finite number"),
    ("texts", {"X": np.array([["a"], ["b"]]), "y": [0, 1]}, r"X: expected numbers, got <U1"),
    ("too few axes", {"X": np.arange(6.0), "y": Y}, r"X: expected \(rows, columns\) or .* got shape \(6,\)"),
    ("no rows", {"X": np.empty((0, 3)), "y": []}, r"X: expected \(rows, columns\) or .* got shape \(0, 3\)"),
    ("other names", {"inputs": X, "outputs": Y}, r"expected the arrays X and y, .* \(there: inputs, outputs\)"),
    ("no labels", {"X_train": X}, r"y_train: expected the labels of X_train, there are none"),
    ("no inputs", {"labels": Y}, r"X: expected the inputs of labels, there are none"),
]


@pytest.mark.parametrize(("named", "complaint"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, named: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=rf"bad\.npz: {complaint}"):
        read(save(tmp_path / "bad.npz", **named))


@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_files_that_hold_no_arrays_are_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"data.{ending}"
    with pytest.raises(InputError, match=rf"data\.{ending}: cannot be read"):
        read(path)
    path.write_bytes(b"PK\x03\x04 this is none")
    with pytest.raises(InputError, match=rf"data\.{ending}: cannot be read"):
        read(path)


def test_what_a_file_takes_to_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "rows.h5", X=X, y=Y)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(InputError, match=r"rows\.h5: reading it takes h5py: pip install h5py"):
        read(path)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(InputError, match=r"takes Pillow: pip install pillow"):
        read(save(tmp_path / "pictures.npz", X=np.zeros((6, 4, 4)), y=Y), size=8)


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "p.npz", X=np.array([[1, "a"], [2, None]], dtype=object), y=np.array([0, 1]))
    with pytest.raises(InputError, match=r"p\.npz: cannot be read \(Object arrays"):
        read(tmp_path / "p.npz")


@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_arrays_beyond_memory_are_refused_unread(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / f"big.{ending}", X=X.astype(np.uint8), y=Y)
    monkeypatch.setattr(memory, "limit", lambda: (24 + 6) * 8 - 1)
    with pytest.raises(InputError, match=rf"big\.{ending}: too large: .* and the limit here is"):
        read(path)


@given(
    inputs=arrays(np.float32, array_shapes(max_dims=5, max_side=4)),
    answers=arrays(np.int8, array_shapes(max_dims=2, max_side=4)),
)
def test_any_arrays_are_a_table_or_one_line_of_complaint(
    tmp_path_factory: pytest.TempPathFactory, inputs: Any, answers: Any
) -> None:
    outcome = attempt(save(tmp_path_factory.getbasetemp() / "any.npz", X=inputs, y=answers))
    if isinstance(outcome, Table):
        assert outcome.X.shape == (len(inputs), len(outcome.feature_names))
        assert np.isfinite(outcome.X).all()
        if outcome.y.ndim == 2:
            assert (outcome.y.shape, outcome.classes) == (answers.shape, ())
        else:
            assert set(outcome.y) == set(range(len(outcome.classes)))
    else:
        assert str(outcome).isprintable()


def attempt(path: Path) -> Table | InputError:
    try:
        return read(path)
    except InputError as error:
        return error
