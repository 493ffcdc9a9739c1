"""Opening the exam: the report of each network on the rows that nobody has looked at."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from engine.array_types import Floats, Indices
from engine.data.dataset import Dataset
from engine.data.table import Subset
from engine.declarations.confidence import NORMAL_95
from engine.errors import InputError
from engine.numerics import grading, intervals, metrics
from engine.numerics.attribution import STEPS, Attribution, Score, integrated_gradients
from engine.numerics.textbook import Layer
from engine.run.exam import (
    POSITIVE,
    Calibration,
    CalibrationBin,
    Case,
    ClassCurves,
    Curve,
    ExamReport,
    Interval,
    Push,
    ValueErrors,
    scores_by_class,
)
from engine.training.network import Network
from engine.training.targets import target_sum_of_squares, targets

MOST_POINTS, FEWEST_POINTS = 64, 8
"""Of a curve."""
MOST_POINTS_OF_ALL = 2**15
"""Of all curves and seeds; where not even the fewest points find room a report has no curves."""
MOST_CASES, MOST_CASES_OF_ALL = 256, 1024
"""Of one network, and of all seeds; each has one at least."""
MOST_WRONG_CASES_OF_VALUES = 20
"""The largest errors of a regression that are looked into."""
MOST_ROW_NUMBERS = 2**16
"""Of misclassified rows, over all seeds."""
MOST_VALUES = 4096
"""Pairs of true and predicted values, over all seeds and outputs."""
MOST_PUSHES = 5
MOST_PRODUCTS = 3e9
"""Multiplications for the pushes of all cases: two seconds on a 64-128-10 network."""


@dataclass(frozen=True)
class _Limits:
    """How much one network's report may hold, so that those of all seeds have room."""

    points: int
    cases: int
    pushed_cases: int
    row_numbers: int
    values: int


def reports(network: Network, data: Dataset, epoch: int) -> list[ExamReport]:
    """Return the report of each of S networks after ``epoch`` epochs, dropout off.

    Raises:
        InputError: The split has no test part.
    """
    if data.test is None:
        raise InputError("split.test: this run has no exam; set a fraction of the rows aside for it")
    z = network.forward_plan(data.test.X).run()  # (S, K, B)
    limits = _limits(network, data)
    return [_Grader(network, data, data.test, seed, of_seed, limits).report(epoch) for seed, of_seed in enumerate(z)]


def rows_checksum(data: Dataset) -> int:
    """Return a checksum of the rows of the exam as they came, by which they are known again."""
    rows = data.test.rows if data.test is not None else np.empty(0, np.int64)
    X = np.ascontiguousarray(data.table.X[rows, : data.table.base_columns])
    return zlib.crc32(np.ascontiguousarray(data.table.y[rows]).tobytes(), zlib.crc32(X.tobytes()))


