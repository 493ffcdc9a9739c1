"""The opened exam: what one network, or several that differ in their seeds, made of the sealed test rows.

A report is of one network; a result has a report a seed, and says who opened the exam when, and what had been seen
before. What is long (curves, cases) is kept within bounds, so that a result always fits into a message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from engine.declarations.confidence import wilson
from engine.run.frozen import Frozen

Confusion = Sequence[Sequence[int]]
"""Counts [true][predicted]."""
Finite = Annotated[float, Field(allow_inf_nan=False)]
Natural = Annotated[int, Field(ge=0, le=2**53)]
Interval = tuple[Finite, Finite]
"""Lower and upper end."""
AreaName = Literal["roc", "precision_recall"]
"""Below which curve of a class the area is."""

POSITIVE: Final = 1
"""Of two classes the one that is looked for: what its output is the probability of."""
MOST_OPENINGS: Final = 50
"""Earlier openings that a result names: the first, and the latest."""


class Curve(Frozen):
    """A curve over all thresholds, from left to right, and the area below it.

    Of many points those are kept that draw it; the area is that of all of them.

    Attributes:
        x: Places.
        y: Heights.
        area: The area.
        interval: Where it lies with 95 %: of ROC by DeLong (1988), of average precision by Wilson (1927), as of a share
            of the class's rows; None where there are too few, or an older version wrote it.
    """

    x: tuple[Finite, ...] = Field(min_length=1)
    y: tuple[Finite, ...] = Field(min_length=1)
    area: Finite
    interval: Interval | None = None

    @model_validator(mode="after")
    def _is_a_curve(self) -> Curve:
        if len(self.x) != len(self.y):
            raise ValueError("expected as many heights as places")
        return self


class ClassCurves(Frozen):
    """One class against all others; None where it has no rows, or no others.

    Attributes:
        roc: Share of the other rows that were taken for the class, by the share of its own that were.
        precision_recall: Precision by recall; its area is the average precision, Σ (Rₙ − Rₙ₋₁) Pₙ.
    """

    roc: Curve | None = None
    precision_recall: Curve | None = None


class CalibrationBin(Frozen):
    """Rows whose probability lay in one tenth of 0 … 1.

    Attributes:
        rows: How many, one at least.
        predicted: Their mean probability.
        observed: The share of them of which it was true.
    """

    rows: Annotated[int, Field(ge=1, le=2**53)]
    predicted: Finite
    observed: Finite


class Calibration(Frozen):
    """Whether probabilities are shares.

    Attributes:
        of: Of two classes the probability of the positive one, of several that of the answer.
        brier: Mean squared error of the probabilities: of two classes of the positive one's, of several summed over
            the classes (Brier 1950).
        error: Mean distance of predicted and observed, weighted by rows (expected calibration error, Guo et al. 2017).
        bins: Tenths that have rows, rising.
    """

    of: Literal["positive", "answer"]
    brier: Finite
    error: Finite
    bins: tuple[CalibrationBin, ...] = Field(min_length=1)


class ValueErrors(Frozen):
    """Errors of one predicted value, in the data's own units.

    Attributes:
        r2: 1 − Σ(p − y)² / Σ(y − ȳ)²; None where the true values do not vary.
        r2_interval: Where it lies with 95 %, by the delta method; None where there are too few rows, or an older
            version wrote it.
        mae: Mean absolute error.
        mae_interval: Where it lies with 95 %, as mean ± 1.96 standard errors; None of a single row.
        rmse: Square root of the mean squared error.
        bias: Mean of predicted − true.
        rows: Row numbers, in the source's table, of the values below; of many rows some, evenly spaced.
        true: True values.
        predicted: What was predicted.
    """

    r2: Finite | None
    r2_interval: Interval | None = None
    mae: Finite
    mae_interval: Interval | None
    rmse: Finite
    bias: Finite
    rows: tuple[Natural, ...] = ()
    true: tuple[Finite, ...] = ()
    predicted: tuple[Finite, ...] = ()

    @model_validator(mode="after")
    def _has_pairs(self) -> ValueErrors:
        if not len(self.rows) == len(self.true) == len(self.predicted):
            raise ValueError("expected a true and a predicted value of each row")
        return self


class Push(Frozen):
    """What one input did to an answer.

    Attributes:
        input: Its number.
        value: In the data's own units; None where it is missing.
        push: Its part of ``Case.score`` − ``Case.start``.
    """

    input: Natural
    value: Finite | None
    push: Finite


class Case(Frozen):
    """A row that was answered wrongly; of a regression, one of those that were farthest off.

    The score is how far the answer is before the true class: the difference of their z, before the last activation,
    which for sigmoid and softmax is that of their log-odds; of a single output without sigmoid it is p − (1 − p). Of a
    regression it is the predicted value. The inputs push it from what the mean training row has to what this row has,
    by integrated gradients (Sundararajan et al. 2017): pushes of all inputs add up to ``score`` − ``start``.

    Attributes:
        row: Its number in the source's table.
        true: Its class, or its value.
        answer: What was answered.
        output: Of several predicted values, which one.
        probability: Of the answer; None where the exit gives none.
        probability_of_true: Of the true class, likewise.
        start: The score of the mean training row.
        score: The score of this row.
        pushes: Of the inputs that pushed most, the largest first; empty where there is no way to tell.
    """

    row: Natural
    true: Finite
    answer: Finite
    output: Natural = 0
    probability: Finite | None = None
    probability_of_true: Finite | None = None
    start: Finite | None = None
    score: Finite | None = None
    pushes: tuple[Push, ...] = ()


class ExamReport(Frozen):
    """The exam of one network, evaluated on the test part with dropout off.

    Attributes:
        epoch: Epochs the network had learned.
        loss: Mean row loss; None where it is not finite.
        accuracy: Share of rows in the right class; None for regression.
        r2: None for classification, and where targets do not vary.
        confusion: Counts [true][predicted]; None for regression.
        precision: Of the positive class (class 1 of two), as recall and f1; None otherwise, or where undefined.
        recall: Share of the positives that were found.
        f1: Harmonic mean of the two.
        roc_auc: Chance that a positive is given a higher probability than a negative.
        mae: Mean absolute error in the data's own units; None for classification, and where a row has several values.
        rmse: Square root of the mean squared error, likewise.
        classes: Curves of each class; empty for regression, and where there is no room for so many.
        calibration: None where the exit gives no probabilities.
        values: Errors of each predicted value; empty for classification.
        misclassified: Row numbers, in the source's table, of the rows in the wrong class; the first of very many.
        cases: The same one by one, the surest mistakes first; of a regression the largest errors.
    """

    epoch: int
    loss: float | None
    accuracy: float | None
    r2: float | None = None
    confusion: list[list[Natural]] | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    roc_auc: float | None = None
    mae: float | None = None
    rmse: float | None = None
    classes: tuple[ClassCurves, ...] = ()
    calibration: Calibration | None = None
    values: tuple[ValueErrors, ...] = ()
    misclassified: tuple[Natural, ...] = ()
    cases: tuple[Case, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of a classification."""
        return sum(map(sum, self.confusion or ()))

    @property
    def right(self) -> int:
        """Those that were answered rightly."""
        return sum(row[index] for index, row in enumerate(self.confusion or ()))

    @property
    def balanced_accuracy(self) -> float | None:
        """Mean recall of the classes; None for regression."""
        return balanced_accuracy(self.confusion) if self.confusion else None

    @property
    def accuracy_interval(self) -> Interval | None:
        """Where the accuracy on other rows of this kind lies with 95 %, by Wilson; None for regression."""
        return wilson(self.right, self.rows) if self.confusion else None

    def area(self, curve: AreaName, index: int | None = None) -> float | None:
        """Return the area of a class's curve, or the mean over all classes; None where one of them has none."""
        chosen = range(len(self.classes)) if index is None else (index,)
        areas = [found.area for each in chosen if (found := self.curve(curve, each)) is not None]
        return sum(areas) / len(areas) if areas and len(areas) == len(chosen) else None

    def area_interval(self, curve: AreaName, index: int) -> Interval | None:
        """Return where the area of a class's curve lies with 95 %; None where that is not known."""
        found = self.curve(curve, index)
        return None if found is None else found.interval

    def curve(self, curve: AreaName, index: int) -> Curve | None:
        """Return a class's curve; None where it has none."""
        found: Curve | None = getattr(self.classes[index], curve) if index < len(self.classes) else None
        return found

    @property
    def r2_interval(self) -> Interval | None:
        """Where r² on other rows of this kind lies with 95 %, by the delta method; None of several values."""
        return self.values[0].r2_interval if len(self.values) == 1 else None

    @property
    def score(self) -> float | None:
        """The accuracy of a classification, the r² of a regression."""
        return self.accuracy if self.accuracy is not None else self.r2


