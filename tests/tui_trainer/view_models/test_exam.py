from __future__ import annotations

import re
from collections import Counter
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, precision_recall_fscore_support

from engine.protocol.events import Frame
from engine.protocol.plausible import check_frame
from engine.run.exam import ExamResult, Opening, balanced_accuracy, scores_by_class
from engine.run.exam_document import graded
from engine.spec import override
from engine.training.trainer import Trainer
from engine.worker.exam import exam_result
from tests.engine.training.recipes import VALUES, recipe
from tests.exams import breast_cancer_exam, exam_of, full_exam
from tests.properties import examples
from tests.tui_trainer.fake_client import make_spec, make_welcome
from tui_trainer.formatting import cell_width
from tui_trainer.handouts.exam import document as handout
from tui_trainer.headless.reports import exam_text
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.exam import ExamView, chosen, question, sections
from tui_trainer.view_models.exam_scores import Printed, band_lines
from tui_trainer.view_models.exam_sheets import Sheet, exam_sheet
from tui_trainer.view_models.run import RunModel

TWO = exam_of(epoch=50, loss=0.0831, accuracy=111 / 114, confusion=[[70, 1], [2, 41]], roc_auc=0.998)


def model_of(exam: ExamResult | None, **welcome: Any) -> DashboardModel:
    run = RunModel(make_welcome(**welcome))
    run.exam = exam
    return DashboardModel("a run", run=run, link="live")


def text_of(model: DashboardModel, width: int = 118) -> list[str]:
    return ["".join(text for text, _ in line) for line in exam_sheet(model, ExamView(), width).lines]


@settings(max_examples=examples(60))
@given(
    st.integers(2, 5).flatmap(lambda k: st.lists(st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)), min_size=1))
)
def test_scores_by_class_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    true, predicted = np.array(pairs).T
    classes = int(max(true.max(), predicted.max())) + 1
    confusion = [[int(((true == i) & (predicted == j)).sum()) for j in range(classes)] for i in range(classes)]
    theirs = precision_recall_fscore_support(true, predicted, labels=range(classes), zero_division=np.nan)
    ours = scores_by_class(confusion)
    for name, values in zip(("precision", "recall", "f1", "rows"), theirs, strict=True):
        mine = [np.nan if getattr(each, name) is None else getattr(each, name) for each in ours]
        np.testing.assert_allclose(mine, values, rtol=1e-12)
    with catch_warnings():
        simplefilter("ignore", UserWarning)  # it warns of classes that were answered and have no rows
        expected = balanced_accuracy_score(true, predicted)
    assert balanced_accuracy(confusion) == pytest.approx(expected)


def test_two_frauds_that_nobody_found_show_in_the_balanced_accuracy() -> None:
    lines = text_of(model_of(exam_of(epoch=9, loss=0.02, accuracy=0.998, confusion=[[998, 0], [2, 0]])))
    assert any("accuracy" in line and "0.9980" in line for line in lines)
    assert any("balanced accuracy" in line and "0.5000" in line for line in lines)


def test_the_positive_class_is_named() -> None:
    lines = text_of(model_of(TWO))
    assert [line.split()[0] for line in lines if line.endswith("positive")] == ["malignant"]
    assert any("how often malignant gets the higher probability" in line for line in lines)


def test_a_confusion_has_its_true_classes_down_and_its_answers_across() -> None:
    lines = text_of(model_of(TWO))
    head = next(place for place, line in enumerate(lines) if line.startswith("true"))
    assert [line.split() for line in lines[head : head + 3]] == [
        ["true", "↓", "benign", "malignant"],
        ["benign", "70", "1"],
        ["malignant", "2", "41"],
    ]


def test_several_seeds_have_a_median_and_their_lowest_and_highest() -> None:
    exam = exam_of(
        epoch=50,
        loss=[0.1, 0.3, 0.2],
        accuracy=[0.9, 0.95, 1.0],
        confusion=[[[60, 11], [0, 43]], [[66, 5], [1, 42]], [[71, 0], [0, 43]]],
        roc_auc=[0.99, None, 1.0],
    )
    lines = text_of(model_of(exam, seeds=(1, 2, 3)), 76)
    assert any(line.split() == ["loss", "0.2000", "(0.1000–0.3000)", "BCE"] for line in lines)
    assert any("66 (60–71)" in line for line in lines)
    assert any("108 (103–114) of 114 right" in line for line in lines)
    assert max(map(cell_width, lines)) <= 76


def test_a_regression_has_a_share_explained_and_no_classes() -> None:
    lines = text_of(model_of(exam_of(epoch=50, loss=12.5, accuracy=None, r2=0.49), classes=()))
    assert any(line.startswith("r²") and "0.4900" in line for line in lines)
    assert not any("Confusion" in line or "accuracy" in line for line in lines)


