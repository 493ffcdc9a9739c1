"""Scratch arrays, shared by programs of which no two run at the same time.

The batches of a window each have a program of their own, and so would have such arrays of their own: a few kilobytes
times hundreds of batches, which no cache holds. Shared, they are still in the nearest one from the batch before.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Workspace:
    """Hands out arrays by name and shape: who asks for the same gets the same.

    A name stands for a moment in a program, from where its array is written to where it is read last. Two arrays that
    are needed at the same moment need two names.
    """

    def __init__(self) -> None:
        self._arrays: dict[Hashable, NDArray[Any]] = {}

    def empty(self, name: Hashable, shape: Sequence[int], dtype: DTypeLike) -> NDArray[Any]:
        """Return an array of a shape to be written into."""
        key = (name, tuple(shape), np.dtype(dtype))
        if key not in self._arrays:
            self._arrays[key] = np.empty(shape, dtype)
        return self._arrays[key]

    def like(self, name: Hashable, array: NDArray[Any]) -> NDArray[Any]:
        """Return an array of another's shape and type to be written into."""
        return self.empty(name, array.shape, array.dtype)

    def constant(self, value: float, dtype: DTypeLike, shape: Sequence[int] = ()) -> NDArray[Any]:
        """Return an array of one value, to be read only; by default 0-d, as a Python float costs a conversion."""
        key = ("constant", value, tuple(shape), np.dtype(dtype))
        if key not in self._arrays:
            self._arrays[key] = np.full(shape, value, dtype)
            self._arrays[key].flags.writeable = False
        return self._arrays[key]