class Opening(Frozen):
    """That an exam was opened, and what was seen then.

    Attributes:
        epoch: Epochs the network had learned.
        author: Who opened it.
        loss: Median over the seeds.
        score: Accuracy or r², likewise.
        changes: Changes that had acted by then; None where an older version wrote it.
        rows_checksum: Of the rows that were asked; likewise.
        run: The run that it was opened of, where that is one that this run was branched from.
    """

    epoch: int
    author: Annotated[str, Field(max_length=80)] = ""
    loss: float | None = None
    score: float | None = None
    changes: int | None = None
    rows_checksum: int | None = None
    run: str | None = None


class ExamResult(Frozen):
    """The opened exam.

    Attributes:
        epoch: Epochs the networks had learned.
        reports: One a seed.
        author: Who opened it.
        changes: Changes that had acted by then; None where an older version wrote it.
        rows_checksum: Of the rows that were asked, by which they are known again; likewise.
        earlier: Openings before this one, the first one first; of very many the first and the latest.
    """

    epoch: int
    reports: tuple[ExamReport, ...] = Field(min_length=1)
    author: Annotated[str, Field(max_length=80)] = ""
    changes: int | None = None
    rows_checksum: int | None = None
    earlier: tuple[Opening, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_lists(cls, document: Any) -> Any:
        """Take what was written before there were reports: scores beside the epoch, lists of several seeds."""
        if not isinstance(document, Mapping) or "reports" in document or "loss" not in document:
            return document
        own = {key: value for key, value in document.items() if key in cls.model_fields}
        scores = {key: value for key, value in document.items() if key not in own}
        if not isinstance(scores["loss"], list | tuple):
            return {**own, "reports": [{"epoch": document.get("epoch"), **scores}]}
        by_seed = [
            {key: None if value is None else value[seed] for key, value in scores.items()}
            for seed in range(len(scores["loss"]))
        ]
        return {**own, "reports": [{"epoch": document.get("epoch"), **each} for each in by_seed]}

    @property
    def has_several(self) -> bool:
        """Whether there are several seeds."""
        return len(self.reports) > 1

    @property
    def fullest(self) -> ExamReport:
        """The first report that has most to show: a network whose outputs are not finite has no curves."""
        return max(self.reports, key=lambda report: (len(report.classes), len(report.values), len(report.cases) > 0))

    def values(self, name: str) -> list[Any]:
        """Return an attribute of every report, by seed."""
        return [getattr(report, name) for report in self.reports]

    def median(self, name: str) -> float | None:
        """Return the median over the seeds that have a number there."""
        numbers = [value for value in self.values(name) if value is not None]
        return median(numbers) if numbers else None

    @property
    def opening(self) -> Opening:
        """This opening, as later ones name it."""
        return Opening(
            epoch=self.epoch,
            author=self.author,
            loss=self.median("loss"),
            score=self.median("score"),
            changes=self.changes,
            rows_checksum=self.rows_checksum,
        )

    def after(self, openings: Sequence[Opening]) -> ExamResult:
        """Return the same as it comes after other openings."""
        kept = openings if len(openings) <= MOST_OPENINGS else [openings[0], *openings[1 - MOST_OPENINGS :]]
        return self.model_copy(update={"earlier": tuple(kept)})

    @property
    def standing(self) -> Literal["first", "repeated", "trained on", "changed"]:
        """What has been done since these rows were looked at for the first time.

        ``repeated``: nothing, so that it is the same exam; ``trained on``: the same training went on; ``changed``:
        dials were turned, or it is a branch. Openings on other rows, drawn before the data were drawn anew, do not
        count.
        """
        if not self.seen:
            return "first"
        first = self.seen[0]
        if first.run is not None or first.changes != self.changes:
            return "changed"
        return "repeated" if first.epoch == self.epoch else "trained on"

    @property
    def seen(self) -> list[Opening]:
        """The earlier openings on these rows, as far as one can tell."""
        own = self.rows_checksum
        return [each for each in self.earlier if None in (each.rows_checksum, own) or each.rows_checksum == own]


@dataclass(frozen=True)
class ClassScores:
    """How one class of several was answered.

    Attributes:
        rows: Rows of the class.
        precision: Of the rows that were taken for it, the share that is of it; None where there are none.
        recall: Of its rows, the share that was found; None where there are none.
        f1: Harmonic mean of the two; None where there is neither a row of it nor one that was taken for it.
    """

    rows: int
    precision: float | None
    recall: float | None
    f1: float | None


def scores_by_class(confusion: Confusion) -> list[ClassScores]:
    """Return the scores of each class, from the counts (K, K) of true by predicted."""
    predicted = [sum(column) for column in zip(*confusion, strict=True)]
    return [
        ClassScores(
            rows=sum(row),
            precision=_ratio(row[index], predicted[index]),
            recall=_ratio(row[index], sum(row)),
            f1=_ratio(2 * row[index], sum(row) + predicted[index]),
        )
        for index, row in enumerate(confusion)
    ]


def balanced_accuracy(confusion: Confusion) -> float | None:
    """Return the mean recall of the classes that have rows; None where none has."""
    recalls = [scores.recall for scores in scores_by_class(confusion) if scores.recall is not None]
    return sum(recalls) / len(recalls) if recalls else None


def flattery(openings: int) -> float:
    """Return by how many standard errors the best of so many exams is better than the truth, were they independent.

    The mean of the largest of n draws from a normal distribution, by Blom's approximation (1958).
    """
    from statistics import NormalDist

    return NormalDist().inv_cdf((openings - 0.375) / (openings + 0.25)) if openings > 1 else 0.0


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
