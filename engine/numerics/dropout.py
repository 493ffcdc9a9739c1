"""Inverted dropout (Srivastava et al. 2014): masks of 0 and 1/(1 − p), drawn ahead for a whole window of batches.

One draw per window instead of one per layer and step: calls cost more than numbers here. Each seed has its own stream,
so that a network of a band sees the masks it would see alone. A neuron is dropped where 16 random bits, read as a
number, are below p · 2¹⁶: four draws for the price of one (our own trick), and p is met to within 2⁻¹⁶. Near 0 and 1
that is too coarse: of the few neurons kept at p = .9999 there would be 7 % too many. There 64 bits are drawn for each,
which meet a p ≥ ½ exactly, so that the mean of a mask is 1; at any other p it is 1 to within 1.5e-4.

What is drawn is a truth value a neuron. For one seed a window's are turned into numbers at once, which are faster to
multiply by. A band's numbers would be out of the cache long before they are used; there the truth values themselves are
the masks, and whoever multiplies by them applies ``scales``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

LOWEST_COARSE, HIGHEST_COARSE = 0.01, 0.9
"""Rates p for which 16 bits are enough; for these the masks of a seed are never to change."""


class DropoutMasks:
    """Masks of all layers that drop, for each batch of a window.

    Args:
        rates: (units, p) of each layer that drops, by layer number.
        batches: Rows of each batch of the window.
        seeds: S.
        granularity: "example": one mask per row, as Keras does. "step": one per mini-batch. "epoch": one per epoch.
        dtype: Of the masks.
        scaled: False for masks of 0 and 1, where the plan folds 1/(1 − p) into its signal scales.

    Attributes:
        scales: Factor by which a layer's blocks are yet to be multiplied: 1/(1 − p) or 1, by layer number.
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
        self._units = {layer: units for layer, (units, _) in rates.items()}
        self._starts = np.concatenate([[0], np.cumsum(batches)]).tolist()
        rows = self._starts[-1]
        self._draws = {"example": rows, "step": len(batches), "epoch": 1}[granularity]
        self._kept = np.zeros((seeds, self._draws * sum(self._units.values())), np.bool_)
        self._kept_by_layer = self._by_layer(self._kept, self._draws)
        bounds = [np.full(self._draws * units, rate * 2**16, np.uint16) for units, rate in rates.values()]
        self._bounds = np.concatenate([np.empty(0, np.uint16), *bounds])
        self._fine_bounds = {
            layer: np.uint64(int(rate * 2**64))
            for layer, (_, rate) in rates.items()
            if not LOWEST_COARSE <= rate <= HIGHEST_COARSE
        }
        self._scales = {layer: 1 / (1 - rate) if scaled else 1.0 for layer, (_, rate) in rates.items()}
        self._numbers = np.zeros((seeds, rows * sum(self._units.values())), dtype) if seeds == 1 else None
        self._numbers_by_layer = {} if self._numbers is None else self._by_layer(self._numbers, rows)
        self.scales = self._scales if self._numbers is None else dict.fromkeys(rates, 1.0)

    def _by_layer(self, array: NDArray[Any], columns: int) -> dict[int, NDArray[Any]]:
        """Return the part of each layer, (S, units · columns), of an array in which they lie side by side."""
        ends = np.cumsum([0, *(columns * units for units in self._units.values())]).tolist()
        return {layer: array[:, start:end] for layer, (start, end) in zip(self._units, pairwise(ends), strict=True)}

    def block(self, layer: int, batch: int) -> NDArray[Any]:
        """Return the mask of a layer for one batch of the window: a view, the same after each draw.

        It is (S, units, B); (S, units, 1) in a band where one mask is for all rows.
        """
        if self._numbers is not None:
            start, stop = self._starts[batch], self._starts[batch + 1]
            return self._block(self._numbers_by_layer[layer], layer, start, stop - start)
        return self._kept_in(layer, batch)

    def _kept_in(self, layer: int, batch: int) -> NDArray[np.bool_]:
        kept = self._kept_by_layer[layer]
        if self._granularity != "example":
            return self._block(kept, layer, min(batch, self._draws - 1), 1)
        return self._block(kept, layer, self._starts[batch], self._starts[batch + 1] - self._starts[batch])

    def _block(self, array: NDArray[Any], layer: int, start: int, columns: int) -> NDArray[Any]:
        units = self._units[layer]
        return array[:, units * start : units * (start + columns)].reshape(len(array), units, columns)

    def draw(self, streams: Sequence[np.random.Generator], *, first_of_epoch: bool) -> None:
        """Draw the window's masks; with one mask per epoch only the epoch's first window draws."""
        if not self._units or (self._granularity == "epoch" and not first_of_epoch):
            return
        width = self._kept.shape[1]
        for stream, kept in zip(streams, self._kept, strict=True):
            bits = stream.bit_generator.random_raw(-(-width // 4)).view(np.uint16)[:width]
            np.greater_equal(bits, self._bounds, kept)
        for layer, bound in self._fine_bounds.items():
            for stream, kept in zip(streams, self._kept_by_layer[layer], strict=True):
                np.greater_equal(stream.bit_generator.random_raw(len(kept)), bound, kept)
        self._write_numbers()

    def _write_numbers(self) -> None:
        if self._numbers is None:
            return
        if self._granularity == "example":
            np.copyto(self._numbers, self._kept)
        else:
            for layer in self._units:
                for batch in range(len(self._starts) - 1):
                    self.block(layer, batch)[...] = self._kept_in(layer, batch)
        for layer, scale in self._scales.items():
            if scale != 1:
                self._numbers_by_layer[layer] *= self._numbers.dtype.type(scale)

    def state(self) -> dict[str, NDArray[np.bool_]]:
        """Return what was drawn, (S, units · draws) of each layer that drops, by its number."""
        return {str(layer): kept for layer, kept in self._kept_by_layer.items()}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take over what ``state`` gave, (S, units · draws) by layer."""
        for layer, kept in self._kept_by_layer.items():
            kept[...] = state[str(layer)]
        self._write_numbers()
