"""Scalers against scikit-learn's, there and back."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from engine.array_types import Floats
from engine.data.scaling import Scaler
from engine.spec import ScalerSpec

Kind = Literal["none", "standard", "minmax", "divide"]
measurements = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda value: round(value, 6))
tables = arrays(np.float64, st.tuples(st.integers(1, 20), st.integers(1, 5)), elements=measurements)


@given(X=tables, kind=st.sampled_from(["standard", "minmax"]))
def test_it_is_scikit_learns_scaler(X: Floats, kind: Kind) -> None:
    oracle = (StandardScaler() if kind == "standard" else MinMaxScaler()).fit(X)
    scaled = Scaler.fit(X, ScalerSpec(kind=kind)).transform(X)
    # scikit-learn's minmax multiplies and adds: off from (X − least) / range by the rounding of least / range.
    ranges = np.ptp(X, axis=0)
    rounding = 1e-12 * (1 + np.abs(X).max() / ranges[ranges > 0].min(initial=np.inf))
    np.testing.assert_allclose(scaled, oracle.transform(X), rtol=1e-9, atol=rounding)


@given(X=tables, kind=st.sampled_from(["none", "standard", "minmax", "divide"]), by_largest=st.booleans())
def test_inverse_undoes_transform(X: Floats, kind: Kind, by_largest: bool) -> None:
    scaler = Scaler.fit(X, ScalerSpec(kind=kind, divisor="max" if by_largest else 255.0))
    scaled = scaler.transform(X)
    assert np.isfinite(scaled).all()
    np.testing.assert_allclose(scaler.inverse(scaled), X, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("constant", [0.0, 0.1, -3e8])
@pytest.mark.parametrize("kind", ["standard", "minmax"])
def test_a_constant_column_becomes_zero(kind: Kind, constant: float) -> None:
    X = np.full((7, 1), constant)
    assert list(Scaler.fit(X, ScalerSpec(kind=kind)).scale) == [1.0]
    np.testing.assert_allclose(Scaler.fit(X, ScalerSpec(kind=kind)).transform(X), 0, atol=1e-7)


def test_divide_by_a_number_by_the_largest_and_never_by_zero() -> None:
    X = np.array([[0.0, 51.0], [204.0, 102.0]])
    assert Scaler.fit(X, ScalerSpec(kind="divide")).transform(X).tolist() == [[0.0, 0.2], [0.8, 0.4]]
    assert Scaler.fit(X, ScalerSpec(kind="divide", divisor="max")).transform(X).tolist() == [[0.0, 0.25], [1.0, 0.5]]
    black = np.zeros((2, 2))
    assert Scaler.fit(black, ScalerSpec(kind="divide", divisor="max")).transform(black).tolist() == black.tolist()
