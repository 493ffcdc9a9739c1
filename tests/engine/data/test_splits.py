"""Splits: as the tutorials draw them, disjoint, complete, and refused where they cannot be."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from engine.array_types import Indices
from engine.data.registry import load_table
from engine.data.splits import split
from engine.data.table import Table
from engine.errors import InputError
from engine.spec import SplitSpec
from engine.spec.sources.bundled import BreastCancer
from tests.engine.data.reference import CASES


def table_of(rows: int, classes: int = 2, subsets: dict[str, Indices] | None = None) -> Table:
    return Table(
        X=np.arange(rows, dtype=np.float64)[:, None],
        y=np.arange(rows, dtype=np.float64) % max(classes, 1),
        feature_names=("x",),
        classes=tuple(f"class {k}" for k in range(classes)),
        subsets=subsets or {},
    )


@pytest.mark.parametrize(("name", "stratify"), [("unstratified", False), ("stratified", True)])
def test_the_published_split_of_breast_cancer(name: str, stratify: bool) -> None:
    case = CASES["R15_split"][name]
    table = load_table(BreastCancer(source="breast-cancer"))
    rows = split(table, SplitSpec(validation=0.2, test=0.2, seed=42, stratify=stratify))
    assert rows.validation is not None
    assert rows.test is not None
    drawn = (rows.train, rows.validation, rows.test)
    assert [len(rows) for rows in drawn] == case["sizes"]
    assert [int(table.y[rows].sum()) for rows in drawn] == case["malignant"]
    assert [list(rows[:5]) for rows in drawn] == [case["first5_train"], case["first5_val"], case["first5_test"]]


@given(
    rows=st.integers(40, 200),
    validation=st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.45]),
    test=st.sampled_from([0.0, 0.1, 0.2, 0.5]),
    seed=st.integers(0, 2**32 - 1),
    stratify=st.booleans(),
)
def test_parts_are_disjoint_and_complete(rows: int, validation: float, test: float, seed: int, stratify: bool) -> None:
    spec = SplitSpec(validation=validation, test=test, seed=seed, stratify=stratify)
    subsets = split(table_of(rows), spec)
    drawn = [part for part in (subsets.train, subsets.validation, subsets.test) if part is not None]
    assert sorted(np.concatenate(drawn)) == list(range(rows))
    assert len(drawn) == 1 + (validation > 0) + (test > 0)
    for part, fraction in ((subsets.validation, validation), (subsets.test, test)):
        assert part is None or abs(len(part) - fraction * rows) <= 1.5
    assert len(subsets.train) > 0


@given(
    labels=st.lists(st.integers(0, 6), min_size=2, max_size=120),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**32 - 1),
    stratify=st.booleans(),
)
@example(labels=[0] * 7 + [1] * 7 + [2] * 7, fraction=0.4, seed=3, stratify=True)  # ties among the remainders
def test_the_rows_are_those_of_train_test_split(labels: list[int], fraction: float, seed: int, stratify: bool) -> None:
    y = np.array(labels, np.float64)
    table = dataclasses.replace(table_of(len(y), classes=7), y=y)
    count = math.ceil(fraction * len(y) - 1e-9)
    try:
        expected = train_test_split(
            np.arange(len(y)), test_size=count, random_state=seed, stratify=y if stratify else None
        )
    except ValueError:
        with pytest.raises(InputError, match=r"^split\."):
            split(table, SplitSpec(test=fraction, seed=seed, stratify=stratify))
        return
    rows = split(table, SplitSpec(test=fraction, seed=seed, stratify=stratify))
    assert rows.test is not None
    assert [list(rows.train), list(rows.test)] == [list(part) for part in expected]


@pytest.mark.parametrize(("validation", "test"), [(0.3, 0.1), (0.1, 0.3), (0.2, 0.4), (0.6, 0.1)])
def test_fractions_of_all_rows_are_not_a_row_too_many(validation: float, test: float) -> None:
    rows = split(table_of(100), SplitSpec(validation=validation, test=test))
    assert rows.validation is not None
    assert rows.test is not None
    assert (len(rows.validation), len(rows.test)) == (round(100 * validation), round(100 * test))


def test_no_split_keeps_the_rows_and_their_order() -> None:
    rows = split(table_of(7), SplitSpec())
    assert list(rows.train) == list(range(7))
    assert rows.validation is None
    assert rows.test is None


def test_stratified_parts_have_the_proportions_of_the_whole() -> None:
    rows = split(table_of(300, classes=3), SplitSpec(validation=0.2, test=0.2, stratify=True))
    assert rows.test is not None
    assert list(np.bincount(rows.test % 3)) == [20, 20, 20]


def test_parts_by_file_hold_and_validation_is_drawn_from_the_training_rows() -> None:
    own = {"train": np.arange(10), "test": np.arange(10, 15)}
    rows = split(table_of(15, subsets=own), SplitSpec(validation=0.3))
    assert rows.test is not None
    assert rows.validation is not None
    assert list(rows.test) == list(range(10, 15))
    assert len(rows.validation) == 3
    assert sorted([*rows.train, *rows.validation]) == list(range(10))


@pytest.mark.parametrize(
    ("table", "spec", "complaint"),
    [
        (table_of(1), SplitSpec(test=0.5), "split.test: 1 rows are too few to train on the rest"),
        (table_of(3), SplitSpec(test=0.2, stratify=True), "split.stratify: class class 1 has 1 row left"),
        (table_of(20, classes=10), SplitSpec(test=0.2, stratify=True), "split.test: 20 rows are too few for every"),
        (table_of(20, classes=0), SplitSpec(test=0.2, stratify=True), "split.stratify: only classes"),
        (
            table_of(9, subsets={"train": np.arange(5), "test": np.arange(5, 9)}),
            SplitSpec(test=0.1),
            "split.test: the data",
        ),
    ],
)
def test_what_cannot_be_split_is_refused_in_one_line(table: Table, spec: SplitSpec, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as refusal:
        split(table, spec)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("table", "options", "cure"),
    [
        (table_of(20), {"test": 0.05}, "raise"),
        (table_of(20), {"test": 0.95}, "lower the fraction"),
        (table_of(20), {"train": 0.05}, "raise"),
        (table_of(20), {"train": 0.95}, "lower the fraction"),
    ],
)
def test_what_is_offered_where_a_part_is_too_small_makes_it_possible(
    table: Table, options: dict[str, float], cure: str
) -> None:
    with pytest.raises(InputError, match=cure):
        split(table, SplitSpec(**options, stratify=True))  # type: ignore[arg-type]


# Fewer rows to learn from


@given(
    rows=st.integers(40, 200),
    share=st.sampled_from([0.05, 0.1, 0.35, 0.6]),
    seed=st.integers(0, 2**32 - 1),
    stratify=st.booleans(),
)
def test_fewer_rows_to_learn_from_are_those_of_scikit_learn_and_the_others_stay_as_they_are(
    rows: int, share: float, seed: int, stratify: bool
) -> None:
    table = table_of(rows)
    options: dict[str, Any] = {"validation": 0.2, "test": 0.2, "seed": seed, "stratify": stratify}
    whole, fewer = split(table, SplitSpec(**options)), split(table, SplitSpec(**options, train=share))
    count = math.floor(share * rows + 1e-9)
    assert len(fewer.train) == min(count, len(whole.train))
    for part in ("validation", "test"):
        np.testing.assert_array_equal(getattr(fewer, part), getattr(whole, part))
    if count < len(whole.train):
        labels = table.y[whole.train] if stratify else None
        expected, _ = train_test_split(whole.train, train_size=count, random_state=seed, stratify=labels)
        np.testing.assert_array_equal(fewer.train, expected)


@given(seed=st.integers(0, 2**32 - 1))
def test_smaller_parts_lie_within_larger_ones(seed: int) -> None:
    parts = [set(split(table_of(100), SplitSpec(test=0.3, seed=seed, train=share)).train) for share in (0.1, 0.3, 0.7)]
    assert parts[0] < parts[1] < parts[2]


def test_shares_that_come_to_a_whole_but_for_rounding_are_no_more_than_that() -> None:
    assert len(split(table_of(10), SplitSpec(train=0.7, validation=0.2, test=0.1)).train) == 7
    with pytest.raises(ValueError, match=r"train \+ validation \+ test are more than all rows"):
        SplitSpec(train=0.7, validation=0.2, test=0.2)


@pytest.mark.parametrize(
    ("options", "line"),
    [({"train": 0.001}, "no row of 100"), ({"train": 0.01, "stratify": True}, "100 rows are too few for every class")],
)
def test_too_few_rows_to_learn_from_are_refused(options: dict[str, object], line: str) -> None:
    with pytest.raises(InputError, match=line):
        split(table_of(100), SplitSpec(**options))  # type: ignore[arg-type]
