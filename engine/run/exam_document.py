"""The exam as ``exam --json`` prints it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from engine.declarations.confidence import wilson
from engine.run.exam import (
    POSITIVE,
    Case,
    ExamReport,
    ExamResult,
    Interval,
    scores_by_class,
)

SCORES: Final = ("loss", "accuracy", "r2", "confusion", "precision", "recall", "f1", "roc_auc", "mae", "rmse")
"""Scores that stand at the top, in their order."""


def graded(
    result: ExamResult, classes: Sequence[str], positive: int | None = None, features: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the exam as JSON has it; of several seeds each entry but a few is a list, one entry a seed.

    Args:
        result: The exam.
        classes: Names of the classes; none for a regression.
        positive: The class that is looked for; by default ``POSITIVE`` of two, and none of several.
        features: Names of the inputs.
    """
    chosen = POSITIVE if positive is None and len(classes) == 2 else positive
    if not classes or any(report.confusion is None for report in result.reports):
        chosen = None

    def by_seed(value: Callable[[ExamReport], Any]) -> Any:
        values = [value(report) for report in result.reports]
        return values if result.has_several else values[0]

    document = {"epoch": result.epoch} | {key: by_seed(lambda report, key=key: getattr(report, key)) for key in SCORES}  # type: ignore[misc]
    document |= {"balanced_accuracy": by_seed(lambda report: report.balanced_accuracy), "positive": None}
    if chosen is not None:
        document |= {key: by_seed(lambda report, key=key: _score(report, chosen, key)) for key in _OF_A_CLASS}  # type: ignore[misc]
        document["positive"] = classes[chosen]
    return document | {
        "average_precision": by_seed(
            lambda report: None if chosen is None else report.area("precision_recall", chosen)
        ),
        "intervals": by_seed(lambda report: _intervals(report, chosen)),
        "calibration": by_seed(lambda report: report.calibration and report.calibration.model_dump()),
        "classes": by_seed(lambda report: _classes(report, classes)),
        "values": by_seed(lambda report: [value.model_dump() for value in report.values]),
        "misclassified": by_seed(lambda report: list(report.misclassified)),
        "cases": by_seed(lambda report: [_case(case, classes, features) for case in report.cases]),
        "openings": [opening.model_dump(exclude={"rows_checksum"}) for opening in (*result.earlier, result.opening)],
        "standing": result.standing,
    }


_OF_A_CLASS: Final = ("precision", "recall", "f1", "roc_auc")


def _score(report: ExamReport, index: int, key: str) -> float | None:
    """Return a score of one class against all others."""
    if key == "roc_auc":
        return report.roc_auc if report.roc_auc is not None else report.area("roc", index)
    score: float | None = getattr(scores_by_class(report.confusion or ())[index], key)
    return score


def _intervals(report: ExamReport, positive: int | None) -> dict[str, Interval | None]:
    """Return the intervals that hold with 95 %.

    Of shares and of average precisions they are Wilson's, of ROC areas DeLong's, of r² by the delta method, of the mean
    error the normal ones.
    """
    if report.confusion is None:
        mae = report.values[0].mae_interval if len(report.values) == 1 else None
        return {"r2": report.r2_interval, "mae": mae}
    intervals = {"accuracy": report.accuracy_interval}
    if positive is not None:
        hits, row = report.confusion[positive][positive], report.confusion[positive]
        intervals["precision"] = wilson(hits, sum(each[positive] for each in report.confusion))
        intervals["recall"] = wilson(hits, sum(row))
        intervals["roc_auc"] = report.area_interval("roc", positive)
        intervals["average_precision"] = report.area_interval("precision_recall", positive)
    return intervals


def _classes(report: ExamReport, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the scores and the curves of every class."""
    if report.confusion is None:
        return []
    curves = report.classes or (None,) * len(names)
    return [
        {"class": name, **vars(scores), "roc": None, "precision_recall": None, **(each.model_dump() if each else {})}
        for name, scores, each in zip(names, scores_by_class(report.confusion), curves, strict=True)
    ]


def _case(case: Case, classes: Sequence[str], features: Sequence[str]) -> dict[str, Any]:
    """Return a case with names instead of numbers."""
    document = case.model_dump()
    if classes:
        document |= {"true": classes[int(case.true)], "answer": classes[int(case.answer)]}
    for push in document["pushes"]:
        push["input"] = features[push["input"]] if push["input"] < len(features) else push["input"]
    return document