def test_where_a_matrix_has_no_room_the_pairs_are_named_that_were_confused_most() -> None:
    classes = tuple(f"kind {number}" for number in range(30))
    confusion = np.eye(30, dtype=int) * 5
    confusion[3, 8], confusion[7, 1] = 4, 2
    lines = text_of(model_of(exam_of(epoch=1, loss=1.0, accuracy=0.9, confusion=confusion.tolist()), classes=classes))
    start = lines.index("Most often confused")
    assert [line.split("  ")[0] for line in lines[start + 1 : start + 3]] == [
        "kind 3 taken for kind 8",
        "kind 7 taken for kind 1",
    ]
    assert max(map(cell_width, lines)) <= 118


@pytest.mark.parametrize("width", [58, 78, 118])
@pytest.mark.parametrize("exam", [None, TWO])
def test_no_line_is_wider_than_the_screen(width: int, exam: ExamResult | None) -> None:
    names = ("陰性の腫瘍と思われるもの", "悪性")
    assert max(map(cell_width, text_of(model_of(exam, classes=names), width))) <= width


def test_a_run_without_a_test_part_says_how_to_have_one() -> None:
    model = model_of(None, rows=(341, 114, 0), spec=make_spec(split__test=0.0))
    model.run.refusals = {"exam": "exam: this run has no rows set aside for it"}
    said = " ".join(text_of(model))
    assert "No exam: this run has no rows set aside for it." in said
    assert "split.test" in said


def test_of_a_run_whose_data_has_gone_an_exam_that_was_opened_is_still_shown() -> None:
    model = model_of(TWO)
    model.run.refusals = {"exam": "exam: data.csv: cannot be read"}
    lines = text_of(model)
    assert any("0.9737" in line for line in lines)
    assert lines[-1] == "Data.csv: cannot be read."


def test_the_errors_of_a_regression_are_in_the_units_of_its_target_and_its_loss_says_where_it_is_not() -> None:
    exam = exam_of(epoch=50, loss=0.12, accuracy=None, r2=0.9, mae=1234.0, rmse=2345.0)
    spec = make_spec(training__loss="mse", network__layers=[{"units": 1, "activation": "identity"}])
    lines = text_of(model_of(exam, classes=(), spec=override(spec, {"scaler.targets": "standard"})))
    assert any(line.split()[:3] == ["mean", "error", "1234"] for line in lines)
    assert any(line.startswith("RMSE") and "2345" in line for line in lines)
    assert any("MSE, of scaled targets" in line for line in lines)


# Sections


def sheets_of(model: DashboardModel, width: int = 100) -> dict[str, Sheet]:
    names = sections(model)
    return {name: exam_sheet(model, ExamView(section=place), width) for place, name in enumerate(names)}


def words(sheet: Sheet) -> str:
    return " ".join(" ".join(text for text, _ in line) for line in sheet.lines)


@pytest.mark.parametrize("width", [56, 78, 118])
@pytest.mark.parametrize(("kind", "seeds"), [("two", 1), ("two", 4), ("three", 1), ("three", 4), ("values", 1)])
def test_no_line_of_any_section_is_wider_than_the_screen(kind: str, seeds: int, width: int) -> None:
    exam = full_exam(kind, seeds)
    classes = {"two": ("harmless", "toxic"), "three": ("a", "b", "一個很長很長很長的名字"), "values": ()}[kind]
    names = ("a rather long name of a column that is measured", "x2")
    model = model_of(exam, classes=classes, seeds=tuple(range(42, 42 + seeds)), feature_names=names, inputs=2)
    for sheet in sheets_of(model, width).values():
        assert [told for line in sheet.lines if cell_width(told := "".join(text for text, _ in line)) > width] == []
        for plot in sheet.plots:
            assert plot.curves


def test_each_task_has_its_sections() -> None:
    assert sections(model_of(None)) == []
    assert sections(model_of(breast_cancer_exam())) == ["scores", "curves", "calibration", "cases", "openings"]
    assert sections(model_of(full_exam("values"), classes=())) == ["scores", "errors", "cases", "openings"]
    assert sections(model_of(TWO)) == ["scores", "cases", "openings"]  # of an older version
    assert "no cases are kept" in words(sheets_of(model_of(TWO))["cases"])
    perfect = exam_of(epoch=9, loss=0.1, accuracy=1.0, confusion=[[9, 0], [0, 9]])
    assert "No mistake" in words(sheets_of(model_of(perfect))["cases"])