def _limits(network: Network, data: Dataset) -> _Limits:
    seeds, sizes = len(network.parameters.flat), network.parameters.sizes
    curves = 2 * seeds * max(1, len(data.table.classes))
    points = min(MOST_POINTS, MOST_POINTS_OF_ALL // curves)
    products = 2 * seeds * STEPS * network.parameters.flat.shape[1]
    return _Limits(
        points=points if points >= FEWEST_POINTS else 0,
        cases=min(MOST_CASES, max(1, MOST_CASES_OF_ALL // seeds)),
        pushed_cases=max(1, int(MOST_PRODUCTS // products)),
        row_numbers=MOST_ROW_NUMBERS // seeds,
        values=max(16, MOST_VALUES // (seeds * (1 if data.table.classes else sizes[-1]))),
    )


class _Grader:
    """Grades one network on the rows of a part.

    Args:
        network: The networks of all seeds.
        data: What they learned from.
        part: The rows, B.
        seed: Which of them.
        z: (K, B) of its output.
        limits: How much the report may hold.
    """

    def __init__(self, network: Network, data: Dataset, part: Subset, seed: int, z: Floats, limits: _Limits) -> None:
        self._network, self._seed = network, seed
        self._data, self._part = data, part
        self._limits = limits
        self._z = z
        self._head = network.architecture.head
        self._y, self._p = targets(part).T, self._head.value(z)
        self._is_finite = bool(np.isfinite(z).all())

    def report(self, epoch: int) -> ExamReport:
        """Return the report."""
        sums = metrics.MetricAccumulator(self._head, 1, target_sum_of_squares(self._part, self._data))
        sums.add(self._z[None], self._y[None])
        loss, score = _finite(sums.loss().item()), _finite(sums.score().item())
        more = self._of_classes() if self._data.table.classes else self._of_values()
        named: dict[str, Any] = {"accuracy": score} if self._data.table.classes else {"accuracy": None, "r2": score}
        return ExamReport(epoch=epoch, loss=loss, **named, **more)

    # Classes

    def _of_classes(self) -> dict[str, Any]:
        count = len(self._data.table.classes)
        true, answers = metrics.predicted_classes(self._y), metrics.predicted_classes(self._p)
        table = metrics.confusion(self._p, self._y, count)
        wrong = np.flatnonzero(true != answers)
        fields: dict[str, Any] = {
            "confusion": table.tolist(),
            "misclassified": self._part.rows[wrong][: self._limits.row_numbers].tolist(),
        }
        if count == 2:
            of_positive = scores_by_class(fields["confusion"])[POSITIVE]
            fields |= {key: getattr(of_positive, key) for key in ("precision", "recall", "f1")}
            fields["roc_auc"] = _finite(metrics.roc_auc(self._class_scores(POSITIVE), true == POSITIVE))
        if self._is_finite:
            fields |= {
                "classes": [self._curves(index, true == index) for index in range(count if self._limits.points else 0)],
                "calibration": self._calibration(true, answers),
                "cases": self._wrong_cases(wrong, true, answers),
            }
        return fields

    def _class_scores(self, index: int) -> Floats:
        """Return (B,) what speaks for a class; of two of which each has an output, their difference."""
        of_class: Floats = self._p[min(index, len(self._p) - 1)]
        if len(self._p) == 1:
            return of_class if index == POSITIVE else np.negative(of_class)
        return np.subtract(of_class, self._p[1 - index]) if len(self._p) == 2 else of_class

    def _curves(self, index: int, is_of_class: Any) -> ClassCurves:
        scores = self._class_scores(index)
        return ClassCurves(
            roc=self._curve(
                grading.roc_curve(scores, is_of_class), lambda _: intervals.roc_area_interval(scores, is_of_class)
            ),
            precision_recall=self._curve(
                grading.precision_recall_curve(scores, is_of_class),
                lambda area: intervals.average_precision_interval(area, int(is_of_class.sum())),
            ),
        )

    def _curve(self, points: grading.Points | None, interval: Callable[[float], Interval | None]) -> Curve | None:
        if points is None:
            return None
        x, y, area = grading.thinned(points, self._limits.points)
        return Curve(x=x.tolist(), y=y.tolist(), area=area, interval=interval(area))

    def _calibration(self, true: Indices, answers: Indices) -> Calibration | None:
        if not grading.are_probabilities(self._p):
            return None
        p = self._p.astype(np.float64)
        is_binary = len(self._data.table.classes) == 2
        if is_binary:
            positive = p[-1]
            tenths = grading.reliability(positive, true == POSITIVE)
            score = grading.brier(positive[None], (true == POSITIVE)[None].astype(np.float64))
        else:
            tenths = grading.reliability(p.max(axis=0), true == answers)
            score = grading.brier(p, self._y)
        numbers = zip(tenths.rows.tolist(), tenths.predicted.tolist(), tenths.observed.tolist(), strict=True)
        bins = [CalibrationBin(rows=rows, predicted=predicted, observed=share) for rows, predicted, share in numbers]
        return Calibration(of="positive" if is_binary else "answer", brier=score, error=tenths.error, bins=tuple(bins))

    def _wrong_cases(self, wrong: Indices, true: Indices, answers: Indices) -> list[Case]:
        """Return the misclassified rows, those with the surest answers first."""
        if len(self._z) == 1:
            margins = np.abs(self._z[0] if self._head.activation.name == "sigmoid" else self._p[0] - 0.5)
        else:
            rows = np.arange(len(true))
            margins = self._z[answers, rows] - self._z[true, rows]
        surest = wrong[np.argsort(-margins[wrong], kind="stable")][: self._limits.cases]
        gives_probabilities = grading.are_probabilities(self._p)
        cases = []
        for place, row in enumerate(surest.tolist()):
            answer, truth = int(answers[row]), int(true[row])
            answered: dict[str, Any] = {
                "probability": self._probability(answer, row),
                "probability_of_true": self._probability(truth, row),
            }
            cases.append(
                Case(
                    row=int(self._part.rows[row]),
                    true=truth,
                    answer=answer,
                    **(answered if gives_probabilities else {}),
                    **self._pushed(row, self._lead(answer, truth), place),
                )
            )
        return cases

    def _lead(self, answer: int, truth: int) -> Score:
        """Return the score by which an answer is before the true class."""
        if len(self._z) > 1:
            weights = np.zeros(len(self._z))
            weights[answer], weights[truth] = 1.0, -1.0
            return Score(weights)
        sign = 1.0 if answer == POSITIVE else -1.0
        if self._head.activation.name == "sigmoid":
            return Score(np.array([sign]))
        return Score(np.array([2 * sign]), of_outputs=True, offset=-sign)  # p − (1 − p)

    def _probability(self, index: int, row: int) -> float:
        if len(self._p) == 1:
            p = float(self._p[0, row])
            return p if index == POSITIVE else 1 - p
        return float(self._p[index, row])

    # Values

    def _of_values(self) -> dict[str, Any]:
        if not self._is_finite:
            return {}
        predicted = self._data.in_own_units(self._p.T.astype(np.float64))
        true = self._data.in_own_units(self._y.T.astype(np.float64))
        values = [self._value_errors(true[:, k], predicted[:, k]) for k in range(true.shape[1])]
        single = {"mae": values[0].mae, "rmse": values[0].rmse} if len(values) == 1 else {}
        return {**single, "values": values, "cases": self._farthest_cases(true, predicted)}

    def _value_errors(self, true: Floats, predicted: Floats) -> ValueErrors:
        errors = predicted - true
        squares, spread = float(np.square(errors).sum()), float(np.square(true - true.mean()).sum())
        mean, rows = float(np.abs(errors).mean()), len(errors)
        half = NORMAL_95 * float(np.abs(errors).std(ddof=1)) / math.sqrt(rows) if rows > 1 else math.nan
        sample = np.unique(np.linspace(0, rows - 1, min(rows, self._limits.values)).astype(np.int64))
        return ValueErrors(
            r2=_finite(1 - squares / spread) if spread > 0 else None,
            r2_interval=intervals.r2_interval(true, predicted),
            mae=mean,
            mae_interval=(max(0.0, mean - half), mean + half) if math.isfinite(half) else None,
            rmse=math.sqrt(squares / rows),
            bias=float(errors.mean()),
            rows=self._part.rows[sample].tolist(),
            true=true[sample].tolist(),
            predicted=predicted[sample].tolist(),
        )

    def _farthest_cases(self, true: Floats, predicted: Floats) -> list[Case]:
        """Return the rows with the largest errors; of several values by that one that is farthest off, as scaled."""
        errors = np.abs(self._p.astype(np.float64) - self._y)  # (K, B)
        outputs = errors.argmax(axis=0)
        most = min(MOST_WRONG_CASES_OF_VALUES, self._limits.cases)
        farthest = np.argsort(-errors.max(axis=0), kind="stable")[:most]
        has_slope = self._head.activation.derivative is not None
        cases = []
        for place, row in enumerate(farthest.tolist()):
            output = int(outputs[row])
            weights = np.zeros(len(errors))
            weights[output] = 1.0
            pushed = self._pushed(row, Score(weights, of_outputs=True), place) if has_slope else {}
            cases.append(
                Case(
                    row=int(self._part.rows[row]),
                    true=float(true[row, output]),
                    answer=float(predicted[row, output]),
                    output=output,
                    **self._in_own_units(pushed, output),
                )
            )
        return cases

    def _in_own_units(self, pushed: dict[str, Any], output: int) -> dict[str, Any]:
        """Return scores and pushes of a predicted value in the data's own units."""
        if not pushed:
            return {}
        ends = np.zeros((2, len(self._p)))
        ends[1, output] = 1.0
        offset, one = self._data.in_own_units(ends)[:, output]
        unit = float(one - offset)
        pushes = [push.model_copy(update={"push": push.push * unit}) for push in pushed["pushes"]]
        scores = {key: float(offset) + pushed[key] * unit for key in ("start", "score")}
        return {**scores, "pushes": pushes}

    # Pushes

    def _pushed(self, row: int, score: Score, place: int) -> dict[str, Any]:
        """Return score, start and pushes of a case, where there is a way to tell, and time for one at this place."""
        if place >= self._limits.pushed_cases:
            return {}
        x = self._part.X[row].astype(np.float64)
        try:
            with np.errstate(all="ignore"):
                attribution = integrated_gradients(self._layers, x, self._mean_row, score)
        except ValueError:  # a step has no derivative
            return {}
        return self._named(attribution, row) if np.isfinite(attribution.contributions).all() else {}

    def _named(self, found: Attribution, row: int) -> dict[str, Any]:
        raw = self._data.table.X[self._part.rows[row]]
        most = np.argsort(-np.abs(found.contributions), kind="stable")[:MOST_PUSHES].tolist()
        pushes = [
            Push(input=index, value=_finite(raw[index]), push=float(found.contributions[index])) for index in most
        ]
        return {"start": found.start, "score": found.score, "pushes": pushes}

    @cached_property
    def _mean_row(self) -> Floats:
        """The mean training row (n,), as the network sees it."""
        return np.asarray(self._data.train.X.mean(axis=0, dtype=np.float64))

    @cached_property
    def _layers(self) -> list[Layer]:
        """The network in float64."""
        layers = self._network.textbook_layers(self._seed)
        return [
            replace(layer, weights=layer.weights.astype(np.float64), biases=layer.biases.astype(np.float64))
            for layer in layers
        ]


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
