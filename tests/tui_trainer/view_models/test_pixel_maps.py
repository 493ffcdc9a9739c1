from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tui_trainer.themes.inks import HEAT_EMPTY
from tui_trainer.view_models.heat_scale import HeatScale
from tui_trainer.view_models.pixel_maps import FoldedMap, fit, fit_matrix, fit_or_fold

Floats = NDArray[np.float64]
matrices = hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.floats(-50, 50))
sizes = st.integers(1, 90)


@given(sizes, sizes, sizes, sizes)
def test_a_map_fits_its_field_and_shows_every_value(rows: int, columns: int, height: int, width: int) -> None:
    pixel_map = fit(rows, columns, height, width)
    assert pixel_map.height <= height
    assert pixel_map.width <= width
    for row, column in ((0, 0), (rows - 1, columns - 1), (rows // 2, columns // 3)):
        down, across = pixel_map.place(row, column)
        assert 0 <= down < pixel_map.height
        assert 0 <= across < pixel_map.width
        shown_row, shown_column = pixel_map.value_at(down, across)
        assert 0 <= row - shown_row < pixel_map.block_down
        assert 0 <= column - shown_column < pixel_map.block_across


@given(matrices, st.integers(1, 30), st.integers(1, 30))
def test_pixels_show_their_value_or_the_furthest_of_their_block(matrix: Floats, height: int, width: int) -> None:
    pixel_map = fit(matrix.shape[0], matrix.shape[1], height, width)
    pixels = pixel_map.pixels(matrix)
    assert pixels.shape == (pixel_map.height, pixel_map.width)
    for row in range(matrix.shape[0]):
        for column in range(matrix.shape[1]):
            down, across = pixel_map.place(row, column)
            top, left = pixel_map.value_at(down, across)
            block = matrix[top : top + pixel_map.block_down, left : left + pixel_map.block_across]
            assert abs(pixels[down, across]) == np.abs(block).max()
            assert pixels[down, across] in block


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_pixel_of_a_block_with_a_value_that_is_not_finite_is_a_hole(bad: float) -> None:
    matrix = np.arange(48.0).reshape(6, 8)
    matrix[3, 5] = bad
    levels = HeatScale().levels(fit(6, 8, 3, 4).pixels(matrix))
    assert np.argwhere(levels == HEAT_EMPTY).tolist() == [[1, 2]]


def test_the_default_network_fills_its_pane() -> None:
    assert (fit(16, 30, 32, 34).zoom_down, fit(16, 30, 32, 34).zoom_across) == (2, 1)
    assert (fit(8, 16, 32, 34).zoom_down, fit(8, 16, 32, 34).zoom_across) == (4, 2)


@given(matrices.filter(lambda matrix: matrix.shape[1] > 1), st.integers(1, 40), st.integers(6, 60))
def test_biases_stand_apart_and_every_value_has_its_spot(matrix: Floats, height: int, width: int) -> None:
    matrix_map = fit_matrix(len(matrix), matrix.shape[1], height, width, biases=True)
    field = matrix_map.pixels(matrix)
    assert field.shape == (matrix_map.height, matrix_map.width)
    assert matrix_map.width <= width
    assert np.isnan(field[:, matrix_map.inner.width]).all()
    for row in range(matrix.shape[0]):
        rect = matrix_map.rect(row, matrix.shape[1] - 1)
        found = matrix_map.value_at(rect.down, rect.across)
        assert found[1] == matrix.shape[1] - 1
        assert 0 <= row - found[0] < matrix_map.inner.block_down
        assert abs(field[rect.down, rect.across]) >= abs(matrix[row, -1])


@given(st.integers(1, 200), st.integers(2, 12), st.integers(1, 40), st.integers(6, 90), st.booleans())
def test_a_tall_matrix_is_folded_where_that_shows_every_value(
    rows: int, columns: int, height: int, width: int, biases: bool
) -> None:
    matrix = np.arange(float(rows * columns)).reshape(rows, columns)
    folded = fit_or_fold(rows, columns, height, width, biases=biases)
    assert folded.width <= width
    assert folded.height <= height
    if not isinstance(folded, FoldedMap):
        return
    field = folded.pixels(matrix)
    assert field.shape == (folded.height, folded.width)
    for row in range(rows):
        for column in range(columns):
            rect = folded.rect(row, column)
            assert field[rect.down, rect.across] == matrix[row, column]
            assert folded.value_at(rect.down, rect.across) == (row, column)


def test_a_narrow_layer_of_64_neurons_is_folded_in_its_pane() -> None:
    assert isinstance(fit_or_fold(64, 3, 22, 36, biases=True), FoldedMap)
    assert fit_or_fold(16, 31, 32, 36, biases=True) == fit_matrix(16, 31, 32, 36, biases=True)
    assert fit_or_fold(64, 65, 22, 36, biases=True) == fit_matrix(64, 65, 22, 36, biases=True)
