"""Rows written into the preset."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from engine.data.registry import load_table
from engine.spec.sources.bundled import Rows


def test_rows_are_what_was_written() -> None:
    table = load_table(Rows(X=((45000, 680), (1, 2)), y=(1, 0), features=("income", "score"), classes=("no", "yes")))
    assert table.X.tolist() == [[45000, 680], [1, 2]]
    assert table.y.tolist() == [1, 0]
    assert table.feature_names == ("income", "score")


def test_values_need_no_classes_and_columns_no_names() -> None:
    table = load_table(Rows(X=((0.5, 1.5),), y=(-3.25,), note="a remark"))
    assert table.classes == ()
    assert table.feature_names == ("x1", "x2")
    assert table.notes == ("a remark",)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"X": [[1, 2], [3]], "y": [0, 1]}, r"X\.1: expected 2 numbers"),
        ({"X": [[1], [2]], "y": [0]}, "y: expected one target for each of the 2 rows, got 1"),
        ({"X": [[1], [2]], "y": [0, 2], "classes": ["a", "b"]}, "y: expected class numbers from 0 to 1"),
        ({"X": [[1], [2]], "y": [0, 0.5], "classes": ["a", "b"]}, "y: expected class numbers from 0 to 1"),
        ({"X": [[1]], "y": [0], "features": ["a", "b"]}, "features: expected 1 names, got 2"),
        ({"X": [[float("nan")]], "y": [0]}, "finite"),
        ({"X": [], "y": []}, "at least 1"),
    ],
)
def test_rows_that_are_no_table_are_refused(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Rows.model_validate(options)
