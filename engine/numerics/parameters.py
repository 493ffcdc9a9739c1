"""All parameters of a network as one flat vector per seed, with a view per layer.

One vector means one set of array operations per optimiser step instead of one per layer. A layer's view is
(out, in + 1): its weights, and the bias as the last column, which meets a row of ones in the layer's input.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.array_types import Floats


class Parameters:
    """Parameters of S networks of one shape.

    Attributes:
        sizes: n₀, n₁ … n_L: inputs, then units of each layer.
        flat: (S, P) in the run's dtype; P counts weights and biases.
        layers: One writable view (S, out, in + 1) per layer.
    """

    def __init__(self, sizes: Sequence[int], seeds: int, dtype: np.dtype[Any]) -> None:
        self.sizes = tuple(sizes)
        self._shapes = [(out, fan_in + 1) for fan_in, out in zip(self.sizes, self.sizes[1:], strict=False)]
        self.flat: Floats = np.zeros((seeds, sum(out * columns for out, columns in self._shapes)), dtype)
        self.layers = self.split(self.flat)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the vector alone: of a copied view nobody knows any more what it is a view of."""
        return _rebuilt, (self.sizes, self.flat)

    def split(self, flat: Floats) -> list[Floats]:
        """Return a view (S, out, in + 1) per layer of any array (S, P): parameters, gradient, moments, updates."""
        views: list[Floats] = []
        start = 0
        for out, columns in self._shapes:
            stop = start + out * columns
            views.append(flat[:, start:stop].reshape(len(flat), out, columns))
            start = stop
        return views

    def like(self) -> Parameters:
        """Return parameters of the same shape, all zero."""
        return Parameters(self.sizes, len(self.flat), self.flat.dtype)

    def weight_mask(self) -> Floats:
        """Return (P,): 1 at weights, 0 at biases, which L1 and L2 leave alone."""
        mask = Parameters(self.sizes, 1, self.flat.dtype)
        for layer in mask.layers:
            layer[..., :-1] = 1
        weights: Floats = mask.flat[0]
        return weights


def _rebuilt(sizes: Sequence[int], flat: Floats) -> Parameters:
    parameters = Parameters(sizes, len(flat), flat.dtype)
    parameters.flat[...] = flat
    return parameters
