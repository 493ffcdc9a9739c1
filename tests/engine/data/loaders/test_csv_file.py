"""CSV files: what they mean, and one clear line for each way in which they cannot be read."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import memory
from engine.data.dataset import load
from engine.data.notations import is_number
from engine.data.registry import load_table
from engine.data.table import Table
from engine.errors import InputError
from engine.spec import validate
from engine.spec.sources.files import CsvFile

Write = Callable[..., Path]
PEOPLE = """name,age,colour,risk
Ann,41,red,low
Bob,29,green,high
Cid,35.5,red,high
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to(text: str | bytes, name: str = "people.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return to


def read(path: Path, **options: Any) -> Table:
    return load_table(CsvFile(source=path, **{"target": "risk", **options}))


def test_numbers_categories_and_classes(write: Write) -> None:
    table = read(write(PEOPLE), drop=("name",))
    assert table.feature_names == ("age", "colour=green", "colour=red")
    assert table.X.tolist() == [[41, 0, 1], [29, 1, 0], [35.5, 0, 1]]
    assert table.classes == ("high", "low")
    assert table.y.tolist() == [1, 0, 0]
    assert table.notes[0] == "classes: 0 = high, 1 = low"


def test_categories_and_classes_are_told(write: Write) -> None:
    table = read(write("age,job,city,risk\n1,a,x,low\n2,b,y,high\n3,c,x,low\n"))
    assert table.notes == ("classes: 0 = high, 1 = low", "an input for each category: job (3), city (2)")


def test_the_preset_may_say_which_class_is_which(write: Write) -> None:
    table = read(write(PEOPLE), drop=("name",), classes=("low", "high"))
    assert table.y.tolist() == [0, 1, 1]


def test_a_target_of_numbers_is_a_value_and_of_few_whole_numbers_a_class(write: Write) -> None:
    path = write("x,few,many\n" + "".join(f"{i},{i % 3 + 1}.0,{i / 2}\n" for i in range(30)))
    values, classes = read(path, target="many"), read(path, target="few")
    assert values.classes == ()
    assert values.y.tolist() == [i / 2 for i in range(30)]
    assert classes.classes == ("1", "2", "3")
    assert classes.y.tolist() == [i % 3 for i in range(30)]
    assert read(path, target="few", task="regression").y.tolist() == [i % 3 + 1 for i in range(30)]
    assert len(read(path, target="many", task="classification").classes) == 30


def test_numbers_that_are_categories(write: Write) -> None:
    table = read(write("ward,risk\n12,low\n7,high\n12,low\n"), categorical=("ward",))
    assert table.feature_names == ("ward=12", "ward=7")
    assert table.X.tolist() == [[1, 0], [0, 1], [1, 0]]


def test_quotes_blank_lines_a_byte_order_mark_and_another_delimiter(write: Write) -> None:
    path = write(b'\xef\xbb\xbfa;"the; risk"\r\n\r\n1;"lo""w"\r\n 2 ;high\r\n')
    table = read(path, target="the; risk", delimiter=";")
    assert table.X.tolist() == [[1], [2]]
    assert table.classes == ("high", 'lo"w')


HOLES = "age,colour,risk\n41,red,low\n,green,high\n30,?,high\n20,red,NA\n10,green,high\n"


def test_missing_values_are_refused_counted_and_placed(write: Write) -> None:
    with pytest.raises(InputError, match=r"people\.csv: row 5, column risk: the value is missing \(3 in this file\)"):
        read(write(HOLES))


def test_rows_with_missing_values_are_left_out_and_reported(write: Write) -> None:
    table = read(write(HOLES), missing="drop")
    assert table.X.tolist() == [[41, 0, 1], [10, 1, 0]]
    assert "3 of 5 rows left out: a value is missing" in table.notes


def test_missing_values_are_filled_in_from_the_training_rows_alone(write: Write) -> None:
    path = write(HOLES)
    exam = write("age,colour,risk\n1000,red,low\n,red,high\n", "exam.csv")
    spec = validate(
        {
            "name": "people",
            "data": {"source": str(path), "target": "risk", "missing": "mean", "test_file": str(exam)},
            "network": {"layers": [{"units": 1, "activation": "sigmoid"}]},
            "training": {"loss": "bce", "dtype": "float64"},
        },
        where="test",
    )
    data = load(spec)
    assert data.test is not None
    mean = (41 + 30 + 10) / 3
    assert data.train.X[:, 0].tolist() == pytest.approx([41, mean, 30, 10])
    assert data.train.X[2, 1:].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert data.test.X[:, 0].tolist() == pytest.approx([1000, mean])
    assert data.notes[1] == "1 of 7 rows left out: a value is missing"
    assert data.notes[2] == "missing values filled in with the training rows' mean: age (2), colour (1)"


def test_a_split_by_file(write: Write) -> None:
    train, test = write("a,risk\n1,x\n2,y\n"), write("a,risk\n3,y\n", "test.csv")
    validation = write("a,risk\n4,x\n5,x\n", "validation.csv")
    table = read(train, test_file=test, validation_file=validation)
    assert {part: table.X[rows, 0].tolist() for part, rows in table.subsets.items()} == {
        "test": [3],
        "validation": [4, 5],
    }


BAD: list[tuple[str, str | bytes, dict[str, Any], str]] = [
    ("empty", "", {}, r"expected a header and rows, the file is empty"),
    ("only blank lines", "\n\n", {}, r"expected a header and rows, the file is empty"),
    ("only a header", "a,risk\n", {}, r"expected rows below the header"),
    ("one column", "risk\nlow\n", {}, r"row 1: expected a target and inputs, got one column only$"),
    ("another delimiter", "a;risk\n1;low\n", {}, r"row 1: .* one column only; is data\.delimiter = ';'\?"),
    ("a column twice", "a,a,risk\n1,2,low\n", {}, r"row 1: there are two columns named a"),
    ("no such target", "a,rsk\n1,low\n", {}, r"row 1: there is no column 'risk' \(there: rsk\)"),
    (
        "no such column to drop",
        "a,risk\n1,low\n",
        {"drop": ("b",)},
        r"row 1: there is no column 'b' \(there: a, risk\)",
    ),
    ("nothing but the target", "a,risk\n1,x\n2,y\n", {"drop": ("a",)}, r"row 1: no column is left to learn from"),
    ("a short row", "a,b,risk\n1,2,x\n1,2\n", {}, r"row 3: expected 3 cells as in the header, got 2"),
    ("text among numbers", "a,risk\n1,x\nfour,y\n", {}, r"row 3, column a: expected a number .* got 'four'"),
    ("infinity", "a,risk\n1,x\n-inf,y\n", {}, r"row 3, column a: expected a finite number, got '-inf'"),
    ("not a number", "a,risk\n1,x\nNaN,y\n", {}, r"row 3, column a: the value is missing \(1 in this file\)"),
    ("an empty column", "a,b,risk\n,1,x\n,2,y\n", {"missing": "mean"}, r"row 2, column a: the whole column is empty"),
    ("no whole row", "a,risk\n,x\n,y\n", {"missing": "drop"}, r"no row is left without a missing value"),
    ("a single class", "a,risk\n1,x\n2,x\n", {}, r"row 2, column risk: every row has the same class, x"),
    ("an unknown class", "a,risk\n1,x\n2,z\n", {"classes": ("x", "y")}, r"row 3, column risk: .* classes x, y; got z"),
    ("infinity to predict", "a,risk\n1,1.5\n2,inf\n", {}, r"row 3, column risk: expected a finite number to predict"),
    ("text to predict", "a,risk\n1,1.5\n2,x\n", {"task": "regression"}, r"row 3, column risk: .* predict, got x"),
    ("an infinite class", "a,risk\n1,inf\n2,1\n", {"task": "classification"}, r"row 2, column risk: expected a class"),
    ("an open quote", 'a,risk\n1,"x\n', {}, r"row 2: a quote is opened and never closed"),
    ("no text", b"a,risk\n1,\xff\xfe\n", {}, r"row 2: expected text in UTF-8"),
    ("too many categories", "a,risk\n" + "".join(f"t{i},x\n" for i in range(101)), {}, r"row 2, column a: 101 diff"),
]


@pytest.mark.parametrize(("text", "options", "complaint"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
def test_bad_files_are_refused_in_one_line_with_file_row_and_column(
    write: Write, text: str | bytes, options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InputError, match=rf"people\.csv: .*{complaint}|people\.csv: {complaint}") as refusal:
        read(write(text), **options)
    assert len(str(refusal.value).splitlines()) == 1


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no\.csv: cannot be read \(no such file or directory\)"):
        read(tmp_path / "no.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=r"folder\.csv: expected a file of comma-separated values"):
        read(tmp_path / "folder.csv")


def test_a_file_beyond_memory_is_refused_unread_with_the_limit_stated(write: Write) -> None:
    path = write(PEOPLE)
    os.truncate(path, memory.limit())  # a sparse file: it takes no room
    with pytest.raises(InputError, match=r"people\.csv: too large: .* GB of memory, and the limit here is .* GB"):
        read(path)


def test_other_columns_in_one_file_of_a_split_are_refused(write: Write) -> None:
    other = write("b,risk\n3,y\n", "test.csv")
    with pytest.raises(InputError, match=r"test\.csv: row 1: expected the same columns as in .*people\.csv"):
        read(write("a,risk\n1,x\n2,y\n"), test_file=other)


def test_the_same_file_cannot_be_both_study_and_exam(write: Write) -> None:
    path = write("a,risk\n1,x\n2,y\n")
    with pytest.raises(InputError, match="expected another file"):
        read(path, test_file=path)


def is_a_word(text: str) -> bool:
    """Tell whether a cell of this text is a category: no number, not missing, nothing that would be stripped."""
    return (
        not is_number(text)
        and text.lower() not in {"?", "na", "n/a", "nan", "null"}
        and text.strip() == text
        and "\N{BOM}" not in text
    )


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8).filter(is_a_word)


@given(
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=30),
    labels=st.lists(words, min_size=2, max_size=4, unique=True),
    categories=st.lists(words, min_size=1, max_size=5, unique=True),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_python_writes_is_what_is_read(
    values: list[float], labels: list[str], categories: list[str], quoting: int
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["number", "category", "label"])
    chosen = [(categories[row % len(categories)], labels[row % len(labels)]) for row in range(len(values))]
    writer.writerows([repr(value), *pair] for value, pair in zip(values, chosen, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(file.getvalue().encode())
        table = read(path, target="label")
    assert table.X[:, 0].tolist() == values
    named = [table.feature_names[1 + hot.argmax()].removeprefix("category=") for hot in table.X[:, 1:]]
    assert [(name, table.classes[int(y)]) for name, y in zip(named, table.y, strict=True)] == chosen


@given(raw=st.binary(max_size=200) | st.text(alphabet='a1,\n"; \t\r\0é.', max_size=80).map(str.encode))
def test_any_bytes_are_a_table_or_one_line_of_complaint(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(b"a,risk\n" + raw)
        outcome = attempt(path)
    if isinstance(outcome, Table):
        assert np.isfinite(outcome.X).all()
        assert len(outcome.X) == len(outcome.y)
    else:
        assert str(outcome).startswith(str(path))
        assert str(outcome).isprintable()


def attempt(path: Path) -> Table | InputError:
    try:
        return read(path)
    except InputError as error:
        return error
