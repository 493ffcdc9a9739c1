from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_trainer.formatting import (
    MINUS,
    are_numbers,
    cell_text,
    cell_width,
    count,
    duration,
    first_lines,
    fitting_parts,
    ljust,
    metric,
    narrow,
    numbered,
    per_second,
    percent,
    plain,
    rjust,
    signed,
    within,
    wrapped_text,
)


@given(st.just(0.0) | st.floats(1e-99, 1e99))
def test_a_loss_takes_at_most_seven_cells_and_keeps_its_size(value: float) -> None:
    text = metric(value)
    assert len(text) <= 7
    assert float(text) == pytest.approx(value, rel=0.06, abs=5e-5)


@given(st.floats(1e-12, 1e12))
def test_a_hyperparameter_reads_back(value: float) -> None:
    assert float(plain(value)) == pytest.approx(value, rel=0.06, abs=1e-6)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (0.0412, "0.0412"),
        (-0.5, "−0.5000"),
        (3.14159, "3.142"),
        (123.456, "123.5"),
        (10023.4, "10023"),
        (1e6, "1e+6"),
        (2.5e-7, "2.5e-7"),
        (0.0, "0.0000"),
    ],
)
def test_metrics(value: float | None, text: str) -> None:
    assert metric(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.001, "0.001"), (2e-5, "2e-5"), (32.0, "32"), (0.0, "0"), (0.25, "0.25"), (1e6, "1e+6")]
)
def test_hyperparameters(value: float, text: str) -> None:
    assert plain(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.4123, "+0.412"),
        (-1.93, "−1.930"),
        (0.0, "+0.000"),
        (-0.0, "+0.000"),
        (2e-4, "+2e-4"),
        (-2e4, "−2e+4"),
        (math.nan, "NaN"),
    ],
)
def test_weights(value: float, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (41.2, "42 s"), (187, "3:07"), (7500, "2:05 h"), (400_000, "4 days"), (math.inf, "–")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("rate", "text"), [(None, "–/s"), (0.42, "0.4/s"), (20.2, "20/s"), (1250.0, "1.2k/s"), (52_000.0, "52k/s")]
)
def test_speeds(rate: float | None, text: str) -> None:
    assert per_second(rate) == text


def test_counts_and_shares() -> None:
    assert (count(1000), count(100_000)) == ("1000", "100,000")
    assert (percent(0.2), percent(0.125), percent(0.0)) == ("20%", "12.5%", "0%")


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(6, 12), st.sampled_from([metric, plain]))
def test_a_narrow_number_is_the_number(value: float, width: int, write: Callable[[float], str]) -> None:
    text = narrow(value, width, write)
    assert len(text) <= width
    if text != "…":
        error = abs(Decimal(text.replace(MINUS, "-")) - Decimal(value))  # a float may be rounded beyond all floats
        assert error <= max(abs(Decimal(value)) / 2, Decimal("5e-7"))
    else:
        assert width == 6
        assert f"{value:.0e}".startswith("-")


def test_a_number_too_long_for_its_place_is_written_otherwise() -> None:
    assert [narrow(1.24e11, width) for width in (7, 6, 5, 4, 3)] == ["1.2e+11", "1.2e11", "1e11", "1e11", "…"]
    assert [narrow(value, 6) for value in (None, float("nan"), float("-inf"))] == ["–", "NaN", "−∞"]


@pytest.mark.parametrize("text", ["いいえ", "maybe", "e\u0301tude", "김치", ""])
def test_widths_are_cells(text: str) -> None:
    assert cell_len(ljust(text, 12)) == cell_len(rjust(text, 12)) == 12
    assert cell_len(within(text, 4)) <= 4
    assert within(text, 12) == text


def test_long_texts_are_broken_at_blanks_and_lose_none_of_their_words() -> None:
    text = "a file/with/a/long/name.csv: row 3: expected 3 cells"
    for width in range(2, 60):
        lines = wrapped_text(text, width)
        assert all(cell_width(line) <= width for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrapped_text("", 10) == []
    assert wrapped_text("漢字 漢字", 4) == ["漢字", "漢字"]
    assert first_lines(["one two", "three"], 1, 8) == ["one …"]
    assert fitting_parts("paused · epoch 3 · at its end", 17) == "paused · epoch 3"
    assert fitting_parts("paused · epoch 3", 2) == "paused"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (-0.0, "0"),
        (-1234567.0, "−1.23457e+6"),
        (1.5e-7, "1.5e−7"),
        (-2.5e-10, "−2.5e−10"),
        (1e20, "1e+20"),
        (float("-inf"), "−∞"),
        (float("nan"), "NaN"),
        (-1234567, "−1234567"),
        ((0.5, -1, 1e-5), "0.5, −1, 1e−5"),
        (True, "on"),
        (None, "–"),
        ("text", "text"),
    ],
)
def test_a_cell_of_a_table_is_written_with_six_digits(value: object, text: str) -> None:
    assert cell_text(value) == text


@pytest.mark.parametrize(
    ("cells", "expected"),
    [((1, 2.5), True), ((1, None), True), ((None, None), False), ((1, "a"), False), ((True, 1), False), ((), False)],
)
def test_a_column_of_numbers_may_have_gaps(cells: tuple[object, ...], expected: bool) -> None:
    assert are_numbers(cells) is expected


def test_lines_of_a_text_begin_where_they_begin() -> None:
    assert wrapped_text("while you were away\nbob: lr", 12) == ["while you", "were away", "bob: lr"]


@pytest.mark.parametrize(
    ("name", "number", "width", "text"),
    [
        ("layer", 1, 10, "layer 1"),
        ("committee", 1, 10, "committ… 1"),
        ("layer", 128, 7, "la… 128"),
        ("layer", 12, 2, "12"),
    ],
)
def test_a_number_is_never_cut_off_its_name(name: str, number: int, width: int, text: str) -> None:
    assert numbered(name, number, width) == text
