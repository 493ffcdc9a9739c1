from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tui_trainer.themes.inks import HEAT_EMPTY, HEAT_STEPS
from tui_trainer.view_models.heat_scale import HeatScale, largest_of

Floats = NDArray[np.float64]
matrices = hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.floats(-50, 50))


@given(matrices)
def test_levels_keep_sign_and_order(matrix: Floats) -> None:
    levels = HeatScale().levels(matrix)
    assert np.all(np.abs(levels) <= HEAT_STEPS)
    assert np.all(levels * matrix >= 0)
    order = np.argsort(matrix, axis=None)
    assert np.all(np.diff(levels.ravel()[order]) >= 0)


def test_a_value_between_two_levels_does_not_flicker() -> None:
    scale = HeatScale()
    edge = np.array([[1.0, 2.5 / HEAT_STEPS]])
    first = scale.levels(edge).copy()
    for wobble in (0.1, -0.1, 0.05, -0.15):
        assert scale.levels(edge + np.array([[0, wobble / HEAT_STEPS]])).tolist() == first.tolist()
    assert scale.levels(edge + np.array([[0, 0.8 / HEAT_STEPS]])).tolist() != first.tolist()


def test_the_bound_is_round_and_follows_with_reluctance() -> None:
    scale = HeatScale()
    scale.levels(np.array([[0.7]]))
    assert scale.bound == 1
    scale.levels(np.array([[0.4]]))
    assert scale.bound == 1
    scale.levels(np.array([[0.2]]))
    assert scale.bound == pytest.approx(0.2)
    scale.levels(np.array([[3.0]]))
    assert scale.bound == 5


def test_values_that_are_not_finite_are_holes_and_do_not_spoil_the_others() -> None:
    levels = HeatScale().levels(np.array([[np.nan, np.inf, 0.5, -1.0]]))
    assert levels.tolist() == [[HEAT_EMPTY, HEAT_EMPTY, 4, -HEAT_STEPS]]


@given(matrices)
def test_the_scale_may_be_that_of_more_values(matrix: Floats) -> None:
    alone, together = HeatScale(), HeatScale()
    levels = alone.levels(np.append(matrix.ravel(), [-60.0])[None, :])[0, :-1]
    assert together.levels(matrix, 60.0).ravel().tolist() == levels.tolist()
    assert together.bound == alone.bound


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_not_the_largest(bad: float) -> None:
    assert largest_of(np.array([[bad, 0.5, -1.5]])) == 1.5
    assert largest_of(np.array([[bad]])) == 0


def test_a_matrix_of_zeros_has_a_scale() -> None:
    assert not HeatScale().levels(np.zeros((2, 3))).any()


@given(matrices)
def test_fewer_steps_are_fewer_levels_as_far_apart_as_the_colours_reach(matrix: Floats) -> None:
    levels = HeatScale(steps=3).levels(matrix)
    assert set(levels.ravel().tolist()) <= {-7, -5, -2, 0, 2, 5, 7}
    assert np.all(levels * matrix >= 0)


def test_a_patient_scale_shrinks_only_after_many_small_matrices() -> None:
    scale = HeatScale(patience=3)
    scale.levels(np.array([[1.0]]))
    bounds = []
    for largest in (0.1, 0.1, 0.9, 0.1, 0.1, 0.1):
        scale.levels(np.array([[largest]]))
        bounds.append(scale.bound)
    assert bounds == [1, 1, 1, 1, 1, 0.1]
