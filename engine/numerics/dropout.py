"""Inverted dropout (Srivastava et al. 2014): masks of 0 and 1/(1 − p), drawn ahead for a whole window of batches.

One draw per window instead of one per layer and step: calls cost more than numbers here. Each seed has its own stream,
so that a network of a band sees the masks it would see alone. A neuron is dropped where 16 random bits, read as a
number, are below p · 2¹⁶: four draws for the price of one, and p is met to within 1/131072.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


class DropoutMasks:
    """Masks of all layers that drop, for each batch of a window.

    Args:
        rates: (units, p) of each layer that drops, by layer number.
        batches: Rows of each batch of the window.
        seeds: S.
        granularity: "example": one mask per row, as Keras does. "step": one per mini-batch. "epoch": one per epoch.
        dtype: Of the masks.
        scaled: False for masks of 0 and 1.

    Attributes:
        arrays: (S, units · rows) of each layer that drops; batch after batch, each (units, B).
    """

    def __init__(
        self,
        rates: Mapping[int, tuple[int, float]],
        batches: Sequence[int],
        seeds: int,
        granularity: str,
        dtype: np.dtype[Any],
        *,
        scaled: bool = True,
    ) -> None:
        self._granularity = granularity
        self._scales = {layer: 1 / (1 - rate) if scaled else 1.0 for layer, (_, rate) in rates.items()}
        self._units = {layer: units for layer, (units, _) in rates.items()}
        self._starts = np.concatenate([[0], np.cumsum(batches)]).tolist()
        rows = self._starts[-1]
        self._masks = np.zeros((seeds, rows * sum(self._units.values())), dtype)
        self.arrays = self._by_layer(self._masks, rows)
        self._draws = {"example": rows, "step": len(batches), "epoch": 1}[granularity]
        self._kept = np.empty((seeds, self._draws * sum(self._units.values())), np.bool_)
        self._kept_by_layer = self._by_layer(self._kept, self._draws)
        bounds = [np.full(self._draws * units, rate * 2**16, np.uint16) for units, rate in rates.values()]
        self._bounds = np.concatenate([np.empty(0, np.uint16), *bounds])

    def _by_layer(self, array: NDArray[Any], columns: int) -> dict[int, NDArray[Any]]:
        """Return the part of each layer, (S, units · columns), of an array in which they lie side by side."""
        ends = np.cumsum([0, *(columns * units for units in self._units.values())]).tolist()
        return {layer: array[:, start:end] for layer, (start, end) in zip(self._units, pairwise(ends), strict=True)}

    def block(self, layer: int, batch: int) -> Floats:
        """Return the mask (S, units, B) of a layer for one batch of the window: a view, the same after each draw."""
        units = self._units[layer]
        start, stop = self._starts[batch], self._starts[batch + 1]
        masks = self.arrays[layer]
        return masks[:, units * start : units * stop].reshape(len(masks), units, stop - start)

    def draw(self, streams: Sequence[np.random.Generator], *, first_of_epoch: bool) -> None:
        """Fill the window's masks; with one mask per epoch only the epoch's first window draws."""
        if not self._units or (self._granularity == "epoch" and not first_of_epoch):
            return
        width = self._kept.shape[1]
        for stream, kept in zip(streams, self._kept, strict=True):
            bits = stream.bit_generator.random_raw(-(-width // 4)).view(np.uint16)[:width]
            np.greater_equal(bits, self._bounds, kept)
        if self._granularity == "example":
            np.copyto(self._masks, self._kept)
        else:
            self._spread()
        for layer, scale in self._scales.items():
            if scale != 1:
                self.arrays[layer] *= self._masks.dtype.type(scale)

    def _spread(self) -> None:
        """Give every row of a batch the mask that was drawn for all of them."""
        for layer, kept in self._kept_by_layer.items():
            per_draw = kept.reshape(len(kept), self._draws, -1, 1)
            for batch in range(len(self._starts) - 1):
                self.block(layer, batch)[...] = per_draw[:, min(batch, self._draws - 1)]
