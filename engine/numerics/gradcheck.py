"""Derivatives measured by finite differences: the check on every gradient, in tests and on the screen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.array_types import Floats


def central_difference(
    function: Callable[[], float], array: Floats, index: tuple[int, ...], width: float = 1e-5
) -> float:
    """Return (f(v + h) − f(v − h)) / 2h, the central difference at one entry v of an array; its error is O(h²).

    Args:
        function: f; reads ``array`` when called.
        array: Of any shape, in float64 for a check worth the name; put back as it was.
        index: Of the entry v.
        width: h, in units of v.
    """
    value = array[index]
    try:
        array[index] = value + width
        above = function()
        array[index] = value - width
        below = function()
    finally:
        array[index] = value
    return (above - below) / (2 * width)


def numeric_gradient(function: Callable[[], float], array: Floats, width: float = 1e-5) -> Floats:
    """Return the ``central_difference`` of ``function`` at every entry of ``array``, in its shape."""
    gradient = np.empty_like(array)
    for index in np.ndindex(array.shape):
        gradient[index] = central_difference(function, array, index, width)
    return gradient


def relative_difference(left: Floats | float, right: Floats | float) -> float:
    """Return ‖left − right‖ / max(‖left‖, ‖right‖), Euclidean, of two arrays of one shape; 0 where both are 0."""
    scale = max(float(np.linalg.norm(left)), float(np.linalg.norm(right)))
    return float(np.linalg.norm(np.subtract(left, right))) / scale if scale else 0.0
