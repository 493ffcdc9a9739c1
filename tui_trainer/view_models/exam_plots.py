"""The plots of an exam: curves over all thresholds, reliability, predicted beside true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.run.exam import POSITIVE, AreaName, CalibrationBin, ExamResult
from presets.labs.contract import Curve, Plot, curve
from tui_trainer.view_models.exam_words import spread

Numbers = NDArray[np.float64]

AREAS: Final[tuple[AreaName, ...]] = ("roc", "precision_recall")
"""The curves of a class."""

GRID: Final = np.linspace(0, 1, 101)
"""Where the curves of several seeds are compared."""

BINS: Final = 10
"""Of a reliability diagram."""


def roc_plot(exam: ExamResult, index: int, name: str) -> Plot | None:
    """Return the ROC curve of a class; None where it has none."""
    return _threshold_plot(
        exam, index, "roc", "ROC", name, "false positives", "found", curve("by chance", (0, 1), (0, 1), "dashed")
    )


def precision_recall_plot(exam: ExamResult, index: int, name: str) -> Plot | None:
    """Return precision over recall of a class; None where it has none."""
    confusion = exam.reports[0].confusion
    if confusion is None:
        return None
    base = sum(confusion[index]) / max(1, exam.reports[0].rows)
    chance = curve("by chance", (0, 1), (base, base), "dashed")
    return _threshold_plot(exam, index, "precision_recall", "Precision", name, "recall", "precision", chance)


def _threshold_plot(
    exam: ExamResult,
    index: int,
    kind: AreaName,
    title: str,
    name: str,
    x_label: str,
    y_label: str,
    chance: Curve,
) -> Plot | None:
    curves = [each for report in exam.reports if (each := report.curve(kind, index)) is not None]
    if not curves:
        return None
    areas = spread([each.area for each in curves])
    drawn = [curve("network", curves[0].x, curves[0].y)] if len(curves) == 1 else _band(curves)
    title = f"{title}, area {areas}: {name}"  # the area first: a narrow panel cuts the rest
    return Plot(title=title, x_label=x_label, y_label=y_label, curves=(*drawn, chance))


def _band(curves: Sequence[Any]) -> list[Curve]:
    """Return median, lowest and highest of the curves of several seeds."""
    table = np.stack([np.interp(GRID, each.x, each.y) for each in curves])
    return [
        curve("median", GRID, np.median(table, axis=0)),
        curve("lowest", GRID, table.min(axis=0), "dashed"),
        curve("highest", GRID, table.max(axis=0), "dashed"),
    ]


def reliability_plot(exam: ExamResult, positive: str) -> Plot | None:
    """Return what came true over what was foretold; None where the exit gives no probabilities."""
    calibrations = [report.calibration for report in exam.reports if report.calibration is not None]
    if not calibrations:
        return None
    of = f"probability of {positive}" if calibrations[0].of == "positive" else "probability of the answer"
    bins = pooled_bins(exam)
    x, y = ([each.predicted for each in bins], [each.observed for each in bins])
    name = f"{len(exam.reports)} seeds together" if exam.has_several else "network"
    curves = (curve(name, x, y, "both"), curve("as foretold", (0, 1), (0, 1), "dashed"))
    return Plot(title="Reliability", x_label=of, y_label="came true", curves=curves)


def pooled_bins(exam: ExamResult) -> list[CalibrationBin]:
    """Return the tenths of all seeds together: their rows, mean probability, and the share that came true."""
    by_tenth: dict[int, list[CalibrationBin]] = {}
    for report in exam.reports:
        for each in report.calibration.bins if report.calibration else ():
            by_tenth.setdefault(min(BINS - 1, int(each.predicted * BINS)), []).append(each)
    pooled = []
    for _, bins in sorted(by_tenth.items()):
        rows = sum(each.rows for each in bins)
        predicted = sum(each.rows * each.predicted for each in bins) / rows
        observed = sum(each.rows * each.observed for each in bins) / rows
        pooled.append(CalibrationBin(rows=rows, predicted=predicted, observed=observed))
    return pooled


def value_plots(exam: ExamResult, place: int, output: int, name: str) -> list[Plot]:
    """Return predicted over true, and the error over predicted, of one seed's network; none where nothing is kept."""
    values = exam.reports[place].values
    if output >= len(values) or not values[output].true:
        return []
    true, predicted = np.array(values[output].true), np.array(values[output].predicted)
    ends = (float(min(true.min(), predicted.min())), float(max(true.max(), predicted.max())))
    return [
        Plot(
            title=f"{name}: predicted over true",
            x_label="true",
            y_label="predicted",
            curves=(curve("rows", true, predicted, "dots"), curve("no error", ends, ends, "dashed")),
        ),
        Plot(
            title=f"{name}: error over predicted",
            x_label="predicted",
            y_label="error",
            curves=(
                curve("predicted − true", predicted, predicted - true, "dots"),
                curve("no error", (predicted.min(), predicted.max()), (0, 0), "dashed"),
            ),
        ),
    ]


def median_seed(exam: ExamResult) -> int:
    """Return the place of the seed whose score is the middle one."""
    seeds_with_figures = [place for place, report in enumerate(exam.reports) if report.classes or report.values]
    places = seeds_with_figures or range(len(exam.reports))
    scores = sorted(places, key=lambda place: -math.inf if (score := exam.reports[place].score) is None else score)
    return scores[(len(scores) - 1) // 2]


def hardest_class(exam: ExamResult) -> int:
    """Return the class whose ROC curve has the smallest area; of two the positive one."""
    report = exam.reports[median_seed(exam)]
    if len(report.classes) == 2:
        return POSITIVE
    areas = [report.area("roc", index) for index in range(len(report.classes))]
    return int(np.argmin([np.inf if area is None else area for area in areas])) if areas else 0