def test_a_regression_shows_its_errors_and_what_is_farthest_off() -> None:
    exam = full_exam("values")
    sheets = sheets_of(model_of(exam, classes=(), feature_names=("x1", "x2"), inputs=2))
    report = exam.reports[0]
    assert f"{report.values[0].rmse:.3f}" in words(sheets["errors"])
    assert [plot.y_label for plot in sheets["errors"].plots] == ["predicted", "error"]
    worst = max(
        zip(report.values[0].rows, report.values[0].true, report.values[0].predicted, strict=True), key=_distance
    )
    assert f"row {worst[0]}: true" in words(sheets["cases"])


def _distance(point: tuple[int, float, float]) -> float:
    return abs(point[1] - point[2])


def test_a_row_that_several_seeds_get_wrong_is_named_once_with_how_many_did() -> None:
    exam = full_exam("two", 4)
    counts = Counter(row for report in exam.reports for row in report.misclassified)
    told = words(sheets_of(model_of(exam, seeds=(42, 43, 44, 45)))["cases"])
    for row, seeds in counts.items():
        assert told.count(f"row {row}: ") == 1
        assert re.search(rf"row {row}: [^;]*; wrong in {seeds} of 4 seeds", told)
    assert f"{len(counts)} of 16 rows were answered wrongly by one seed or more" in told


def test_the_hardest_class_is_shown_first_and_the_others_come_after_it() -> None:
    exam = full_exam("three")
    model, view = model_of(exam, classes=("a", "b", "c")), ExamView(section=1)
    areas = [exam.reports[0].area("roc", index) or 0 for index in range(3)]
    assert chosen(model, view) == int(np.argmin(areas))
    view.choice = chosen(model, view) + 1
    assert chosen(model, view) == (int(np.argmin(areas)) + 1) % 3


def test_the_seeds_stand_as_a_band_beside_the_figure_that_is_printed() -> None:
    lines = band_lines([0.96, 0.97, 0.97, 0.99], Printed(0.974, "A blog, part 2"), 80)
    band, below, where = ("".join(text for text, _ in line) for line in lines)
    start, end = band.index("0.9600 ") + 7, band.index(" 0.9900")
    assert band[start] == "▄"  # one seed, where at most two are
    assert band[start + round((end - start - 1) / 3)] == "█"
    assert below.index("▲") == start + round((0.974 - 0.96) / 0.03 * (end - start - 1))
    assert below.endswith("▲ printed 0.974")
    assert where.strip() == "A blog, part 2"


def test_a_branch_of_a_run_whose_exam_was_opened_says_so_before_and_after() -> None:
    looked = Opening(epoch=50, loss=0.1, score=0.9, run="first", rows_checksum=7, changes=0)
    sealed = model_of(None, inherited_openings=(looked,))
    assert "run first, after epoch 50: loss 0.1000, accuracy 0.9000" in "\n".join(text_of(sealed))
    assert "It was opened as run first" in question(sealed)
    opened = model_of(breast_cancer_exam().after([looked]))
    assert "as run first (0.9000); since then this run was branched from it" in " ".join(text_of(opened))


def test_an_opening_on_other_rows_does_no_harm() -> None:
    other = Opening(epoch=20, rows_checksum=8)
    told = words(sheets_of(model_of(breast_cancer_exam().after([other])))["openings"])
    assert "The first look at these rows" in told
    assert "Other rows were asked before: once" in told


@pytest.mark.parametrize("kind", ["two", "values"])
@pytest.mark.parametrize("broken", [0, 1, 2])
def test_a_seed_whose_network_is_not_finite_any_more_takes_nothing_from_the_others(kind: str, broken: int) -> None:
    trainer = Trainer(recipe() if kind == "two" else recipe(VALUES), seeds=[1, 2, 3])
    trainer.network.parameters.flat[broken] = np.nan
    exam = exam_result(trainer)
    assert exam.reports[broken].loss is None
    classes = ("no", "yes") if kind == "two" else ()
    model = model_of(exam, classes=classes, seeds=(1, 2, 3), feature_names=("x1", "x2"), inputs=2)
    sheets = sheets_of(model)
    assert set(sheets) >= {"scores", "cases", "curves" if classes else "errors"}
    assert all(sheet.lines for sheet in sheets.values())
    assert sheets["curves" if classes else "errors"].plots
    check_frame(Frame(**FRAME, exam=exam), {}, model.run.welcome)
    assert handout(model.run.welcome, exam).blocks
    assert exam_text(model.run.welcome, exam)
    assert graded(exam, classes)["openings"]


FRAME: dict[str, Any] = {
    **dict.fromkeys(("number", "epoch", "step", "steps", "epochs"), 1),
    "state": "paused",
    "pace": None,
    "epochs_per_second": None,
    "learning_rate": 0.1,
    "best_epoch": None,
}
