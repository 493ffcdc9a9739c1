from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.spec import ScalerSpec, SplitSpec
from tests.tui_trainer.fake_client import make_welcome
from tests.tui_trainer.fake_views import data_arrays
from tui_trainer.glossary import word
from tui_trainer.themes.inks import EMPTY, GREYS, grey_tint
from tui_trainer.view_models.data import (
    Contents,
    contents_of,
    figure,
    grey_pixels,
    range_texts,
    scaler_text,
    segments,
    share_text,
    split_text,
    target_text,
    value_texts,
)
from tui_trainer.view_models.data_notes import parts_lines
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.styled_text import StyledLine

counts = st.lists(st.integers(0, 10_000), min_size=1, max_size=30)


def standard(key: str) -> str:
    return word(key, "standard")


def make_run(**welcome: Any) -> tuple[RunModel, Contents]:
    """Return a run whose data is known."""
    run = RunModel(make_welcome(**welcome))
    run.data = {name.removeprefix("data."): array for name, array in data_arrays(run.welcome).items()}
    contents = contents_of(run)
    assert contents is not None
    return run, contents


@given(counts, st.integers(0, 200))
def test_segments_fill_the_bar_and_leave_no_class_out(counts: list[int], width: int) -> None:
    cells = segments(counts, width)
    assert sum(cells) == (width if sum(counts) and width else 0)
    assert all(cell == 0 for cell, number in zip(cells, counts, strict=True) if not number)
    if width >= sum(1 for number in counts if number):
        assert all(cell for cell, number in zip(cells, counts, strict=True) if number and width and sum(counts))


def test_segments_are_in_proportion() -> None:
    assert segments([60, 30, 10], 50) == [30, 15, 5]
    assert segments([1000, 1], 20) == [19, 1]
    assert segments([0, 0], 20) == [0, 0]


def test_a_run_that_has_told_nothing_has_no_contents() -> None:
    assert contents_of(RunModel(make_welcome())) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(16.0, "16"), (0.0, "0"), (0.99999, "1"), (12.34567, "12.35"), (-3, "−3"), (1e9, "1e+9"), (1e-7, "1e-7")],
)
def test_figures(value: float, text: str) -> None:
    assert figure(value) == text


@given(st.floats())
def test_any_figure_is_short(value: float) -> None:
    assert len(figure(value)) <= len("−1.5e-300")


def test_a_mean_that_is_only_rounding_is_0() -> None:
    assert range_texts([-1.8, 3.9, -8e-10, 0.9999999]) == ["−1.800", "3.900", "0", "1"]
    assert range_texts([1e-9, 3e-9, 2e-9, 1e-9])[2] != "0"


def test_a_column_with_one_fraction_shows_fractions_throughout() -> None:
    assert value_texts(np.array([1.0, 15.0])) == ["1", "15"]
    assert value_texts(np.array([1.5, 15.0])) == ["1.500", "15.00"]
    assert value_texts(np.array([1.0, math.nan])) == ["1.000", "NaN"]


def test_the_target_is_a_class_or_values() -> None:
    assert target_text(("a", "[b]\x1b"), np.array([1.0])) == "[b]�"
    assert target_text((), np.array([1.5, 2])) == "1.500 2"


@pytest.mark.parametrize(
    ("split", "rows", "text"),
    [
        (
            SplitSpec(validation=0.2, test=0.2),
            (341, 114, 114),
            "of all rows 20% validation and 20% test, drawn with seed 42, without regard to class",
        ),
        (
            SplitSpec(test=0.25, stratify=True, seed=7),
            (75, 0, 25),
            "of all rows 25% test, drawn with seed 7, each class in its share",
        ),
        (SplitSpec(), (100, 0, 0), "not divided: every row is one of train"),
        (SplitSpec(), (60, 0, 40), "test as the data itself says"),
    ],
)
def test_how_rows_were_divided(split: SplitSpec, rows: tuple[int, int, int], text: str) -> None:
    assert split_text(split, rows, standard) == text


