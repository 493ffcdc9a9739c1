"""The scores of an exam as lines: one a score, the confusion of the classes, and the classes one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median
from textwrap import wrap
from typing import Any, Final, NamedTuple

from engine.errors import sanitize
from engine.run.exam import POSITIVE, ClassScores, Confusion, ExamReport, ExamResult, Interval, scores_by_class
from tui_trainer.formatting import cell_width, count, ljust, metric, rjust, within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.exam_words import interval_text, right_text, spread, within_text
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.styled_text import StyledLine

LABELS: Final = 19
"""Cells of the names of the scores."""

LONGEST_CLASS: Final = 16
"""Cells of a class's name at most."""

GAP: Final = 2
HEADS: Final = ("rows", "precision", "recall", "F1")
MOST_PAIRS: Final = 12
"""Pairs of classes that are named where the matrix has no room."""
BAND: Final = 44
SHORTEST_BAND: Final = 10
"""Columns of the row of bars."""
BARS: Final = "▁▂▃▄▅▆▇█"
UNDEFINED_UNSAID: Final = frozenset({"average precision", "Brier score"})
"""Scores that have no line where they are undefined."""


class Printed(NamedTuple):
    """An accuracy that a tutorial prints for the recipe of the run, and where."""

    accuracy: float
    where: str


class _Score(NamedTuple):
    """A score.

    Attributes:
        name: Its name.
        values: One a seed; None where it is undefined.
        meaning: What it says.
        bounds: Within which it lies on other rows, and whose they are; empty where that is not known.
    """

    name: str
    values: list[Any]
    meaning: str
    bounds: str = ""


def score_lines(
    exam: ExamResult, run: RunModel, word: Callable[[str], str], width: int, printed: Printed | None = None
) -> list[StyledLine]:
    """Return a line for each score that the task has: its name, its value, and what it says where there is room."""
    is_regression = exam.reports[0].confusion is None
    is_scaled = is_regression and run.spec.scaler.targets != "none"
    loss = f"{run.spec.training.loss.upper()}{', of scaled targets' if is_scaled else ''}"
    more = _value_scores(exam, word) if is_regression else _class_scores(exam, run, word)
    scores = [_Score(word("loss"), exam.values("loss"), loss), *more]
    lines: list[StyledLine] = []
    for score in scores:
        lines.append(_score_line(score, width))
        if score.bounds and not exam.has_several:
            lines.append([(" " * LABELS + within(f"95 % {score.bounds}", max(1, width - LABELS)), Ink.MUTED)])
        if score.name == word("accuracy"):
            lines += band_lines(score.values, printed, width)
    return lines


def _value_scores(exam: ExamResult, word: Callable[[str], str]) -> list[_Score]:
    meanings = {
        "r2": (word("r2"), "1 is perfect, 0 no better than the mean of the targets"),
        "mae": ("mean error", "how far off, in the target's units"),
        "rmse": ("RMSE", "in them, too"),
    }
    bounds = {
        "r2": _bounds(exam.reports[0].r2_interval, within_text, "delta method"),
        "mae": _bounds(_mae_interval(exam.reports[0]), within_text, "1.96 standard errors"),
    }
    scores = [_Score(name, exam.values(key), said, bounds.get(key, "")) for key, (name, said) in meanings.items()]
    return [score for score in scores if score.values != [None] * len(exam.reports)]


def _class_scores(exam: ExamResult, run: RunModel, word: Callable[[str], str]) -> list[_Score]:
    first = exam.reports[0]
    of_accuracy = _bounds(first.accuracy_interval, interval_text, "Wilson")
    scores = [
        _Score(word("accuracy"), exam.values("accuracy"), right_text(exam), of_accuracy),
        _Score("balanced accuracy", exam.values("balanced_accuracy"), "mean recall of the classes"),
    ]
    if len(run.welcome.classes) == 2:
        positive = sanitize(run.welcome.classes[POSITIVE], 40)
        areas = [report.area("precision_recall", POSITIVE) for report in exam.reports]
        of_areas = (
            _bounds(first.area_interval("roc", POSITIVE), within_text, "DeLong"),
            _bounds(first.area_interval("precision_recall", POSITIVE), within_text, "Wilson"),
        )
        meaning = f"how often {positive} gets the higher probability"
        scores += [
            _Score("ROC AUC", exam.values("roc_auc"), meaning, of_areas[0]),
            _Score("average precision", areas, f"of {positive}, over all thresholds", of_areas[1]),
        ]
    else:
        areas = [report.area("roc") for report in exam.reports]
        scores.append(_Score("ROC AUC", areas, "mean of each class against the others"))
    briers = [report.calibration and report.calibration.brier for report in exam.reports]
    scores.append(_Score("Brier score", briers, "mean squared error of the probabilities"))
    absent = [None] * len(exam.reports)
    return [score for score in scores if score.values != absent or score.name not in UNDEFINED_UNSAID]


def _bounds(interval: Interval | None, write: Callable[[Interval], str], whose: str) -> str:
    return "" if interval is None else f"interval {write(interval)} ({whose})"


def _mae_interval(report: ExamReport) -> Interval | None:
    return report.values[0].mae_interval if len(report.values) == 1 else None


