"""Results of exams: their intervals, their standing, and what older versions wrote."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from engine.declarations.confidence import wilson
from engine.run.exam import MOST_OPENINGS, ExamResult, Opening, flattery
from tests.exams import exam_of
from tests.properties import examples


@settings(max_examples=examples(60))
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_of_a_share_is_wilsons(counts: tuple[int, int]) -> None:
    expected = binomtest(*counts).proportion_ci(method="wilson")
    assert wilson(*counts) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_111_of_114_lie_between_93_and_99_percent() -> None:
    assert wilson(111, 114) == pytest.approx((0.92546, 0.99102), abs=5e-5)
    assert wilson(0, 0) is None


def test_the_best_of_several_looks_flatters_by_what_the_largest_of_several_draws_is() -> None:
    assert flattery(1) == 0
    for draws, mean in ((2, 0.5642), (3, 0.8463), (5, 1.1630), (10, 1.5388)):  # David & Nagaraja, Order Statistics
        assert flattery(draws) == pytest.approx(mean, abs=0.03)


def after(openings: list[Opening], **fields: object) -> str:
    return exam_of(50, 0.1, changes=2, rows_checksum=7, **fields).after(openings).standing


def test_what_was_done_between_two_openings_decides_what_the_second_is_worth() -> None:
    before = Opening(epoch=50, changes=2, rows_checksum=7)
    assert after([]) == "first"
    assert after([before]) == "repeated"
    assert after([before.model_copy(update={"epoch": 30})]) == "trained on"
    assert after([before.model_copy(update={"changes": 1})]) == "changed"
    assert after([before.model_copy(update={"run": "parent"})]) == "changed"
    assert after([before.model_copy(update={"epoch": 30}), before]) == "trained on"
    assert after([before.model_copy(update={"epoch": 9, "rows_checksum": 8})]) == "first"  # on other rows


def test_of_very_many_openings_the_first_and_the_latest_are_named() -> None:
    many = [Opening(epoch=epoch) for epoch in range(200)]
    earlier = exam_of(500, 0.1).after(many).earlier
    assert len(earlier) == MOST_OPENINGS
    assert (earlier[0].epoch, earlier[1].epoch, earlier[-1].epoch) == (0, 151, 199)


def test_a_result_of_an_older_version_is_read() -> None:
    one = ExamResult.model_validate({"epoch": 3, "loss": 0.2, "accuracy": 0.9, "confusion": [[1, 0], [0, 1]]})
    assert (one.values("accuracy"), one.epoch, one.reports[0].epoch) == ([0.9], 3, 3)
    two = ExamResult.model_validate({"epoch": 3, "loss": [0.5, 0.25], "accuracy": [0.75, None], "r2": None})
    assert (two.values("loss"), two.values("accuracy"), two.values("r2")) == ([0.5, 0.25], [0.75, None], [None] * 2)
    assert two.median("loss") == 0.375
    assert two.opening == Opening(epoch=3, loss=0.375, score=0.75)
    assert ExamResult.model_validate(two.model_dump()) == two
