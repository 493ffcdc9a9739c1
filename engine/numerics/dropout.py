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
        self._scaled = scaled
        self._rates = dict(rates)
        self._starts = np.concatenate([[0], np.cumsum(batches)]).tolist()
        rows = self._starts[-1]
        self.arrays = {layer: np.zeros((seeds, units * rows), dtype) for layer, (units, _) in rates.items()}
        self._draws = {"example": rows, "step": len(batches), "epoch": 1}[granularity]
        self._bits = np.empty((seeds, self._draws * sum(units for units, _ in rates.values())), np.uint16)
        self._kept = np.empty(self._bits.shape, np.bool_)
        ends = np.cumsum([0, *(self._draws * units for units, _ in rates.values())]).tolist()
        self._columns = {layer: slice(*pair) for layer, pair in zip(rates, pairwise(ends), strict=True)}

    def block(self, layer: int, batch: int) -> Floats:
        """Return the mask (S, units, B) of a layer for one batch of the window: a view, the same after each draw."""
        units = self._rates[layer][0]
        start, stop = self._starts[batch], self._starts[batch + 1]
        masks = self.arrays[layer]
        return masks[:, units * start : units * stop].reshape(len(masks), units, stop - start)

    def draw(self, streams: Sequence[np.random.Generator], *, first_of_epoch: bool) -> None:
        """Fill the window's masks; with one mask per epoch only the epoch's first window draws."""
        if not self._rates or (self._granularity == "epoch" and not first_of_epoch):
            return
        width = self._bits.shape[1]
        for stream, row in zip(streams, self._bits, strict=True):
            row[:] = stream.bit_generator.random_raw(-(-width // 4)).view(np.uint16)[:width]
        for layer, (_, rate) in self._rates.items():
            kept = self._kept[:, self._columns[layer]]
            np.greater_equal(self._bits[:, self._columns[layer]], np.uint16(rate * 2**16), kept)
            self._fill(layer, kept, 1 / (1 - rate) if self._scaled else 1.0)

    def _fill(self, layer: int, kept: NDArray[np.bool_], scale: float) -> None:
        masks = self.arrays[layer]
        if self._granularity == "example":
            np.copyto(masks, kept)
            if scale != 1:
                masks *= masks.dtype.type(scale)
            return
        per_draw = kept.reshape(len(masks), self._draws, -1, 1) * scale
        for batch in range(len(self._starts) - 1):
            self.block(layer, batch)[...] = per_draw[:, min(batch, self._draws - 1)]
