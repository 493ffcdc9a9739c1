"""Files as spreadsheets and databases of several countries write them: each read right, or refused with a cure."""

from __future__ import annotations

import gzip
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.registry import load_table
from engine.errors import InputError
from engine.spec.sources.files import CsvFile
from tests.cases.recipes import data_of
from tests.properties import examples


@dataclass(frozen=True, kw_only=True)
class Readable:
    """A file and what is in it: the column ``x``, and by default a column ``y`` of classes."""

    stands_for: str
    rows: bytes
    x: list[float]
    note: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    name: str = "file.csv"


def column(cells: list[str], delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    """Return a file with ``cells`` under x, and the classes a and b under y."""
    lines = [f"x{delimiter}y", *(f"{cell}{delimiter}{'ab'[row % 2]}" for row, cell in enumerate(cells))]
    return "\n".join(lines).encode(encoding)


SEMICOLON = {"delimiter": ";"}
READABLE = [
    Readable(
        stands_for="a German spreadsheet",
        rows=column(["18,5", "19,25", "-0,5"]),
        x=[18.5, 19.25, -0.5],
        note="x (decimal comma)",
        options=SEMICOLON,
    ),
    Readable(
        stands_for="German thousands and decimals",
        rows=column(["1.234,50", "999,00", "12.345.678,9"]),
        x=[1234.5, 999, 12345678.9],
        note="x (decimal comma, thousands point)",
        options=SEMICOLON,
    ),
    Readable(
        stands_for="French thousands with narrow spaces",
        rows=column(["1\N{NARROW NO-BREAK SPACE}250,75", "12\N{NO-BREAK SPACE}000", "7,5"]),
        x=[1250.75, 12000, 7.5],
        note="x (decimal comma, thousands space)",
        options=SEMICOLON,
    ),
    Readable(
        stands_for="Swiss thousands",
        rows=column(["1'250.75", "12\N{RIGHT SINGLE QUOTATION MARK}000", "7.5"]),
        x=[1250.75, 12000, 7.5],
        note="x (thousands apostrophe)",
        options=SEMICOLON,
    ),
    Readable(
        stands_for="American thousands and decimals in quotes",
        rows=column(['"1,234.50"', '"12,000"', "7.5"], ","),
        x=[1234.5, 12000, 7.5],
        note="x (thousands comma)",
    ),
    Readable(
        stands_for="millions, which no decimal sign divides twice",
        rows=column(['"1,234,567"', '"2,000"'], ","),
        x=[1234567, 2000],
        note="x (thousands comma)",
    ),
    Readable(
        stands_for="Indian lakhs",
        rows=column(['"12,34,567"', '"99,000"'], ","),
        x=[1234567, 99000],
        note="x (thousands comma)",
    ),
    Readable(
        stands_for="dollars",
        rows=column(['"$1,234.50"', "$7", "-$3.25"], ","),
        x=[1234.5, 7, -3.25],
        note="x (thousands comma, in $)",
    ),
    Readable(
        stands_for="euros behind the number",
        rows=column(["12,50 €", "1.000,00 €", "-3,99 €"]),
        x=[12.5, 1000, -3.99],
        note="x (decimal comma, thousands point, in €)",
        options=SEMICOLON,
    ),
    Readable(
        stands_for="francs by their code", rows=column(["CHF 12.50", "CHF 3.05"]), x=[12.5, 3.05], options=SEMICOLON
    ),
    Readable(
        stands_for="per cent",
        rows=column(["12%", "7.5 %", "-100%"], ","),
        x=[0.12, 0.075, -1],
        note="x (per cent, as fractions)",
    ),
    Readable(stands_for="per cent with a comma", rows=column(["12,5%", "7,25%"]), x=[0.125, 0.0725], options=SEMICOLON),
    Readable(
        stands_for="an accountant's negatives",
        rows=column(["(1,234.50)", "12.00", "(3.10)"]),
        x=[-1234.5, 12, -3.1],
        options=SEMICOLON,
    ),
    Readable(
        stands_for="minus signs of typographers",
        rows=column(["\N{MINUS SIGN}1,5", "2,5"]),
        x=[-1.5, 2.5],
        options=SEMICOLON,
    ),
    Readable(
        stands_for="exponents with a comma", rows=column(["1,5E+03", "2,25E-02"]), x=[1500, 0.0225], options=SEMICOLON
    ),
    Readable(stands_for="no nought before the sign", rows=column([",5", "-,25"]), x=[0.5, -0.25], options=SEMICOLON),
    Readable(
        stands_for="digits and signs of Arabic",
        rows=column(["١٬٢٣٤٫٥", "٧٫٢٥"]),
        x=[1234.5, 7.25],
        note="x (thousands comma)",
        options=SEMICOLON,
    ),
    Readable(
        stands_for="a number that another column explains",
        rows=b"x;z;y\n1,250;0,5;a\n2,750;1,5;b\n",
        x=[1.25, 2.75],
        note="x (decimal comma), z (decimal comma)",
        options=SEMICOLON,
    ),
    Readable(
        stands_for="points that another column shows to be thousands",
        rows=b"x;z;y\n1.250;0,5;a\n950;1,5;b\n",
        x=[1250, 950],
        note="x (thousands point), z (decimal comma)",
        options=SEMICOLON,
    ),
    Readable(
        stands_for="points that may be thousands, read as before and said",
        rows=column(["1.250", "2.750"]),
        x=[1.25, 2.75],
        note="1.250 would be thousands with data.thousands = '.'",
        options=SEMICOLON,
    ),
    Readable(
        stands_for="the same, decided",
        rows=column(["1.250", "2.750"]),
        x=[1250, 2750],
        options={**SEMICOLON, "thousands": "."},
    ),
    Readable(
        stands_for="a comma, decided to be decimal",
        rows=column(['"1,250"'] * 2, ","),
        x=[1.25] * 2,
        options={"decimal": ","},
    ),
    Readable(
        stands_for="a comma, decided to be none",
        rows=column(['"1,250"'] * 2, ","),
        x=[1250] * 2,
        options={"decimal": "."},
    ),
    Readable(
        stands_for="thousands by name",
        rows=column(["1 250", "750"]),
        x=[1250, 750],
        options={**SEMICOLON, "thousands": "space"},
    ),
    Readable(
        stands_for="numbers that are codes perhaps",
        rows=column(["007", "042"], ","),
        x=[7, 42],
        note="007 is a number here; data.categorical if it is a code",
    ),
    Readable(stands_for="tabs by the ending", rows=column(["1", "2"], "\t"), x=[1, 2], name="file.tsv"),
    Readable(stands_for="tabs, typed plainly", rows=column(["1", "2"], "\t"), x=[1, 2], options={"delimiter": "\\t"}),
    Readable(
        stands_for="tabs by name",
        rows=column(["1", "2"], "\t"),
        x=[1, 2],
        options={"delimiter": "tab"},
        name="file.txt",
    ),
    Readable(stands_for="Excel's first line", rows=b"sep=;\r\n" + column(["1,5", "2"]), x=[1.5, 2]),
    Readable(stands_for="a mark of UTF-8", rows=column(["1", "2"], ",", "utf-8-sig"), x=[1, 2]),
    Readable(
        stands_for="Unicode text of Windows", rows=column(["1,5", "2"], "\t", "utf-16"), x=[1.5, 2], name="file.tsv"
    ),
    Readable(
        stands_for="UTF-16 without a mark",
        rows=column(["1", "2"], ",", "utf-16-be"),
        x=[1, 2],
        options={"encoding": "utf-16-be"},
    ),
    Readable(
        stands_for="Latin-1",
        rows="x,größe,y\n1,mäßig,a\n2,klein,b\n".encode("latin-1"),
        x=[1, 2],
        note="an input for each category: größe (2)",
        options={"encoding": "latin-1"},
    ),
    Readable(
        stands_for="Shift-JIS",
        rows="x,色,y\n1,赤,a\n2,青,b\n".encode("shift-jis"),
        x=[1, 2],
        options={"encoding": "shift-jis"},
    ),
    Readable(stands_for="old line ends of the Macintosh", rows=b"x,y\r1,a\r2,b\r", x=[1, 2]),
    Readable(
        stands_for="a comma at the end of each line",
        rows=b"x,y,\n1,a,\n2,b,\n",
        x=[1, 2],
        note="column 3 has neither a name nor a value and was left out",
    ),
    Readable(stands_for="a comma at the end of the rows alone", rows=b"x,y\n1,a,\n2,b,\n", x=[1, 2]),
    Readable(
        stands_for="no header",
        rows=b"1.5,a\n2.5,b\n",
        x=[1.5, 2.5],
        options={"header": False, "target": "column 2"},
    ),
    Readable(
        stands_for="one column to leave out, typed plainly",
        rows=b"x,day,y\n1,mon,a\n2,tue,b\n",
        x=[1, 2],
        options={"drop": "day"},
    ),
    Readable(
        stands_for="a dump of MySQL",
        rows=b"x,y\n1.5,a\n\\N,b\n3,b\n",
        x=[1.5, 3],
        options={"missing_texts": "\\N", "missing": "drop"},
    ),
    Readable(
        stands_for="a dump of PostgreSQL, with true as t",
        rows=b"x,y\nt,a\nf,b\nt,b\n",
        x=[1, 0, 1],
        options={"booleans": "x"},
    ),
    Readable(
        stands_for="dates of Germany",
        rows=column(["31.12.1969", "02.01.1970"]),
        x=[-1, 1],
        note="x (days since 1970)",
        options={**SEMICOLON, "dates": "x"},
    ),
    Readable(
        stands_for="a remark of two lines in quotes, and blank lines at the end",
        rows=b'x,y,remark\r\n1,a,"first\r\nsecond, with ""quotes"""\r\n2,b,none\r\n\r\n\r\n',
        x=[1, 2],
        options={"drop": "remark"},
    ),
    Readable(
        stands_for="a compressed export",
        rows=gzip.compress(column(["1,5", "2,25"])),
        x=[1.5, 2.25],
        options=SEMICOLON,
        name="file.csv.gz",
    ),
    Readable(
        stands_for="bars between cells, and blanks around them",
        rows=b"x | y\n 1 | a\n 2 | b\n",
        x=[1, 2],
        options={"delimiter": "|"},
    ),
    Readable(
        stands_for="a number for a value that is missing",
        rows=b"x,y\n1,a\n-999,b\n3,b\n",
        x=[1, 3],
        options={"missing_texts": -999, "missing": "drop"},
    ),
]


@pytest.mark.parametrize("case", READABLE, ids=[case.stands_for for case in READABLE])
def test_it_is_read_right_and_said(tmp_path: Path, case: Readable) -> None:
    path = tmp_path / case.name
    path.write_bytes(case.rows)
    table = data_of(path, 2, **{"target": "y", **case.options}).table
    assert table.X[:, 0].tolist() == case.x
    assert case.note in "\n".join(table.notes)


REFUSED: list[tuple[str, bytes, dict[str, Any], str, dict[str, Any]]] = [
    # what it stands for, the file, its options, the complaint, what cures it
    (
        "a comma that may be either",
        column(['"1,250"', '"2,750"'], ","),
        {},
        r"row 2, column x: 1,250 may be 1250 or 1\.25; set data\.decimal = '\.' for the first reading, ',' for the",
        {"decimal": "."},
    ),
    (
        "a price that may be either",
        b'size,y\n1,"1,250"\n2,"2,750"\n',
        {},
        r"row 2, column y: 1,250 may be 1250 or 1\.25; set data\.decimal",
        {"decimal": "."},
    ),
    (
        "both signs for both",
        column(['"1,250"', '"2.750"'], ","),
        {},
        r"column x: 1,250 may be 1250 or 1\.25",
        {"categorical": "x"},
    ),
    (
        "two currencies",
        column(["$5", "€7", "$9"], ","),
        {},
        r"column x: expected a number as in other rows",
        {"categorical": "x"},
    ),
    (
        "5 beside 5%",
        column(["5%", "0.5", "7%"], ","),
        {},
        r"column x: expected a number as in other rows",
        {"categorical": "x"},
    ),
    (
        "a word among prices",
        column(["$5", "$7", "free"], ","),
        {},
        r"row 4, column x: .* got 'free'",
        {"categorical": "x"},
    ),
    ("another delimiter", column(["1,5", "2"]), {}, r"row 1: .* is data\.delimiter = ';'\?", SEMICOLON),
    ("tabs in a .csv", column(["1", "2"], "\t"), {}, r"row 1: .* is data\.delimiter = '\\t'\?", {"delimiter": "\\t"}),
    (
        "Latin-1",
        "x,y\n1,äöü\n2,b\n".encode("latin-1"),
        {},
        r"row 2: expected text in UTF-8; set data\.encoding = 'cp1252'",
        {"encoding": "cp1252"},
    ),
    (
        "UTF-16 without a mark",
        column(["1", "2"], ",", "utf-16-le"),
        {},
        r"set data\.encoding = 'utf-16-le'",
        {"encoding": "utf-16-le"},
    ),
    (
        "no header",
        b"5.1,3.5,a\n4.9,3.0,b\n",
        {"target": "column 3"},
        r"there is no column 'column 3' .*if it names no columns, set data\.header = false",
        {"header": False},
    ),
    (
        "no header, and a number twice in it",
        b"5.1,5.1,a\n4.9,3.0,b\n",
        {"target": "column 3"},
        r"two columns named 5\.1; if it names no columns, set data\.header = false",
        {"header": False},
    ),
    (
        "Namibia",
        b"x,land,y\n1,NA,a\n2,ZA,b\n",
        {},
        r"row 2, column land: the value is missing .*; if 'NA' is a value here, set data\.missing_texts = \[\]",
        {"missing_texts": []},
    ),
    (
        "a column with a name and no value",
        b"x,z,y\n1,,a\n2,,b\n",
        {},
        r"column z: the whole column is empty; leave it out with",
        {"drop": "z"},
    ),
]


@pytest.mark.parametrize(
    ("rows", "options", "complaint", "cure"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_it_is_refused_and_the_cure_works(
    tmp_path: Path, rows: bytes, options: dict[str, Any], complaint: str, cure: dict[str, Any]
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(rows)
    options = {"target": "y", **options}
    with pytest.raises(InputError, match=complaint):
        data_of(path, 2, **options)
    units = 1 if b"size" in rows else 2
    assert len(data_of(path, units, **options, **cure).train) > 1


def test_prices_are_values_however_few(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text('size,price\n1,"$1,200.00"\n2,"$2,300.00"\n3,$900\n')
    table = data_of(path, 1, target="price").table
    assert (table.classes, table.y.tolist()) == ((), [1200, 2300, 900])
    assert "numbers as they are written here: price (thousands comma, in $)" in table.notes
    assert data_of(path, 3, target="price", task="classification").table.classes == ("$1,200.00", "$2,300.00", "$900")


def test_the_country_na_is_a_category_or_a_class_once_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "land.csv"
    path.write_text("x,land\n1,NA\n2,ZA\n?,NA\n")
    table = data_of(path, 2, target="land", missing_texts="?", missing="mean").table
    assert table.classes == ("NA", "ZA")


@pytest.mark.parametrize("name", ["nonsense", "base64", "rot13", "zlib"])
def test_what_is_no_encoding_of_texts_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"data\.encoding: expected an encoding, such as utf-8, cp1252 or utf-16"):
        data_of(tmp_path / "any.csv", 2, target="y", encoding=name)


COUNTRIES = {
    "Germany": str.maketrans({",": ".", ".": ","}),
    "France": str.maketrans({",": "\N{NARROW NO-BREAK SPACE}", ".": ","}),
    "Switzerland": str.maketrans({",": "\N{RIGHT SINGLE QUOTATION MARK}"}),
    "the United States": {},
}


@given(
    cents=st.lists(st.integers(-(10**11), 10**11), min_size=2, max_size=20, unique=True),
    country=st.sampled_from(list(COUNTRIES)),
)
@settings(max_examples=examples(60))
def test_amounts_of_every_country_are_read_to_the_cent(cents: list[int], country: str) -> None:
    cells = [f"{cent / 100:,.2f}".translate(COUNTRIES[country]) for cent in cents]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "amounts.csv"
        path.write_bytes(column(cells))
        table = data_of(path, 2, target="y", delimiter=";").table
    assert table.X[:, 0].tolist() == [cent / 100 for cent in cents]


def test_several_targets_are_values_each_with_its_output(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("x;low;high\n1;2,5;100\n2;3,5;250\n3;;300\n")
    table = load_table(CsvFile(source=path, target=("low", "high"), delimiter=";", missing="mean"))
    assert table.y.tolist() == [[2.5, 100], [3.5, 250]]
    assert table.feature_names == ("x",)
    assert table.notes[0] == "the targets are values: low from 2.5 to 3.5, high from 100 to 250"
    with pytest.raises(InputError, match=r"data\.task: expected one target for classes, got 2"):
        load_table(CsvFile(source=path, target=("low", "high"), delimiter=";", missing="mean", task="classification"))
