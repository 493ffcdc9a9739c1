"""The opened exam: the report on the sealed test part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.run.frozen import Frozen

Confusion = Sequence[Sequence[int]]
"""Counts [true][predicted]."""

POSITIVE: Final = 1
"""Of two classes the one that is looked for: what its output is the probability of."""


class ExamResult(Frozen):
    """The opened exam. ``confusion[true][predicted]``; with several seeds, one entry a seed.

    ``mae`` and ``rmse``, the errors of values, are in the data's own units, also where the loss is in scaled ones.
    """

    epoch: int
    loss: Any
    accuracy: Any
    r2: Any = None
    confusion: Any = None
    precision: Any = None
    recall: Any = None
    f1: Any = None
    roc_auc: Any = None
    mae: Any = None
    rmse: Any = None


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


def graded(result: ExamResult, classes: Sequence[str], positive: int | None = None) -> dict[str, Any]:
    """Return the exam as JSON has it, with balanced accuracy, and the scores of the positive class with its name.

    Args:
        result: The exam.
        classes: Names of the classes; none for a regression.
        positive: The class that is looked for; by default ``POSITIVE`` of two, and none of several.
    """
    document = result.model_dump() | {"balanced_accuracy": None, "positive": None}
    if not classes or result.confusion is None:
        return document
    several = isinstance(result.accuracy, list | tuple)
    tables: list[Confusion] = list(result.confusion) if several else [result.confusion]

    def by_seed(values: Sequence[float | None]) -> Any:
        return list(values) if several else values[0]

    document["balanced_accuracy"] = by_seed([balanced_accuracy(table) for table in tables])
    chosen = POSITIVE if positive is None and len(classes) == 2 else positive
    if chosen is not None:
        scores = [scores_by_class(table)[chosen] for table in tables]
        document["positive"] = classes[chosen]
        document |= {key: by_seed([getattr(of, key) for of in scores]) for key in ("precision", "recall", "f1")}
    return document


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
