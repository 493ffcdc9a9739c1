"""Rows of a new file, by the names of the columns that a network was trained on; and one line for what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.new_rows import read_rows
from engine.data.registry import load_table
from engine.errors import InputError
from engine.spec.sources.bundled import Iris
from engine.spec.sources.files import CsvFile

Write = Callable[..., Path]
PEOPLE = "name,age,colour,risk\nAnn,41,red,low\nBob,29,green,high\nCid,35.5,red,high\n"
LEARNED = ("age", "colour=green", "colour=red")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to(text: str | bytes, name: str = "new.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return to


def people(write: Write, **options: Any) -> CsvFile:
    return CsvFile(source=write(PEOPLE, "people.csv"), target="risk", drop=("name",), **options)


def complaint(path: Path, names: tuple[str, ...], source: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_rows(path, names, source)
    return str(caught.value).replace(str(path.parent) + "/", "")


def test_columns_are_found_by_name_in_any_order_and_others_left_alone(write: Write) -> None:
    source = people(write)
    assert load_table(source).feature_names == LEARNED
    X = read_rows(write("note,colour,age\nx,red,1\ny,green,2.5\n"), LEARNED, source)
    np.testing.assert_array_equal(X, [[1, 0, 1], [2.5, 1, 0]])


def test_what_lacks_in_a_file_of_another_format_is_told_of_the_format_that_it_shows(write: Write) -> None:
    path = write("Colour;age\nred;1,5\ngreen;2\n")
    line = "new.csv: row 1: column 'colour' missing; it is what the run was trained on (there: Colour, age)"
    assert complaint(path, LEARNED, people(write)) == line


def test_the_training_file_itself_reads_as_it_did(write: Write) -> None:
    source = people(write)
    table = load_table(source)
    np.testing.assert_array_equal(read_rows(source.source, table.feature_names, source), table.X)


def test_the_file_may_be_written_in_another_way(write: Write) -> None:
    source = people(write)
    for text in ("colour;age\nred;1,5\ngreen;2\n", "colour\tage\nred\t1.5\ngreen\t2\n"):
        np.testing.assert_array_equal(read_rows(write(text), LEARNED, source), [[1.5, 0, 1], [2, 1, 0]])
    cp1252 = "größe;Straße\n1,5;x\n2;y\n".encode("cp1252")
    np.testing.assert_array_equal(read_rows(write(cp1252), ("größe",), source), [[1.5], [2]])


def test_a_single_column_is_enough(write: Write) -> None:
    np.testing.assert_array_equal(read_rows(write("x\n1\n2\n"), ("x",), Iris()), [[1], [2]])


def test_a_category_that_was_not_learned_is_named_with_row_and_column(write: Write) -> None:
    line = complaint(write("colour,age\nred,1\n\nblue,2\n"), LEARNED, people(write))
    assert line == (
        "new.csv: row 4, column colour: 'blue' is no category that the run was trained on (there: green, red)"
    )


def test_columns_that_are_not_there_are_named(write: Write) -> None:
    source = people(write)
    assert complaint(write("age,hue\n1,red\n"), LEARNED, source) == (
        "new.csv: row 1: column 'colour' missing; it is what the run was trained on (there: age, hue)"
    )
    assert "2 columns 'age', 'colour' missing" in complaint(write("a,b\n1,2\n"), LEARNED, source)


def test_a_missing_value_is_named_or_left_to_the_scaler(write: Write) -> None:
    path = write("colour,age\nred,1\n,2\nred,\n")
    assert complaint(path, LEARNED, people(write)) == "new.csv: row 4, column age: the value is missing"
    X = read_rows(path, LEARNED, people(write, missing="mean"))
    np.testing.assert_array_equal(X, [[1, 0, 1], [2, np.nan, np.nan], [np.nan, 0, 1]])


def test_a_cell_that_is_no_number_is_named(write: Write) -> None:
    assert complaint(write("colour,age\nred,old\n"), LEARNED, people(write)).startswith("new.csv: row 2, column age")


def test_answers_may_all_be_the_same(write: Write) -> None:
    source = people(write, booleans=("member",))
    np.testing.assert_array_equal(read_rows(write("member,x\nyes,1\nYES,2\n"), ("member",), source), [[1], [1]])
    assert "row 3, column member: expected true or false" in complaint(
        write("member,x\nno,1\nperhaps,2\n"), ("member",), source
    )


def test_a_name_with_an_equals_sign_is_a_column_or_a_category(write: Write) -> None:
    path = write("a=b,c=d\n1,x\n2,y\n")
    X = read_rows(path, ("a=b", "c=d=x", "c=d=y"), Iris())
    np.testing.assert_array_equal(X, [[1, 1, 0], [2, 0, 1]])


def test_an_empty_file_or_none_at_all_is_refused(write: Write, tmp_path: Path) -> None:
    assert "rows below the header" in complaint(write("age,colour\n"), LEARNED, people(write))
    assert "nowhere.csv" in complaint(tmp_path / "nowhere.csv", LEARNED, people(write))
