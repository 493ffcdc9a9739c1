"""What an exam says in sentences: how much a result is worth after earlier openings, and within which bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, Final

from engine.errors import sanitize
from engine.run.changes import USER
from engine.run.exam import AreaName, Case, ExamReport, ExamResult, Interval, Opening, flattery
from tui_trainer.formatting import cell_text, count, metric, signed

PUSHES: Final = (
    "Pushes are integrated gradients: how far each input moved the answer away from that to the mean training row. "
    "Those of all inputs add up to the whole way."
)


def share(value: float) -> str:
    """Return a share as one reads it in a sentence: 97.4 %."""
    return f"{100 * value:.1f} %"


def interval_text(interval: Interval) -> str:
    """Return the bounds of a share."""
    return f"{share(interval[0])} to {share(interval[1])}"


def within_text(interval: Interval) -> str:
    """Return the bounds of a score."""
    return f"{metric(interval[0])} to {metric(interval[1])}"


def bounded(value: float | None, interval: Interval | None) -> str:
    """Return a score of a single seed and between brackets its bounds, where they are known."""
    return metric(value) if interval is None or value is None else f"{metric(value)} ({_until(*map(metric, interval))})"


def spread(values: Sequence[Any], write: Callable[[Any], str] = metric) -> str:
    """Return a value, or of several the median and between brackets the lowest and the highest."""
    defined = [value for value in values if value is not None]
    if not defined:
        return metric(None)
    low, high = write(min(defined)), write(max(defined))
    if low == high:
        return low
    middle = median(defined)
    return f"{write(int(middle) if write is count else middle)} ({_until(low, high)})"


def _until(low: str, high: str) -> str:
    return f"{low} to {high}" if "−" in f"{low}{high}" else f"{low}–{high}"


def area_text(exam: ExamResult, kind: AreaName, index: int) -> str:
    """Return the area of a class's curve: of a single seed with its bounds, of several with their range."""
    if exam.has_several:
        return spread([report.area(kind, index) for report in exam.reports])
    report = exam.reports[0]
    return bounded(report.area(kind, index), report.area_interval(kind, index))


def right_text(exam: ExamResult) -> str:
    """Return how many rows were answered rightly."""
    return f"{spread(exam.values('right'), count)} of {count(exam.reports[0].rows)} right"


def accuracy_text(exam: ExamResult) -> str:
    """Return how many rows were right, and how far that carries to other rows."""
    interval = exam.reports[0].accuracy_interval
    if exam.has_several or interval is None:
        return right_text(exam)
    return f"{right_text(exam)}; 95 %: {interval_text(interval)} (Wilson)"


def opening_text(opening: Opening, epoch: str, name: str) -> str:
    """Return an opening in a line."""
    score = "" if opening.score is None else f", {name} {metric(opening.score)}"
    who = "" if opening.author in {"", USER} else f", by {sanitize(opening.author, 40)}"
    changes = "" if not opening.changes else f", {_changes(opening.changes)} before it"
    of = "" if opening.run is None else f"run {sanitize(opening.run, 60)}, "
    return f"{of}after {epoch} {count(opening.epoch)}: loss {metric(opening.loss)}{score}{changes}{who}"


def honesty(exam: ExamResult, epoch: str) -> str:
    """Return what earlier openings do to this result; empty where there is none on these rows."""
    if exam.standing == "first":
        return ""
    first = exam.seen[0]
    where = f"after {epoch} {count(first.epoch)}" + (f", as run {sanitize(first.run, 60)}" if first.run else "")
    if exam.standing == "repeated":
        return f"Opened before, {where}, and nothing was learned or changed since: the same exam, worth as much."
    score = "" if first.score is None else f" ({metric(first.score)})"
    done = "the training went on" if exam.standing == "trained on" else _what_changed(exam, first)
    return (
        f"Opened before, {where}{score}; since then {done}. Whoever keeps what scores better now has chosen it by "
        f"these very rows: the first opening was the honest one.{_flattery_text(exam)}"
    )


def _what_changed(exam: ExamResult, first: Opening) -> str:
    if first.run is not None:
        return "this run was branched from it"
    if first.changes is None or exam.changes is None:
        return "it was trained or changed"
    return f"{_changes(exam.changes - first.changes)} acted" if exam.changes > first.changes else "changes were undone"


def _flattery_text(exam: ExamResult) -> str:
    """Return by how much the best of so many looks may flatter; nothing for a regression."""
    accuracy, rows = exam.median("accuracy"), exam.reports[0].rows
    if accuracy is None or not rows or not 0 < accuracy < 1:
        return ""
    looks = len(
        {(each.run, each.epoch, each.changes) for each in (*exam.seen, exam.opening)}
    )  # the same one is no other
    points = 100 * flattery(looks) * math.sqrt(accuracy * (1 - accuracy) / rows)
    return f" The best of {looks} looks at {count(rows)} rows is too good by up to {points:.1f} points of accuracy."


def case_text(case: Case, classes: Sequence[str], values: int = 1) -> str:
    """Return what was true of a case, and what was answered."""
    if not classes:
        which = f", value {case.output + 1}" if values > 1 else ""
        true, answer, off = (cell_text(each, 5) for each in (case.true, case.answer, case.answer - case.true))
        return f"row {case.row}{which}: true {true}, predicted {answer}, off by {off if off[0] == '−' else f'+{off}'}"
    true, answer = (sanitize(classes[int(each)], 40) for each in (case.true, case.answer))
    sure = "" if case.probability is None else f", sure to {case.probability:.3f}"
    return f"row {case.row}: {true}, answered {answer}{sure}"


def push_texts(case: Case, features: Sequence[str]) -> list[str]:
    """Return of each push the input, its value, and how far it pushed."""
    values = ["missing" if push.value is None else cell_text(push.value) for push in case.pushes]
    return [
        f"{feature(push.input, features)} {value} {signed(push.push)}"
        for push, value in zip(case.pushes, values, strict=True)
    ]


def way_text(case: Case) -> str:
    """Return from where to where the inputs pushed; empty where there is no way to tell."""
    return "" if case.start is None or case.score is None else f"{signed(case.start)} → {signed(case.score)}"


def merged_cases(reports: Sequence[ExamReport]) -> list[tuple[Case, int, int]]:
    """Return each case once, with the place of the first seed that has it, and how many have; the most common first."""
    counted: dict[int, tuple[Case, int, int]] = {}
    for place, report in enumerate(reports):
        for case in report.cases:
            first, at, seeds = counted.get(case.row, (case, place, 0))
            counted[case.row] = (first, at, seeds + 1)
    misses = _misses(reports)
    merged = [(case, at, max(seeds, misses.get(case.row, 0))) for case, at, seeds in counted.values()]
    return sorted(merged, key=lambda each: -each[2])


def _misses(reports: Sequence[ExamReport]) -> dict[int, int]:
    """Return of each misclassified row by how many seeds it was."""
    counts: dict[int, int] = {}
    for report in reports:
        for row in report.misclassified:
            counts[row] = counts.get(row, 0) + 1
    return counts


def _changes(number: int) -> str:
    return "one change" if number == 1 else f"{count(number)} changes"


def feature(index: int, features: Sequence[str]) -> str:
    """Return the name of an input."""
    return sanitize(features[index], 40) if index < len(features) else f"input {index}"
