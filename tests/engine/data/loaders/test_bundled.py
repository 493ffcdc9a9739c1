"""The data sets that come with scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import datasets

from engine.data.registry import load_table
from engine.spec.sources.base import DataSource
from engine.spec.sources.bundled import BreastCancer, Diabetes, Digits, Iris, Wine
from tests.engine.data.reference import CASES


def test_patients_have_the_diagnoses_that_the_tutorial_was_checked_against() -> None:
    case = CASES["R18_patient_203"]["recomputed"]
    table = load_table(BreastCancer())
    diagnoses = [table.classes[int(table.y[row])] for row in (202, 203, 204)]
    assert diagnoses == [case["row202_truth"], case["truth"], case["row204_truth"]]
    symmetry = table.X[:, table.feature_names.index("mean symmetry")]
    assert (symmetry[203] - symmetry.mean()) / symmetry.std() == pytest.approx(case["mean_symmetry_z"], rel=1e-8)


@pytest.mark.parametrize(
    ("source", "shape", "counts"),
    [
        (BreastCancer(), (569, 30), [357, 212]),
        (Iris(), (150, 4), [50, 50, 50]),
        (Wine(), (178, 13), [59, 71, 48]),
        (Digits(), (1797, 64), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]),
    ],
)
def test_rows_columns_and_classes_are_the_documented_ones(
    source: DataSource, shape: tuple[int, int], counts: list[int]
) -> None:
    table = load_table(source)
    assert table.X.shape == shape
    assert table.X.dtype == np.float64
    assert len(table.feature_names) == shape[1]
    assert np.bincount(table.y.astype(int), minlength=len(table.classes)).tolist() == counts


def test_a_digit_is_its_picture() -> None:
    table = load_table(Digits())
    height, width = table.image_shape or (0, 0)
    assert (table.X[17].reshape(height, width) == datasets.load_digits().images[17]).all()
    assert table.feature_names[8] == "pixel 1,0"


def test_diabetes_is_in_units_that_no_exam_row_had_a_part_in() -> None:
    table = load_table(Diabetes())
    age = table.X[:, table.feature_names.index("age")]
    assert (age.min(), age.max()) == (19, 79)
    assert (table.y.min(), table.y.max()) == (25, 346)
    assert table.classes == ()
