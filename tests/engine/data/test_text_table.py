"""The fast reader of comma-separated files against the standard library's."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.data import notations, text_table
from engine.data.cells import Cells
from engine.data.text_rows import TextRows
from engine.errors import InputError
from engine.spec.sources.files import CsvFile
from tests.properties import examples

CELL = st.text('a1." \t;\\é', max_size=4) | st.sampled_from(['"a,b"', '"x\ny"', '"q""q"', '""', "NaN", "-1.5", " 7 "])
ROW = st.lists(CELL, min_size=1, max_size=4).map(",".join)


def with_the_standard_library(text: str, missing: set[str]) -> list[tuple[str | None, ...]]:
    """Return the columns of a file as ``csv`` reads it, without header; raises csv.Error where that refuses it."""
    header, *rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    rows = [[cell.strip() for cell in row] for row in rows]
    assert all(len(row) >= len(header) and not any(row[len(header) :]) for row in rows)
    cells = [[None if cell.lower() in missing else cell for cell in row[: len(header)]] for row in rows]
    return list(zip(*cells, strict=True))


@given(rows=st.lists(ROW, max_size=5), end=st.sampled_from(["\n", "\r\n", "\r"]))
@example(rows=['"1"2,3'], end="\n")
@example(rows=['1,"2'], end="\n")
@example(rows=['""2,3'], end="\n")
@example(rows=[',","1'], end="\n")
@settings(max_examples=examples(400))
def test_a_file_is_read_as_the_standard_library_reads_it(rows: list[str], end: str) -> None:
    text = end.join(["first,second", *rows, ""])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.csv"
        path.write_bytes(text.encode())
        source = CsvFile(source=path, target="first")
        try:
            expected = with_the_standard_library(text, {"", "?", "na", "n/a", "nan", "null"})
        except (csv.Error, AssertionError):
            expected = []
        try:
            table = text_table.read(path, source)
        except InputError:
            assert not expected
            return
        columns = [[cells[row] for row in range(len(cells))] for cells in table.columns.values()]
        assert [tuple(cells) for cells in columns] == expected


def test_a_row_is_named_as_a_spreadsheet_counts(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text('a,b\n\n1,"x\ny"\n2,w\n\n\n3,z\n')
    table = text_table.read(path, CsvFile(source=path, target="a"))
    assert [table.place(row, "b").rpartition(": ")[2] for row in range(3)] == [
        "row 3, column b",
        "row 4, column b",
        "row 7, column b",
    ]
    kept = table.keep(np.array([False, False, True]))
    assert kept.place(0, "b").endswith("row 7, column b")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**20), 10**20), min_size=1))
def test_numbers_are_what_python_makes_of_them(values: list[float]) -> None:
    texts = [repr(value) for value in values]
    numbers = Cells.of(texts).plain_numbers
    assert numbers is not None
    assert numbers.tolist() == [float(text) for text in texts]


@pytest.mark.parametrize("text", ["1_000", "inf", "nan", "1e400", "0x10", "1f", "", "٣", "1 000"])
def test_what_is_no_finite_number_in_digits_is_none(text: str) -> None:
    assert Cells.of(["1", text]).plain_numbers is None


@given(st.lists(st.from_regex(r"-?[0-9 .,']{1,9}(,[0-9]{1,3})?", fullmatch=True), min_size=1, max_size=6))
@settings(max_examples=examples(400))
def test_digits_are_read_at_once_as_one_by_one(cells: list[str]) -> None:
    for notation in notations.notations(None, None):
        at_once = notations._digits_alone(cells, notation)
        one_by_one = [notations._canonical(cell, notation) for cell in cells]
        if at_once is not None:
            assert [float(at_once[cell]) for cell in cells] == [float(parsed[0]) for parsed in one_by_one if parsed]
            assert None not in one_by_one


@given(st.lists(st.from_regex(r"-?[0-9]{1,4}([,.][0-9]{1,3})?(e-?[0-9])?", fullmatch=True), min_size=1, max_size=5))
@example(["1,250", "2,750"])
@example(["1,250", "0,750"])
@settings(max_examples=examples(400))
def test_decimal_commas_are_taken_at_once_only_where_nothing_else_is_possible(texts: list[str]) -> None:
    at_once = Cells.of(texts).comma_numbers
    different = notations.readings(dict.fromkeys(texts), notations.notations(None, None))
    if at_once is not None:
        assert len(different) == 1
        assert [different[0].number(text) for text in texts] == at_once.tolist()
        assert different[0].remarks == ("decimal comma",)


def test_a_table_of_several_blocks_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_table, "BLOCK", 64)
    path = tmp_path / "long.csv"
    path.write_text("x,kind\n" + "".join(f"{row},{'ab'[row % 2]}\n" for row in range(100)))
    table = text_table.read(path, TextRows(path, CsvFile(source=path, target="kind"))._source)
    numbers = table.column("x").plain_numbers
    assert numbers is not None
    assert numbers.tolist() == list(range(100))
    assert table.column("kind").distinct == ["a", "b"]
    assert table.column("kind").codes.tolist() == [0, 1] * 50
