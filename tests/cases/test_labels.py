"""Labels are text from the file to the screen: what is written differently is another class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError
from tests.cases.recipes import data_of

CASES: list[tuple[str, list[str], tuple[str, ...], list[int]]] = [
    # what it stands for, the labels of the rows, the classes in their order, the class number of each row
    (
        "ids beyond 2⁵³",
        ["9007199254740993", "9007199254740992", "7"],
        ("7", "9007199254740992", "9007199254740993"),
        [2, 1, 0],
    ),
    ("ids of 22 digits", ["1" * 22, "1" * 21 + "2"], ("1" * 22, "1" * 21 + "2"), [0, 1]),
    ("wells of a plate", ["2E3", "2000", "5B"], ("2000", "2E3", "5B"), [1, 0, 2]),
    ("codes with a zero before", ["003", "3", "03"], ("003", "03", "3"), [0, 2, 1]),
    ("a sign before", ["+1", "1"], ("+1", "1"), [0, 1]),
    ("versions", ["1.10", "1.1", "beta"], ("1.1", "1.10", "beta"), [1, 0, 2]),
    ("codes that look like beyond all numbers", ["8E400", "8E401", "x"], ("8E400", "8E401", "x"), [0, 1, 2]),
    ("words for truth", ["True", "true", "TRUE"], ("TRUE", "True", "true"), [1, 2, 0]),
    ("whole numbers with and without .0 are one", ["1.0", "0", "1", "0.0"], ("0", "1"), [1, 0, 1, 0]),
    ("whole numbers by size", ["10", "9", "-1"], ("-1", "9", "10"), [2, 1, 0]),
]


@pytest.mark.parametrize(
    ("labels", "classes", "numbers"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_is_written_differently_is_another_class(
    tmp_path: Path, labels: list[str], classes: tuple[str, ...], numbers: list[int]
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("a,y\n" + "".join(f"{row},{label}\n" for row, label in enumerate(labels)))
    table = data_of(path, len(classes), target="y").table
    assert table.classes == classes
    assert table.y.tolist() == numbers


@pytest.mark.parametrize("ending", ["npz", "h5"])
@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (np.array([2**53 + 1, 2**53, 5]), [str(2**53 + 1), str(2**53), "5"]),
        (np.array([2**64 - 1, 2**64 - 2], np.uint64), [str(2**64 - 1), str(2**64 - 2)]),
        (np.array([b"2E3", b"2000", b"5B"]), ["2E3", "2000", "5B"]),
        (np.array([b"01", b"02", b"1"]), ["01", "02", "1"]),
        (np.array([b"\xe9", b"\xe8"]), ["\\xe9", "\\xe8"]),
        (np.array([1.0, 0.0]), ["1", "0"]),
    ],
    ids=["beyond 2⁵³", "64 bits", "wells", "zeros", "bytes of Latin-1", "numbers with a point"],
)
def test_labels_in_arrays_keep_their_text(tmp_path: Path, ending: str, labels: Any, names: list[str]) -> None:
    path = save(tmp_path / f"labels.{ending}", X=np.arange(len(labels))[:, None], y=labels)
    table = data_of(path, len(names)).table
    assert [table.classes[int(number)] for number in table.y] == names


def save(path: Path, **arrays: Any) -> Path:
    if path.suffix == ".npz":
        np.savez(path, **arrays)
        return path
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        for key, array in arrays.items():
            file.create_dataset(key, data=array)
    return path


def test_the_order_of_the_classes_may_be_said_in_the_files_words(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("a,y\n1,01\n2,02\n3,01\n")
    table = data_of(path, 2, target="y", classes=["02", "01"]).table
    assert (table.classes, table.y.tolist()) == (("02", "01"), [1, 0, 1])
    path = save(tmp_path / "labels.npz", X=np.arange(3)[:, None], y=np.array(["01", "02", "01"]))
    table = data_of(path, 2, classes=["02", "01"]).table
    assert (table.classes, table.y.tolist()) == (("02", "01"), [1, 0, 1])


def test_a_class_that_may_be_said_with_a_point_or_without(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("a,y\n1,1.0\n2,0.0\n3,1\n")
    assert data_of(path, 2, target="y", classes=["1", "0"]).table.y.tolist() == [0, 1, 0]
    assert data_of(path, 2, target="y", classes=["1.0", "0.0"]).table.y.tolist() == [0, 1, 0]


def test_many_numbers_with_zeros_before_are_no_guess(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("a,y\n" + "".join(f"{row},{row:03}\n" for row in range(30)))
    with pytest.raises(InputError, match=r"codes\.csv: row 2, column y: 000 may be a code or a number; set data\.task"):
        data_of(path, 1, target="y")
    assert data_of(path, 1, target="y", task="regression").table.y.tolist() == list(range(30))
    assert data_of(path, 30, target="y", task="classification").table.classes[7] == "007"


def test_names_that_look_alike_once_they_are_harmless_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(b"a,y\n1,x\x01y\n2,x\x02y\n3,z\n")
    table = data_of(path, 3, target="y").table
    assert table.y.tolist() == [0, 1, 2]
    assert len(set(table.classes)) == 3
