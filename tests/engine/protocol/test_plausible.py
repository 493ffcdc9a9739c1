"""What a watcher lets in, and what cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from engine.errors import WorkerError
from engine.protocol.events import Answer, Frame, Scores, Welcome
from engine.protocol.plausible import check_frame, check_welcome
from engine.protocol.queries import DataQuery, NeuronsQuery, WeightsQuery
from engine.run.data_facts import DataFacts
from engine.run.exam import ExamResult
from engine.run.metrics import METRICS
from tests.exams import full_exam

WELCOME: dict[str, Any] = {
    "protocol": 5,
    "version": "0",
    "run": "moons-1",
    "seeds": (1, 2),
    "inputs": 2,
    "feature_names": ("x", "y"),
    "classes": ("a", "b"),
    "rows": (10, 5, 5),
    "read_only": False,
}
FRAME: dict[str, Any] = {
    "number": 1,
    "state": "running",
    "epoch": 12,
    "step": 0,
    "steps": 4,
    "epochs": 50,
    "pace": None,
    "epochs_per_second": 3.5,
    "learning_rate": 0.1,
    "best_epoch": None,
    "first_epoch": 9,
    "answers": (Answer(query=WeightsQuery()), Answer(query=NeuronsQuery())),
}
ARRAYS: dict[str, Any] = {
    "rows": np.zeros((4, 2, 5)),
    "weights.0": np.zeros((3, 3)),
    "weights.1": np.zeros((1, 4)),
    "neurons.rows": np.arange(8),
    "neurons.masks.0": np.ones((3, 8), np.uint8),
}


def test_what_a_worker_of_ours_says_is_let_in() -> None:
    check_welcome(Welcome(**WELCOME))
    check_frame(Frame(**FRAME), ARRAYS, Welcome(**WELCOME))
    bins = {"bins": np.zeros((3, 5, 3))}
    check_frame(Frame(**{**FRAME, "bin_width": 4, "first_epoch": 1}), bins, Welcome(**WELCOME))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("run", "../../etc"),
        ("seeds", ()),
        ("inputs", -1),
        ("inputs", 2**60),
        ("feature_names", ("x",)),
        ("rows", (-1, 0, 0)),
        ("metrics", METRICS.metrics * 2),
        ("image_shape", (0, 5)),
        ("image_shape", (40_000, 40_000)),
    ],
)
def test_a_welcome_that_cannot_be_is_refused(name: str, value: Any) -> None:
    with pytest.raises(WorkerError, match="cannot be"):
        check_welcome(Welcome(**{**WELCOME, name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epoch", -1),
        ("epochs", 2**63),
        ("step", -4),
        ("visiting", -1),
        ("checkpoints", (0, 2**70)),
        ("pace", 0.0),
        ("epochs_per_second", float("inf")),
        ("first_epoch", 0),
        ("first_epoch", 10),
        ("bin_width", 3),
        ("latest", (Scores(loss=[1.0], accuracy=None), None)),
        ("data", DataFacts(inputs=2, rows=(0, -1, 0))),
    ],
)
def test_a_frame_that_cannot_be_is_refused(name: str, value: Any) -> None:
    with pytest.raises(WorkerError, match="cannot be") as refused:
        check_frame(Frame.model_construct(**{**Frame(**FRAME).__dict__, name: value}), ARRAYS, Welcome(**WELCOME))
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("rows", np.zeros((4, 1, 5))),
        ("rows", np.zeros((5, 2, 5))),
        ("rows", np.zeros((4, 2, 5), np.float32)),
        ("weights.0", np.zeros(9)),
        ("weights.0", np.zeros((3, 3), np.int64)),
        ("weights.x", np.zeros((3, 3))),
        ("neurons.masks.0", np.ones((3, 7), np.uint8)),
        ("neurons.activations.0", np.ones((4, 8))),
        ("neurons.secrets", np.ones(4)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name: str, array: Any) -> None:
    with pytest.raises(WorkerError, match="cannot be"):
        check_frame(Frame(**FRAME), {**ARRAYS, name: array}, Welcome(**WELCOME))


def exam_frame(exam: ExamResult) -> Frame:
    return Frame(**{**FRAME, "answers": (), "exam": exam})


def test_an_exam_of_ours_is_let_in() -> None:
    check_frame(exam_frame(full_exam("two", 4)), {}, Welcome(**{**WELCOME, "seeds": (1, 2, 3, 4)}))
    check_frame(exam_frame(full_exam("values")), {}, Welcome(**{**WELCOME, "seeds": (1,), "classes": ()}))


@pytest.mark.parametrize(
    "changed",
    [
        {"confusion": [[1, 2]]},
        {"confusion": [[1, 2, 3], [1, 2, 3], [1, 2, 3]]},
        {"classes": ({}, {}, {})},
        {"cases": ({"row": 1, "true": 0, "answer": 2},)},
        {"cases": ({"row": 1, "true": -1, "answer": 0},)},
        {"confusion": None},
    ],
)
def test_an_exam_of_other_classes_than_the_runs_cannot_be(changed: dict[str, Any]) -> None:
    first, second = (report.model_dump() for report in full_exam("two", 4).reports[:2])
    exam = ExamResult.model_validate({"epoch": 3, "reports": [first, {**second, **changed}]})
    with pytest.raises(WorkerError, match="the worker sent what cannot be"):
        check_frame(exam_frame(exam), {}, Welcome(**WELCOME))


def test_an_exam_has_a_report_a_seed() -> None:
    with pytest.raises(WorkerError, match="4 reports of 2 seeds"):
        check_frame(exam_frame(full_exam("two", 4)), {}, Welcome(**WELCOME))


@pytest.mark.parametrize(
    "report",
    [
        {"classes": [{"roc": {"x": [0, 1], "y": [0], "area": 0.5}}]},
        {"classes": [{"roc": {"x": [0], "y": [float("nan")], "area": 0.5}}]},
        {"calibration": {"of": "positive", "brier": 0.1, "error": 0.1, "bins": []}},
        {"values": [{"r2": 1, "mae": 1, "mae_interval": None, "rmse": 1, "bias": 0, "true": [1.0]}]},
        {"misclassified": [-1]},
    ],
)
def test_a_report_that_does_not_fit_together_is_none(report: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ExamResult.model_validate({"epoch": 1, "reports": [{"epoch": 1, "loss": 0.1, "accuracy": 0.5, **report}]})


def test_an_answer_about_the_data_that_lacks_an_array_is_refused() -> None:
    frame = Frame(**{**FRAME, "answers": (Answer(query=DataQuery()),)})
    with pytest.raises(WorkerError, match="data without counts"):
        check_frame(frame, {"data.raw": np.zeros((2, 4))}, Welcome(**WELCOME))
