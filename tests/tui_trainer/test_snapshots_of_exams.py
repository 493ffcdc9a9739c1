"""Pictures of an opened exam; ``pytest --snapshot-update`` takes them anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from engine.run.exam import ExamResult
from tests.exams import breast_cancer_exam, full_exam
from tests.tui_trainer.driving import Desk, make_app
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.app import DashboardExit

SnapCompare = Callable[..., bool]

TWO, SEEDS, VALUES = breast_cancer_exam(), full_exam("two", 4), full_exam("values")
STORIES: dict[str, tuple[ExamResult, tuple[int, int], int]] = {
    "scores": (TWO, (120, 40), 0),
    "scores at 80x24": (TWO, (80, 24), 0),
    "scores at 60x16": (TWO, (60, 16), 0),
    "curves": (TWO, (80, 24), 1),
    "calibration": (TWO, (80, 24), 2),
    "cases": (TWO, (60, 16), 3),
    "scores of seeds": (SEEDS, (80, 24), 0),
    "curves of seeds": (SEEDS, (80, 24), 1),
    "curves of three classes": (full_exam("three"), (120, 40), 1),
    "errors": (VALUES, (120, 40), 1),
    "errors at 60x16": (VALUES, (60, 16), 1),
}


@pytest.mark.parametrize("name", STORIES)
def test_snapshot(name: str, snap_compare: SnapCompare) -> None:
    exam, size, section = STORIES[name]
    names = ("benign", "malignant", "unclear")
    classes = names[: len(exam.reports[0].confusion or ())]
    client = FakeClient(classes=classes, seeds=tuple(range(42, 42 + len(exam.reports))))
    client.exam_result = exam
    app = make_app(client)

    async def run_before(pilot: Pilot[DashboardExit]) -> None:
        desk = Desk(app, pilot, client)
        await desk.settle()
        await desk.train(30)
        await desk.press("e", "enter", "y", *["right"] * section)

    assert snap_compare(app, terminal_size=size, run_before=run_before)
