"""The data of a run: parts scaled and shaped for the exit, and exits that do not fit refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import presets
from engine.data import dataset
from engine.errors import InputError
from engine.spec import Spec, override, validate

BREAST_CANCER: dict[str, Any] = {
    "name": "breast-cancer",
    "data": {"source": "breast-cancer"},
    "split": {"validation": 0.2, "test": 0.2},
    "scaler": {"kind": "standard"},
    "network": {"layers": [{"units": 16, "activation": "relu"}, {"units": 1, "activation": "sigmoid"}]},
    "training": {"loss": "bce"},
}


def spec_with(**values: Any) -> Spec:
    return override(validate(BREAST_CANCER, "test"), {key.replace("__", "."): value for key, value in values.items()})


def test_the_parts_of_breast_cancer_are_those_of_the_tutorial() -> None:
    X, benign = load_breast_cancer(return_X_y=True)
    rest, X_test, y_rest, y_test = train_test_split(X, 1 - benign, test_size=0.2, random_state=42)
    X_train, X_validation, _, _ = train_test_split(rest, y_rest, test_size=0.25, random_state=42)
    oracle = StandardScaler().fit(X_train)
    data = dataset.load(spec_with(training__dtype="float64"))
    assert data.validation is not None
    assert data.test is not None
    np.testing.assert_allclose(data.train.X, oracle.transform(X_train), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(data.validation.X, oracle.transform(X_validation), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(data.test.X, oracle.transform(X_test), rtol=1e-12, atol=1e-12)
    assert (data.test.y == y_test).all()
    assert data.notes == ()


def test_arrays_are_what_the_plan_is_compiled_for() -> None:
    data = dataset.load(spec_with())
    assert data.train.X.shape == (341, 30)
    assert data.train.y.shape == (341,)
    for array in (data.train.X, data.train.y):
        assert array.dtype == np.float32
        assert array.flags.c_contiguous


def test_a_scaler_fitted_on_all_rows_is_flagged_and_differs() -> None:
    honest, leaky = dataset.load(spec_with()), dataset.load(spec_with(scaler__fit="all"))
    assert leaky.notes == (dataset.LEAKY_SCALER_NOTE,)
    np.testing.assert_allclose(leaky.scaler.offset, load_breast_cancer().data.mean(axis=0))
    assert not np.allclose(honest.scaler.offset, leaky.scaler.offset)


@pytest.mark.parametrize(
    ("preset", "note"),
    [
        ("mistake-leaky-scaler", dataset.LEAKY_SCALER_NOTE),
        ("mistake-graded-on-study", dataset.STUDIED_EXAM_NOTE),
        ("mistake-relu-exit", dataset.WRONG_EXIT_NOTE),
    ],
    ids=["leaky-scaler", "graded-on-study", "relu-exit"],
)
def test_what_is_wrong_on_purpose_is_noted(preset: str, note: str) -> None:
    assert dataset.load(presets.load(preset)).notes == (note,)


def test_two_outputs_get_one_hot_targets() -> None:
    spec = spec_with(network__layers=[{"units": 2, "activation": "softmax"}], training__loss="cce")
    data = dataset.load(spec)
    assert data.train.y.shape == (341, 2)
    assert (data.train.y.argmax(axis=1) == dataset.load(spec_with()).train.y).all()
    assert (data.train.y.sum(axis=1) == 1).all()


def test_names_from_outside_cannot_reach_the_terminal_as_codes() -> None:
    rows = {"source": "rows", "X": [[0], [1]], "y": [0, 1], "features": ["a\x1b[2J"], "classes": ["b\nc", "d\x07"]}
    table = dataset.load(spec_with(data=rows, split={}, scaler={})).table
    assert all(name.isprintable() for name in (*table.feature_names, *table.classes))


def test_values_too_large_for_the_dtype_are_refused() -> None:
    rows = {
        "source": "rows",
        "X": [[0, 1], [1, 1e39]],
        "y": [0, 1],
        "features": ["small", "large"],
        "classes": ["a", "b"],
    }
    with pytest.raises(InputError, match=r"training\.dtype: column large has values too large for float32"):
        dataset.load(spec_with(data=rows, split={}, scaler={}))
    double = dataset.load(spec_with(data=rows, split={}, scaler={}, training__dtype="float64"))
    assert double.train.X.max() == 1e39


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"network__layers__1__units": 2}, r"network\.layers\.1\.units: expected 1, the probability of one class"),
        (
            {"network__layers": [{"units": 3, "activation": "softmax"}], "training__loss": "cce"},
            r"network\.layers\.0\.units: expected 2, one for each of 2 classes \(benign, malignant\) \(got 3\)",
        ),
        ({"data": {"source": "iris"}}, r"training\.loss: bce is for two classes, this data has 3 classes \(setosa"),
        (
            {"data": {"source": "iris"}, "training__loss": "mse"},
            r"network\.layers\.1\.units: expected 3, one for each of 3 classes",
        ),
        ({"data": {"source": "diabetes"}}, r"training\.loss: bce is for classes; this data has values to predict"),
        (
            {"data": {"source": "diabetes"}, "training__loss": "mse", "network__layers__1__units": 2},
            r"network\.layers\.1\.units: expected 1, one for each value to predict \(got 2\)",
        ),
    ],
)
def test_an_exit_that_does_not_fit_the_targets_is_refused(values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        dataset.load(spec_with(**values))
