"""The handout of an opened exam: scores and their bounds, confusion, curves, mistakes, and every opening."""

from __future__ import annotations

from collections.abc import Iterator

from engine.protocol.events import Welcome
from engine.run.exam import POSITIVE, ExamResult, scores_by_class
from presets.labs.contract import Cell, Plot, Table
from tui_trainer.formatting import count
from tui_trainer.handouts.document import Block, Document, Heading, Paragraph
from tui_trainer.view_models import exam_plots, exam_words
from tui_trainer.view_models.exam_scores import Printed
from tui_trainer.view_models.exam_words import spread

MOST_CASES = 20


def document(welcome: Welcome, exam: ExamResult, printed: Printed | None = None) -> Document:
    """Return the exam of a run as a document.

    Args:
        welcome: The run.
        exam: Its exam.
        printed: The accuracy that a tutorial prints for its recipe, where one does.
    """
    seeds = f", median of {len(exam.reports)} seeds (lowest–highest)" if exam.has_several else ""
    introduction = (
        f"After epoch {count(exam.epoch)}, on {count(welcome.rows[2])} rows that nothing was learned from{seeds}."
    )
    right = f"{exam_words.accuracy_text(exam)}." if welcome.classes else ""
    sentences = [introduction, right, exam_words.honesty(exam, "epoch")]
    if printed is not None:
        sentences.append(f"Printed: {printed.accuracy:g} ({printed.where}).")
    blocks: list[Block] = [Paragraph(sentence) for sentence in sentences if sentence]
    blocks.append(_scores(exam))
    if exam.reports[0].confusion is not None:
        blocks += [_confusion(welcome, exam), _by_class(welcome, exam)]
    plots = _plots(welcome, exam)
    if plots:
        blocks += [Heading("Drawn"), *plots]
    blocks += [*_mistakes(welcome, exam), Heading("Openings")]
    name = "accuracy" if welcome.classes else "R²"
    blocks += [Paragraph(exam_words.opening_text(each, "epoch", name)) for each in (*exam.earlier, exam.opening)]
    return Document(f"Exam of {welcome.run}", tuple(blocks))


def _scores(exam: ExamResult) -> Table:
    names = {
        "loss": "loss",
        "accuracy": "accuracy",
        "balanced_accuracy": "balanced accuracy",
        "r2": "R²",
        "mae": "mean error",
        "rmse": "root mean square error",
        "precision": "precision of the positive class",
        "recall": "recall of the positive class",
        "f1": "F1 of the positive class",
        "roc_auc": "area under ROC",
    }
    rows: list[tuple[Cell, ...]] = [
        (name, _score(exam, key)) for key, name in names.items() if exam.median(key) is not None
    ]
    calibrations = [report.calibration for report in exam.reports if report.calibration is not None]
    if calibrations:
        rows.append(("Brier score", spread([each.brier for each in calibrations])))
        rows.append(("calibration error", spread([each.error for each in calibrations])))
    return Table("Scores", ("score", "value"), tuple(rows))


def _score(exam: ExamResult, key: str) -> str:
    if exam.has_several:
        return spread(exam.values(key))
    report = exam.reports[0]
    interval = {"r2": report.r2_interval, "roc_auc": report.area_interval("roc", POSITIVE)}.get(key)
    return exam_words.bounded(getattr(report, key), interval)


def _confusion(welcome: Welcome, exam: ExamResult) -> Table:
    tables = [report.confusion for report in exam.reports if report.confusion is not None]
    classes = range(len(welcome.classes))
    rows = [
        (welcome.classes[true], *(spread([table[true][answer] for table in tables], count) for answer in classes))
        for true in classes
    ]
    return Table("Confusion: true classes down, answers across", ("true", *welcome.classes), tuple(rows))


def _by_class(welcome: Welcome, exam: ExamResult) -> Table:
    scores = [scores_by_class(report.confusion or ()) for report in exam.reports]
    rows: list[tuple[Cell, ...]] = []
    for index, name in enumerate(welcome.classes):
        of_class = [each[index] for each in scores]
        shares = (spread([getattr(each, key) for each in of_class]) for key in ("precision", "recall", "f1"))
        roc, precision = (exam_words.area_text(exam, kind, index) for kind in exam_plots.AREAS)
        rows.append((name, of_class[0].rows, *shares, roc, precision))
    heads = ("class", "rows", "precision", "recall", "F1", "ROC area", "average precision")
    told = "" if exam.has_several else "; between brackets 95 % intervals, of areas DeLong's, of precisions Wilson's"
    return Table(f"By class, each against all others{told}", heads, tuple(rows))


def _plots(welcome: Welcome, exam: ExamResult) -> list[Plot]:
    if exam.fullest.values:
        place = exam_plots.median_seed(exam)
        outputs = range(len(exam.reports[place].values))
        return [plot for k in outputs for plot in exam_plots.value_plots(exam, place, k, f"value {k + 1}")]
    index = exam_plots.hardest_class(exam)
    name, positive = welcome.classes[index], welcome.classes[POSITIVE] if len(welcome.classes) == 2 else ""
    plots = (
        exam_plots.roc_plot(exam, index, name),
        exam_plots.precision_recall_plot(exam, index, name),
        exam_plots.reliability_plot(exam, positive),
    )
    return [plot for plot in plots if plot is not None]


def _mistakes(welcome: Welcome, exam: ExamResult) -> Iterator[Block]:
    merged = exam_words.merged_cases(exam.reports)
    if not merged:
        return
    yield Heading("Mistakes" if welcome.classes else "Largest errors")
    yield Paragraph(exam_words.PUSHES)
    for case, place, seeds in merged[:MOST_CASES]:
        text = exam_words.case_text(case, welcome.classes, len(exam.fullest.values))
        if exam.has_several:
            text += f" (seed {welcome.seeds[place]}"
            text += f"; {seeds} of {len(exam.reports)} seeds)" if welcome.classes else ")"
        pushes = exam_words.push_texts(case, welcome.feature_names)
        yield Paragraph(f"{text}. {exam_words.way_text(case)}: {', '.join(pushes)}." if pushes else f"{text}.")
    if len(merged) > MOST_CASES:
        yield Paragraph(f"And {len(merged) - MOST_CASES} more.")
