"""The table of a run without a screen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.run.status import EndReason
from tests.exams import breast_cancer_exam, exam_of, full_exam
from tests.tui_trainer.welcomes import make_welcome
from tui_trainer.headless.reports import TableReport, exam_text, mistakes_text, number, stride


def table(epochs: int, *, reason: EndReason = "epochs", until: int | None = None, **kind: Any) -> list[str]:
    """Return the lines of a run whose training loss in epoch e is e, told in frames of three epochs."""
    told: list[str] = []
    welcome = make_welcome(epochs=epochs, **kind)
    report = TableReport(welcome, told.append)
    report.started()
    last = until or epochs
    rows = np.arange(1.0, last + 1)[:, None, None] * np.ones((last, len(welcome.seeds), 5))
    for first in range(0, last, 3):
        report.epochs(first + 1, rows[first : first + 3])
    report.finished(reason, last, None)
    return "".join(told).splitlines()


def epochs_of(lines: list[str]) -> list[int]:
    return [int(line.split()[0]) for line in lines if line[:9].strip().isdigit()]


@given(st.integers(0, 10**9))
def test_a_stride_is_the_finest_round_number_with_at_most_ten_strides(epochs: int) -> None:
    step = stride(epochs)
    assert str(step).rstrip("0") in {"1", "2", "5"}
    assert step * 10 >= epochs
    finer = step * 2 // 5 if str(step)[0] == "5" else step // 2
    assert step == 1 or finer * 10 < epochs


@pytest.mark.parametrize(
    ("epochs", "told"),
    [
        (0, []),
        (1, [1]),
        (7, [1, 2, 3, 4, 5, 6, 7]),
        (50, [1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]),
        (33, [1, 5, 10, 15, 20, 25, 30, 33]),
    ],
)
def test_the_table_has_first_last_and_round_epochs(epochs: int, told: list[int]) -> None:
    assert epochs_of(table(epochs)) == told


def test_a_run_that_ends_early_shows_its_last_epoch_and_why() -> None:
    lines = table(50, until=33, reason="early_stopping")
    assert epochs_of(lines)[-2:] == [30, 33]
    assert lines[-1] == "stopped early after epoch 33, as the validation loss no longer fell"


def test_the_head_says_what_run_it_is() -> None:
    head = table(50)[0]
    for word in ("breast-cancer", "seed 42", "30→16→8→1", "641 parameters", "run breast-cancer-1"):
        assert word in head


def test_columns_line_up() -> None:
    lines = table(50)
    assert len({len(line) for line in lines[2:-2]}) == 1


def test_several_seeds_are_told_by_their_median() -> None:
    lines = table(3, seeds=(1, 2, 3))
    assert "median of seeds 1 to 3" in lines[0]
    assert "2.0000" in lines[4]
    assert lines[2].split()[:2] == ["epoch", "seeds"]
    assert lines[4].split()[:2] == ["2", "3"]


def test_one_seed_needs_no_column_of_seeds() -> None:
    assert "seeds" not in table(3)[2]


def test_seeds_that_have_stopped_early_leave_the_median_to_the_others() -> None:
    told: list[str] = []
    report = TableReport(make_welcome(epochs=1, seeds=(1, 2, 3)), told.append)
    report.started()
    rows = np.full((1, 3, 5), 0.25)
    rows[0, 0] = np.nan
    report.epochs(1, rows)
    report.finished("epochs", 1, None)
    assert "0.2500" in "".join(told)
    assert ["1", "2"] in [line.split()[:2] for line in "".join(told).splitlines()]


def test_a_regression_has_r2() -> None:
    assert "r²" in table(3, classes=())[2]


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_is_undefined_is_a_dash(value: float | None) -> None:
    assert number(value) == "–"


def test_the_exam_names_its_classes() -> None:
    exam = exam_of(epoch=50, loss=0.1, accuracy=0.974, confusion=[[70, 1], [2, 41]])
    text = exam_text(make_welcome(), exam)
    # Recalls 70/71 and 41/43; of the malignant precision 41/42, F1 82/85.
    assert text[:2] == [
        "exam: loss 0.1000, accuracy 0.9740, balanced accuracy 0.9697",
        "malignant is the positive class: precision 0.9762, recall 0.9535, F1 0.9647",
    ]
    assert exam_text(make_welcome(), exam, positive=0)[1] == (
        "benign is the positive class: precision 0.9722, recall 0.9859, F1 0.9790"
    )
    assert text[2] == "111 of 114 right; 95 %: 92.5 % to 99.1 % (Wilson)"
    assert [line.split() for line in text[4:]] == [
        ["true", "predicted", "benign", "malignant"],
        ["benign", "70", "1"],
        ["malignant", "2", "41"],
    ]
    assert len({len(line) for line in text[4:]}) == 1


def test_names_of_classes_are_harmless() -> None:
    exam = exam_of(epoch=1, loss=0.1, accuracy=1.0, confusion=[[1, 0], [0, 1]])
    text = exam_text(make_welcome(classes=("\x1b[31mred", "b\nc")), exam)
    assert all(line.isprintable() for line in text)


def test_the_exam_of_several_seeds_is_a_median_and_a_range() -> None:
    tables = [[[3, 1], [0, 0]], [[1, 0], [1, 1]], [[1, 0], [0, 1]]]
    exam = exam_of(epoch=1, loss=[0.1, 0.3, 0.2], accuracy=[None, 0.5, 1.0], confusion=tables)
    assert exam_text(make_welcome(seeds=(1, 2, 3)), exam) == [
        (
            "exam: loss 0.2000 (0.1000 to 0.3000), accuracy 0.7500 (0.5000 to 1.0000), "
            "balanced accuracy 0.7500 (0.7500 to 1.0000)"
        ),
        (
            "malignant is the positive class: precision 1.0000 (0.0000 to 1.0000), recall 0.7500 (0.5000 to 1.0000), "
            "F1 0.6667 (0.0000 to 1.0000)"
        ),
        "2 (2–3) of 4 right",
    ]


def test_areas_and_calibration_stand_in_a_line_and_the_mistakes_below_one_by_one() -> None:
    text = [*exam_text(make_welcome(), breast_cancer_exam()), *mistakes_text(make_welcome(), breast_cancer_exam())]
    assert "area under ROC 0.9980, average precision 0.9972, Brier score 0.0169, calibration error 0.0270" in text
    assert "95 %: area under ROC 0.9840 to 0.9998 (DeLong), average precision 0.9128 to 0.9999 (Wilson)" in text
    place = text.index("row 73: malignant, answered benign, sure to 0.962")
    assert text[place + 1].startswith("    +1.151 → +3.223: input 21 20.86 +1.312, input 1 15.79 +1.028")
    assert not any("Opened before" in line for line in text)


def test_a_second_opening_says_what_was_done_since_the_first() -> None:
    first = breast_cancer_exam().model_copy(update={"epoch": 30})
    second = breast_cancer_exam().after([first.opening, first.opening])  # the second of which told nothing new
    (told,) = [line for line in exam_text(make_welcome(), second) if line.startswith("Opened before, after epoch 30")]
    assert "the training went on" in told
    # 0.59 standard errors (the mean of the larger of two draws) of √(.974 · .026 / 114) = 1.5 points.
    assert "The best of 2 looks at 114 rows is too good by up to 0.9 points" in told


def test_a_regression_tells_its_largest_errors() -> None:
    text = mistakes_text(make_welcome(classes=()), full_exam("values"))
    assert text[1] == "the largest errors"
    assert text[2].startswith("row ")
    assert "off by" in text[2]


@pytest.mark.parametrize("value", [1.0e11, -1.0e11, 123456.789, -1.7e308, 99999.99995])
def test_columns_never_run_together_and_numbers_are_whole(value: float) -> None:
    told: list[str] = []
    report = TableReport(make_welcome(epochs=1), told.append)
    report.epochs(1, np.full((1, 1, 5), value))
    report.finished("epochs", 1, None)
    epoch, *numbers = told[0].split()
    assert epoch == "1"
    assert [float(text) for text in numbers] == pytest.approx([value] * 4, rel=1e-4)


def test_wide_letters_take_two_cells_in_the_table_of_the_exam() -> None:
    names = ("いいえ", "はい", "maybe")
    exam = exam_of(epoch=1, loss=0.1, accuracy=1.0, r2=None, confusion=[[1, 0, 0], [0, 2, 0], [0, 0, 3]])
    *_, head, first, second, third = exam_text(make_welcome(classes=names), exam)
    rows = [head, first, second, third]
    assert {cell_len(row) for row in rows} == {50}