def band_lines(values: Sequence[float | None], printed: Printed | None, width: int) -> list[StyledLine]:
    """Return where the seeds' accuracies lie, as a row of bars, and below it where that stands which is printed."""
    defined = [value for value in values if value is not None]
    if not defined or (len(defined) == 1 and printed is None):
        return []
    if len(defined) == 1 and printed is not None:
        text = f"printed {printed.accuracy:g}: {printed.where}"
        return [[(" " * LABELS + line, Ink.MUTED)] for line in wrap(text, max(20, width - LABELS))]
    low, high = min(defined), max(defined)
    ends = (min(low, printed.accuracy), max(high, printed.accuracy)) if printed else (low, high)
    columns = min(BAND, width - LABELS - 2 * (len(metric(low)) + 1))
    if columns < SHORTEST_BAND or ends[1] <= ends[0]:
        return []

    def column(value: float) -> int:
        return round((value - ends[0]) / (ends[1] - ends[0]) * (columns - 1))

    counts = [0] * columns
    for value in defined:
        counts[column(value)] += 1
    bars = "".join("·" if not each else BARS[math.ceil(each / max(counts) * len(BARS)) - 1] for each in counts)
    start = LABELS + len(metric(ends[0])) + 1
    said = f" {metric(ends[1])}"
    lines: list[StyledLine] = [
        [(f"{'seeds':<{LABELS}}{metric(ends[0])} ", Ink.MUTED), (bars, Ink.VALIDATION), (said, Ink.MUTED)]
    ]
    if printed is not None:
        text = f"▲ printed {printed.accuracy:g}"
        indent = min(start + column(printed.accuracy), max(0, width - len(text)))
        lines.append([(" " * indent, Ink.MUTED), (text, Ink.MARKER)])
        lines += [[(" " * LABELS + line, Ink.MUTED)] for line in wrap(printed.where, max(20, width - LABELS))]
    return lines


def _score_line(score: _Score, width: int) -> StyledLine:
    value = spread(score.values, metric)
    fits = LABELS + len(value) + GAP + cell_width(score.meaning) <= width
    line: StyledLine = [(ljust(score.name, LABELS), Ink.MUTED), (value, Ink.BRIGHT)]
    return [*line, (f"{' ' * GAP}{score.meaning}", Ink.MUTED)] if fits else line


def confusion_lines(confusions: Sequence[Confusion], names: Sequence[str], width: int) -> list[StyledLine]:
    """Return the matrix of counts, the true classes down, the answers across; else the pairs most often confused."""
    classes = range(len(names))
    cells = [[spread([table[i][j] for table in confusions], count) for j in classes] for i in classes]
    first = max(len("true ↓"), *map(cell_width, names)) + GAP
    across = [max(cell_width(names[j]), *(len(row[j]) for row in cells)) + GAP for j in classes]
    if first + sum(across) > width:
        return _pair_lines(confusions, names)
    head = "".join(rjust(name, cells_wide) for name, cells_wide in zip(names, across, strict=True))
    lines: list[StyledLine] = [
        [("Confusion", Ink.BRIGHT), ("  true classes down, answers across", Ink.MUTED)],
        [(ljust("true ↓", first) + head, Ink.MUTED)],
    ]
    for i, row in enumerate(cells):
        line: StyledLine = [(ljust(names[i], first), Ink.MUTED)]
        for j, cell in enumerate(row):
            wrong = Ink.FAINT if cell == "0" else Ink.WARNING
            line.append((rjust(cell, across[j]), Ink.TEXT if i == j else wrong))
        lines.append(line)
    return lines


def _pair_lines(confusions: Sequence[Confusion], names: Sequence[str]) -> list[StyledLine]:
    """Return which classes were taken for which others, the most often first."""
    pairs = [(i, j) for i in range(len(names)) for j in range(len(names)) if i != j]
    counts = {(i, j): [table[i][j] for table in confusions] for i, j in pairs}
    often = sorted((pair for pair in pairs if any(counts[pair])), key=lambda pair: -median(counts[pair]))
    lines: list[StyledLine] = [[("Most often confused", Ink.BRIGHT)]]
    for i, j in often[:MOST_PAIRS]:
        said = f"{names[i]} taken for {names[j]}"
        lines.append([(ljust(said, 2 * LONGEST_CLASS), Ink.MUTED), (spread(counts[i, j], count), Ink.WARNING)])
    return lines if often else [*lines, [("none: every answer was right", Ink.GOOD)]]


def class_lines(confusions: Sequence[Confusion], names: Sequence[str], width: int) -> list[StyledLine]:
    """Return rows, precision, recall and F1 of each class; of two, the positive one is named."""
    tables = [scores_by_class(table) for table in confusions]
    texts = [_class_cells([table[index] for table in tables]) for index in range(len(names))]
    first = max(len("By class"), *map(cell_width, names)) + GAP
    if first + sum(_widths(texts)) > width:  # several seeds on a narrow screen: the medians have no room beside ranges
        texts = [[cell.partition(" ")[0] for cell in cells] for cells in texts]
    wide = _widths(texts)
    head = "".join(f"{head:>{cells}}" for head, cells in zip(HEADS, wide, strict=True))
    lines: list[StyledLine] = [[(ljust("By class", first), Ink.BRIGHT), (head, Ink.MUTED)]]
    for name, cells in zip(names, texts, strict=True):
        line: StyledLine = [(ljust(name, first), Ink.MUTED)]
        line.append(("".join(f"{cell:>{room}}" for cell, room in zip(cells, wide, strict=True)), Ink.TEXT))
        lines.append(line)
    if len(names) == 2:
        fits = first + sum(wide) + GAP + len("positive") <= width
        if fits:
            lines[1 + POSITIVE].append(("  positive", Ink.ACCENT))
        else:
            lines.append([(f"positive is {names[POSITIVE]}", Ink.ACCENT)])
    return lines


def _widths(texts: Sequence[Sequence[str]]) -> list[int]:
    return [max(len(head), *(len(cells[place]) for cells in texts)) + GAP for place, head in enumerate(HEADS)]


def _class_cells(of_seeds: Sequence[ClassScores]) -> list[str]:
    scores = ([getattr(each, name) for each in of_seeds] for name in ("precision", "recall", "f1"))
    return [count(of_seeds[0].rows), *(spread(values, metric) for values in scores)]
