"""The flat parameter vector and its views."""

from __future__ import annotations

import numpy as np

from engine.numerics.parameters import Parameters


def test_layers_are_views_that_cover_the_flat_vector_once() -> None:
    parameters = Parameters((3, 4, 2), 5, np.dtype(np.float32))
    assert parameters.flat.shape == (5, 4 * 4 + 2 * 5)
    assert [layer.shape for layer in parameters.layers] == [(5, 4, 4), (5, 2, 5)]
    for layer in parameters.layers:
        layer[...] += 1
    np.testing.assert_array_equal(parameters.flat, 1)
    parameters.flat[2] = 7
    assert all((layer[2] == 7).all() for layer in parameters.layers)


def test_the_weight_mask_leaves_out_the_biases() -> None:
    parameters = Parameters((3, 4, 2), 1, np.dtype(np.float64))
    parameters.flat[0] = parameters.weight_mask()
    for layer in parameters.layers:
        assert (layer[0, :, :-1] == 1).all()
        assert (layer[0, :, -1] == 0).all()


def test_like_has_the_shape_and_memory_of_its_own() -> None:
    parameters = Parameters((2, 1), 3, np.dtype(np.float32))
    other = parameters.like()
    other.flat += 1
    assert not parameters.flat.any()
    assert (other.flat.shape, other.flat.dtype) == (parameters.flat.shape, parameters.flat.dtype)
