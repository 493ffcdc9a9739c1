"""Data without a recipe: files as people have them, each to a trained network."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import engine
from engine.data.cells import Cells
from engine.data.dates import days as days_of
from engine.data.dates import format_of
from engine.data.inference import infer
from engine.data.new_rows import read_rows
from engine.data.text_table import Origin, TextTable, read
from engine.errors import InputError
from engine.spec import validate
from engine.spec.finding import DataFinding
from engine.spec.sources.files import CsvFile

RNG = np.random.default_rng(5)
ROWS = 240
X = RNG.normal(size=(ROWS, 3))
CLASS = (X @ [[2, 0, -2], [0, 2, 1], [1, -1, 0]]).argmax(axis=1)
VALUE = 350_000 + X @ [60_000, -30_000, 5_000]
DAYS = np.datetime64("2021-03-01") + np.arange(ROWS) * 5 % 700


def rows(path: Path, header: str, *columns: Any, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """Write columns, numbers with three digits behind the point, and return the file."""
    texts = [[f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in column] for column in columns]
    lines = [*([header] if header else []), *(delimiter.join(cells) for cells in zip(*texts, strict=True))]
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return path


def german(values: Any) -> list[str]:
    return [f"{value:,.2f} €".translate(str.maketrans(",.", ".,")) for value in values]


def houses(folder: Path) -> Path:
    garden = ["yes" if x > 0 else "no" for x in X[:, 1]]
    return rows(folder / "House Prices.csv", "id,size,garden,rooms,price", range(ROWS), X[:, 0], garden, X[:, 2], VALUE)


def flowers(folder: Path) -> Path:
    kinds = [["setosa", "virginica", "versicolor"][number] for number in CLASS]
    return rows(folder / "flowers.tsv", "a\tb\tc\tkind", *X.T, kinds, delimiter="\t")


def european(folder: Path) -> Path:
    columns = [[f"{x:.3f}".replace(".", ",") for x in column] for column in X.T]
    return rows(
        folder / "haus.csv", "Größe;Lage;Alter;Preis", *columns, german(VALUE), delimiter=";", encoding="cp1252"
    )


def imbalanced(folder: Path) -> Path:
    rare = np.arange(5000) % 500 == 7
    amounts = RNG.normal(size=(2, 5000)) + 4 * rare
    return rows(folder / "fraud.csv", "amount,age,fraud", *amounts, rare.astype(int).tolist())


def dates(folder: Path) -> Path:
    sales = (DAYS - DAYS.min()).astype(float) + X[:, 0]
    shops = ["ABC"[number] for number in CLASS]
    clients = [f"C{row * 7:05d}" for row in range(ROWS)]
    return rows(folder / "sales.csv", "client,when,shop,country,sales", clients, DAYS, shops, ["FR"] * ROWS, sales)


def answers(folder: Path) -> Path:
    bought = ["true" if number else "false" for number in CLASS == 1]
    news = ["J" if x > 0 else "N" for x in X[:, 2]]
    return rows(folder / "shop.csv", "a,b,news,bought", X[:, 0], X[:, 1], news, bought)


def codes(folder: Path) -> Path:
    wells = [["01", "1E2", "007"][number] for number in CLASS]
    areas = [f"{number:05d}" for number in 7 * (CLASS + 1)]
    return rows(folder / "wells.csv", "depth,area,well", X[:, 0], areas, wells)


def gaps(folder: Path) -> Path:
    first = ["NA" if row % 9 == 2 else f"{x:.3f}" for row, x in enumerate(X[:, 0])]
    return rows(folder / "gaps.csv", "a,b,c,kind", first, X[:, 1], X[:, 2], CLASS)


def without_header(folder: Path) -> Path:
    return rows(folder / "bare.csv", "", *X.T, CLASS)


def compressed(folder: Path) -> Path:
    path = folder / "packed.csv.gz"
    path.write_bytes(gzip.compress(rows(folder / "plain.csv", "a,b,c,kind", *X.T, CLASS).read_bytes()))
    return path


def parquet(folder: Path) -> Path:
    columns = {"when": DAYS, "flag": X[:, 1] > 0, "size": X[:, 0], "price": X[:, 0] * 1e5 + 7}
    pq.write_table(pa.table(columns), folder / "table.parquet")
    return folder / "table.parquet"


def arrays(folder: Path) -> Path:
    np.savez(folder / "two.npz", X=X, y=np.column_stack([VALUE, X[:, 0] * 1e-3]))
    return folder / "two.npz"


def pictures(folder: Path) -> Path:
    for shade, name in enumerate(("dark", "light")):
        (folder / "photos" / name).mkdir(parents=True)
        for number in range(15):
            pixels = RNG.integers(0, 90, (12, 12)) + 150 * shade
            Image.fromarray(pixels.astype(np.uint8)).save(folder / "photos" / name / f"{number}.png")
    return folder / "photos"


FILES: list[tuple[Callable[[Path], Path], tuple[str, ...]]] = [
    (
        houses,
        (
            "240 rows, separated by comma, utf-8",
            "inputs: 2 numbers (size, rooms); 1 of two answers (garden)",
            "left out: id (whole numbers that count up, an identifier)",
            "target: price, a value",
            "network: 3→16→8→1, output identity",
        ),
    ),
    (flowers, ("separated by tab", "target: kind, 3 classes (setosa", "output softmax", "each class in its share")),
    (european, ("separated by semicolon, cp1252, decimal comma", "3 numbers (Größe, Lage, Alter)", "Preis, a value")),
    (
        imbalanced,
        (
            "2 classes (0 4990, 1 10)",
            "1 is rare (10 of 5000 rows): look at the exam's recall",
            "class weights: balanced",
        ),
    ),
    (
        dates,
        (
            "inputs: 1 date (when); 1 of categories (shop)",
            "left out: client (texts, another in each row: an identifier)",
            "left out: country (always FR)",
        ),
    ),
    (answers, ("1 of two answers (news)", "target: bought, 2 classes (false", "output sigmoid")),
    (codes, ("1 of categories (area)", "target: well, 3 classes (01 ")),
    (gaps, ("27 values missing (filled in with the training rows' mean)",)),
    (without_header, ("no header", "target: column 4, 3 classes")),
    (compressed, ("separated by comma", "target: kind, 3 classes")),
    (parquet, ("Parquet", "1 number (size); 1 of two answers (flag); 1 date (when)")),
    (arrays, ("3 columns", "target: values", "3→16→8→2, output identity")),
    (pictures, ("pictures of 64×64 pixels", "2 classes (dark 15, light 15)", "pixels divided by 255")),
]


@pytest.mark.parametrize(("make", "told"), FILES, ids=[make.__name__ for make, _ in FILES])
def test_a_file_leads_to_a_network_that_has_learned(
    tmp_path: Path, make: Callable[[Path], Path], told: tuple[str, ...]
) -> None:
    finding = infer(make(tmp_path))
    finding = DataFinding.model_validate_json(finding.model_dump_json())
    text = "\n".join(finding.lines())
    assert [line for line in told if line not in text] == []
    spec = validate(finding.document, "the finding")
    trainer = engine.Trainer(spec)
    assert trainer.data.test is not None
    first = trainer.evaluate("train").loss
    trainer.advance(40)
    assert trainer.evaluate("train").loss < 0.6 * first
    assert "nan" not in repr(trainer.exam())


@pytest.mark.parametrize(
    ("targets", "weight", "line"),
    [
        (("b",), "b", r"data\.weight: expected another column than the target \(got b\)$"),
        (("b",), "c", r"there is no column 'c'"),
        (("b", "b"), None, r"data\.target: expected different columns \(got b twice\)$"),
    ],
)
def test_what_cannot_be_asked_of_a_file_is_one_line_of_bad_input(
    tmp_path: Path, targets: tuple[str, ...], weight: str | None, line: str
) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n" + "".join(f"{n},{n % 2}\n" for n in range(20)))
    with pytest.raises(InputError, match=line) as caught:
        infer(tmp_path / "rows.csv", targets, weight=weight)
    assert "input_value" not in str(caught.value)


def test_the_target_may_be_named_and_a_run_is_named_after_the_file(tmp_path: Path) -> None:
    finding = infer(houses(tmp_path), ("garden",), ("size",))
    assert finding.document["name"] == "house-prices"
    assert finding.document["data"]["target"] == "garden"
    assert finding.classes == (("no", 240 - finding.classes[1][1]), ("yes", finding.classes[1][1]))
    assert "left out: size (as you said)" in finding.lines()
    assert infer(houses(tmp_path), ("size", "price")).document["data"]["target"] == ["size", "price"]
    with pytest.raises(InputError, match=r"there is no column 'prise' \(there: price\)"):
        infer(houses(tmp_path), ("prise",))


def test_a_column_of_weights_is_no_input_nor_what_is_predicted(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    lines = [f"{row % 7},{row % 3},{row * 1.5},{row % 11 + 1.5}" for row in range(60)]
    path.write_text("\n".join(["a,b,income,weight", *lines]) + "\n")
    found = infer(path, weight="weight")
    assert found.targets == ("income",)
    assert found.document["data"]["weight"] == "weight"
    assert "drop" not in found.document["data"]
    (column,) = (column for column in found.columns if not column.used)
    assert (column.name, column.why) == ("weight", "how much the row counts in the loss")
    trainer = engine.Trainer(validate(found.document, "survey"))
    assert trainer.data.table.feature_names == ("a", "b")
    assert trainer.data.train.weights is not None
    with pytest.raises(InputError, match="there is no column 'weigth'"):
        infer(path, weight="weigth")


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("one.csv", "a\n1\n2\n", "expected a table, of columns separated by"),
        ("same.csv", "a,b\n1,x\n1,x\n", "no column can be predicted"),
        ("none.csv", "", "expected a table"),
        ("bad.npz", "x", "cannot be read"),
    ],
)
def test_what_nothing_can_be_learned_from_is_refused(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=complaint):
        infer(tmp_path / name)


def test_a_sign_that_may_be_either_is_settled_by_the_separator(tmp_path: Path) -> None:
    columns = [[2000 + row * 2 for row in range(30)], ["1,250", "2,750"] * 15, range(100, 400, 10)]
    finding = infer(rows(tmp_path / "a.csv", "year;km;cost", *columns, delimiter=";"))
    assert finding.document["data"]["decimal"] == ","
    assert [column.kind for column in finding.columns] == ["number", "number"]


@pytest.mark.parametrize(
    ("other", "day_first", "days"),
    [("31/12/1969", True, [31, -1]), ("12/31/1969", False, [1, -1]), ("1970-01-01", False, [1, 0])],
)
def test_dates_of_two_readings_are_read_as_other_columns_are_or_month_first_and_that_is_said(
    tmp_path: Path, other: str, day_first: bool, days: list[float]
) -> None:
    columns = ["01/02/1970", "03/04/1970"] * 9, [other, "1970-01-02" if "-" in other else "02/01/1970"] * 9
    path = rows(tmp_path / "d.csv", "a,b,y", *columns, range(100, 118))
    finding = infer(path, ("y",))
    assert [column.kind for column in finding.columns] == ["date", "date"]
    assert finding.columns[0].why == (
        f"days since 1970, the {'day' if day_first else 'month'} first; "
        "data.day_first = true makes it 1970-02-01, false 1970-01-02"
    )
    spec = validate({**finding.document, "split": {}}, "dates")
    table = engine.Trainer(spec).data.table
    assert table.X[0].tolist() == days
    assert finding.columns[0].why in "".join(table.notes)
    turned = validate(
        {**finding.document, "split": {}, "data": {**finding.document["data"], "day_first": True}}, "dates"
    )
    assert engine.Trainer(turned).data.table.X[0, 0] == 31


def test_commas_in_numbers_say_that_the_day_comes_first(tmp_path: Path) -> None:
    columns = ["01/02/1970", "03/04/1970"] * 9, ["1,5", "2,25"] * 9, range(100, 118)
    path = rows(tmp_path / "d.csv", "a;b;y", *columns, delimiter=";")
    assert infer(path, ("y",)).document["data"]["day_first"] is True


def test_dates_of_two_readings_in_a_recipe_that_does_not_tell_are_refused(tmp_path: Path) -> None:
    path = rows(tmp_path / "d.csv", "a,y", ["01/02/1970", "03/04/1970"] * 9, range(100, 118))
    recipe = {**infer(path, ("y",)).document, "data": {"source": str(path), "target": "y", "dates": ["a"]}}
    with pytest.raises(
        InputError, match=r"has two readings; data.day_first = true makes it 1970-02-01, false 1970-01-02"
    ):
        engine.Trainer(validate(recipe, "dates"))


def test_dates_are_days(tmp_path: Path) -> None:
    path = rows(
        tmp_path / "d.csv",
        "a,c,y",
        ["31.12.1969", "02.01.1970"] * 9,
        ["1970-01-01T12:00", "1970-01-02"] * 9,
        range(100, 118),
    )
    finding = infer(path, ("y",))
    assert [column.kind for column in finding.columns] == ["date", "date"]
    assert "day_first" not in finding.document["data"]
    spec = validate({**finding.document, "split": {}}, "dates")
    table = engine.Trainer(spec).data.table
    assert table.X[:2, 0].tolist() == [-1, 1]
    assert table.X[:2, -1].tolist() == [0.5, 1]


def test_what_databases_write_for_no_value_among_numbers_is_missing(tmp_path: Path) -> None:
    path = rows(tmp_path / "db.csv", "a,b,kind", ["\\N", *range(1, 40)], [*range(39), "#N/A"], ["x", "y"] * 20)
    finding = infer(path)
    assert [(column.kind, column.missing) for column in finding.columns] == [("number", 1), ("number", 1)]
    assert finding.document["data"]["missing_texts"][-2:] == ["\\N", "#N/A"]
    assert len(engine.Trainer(validate(finding.document, "db")).data.table.X) == 40


def numbered(count: int = 60) -> list[tuple[str, str]]:
    """Return rows of two numbers, no two of which are alike, the second of them twice the first."""
    return [(f"{row * 0.37 % 5:.3f}", f"{row * 0.74 % 10:.3f}") for row in range(count)]


def table(*lines: str, separator: str = ",", below: Sequence[str] = ()) -> str:
    return "\n".join([*lines, *map(separator.join, numbered()), *below]) + "\n"


ODD_TABLES = {
    "a title above": (table("Quarterly report,", "", "x,y"), ("2 lines above the table passed over", "1 number (x)")),
    "remarks above": (table("# from the lab", "# in cm", "x,y"), ("2 lines above", "target: y, a value")),
    "aligned by blanks": (table("x    y", separator="   "), ("separated by blanks", "target: y, a value")),
    "blanks before numbers": (
        table(separator="  ").replace("\n", "\n   "),
        ("blanks", "no header", "column 2, a value"),
    ),
    "a name twice": (table("x,x"), ("two columns named x (the second is x 2)", "target: x 2, a value")),
    "units below the names": (table("x,y", "(cm),(kg)"), ("taken for missing: (cm), (kg)", "1 of 61 rows left out")),
    "a sum below": (table("x,y", below=["Total,300"]), ("taken for missing: Total", "1 value missing", "1 number (x)")),
    "infinity": (table("x,y", below=["inf,3.1", "-inf,2.5"]), ("taken for missing: inf, -inf", "2 values missing")),
    "an empty column": (
        "x,nothing,y\n" + "".join(f"{x},,{y}\n" for x, y in numbered()),
        ("utf-8\n", "left out: nothing (no value in it)"),
    ),
    "labels in capitals": (
        "x,bought\n"
        + "".join(f"{x},{('yes', 'YES', 'Yes', 'no')[row % 4]}\n" for row, (x, _) in enumerate(numbered())),
        ("upper and lower case alike", "2 classes (no 15, yes 45)"),
    ),
    "symbols in capitals": (
        "x,kind\n" + "".join(f"{x},{('CO', 'Co')[row % 2]}\n" for row, (x, _) in enumerate(numbered())),
        ("2 classes (CO 30, Co 30)",),
    ),
    "texts nearly all different": (
        "x,note,y\n" + "".join(f"{x},word {row % 40},{y}\n" for row, (x, y) in enumerate(numbered())),
        ("left out: note (40 different texts in 60 rows)",),
    ),
    "times and months": (
        "time,month,day,y\n"
        + "".join(
            f"{row % 24}:{row % 50 + 10},2023-{row % 12 + 1:02d},{row % 28 + 1} {('May', 'June')[row % 2]} 2023,{y}\n"
            for row, (_, y) in enumerate(numbered())
        ),
        ("3 dates (time, month, day)",),
    ),
}


@pytest.mark.parametrize(("text", "told"), ODD_TABLES.values(), ids=ODD_TABLES)
def test_a_table_as_people_keep_it_is_understood_and_what_was_done_is_said(
    tmp_path: Path, text: str, told: tuple[str, ...]
) -> None:
    (tmp_path / "odd.csv").write_text(text)
    finding = infer(tmp_path / "odd.csv")
    lines = "\n".join(finding.lines())
    assert [line for line in told if line not in lines] == []
    trainer = engine.Trainer(validate(finding.document, "the finding"))
    trainer.advance(2)
    assert np.isfinite(trainer.evaluate("train").loss)


def test_where_no_column_is_left_it_is_said_why(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,same,kind\n" + "".join(f"{row},1,{row % 2}\n" for row in range(30)))
    with pytest.raises(InputError, match=r"no column is left to learn from \(id: whole numbers .*; same: always 1\)"):
        infer(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "written", "days"),
    [
        ("18:30", "time", 18.5 / 24),
        ("1:02:59", "time", 3779 / 86400),
        ("3 January 2023", "%d %b %Y", 19360),
        ("03-Jan-2023", "%d-%b-%Y", 19360),
        ("Jan 3, 2023", "%b %d, %Y", 19360),
        ("2023-01", "%Y-%m", 19358),
        ("12:30 am", "time", 0.5 / 24),
        ("1:15 PM", "time", 13.25 / 24),
        ("13/01/2023 1:15 PM", "%d/%m/%Y %I:%M %p", 19370 + 13.25 / 24),
        ("01/13/23", "%m/%d/%y", 19370),
    ],
)
def test_times_and_names_of_months_are_days(text: str, written: str, days: float) -> None:
    source = CsvFile(source=Path("x.csv"), target="y")
    cells = TextTable(
        columns={"when": Cells.of([text])},
        files=(Origin(source.source, source),),
        file_of=np.zeros(1, np.int32),
        record_of=np.zeros(1, np.int32),
    )
    assert format_of([text]) == written
    assert days_of(cells, "when") == pytest.approx([days])


def test_arrays_without_names_are_inputs_and_labels(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X, CLASS)
    assert len(infer(tmp_path / "a.npz").classes) == 3
    np.savez(tmp_path / "b.npz", X, CLASS, CLASS)
    with pytest.raises(InputError, match=r"expected the arrays X and y, .* \(there: arr_0, arr_1, arr_2\)"):
        infer(tmp_path / "b.npz")


def test_new_rows_are_found_below_another_title(tmp_path: Path) -> None:
    source = CsvFile(source=tmp_path / "a.csv", target="y", skip=2)
    (tmp_path / "new.csv").write_text("Report of May,\n,\nand more,\nx,y\n7,8\n")
    assert read_rows(tmp_path / "new.csv", ["x"], source).tolist() == [[7.0]]


def test_names_of_the_users_own_are_one_for_each_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,2\n3,4\n")
    source = CsvFile(source=tmp_path / "a.csv", target="b", header=False, names=("a", "b"))
    assert read(source.source, source).header == ("a", "b")
    with pytest.raises(InputError, match=r"data\.names: expected 2 names, .*, got 3"):
        read(source.source, source.model_copy(update={"names": ("a", "b", "c")}))


def test_lines_passed_over_count_where_a_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a title\n\nx,y\n1,2\n3,4\n")
    source = CsvFile(source=tmp_path / "a.csv", target="y", skip=2)
    assert "row 5, column x" in read(source.source, source).place(1, "x")
