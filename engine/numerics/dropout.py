"""Inverted dropout (Srivastava et al. 2014): masks of 0 and 1/(1 − p), drawn ahead for a whole window of batches.

One draw per window instead of one per layer and step: calls cost more than numbers here. Each seed has its own stream,
so that a network of a band sees the masks it would see alone. Masks are drawn in float32 whatever the run's dtype.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    ) -> None:
        self._granularity = granularity
        self._rates = dict(rates)
        self._starts = np.concatenate([[0], np.cumsum(batches)]).tolist()
        rows = self._starts[-1]
        self.arrays = {layer: np.zeros((seeds, units * rows), dtype) for layer, (units, _) in rates.items()}
        draws = {"example": rows, "step": len(batches), "epoch": 1}[granularity]
        self._uniform = np.zeros((seeds, draws * sum(units for units, _ in rates.values())), np.float32)

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
        for stream, row in zip(streams, self._uniform, strict=True):
            stream.random(out=row, dtype=np.float32)
        start = 0
        for layer, (units, rate) in self._rates.items():
            stop = start + self._uniform.shape[1] * units // self._units
            self._keep(layer, self._uniform[:, start:stop], rate)
            start = stop

    @property
    def _units(self) -> int:
        return sum(units for units, _ in self._rates.values())

    def _keep(self, layer: int, uniform: Floats, rate: float) -> None:
        # ⌊u + (1 − p)⌋ is 1 with probability 1 − p; comparing would cost a conversion from bool
        np.add(uniform, np.float32(1 - rate), out=uniform)
        np.floor(uniform, out=uniform)
        scale = 1 / (1 - rate)
        if self._granularity == "example":
            np.multiply(uniform, self.arrays[layer].dtype.type(scale), out=self.arrays[layer])
            return
        batches = len(self._starts) - 1
        per_batch = np.broadcast_to(uniform.reshape(len(uniform), -1, self._rates[layer][0], 1) * scale, (
            len(uniform), batches, self._rates[layer][0], 1,
        ))  # fmt: skip
        for batch in range(batches):
            self.block(layer, batch)[...] = per_batch[:, batch]