@pytest.mark.parametrize(
    ("scaler", "parts"),
    [
        (ScalerSpec(), ["not scaled"]),
        (ScalerSpec(kind="standard"), ["mean 0", "measured on train"]),
        (ScalerSpec(kind="minmax", fit="all"), ["0 … 1", "measured on all rows"]),
        (ScalerSpec(kind="divide"), ["divided by 255"]),
        (ScalerSpec(kind="divide", divisor="max"), ["divided by max"]),
    ],
)
def test_how_columns_were_scaled(scaler: ScalerSpec, parts: list[str]) -> None:
    text = scaler_text(scaler, standard)
    assert all(part in text for part in parts)


def test_a_share_has_a_steady_width() -> None:
    assert {len(share_text(number, 12_345)) for number in (0, 7, 341, 12_345)} == {9}
    assert share_text(7, 7) == "    7 all"
    assert share_text(9_999, 10_000) == " 9999 99%"


def plain_text(lines: list[StyledLine]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


@pytest.mark.parametrize("width", [28, 40, 90])
@pytest.mark.parametrize("vocabulary", ["standard", "plain"])
@pytest.mark.parametrize("classes", [(), ("benign", "malignant"), tuple(f"species number {n}" for n in range(30))])
def test_lines_about_the_parts_are_no_wider_than_their_pane(
    width: int, vocabulary: Any, classes: tuple[str, ...]
) -> None:
    run, contents = make_run(classes=classes, notes=("a note of some length that needs more than one line",))
    lines = plain_text(parts_lines(run, contents, width, lambda key: word(key, vocabulary)))
    assert all(cell_len(line) <= width for line in lines)
    assert "note: a note" in " ".join(lines)


def test_every_part_that_has_rows_has_a_bar_as_long_as_it_is_large() -> None:
    run, contents = make_run(rows=(300, 0, 100))
    lines = plain_text(parts_lines(run, contents, 40, standard))
    assert lines[0].split() == ["train", "300", "75%"]
    assert lines[1] == " " * 40
    assert lines[2].split() == ["test,", "sealed", "100", "25%"]
    assert lines[3] == " " * 13
    assert not any("validation" in line for line in lines[:6])


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 60), st.integers(1, 60))
def test_a_picture_fits_and_keeps_its_proportions(rows: int, columns: int, height: int, width: int) -> None:
    values = np.arange(rows * columns, dtype=float)
    tints = grey_pixels(values, (rows, columns), (0, max(1, values.max())), height, width)
    assert tints.shape[0] <= height
    assert tints.shape[1] <= width
    assert tints[0, 0] == grey_tint(0)
    if height >= rows and width >= columns:
        assert tints.shape[0] * columns == tints.shape[1] * rows
        assert tints[-1, -1] == grey_tint(GREYS - 1 if rows * columns > 1 else 0)


def test_a_picture_s_values_beyond_its_ends_are_black_and_white_and_none_is_empty() -> None:
    tints = grey_pixels(np.array([-9, 0, 16, 1e300, np.nan, np.inf]), (2, 3), (0, 16), 2, 3)
    black, white = grey_tint(0), grey_tint(GREYS - 1)
    assert tints.tolist() == [[black, black, white], [white, EMPTY, EMPTY]]


def test_a_picture_without_contrast_is_still_one() -> None:
    assert grey_pixels(np.zeros(4), (2, 2), (0, 0), 2, 2).tolist() == [[grey_tint(0)] * 2] * 2


@pytest.mark.parametrize("width", [24, 40])
def test_the_table_of_classes_with_wide_letters_is_straight(width: int) -> None:
    run, contents = make_run(classes=("いいえ" * 5, "はい", "maybe"))
    lines = plain_text(parts_lines(run, contents, width, standard))
    rows = [line for line in lines if line.lstrip().startswith(("い", "は", "ma"))]
    assert [cell_len(line) for line in rows] == [width] * 3
