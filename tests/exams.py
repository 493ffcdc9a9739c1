"""Exams to show: their scores given, nothing asked of a network."""

from __future__ import annotations

from functools import cache
from typing import Any

from engine.run.exam import ExamResult
from engine.training.trainer import Trainer
from engine.worker.exam import exam_result
from tests.engine.training.recipes import THREE_CLASSES, VALUES, recipe


def exam_of(epoch: int, loss: Any, **scores: Any) -> ExamResult:
    """Return an opened exam; lists of scores are of several seeds, one entry a seed."""
    return ExamResult.model_validate({"epoch": epoch, "accuracy": None, "loss": loss, **scores})


@cache
def breast_cancer_exam() -> ExamResult:
    """Return the exam of the first preset: 111 of 114, as it comes out with seed 42."""
    bins = [(68, 0.005, 1 / 68), (1, 0.24, 0.0), (2, 0.566, 0.0), (3, 0.75, 1.0), (40, 0.996, 1.0)]
    mistakes = [
        (73, 1, 0, 0.962, 1.151, 3.223, [(21, 20.86, 1.312), (1, 15.79, 1.028), (11, 0.6205, -0.701)]),
        (238, 0, 1, 0.589, -1.151, 0.361, [(21, 40.54, 5.896), (1, 27.85, 3.295), (11, 2.324, -2.454)]),
        (526, 0, 1, 0.543, -1.151, 0.172, [(24, 0.1624, 1.894), (28, 0.3518, 1.355), (13, 16.07, -1.143)]),
    ]
    cases = [
        {
            "row": row,
            "true": true,
            "answer": answer,
            "probability": sure,
            "probability_of_true": 1 - sure,
            "start": start,
            "score": score,
            "pushes": [dict(zip(("input", "value", "push"), push, strict=True)) for push in pushes],
        }
        for row, true, answer, sure, start, score, pushes in mistakes
    ]
    roc = {"x": (0, 0, 0.0845, 0.0845, 1), "y": (0, 0.9767, 0.9767, 1, 1), "area": 0.998, "interval": (0.984, 0.9998)}
    precision: list[dict[str, Any]] = [
        {"x": (0, 0.97, 1), "y": (1, 1, 0.98), "area": 0.9988, "interval": (0.947, 1.0)},
        {"x": (0, 0.95, 0.977, 1), "y": (1, 1, 0.955, 0.877), "area": 0.9972, "interval": (0.9128, 0.9999)},
    ]
    curves = [{"roc": roc, "precision_recall": each} for each in precision]
    return exam_of(
        50,
        0.0594,
        accuracy=111 / 114,
        confusion=[[69, 2], [1, 42]],
        precision=42 / 44,
        recall=42 / 43,
        f1=84 / 87,
        roc_auc=0.998,
        classes=curves,
        calibration={
            "of": "positive",
            "brier": 0.0169,
            "error": 0.027,
            "bins": [dict(zip(("rows", "predicted", "observed"), each, strict=True)) for each in bins],
        },
        misclassified=(73, 238, 526),
        cases=cases,
        author="user",
        changes=0,
        rows_checksum=7,
    )


@cache
def full_exam(kind: str = "two", seeds: int = 1, epochs: int = 3) -> ExamResult:
    """Return the exam of a small trained network: of ``two`` or ``three`` classes, or of ``values``."""
    recipes = {"two": recipe(data__noise=0.6), "three": recipe(THREE_CLASSES), "values": recipe(VALUES)}
    trainer = Trainer(recipes[kind], seeds=range(42, 42 + seeds)) if seeds > 1 else Trainer(recipes[kind], seed=42)
    list(trainer.epochs())
    return exam_result(trainer)
