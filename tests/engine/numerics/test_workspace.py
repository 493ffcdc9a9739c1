from __future__ import annotations

import numpy as np
import pytest

from engine.numerics.workspace import Workspace


def test_the_same_name_shape_and_type_are_the_same_array() -> None:
    space = Workspace()
    first = space.empty("derivative", (2, 3), np.float32)
    assert (first.shape, first.dtype) == ((2, 3), np.dtype(np.float32))
    assert space.like("derivative", np.zeros((2, 3), np.float32)) is first


def test_another_name_shape_or_type_is_another_array() -> None:
    space = Workspace()
    arrays = [
        space.empty("derivative", (2, 3), np.float32),
        space.empty("gate", (2, 3), np.float32),
        space.empty("derivative", (3, 2), np.float32),
        space.empty("derivative", (2, 3), np.float64),
        space.constant(0, np.float32, (2, 3)),
    ]
    for index, array in enumerate(arrays):
        assert not any(np.shares_memory(array, other) for other in arrays[index + 1 :])


def test_constants_are_shared_and_cannot_be_written_to() -> None:
    space = Workspace()
    half = space.constant(0.5, np.float32)
    assert (half.shape, half.dtype, float(half)) == ((), np.dtype(np.float32), 0.5)
    assert space.constant(0.5, np.float32) is half
    assert float(space.constant(0.25, np.float32)) == 0.25
    np.testing.assert_array_equal(space.constant(0.5, np.float64, (2, 2)), np.full((2, 2), 0.5))
    with pytest.raises(ValueError, match="read-only"):
        np.add(half, half, half)
