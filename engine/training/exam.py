"""Opening the exam: the report of one network on the rows that nobody has looked at."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.data.dataset import Dataset
from engine.data.table import Subset
from engine.errors import InputError
from engine.numerics import metrics
from engine.numerics.losses import OutputHead
from engine.training.network import Network
from engine.training.results import ExamReport
from engine.training.targets import target_sum_of_squares, targets


def reports(network: Network, data: Dataset, epoch: int) -> list[ExamReport]:
    """Return the report of each of S networks after ``epoch`` epochs, dropout off.

    Raises:
        InputError: The split has no test part.
    """
    if data.test is None:
        raise InputError("split.test: this run has no exam; set a fraction of the rows aside for it")
    z = network.forward_plan(data.test.X).run()  # (S, K, B)
    return [_report(network.architecture.head, of_seed, data.test, data, epoch) for of_seed in z]


def _report(head: OutputHead, z: Floats, part: Subset, data: Dataset, epoch: int) -> ExamReport:
    """Return the report on output values z (K, B), before the last activation, of the rows of ``part``."""
    y, p = targets(part).T, head.value(z)
    sums = metrics.MetricAccumulator(head, 1, target_sum_of_squares(part, data))
    sums.add(z[None], y[None])
    loss, score = float(sums.loss().item()), float(sums.score().item())
    if not data.table.classes:
        mae, rmse = _errors(data, p, y)
        return ExamReport(epoch, loss, None, r2=None if np.isnan(score) else score, mae=mae, rmse=rmse)
    table = metrics.confusion(p, y, len(data.table.classes))
    wrong = metrics.predicted_classes(p) != metrics.predicted_classes(y)
    misclassified = tuple(part.rows[wrong].tolist())
    if len(table) != 2:
        return ExamReport(epoch, loss, score, confusion=table.tolist(), misclassified=misclassified)
    hits, found, true = table[1, 1], table[:, 1].sum(), table[1].sum()
    scores = p[-1] if len(p) == 1 else p[1] - p[0]
    area = metrics.roc_auc(scores, metrics.predicted_classes(y) == 1)
    return ExamReport(
        epoch,
        loss,
        score,
        confusion=table.tolist(),
        precision=_ratio(hits, found),
        recall=_ratio(hits, true),
        f1=_ratio(2 * hits, found + true),
        roc_auc=None if np.isnan(area) else area,
        misclassified=misclassified,
    )


def _errors(data: Dataset, p: Floats, y: Floats) -> tuple[float | None, float | None]:
    """Return mean absolute and root mean squared error of values p and y (K, B) in the data's units.

    None for several values a row, each of which has a unit of its own.
    """
    if len(p) > 1:
        return None, None
    errors = data.in_own_units(p.T.astype(np.float64)) - data.in_own_units(y.T.astype(np.float64))
    return float(np.abs(errors).mean()), float(np.sqrt(np.square(errors).mean()))


def _ratio(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
